"""Streams in one SQLite file: append-only by the schema, optimistic concurrency, every append durable.

Safe for threads and processes; see :mod:`trialflow.adapters.storages.sqlite_file` for how the file is opened.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trialflow.adapters.ports import Append, RawRecord
from trialflow.adapters.storages.closing import Closing
from trialflow.adapters.storages.repeats import refuse_twins, repeated
from trialflow.adapters.storages.sealing import Sealing, Texts
from trialflow.adapters.storages.sqlite_file import SqliteFile
from trialflow.adapters.storages.sqlite_schema import LEDGER, schema_faults
from trialflow.model.codec import loads
from trialflow.model.errors import Conflict, StorageError
from trialflow.model.events import Event
from trialflow.model.moments import from_micros, micros, utc
from trialflow.model.recorded import GENESIS, Recorded

__all__ = ["SqliteStorage"]

_PAGE = 5000
_FROM = "FROM events e JOIN streams s ON s.id = e.stream"
_SELECT = f"SELECT e.position, s.name, e.version, e.recorded_at, e.payload, e.prev_hash, e.hash {_FROM}"
# As bytes: a damaged text is still read, so that its seal is found broken at its own position.
_SELECT_RAW = (
    "SELECT e.position, CAST(s.name AS BLOB), e.version, e.recorded_at, CAST(e.payload AS BLOB), "
    f"CAST(e.prev_hash AS BLOB), CAST(e.hash AS BLOB), CAST(e.idempotency_key AS BLOB) {_FROM}"
)
_AFTER = "WHERE e.position > ? ORDER BY e.position LIMIT ?"
_INSERT = "INSERT INTO events VALUES (?,?,?,?,?,?,?,?)"

_NAMES = 500
_NOTHING = (0, 0, GENESIS)
"""Where a stream ends that does not exist: its number, its version, its hash."""

_Row = tuple[int, str, int, int, str, str, str]


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class SqliteStorage(Closing):
    """A ledger in one file, made when it is not there. ``clock`` gives ``recorded_at``.

    Raises ``StorageError`` when the file is no ledger of this or an older version. A context manager; close it.
    """

    def __init__(self, path: str | Path, *, clock: Callable[[], datetime] = _wall_clock) -> None:
        self._file = SqliteFile(path, LEDGER)
        self._clock = clock
        self._texts: Texts = {}

    @property
    def path(self) -> Path:
        """Where the file lies, absolute."""
        return self._file.path

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        """Store after ``expected_version``. Raises :class:`Conflict`, :class:`KeyReused`, :class:`StorageError`."""
        return self.append_batch([Append(stream, tuple(events), expected_version)])

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        """Store all parts in one transaction, or none."""
        keyed = refuse_twins(parts)
        with self._file.transaction() as db:
            return _Writer(db, utc(self._clock()), self.read, self._texts).store(parts, keyed=keyed)

    def read(self, stream: str) -> Sequence[Recorded]:
        """One stream in the order of versions."""
        return tuple(map(_record, self._file.rows(f"{_SELECT} WHERE s.name = ? ORDER BY e.version", (stream,))))

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        """Everything above position ``after``, page by page: no read transaction is left open between pages."""
        position = after
        while page := self._file.rows(f"{_SELECT} {_AFTER}", (position, _PAGE)):
            yield from map(_record, page)
            position = page[-1][0]

    def raw(self, *, after: int = 0) -> Iterator[RawRecord]:
        """Every record above ``after`` as it lies in the file, up to the first that cannot be read."""
        position = after
        while page := self._raw_page(position):
            for row in page:
                yield RawRecord._make(v.decode(errors="replace") if isinstance(v, bytes) else v for v in row)
            position = page[-1][0]

    def _raw_page(self, position: int) -> list[Any]:
        try:
            return self._file.rows(f"{_SELECT_RAW} {_AFTER}", (position, _PAGE))
        except StorageError:
            # Somewhere in this page the file is damaged: row by row, so that verify() names the place.
            return self._file.rows(f"{_SELECT_RAW} {_AFTER}", (position, 1))

    def head(self) -> tuple[int, str]:
        """Last position and head of the chain, as stored."""
        rows = self._file.rows("SELECT position, head FROM meta")
        return (int(rows[0][0]), str(rows[0][1])) if rows else (0, "")

    def faults(self) -> Sequence[str]:
        """What is wrong with the file beside its records: missing guards, damaged indexes."""
        found = list(schema_faults(self._file.connection(), LEDGER))
        found += [row[0] for row in self._file.rows("PRAGMA integrity_check(10)") if row[0] != "ok"]
        return tuple(found)

    def close(self) -> None:
        """Close the file for every thread."""
        self._file.close()


class _Writer:
    """One write transaction: where the store and its streams end, and what is to be added."""

    def __init__(
        self, db: sqlite3.Connection, at: datetime, read: Callable[[str], Sequence[Recorded]], texts: Texts
    ) -> None:
        self._db, self._read, self._at_us = db, read, micros(at)
        position, head = db.execute("SELECT position, head FROM meta").fetchone()
        self._chain = Sealing(position, head, at, texts)
        self._last_stream = int(db.execute("SELECT coalesce(max(id), 0) FROM streams").fetchone()[0])
        self._tails: dict[str, tuple[int, int, str]] = {}
        self._streams: list[tuple[int, str]] = []
        self._rows: list[tuple[object, ...]] = []

    def store(self, parts: Sequence[Append], *, keyed: bool) -> tuple[Recorded, ...]:
        """Add every part. Raises :class:`Conflict`, :class:`KeyReused`; then nothing was written."""
        done: list[Recorded] = []
        self._find_new(parts)
        for part in parts:
            stored = repeated(part, self._find, self._read) if keyed else None
            done += self._sealed(part) if stored is None else stored
        self._db.executemany("INSERT INTO streams VALUES (?, ?)", self._streams)
        self._db.executemany(_INSERT, self._rows)
        self._db.execute("UPDATE meta SET position = ?, head = ?", (self._chain.position, self._chain.head))
        return tuple(done)

    def _find_new(self, parts: Sequence[Append]) -> None:
        """Of a bulk's streams those that do not exist yet: asked for by the hundred, not one by one."""
        said = [part.stream for part in parts if not part.expected_version] if len(parts) > 1 else []
        for start in range(0, len(said), _NAMES):
            names = said[start : start + _NAMES]
            marks = ",".join("?" * len(names))
            known = {row[0] for row in self._db.execute(f"SELECT name FROM streams WHERE name IN ({marks})", names)}
            self._tails.update((name, _NOTHING) for name in names if name not in known)

    def _sealed(self, part: Append) -> list[Recorded]:
        stream = part.stream
        number, version, before = self._tails.get(stream) or self._tail(stream)
        if version != part.expected_version:
            raise Conflict(stream, part.expected_version, version)
        if part.events and not number:
            self._last_stream = number = self._last_stream + 1
            self._streams.append((number, stream))
        made, at_us = self._chain.seal(stream, version, before, part.events), self._at_us
        for r, payload in zip(made, self._chain.payloads, strict=True):
            key = r.event.idempotency_key or None
            self._rows.append((r.position, number, r.version, at_us, payload, r.prev_hash, r.hash, key))
        if made:
            self._tails[stream] = (number, made[-1].version, made[-1].hash)
        return made

    def _tail(self, stream: str) -> tuple[int, int, str]:
        """(number, version, hash) of a stream's end; number 0 where there is none yet."""
        row = self._db.execute(
            f"SELECT e.stream, e.version, e.hash {_FROM} WHERE s.name = ? ORDER BY e.version DESC LIMIT 1", (stream,)
        ).fetchone()
        return (int(row[0]), int(row[1]), str(row[2])) if row else _NOTHING

    def _find(self, key: str) -> tuple[str, int] | None:
        row = self._db.execute(f"SELECT s.name, e.version {_FROM} WHERE e.idempotency_key = ?", (key,)).fetchone()
        return (str(row[0]), int(row[1])) if row else None


def _record(row: _Row) -> Recorded:
    position, stream, version, recorded_us, payload, before, digest = row
    return Recorded(position, stream, version, from_micros(recorded_us), loads(payload), before, digest)
