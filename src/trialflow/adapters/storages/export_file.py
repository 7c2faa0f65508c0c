"""A whole ledger in one file of JSON lines, and such a file as something :func:`verify` can check.

The first line is the header: ``format``, and the ``position`` and ``head`` the ledger had. Then one line a record, in
the order of positions, with the event as its payload says it. Nothing is decoded, so old payload versions and unknown
kinds come out as they went in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trialflow.adapters.ports import RawRecord, Storage, SupportsHead
from trialflow.adapters.storages.raw_records import raw_records
from trialflow.model.canonical import canonical
from trialflow.model.codec import loads
from trialflow.model.errors import StorageError
from trialflow.model.moments import from_micros, iso, micros, parse_iso
from trialflow.model.recorded import GENESIS, Recorded

__all__ = ["FORMAT", "ExportFile", "export_lines"]

FORMAT = "trialflow.export/1"


def export_lines(storage: Storage) -> Iterator[str]:
    """The lines of an export, each with its line end. What is appended meanwhile is left to the next export."""
    records = raw_records(storage)
    if isinstance(storage, SupportsHead):
        position, head = storage.head()
        yield canonical({"format": FORMAT, "position": position, "head": head}) + "\n"
        records = (row for row in records if row.position <= position)
    else:
        yield canonical({"format": FORMAT}) + "\n"
    for row in records:
        yield _line(row) + "\n"


def _line(row: RawRecord) -> str:
    event = json.loads(row.payload)
    if canonical(event) != row.payload:
        raise StorageError("not stored", f"position {row.position} is not in canonical form; run `trialflow verify`")
    record = {
        "position": row.position,
        "stream": row.stream,
        "version": row.version,
        "recorded_at": iso(from_micros(row.recorded_us)),
        "event": event,
        "prev_hash": row.prev_hash,
        "hash": row.hash,
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


class ExportFile:
    """An exported ledger, read only. Raises ``StorageError`` where the file is none, with the line that is wrong."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._header = self._read_header()

    def append(self, *_: Any, **__: Any) -> Any:
        """Refused: an export is a copy, not a store."""
        raise StorageError("not stored", f"{self.path.name} is an export; append to the store it came from")

    def head(self) -> tuple[int, str]:
        """Position and head as the header states them."""
        return int(self._header.get("position", 0)), str(self._header.get("head", GENESIS))

    def raw(self, *, after: int = 0) -> Iterator[RawRecord]:
        """Every record above position ``after``."""
        for number, text in self._lines():
            if number > 1 and (row := self._row(number, text)).position > after:
                yield row

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        """Every record above position ``after``, decoded."""
        for row in self.raw(after=after):
            at, event = from_micros(row.recorded_us), loads(row.payload)
            yield Recorded(row.position, row.stream, row.version, at, event, row.prev_hash, row.hash)

    def read(self, stream: str) -> tuple[Recorded, ...]:
        """One stream in the order of versions."""
        return tuple(record for record in self.scan() if record.stream == stream)

    def _read_header(self) -> dict[str, Any]:
        first = next(self._lines(), None)
        try:
            header = json.loads(first[1]) if first is not None else None
        except ValueError:
            header = None
        if not isinstance(header, dict) or header.get("format") != FORMAT:
            raise StorageError("not stored", f"{self.path.name} is no export: its first line names no {FORMAT}")
        return header

    def _lines(self) -> Iterator[tuple[int, str]]:
        try:
            with self.path.open(encoding="utf-8") as file:
                yield from enumerate(file, start=1)
        except OSError as error:
            raise StorageError("not stored", f"{self.path.name} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise StorageError("not stored", f"{self.path.name} is no text in UTF-8") from None

    def _row(self, number: int, text: str) -> RawRecord:
        try:
            found = json.loads(text)
            event = found["event"]
            return RawRecord(
                int(found["position"]),
                str(found["stream"]),
                int(found["version"]),
                micros(parse_iso(found["recorded_at"])),
                canonical(event),
                str(found["prev_hash"]),
                str(found["hash"]),
                event.get("idempotency_key", ""),
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            problem = f"line {number} of {self.path.name} is no record; the file was cut or changed"
            raise StorageError("not stored", problem) from None
