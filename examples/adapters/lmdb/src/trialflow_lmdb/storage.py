"""The ledger in LMDB: one write transaction an append, which LMDB gives to one writer at a time over all processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, Self

import lmdb

from trialflow import Conflict, StorageError, utc
from trialflow.adapters.ports import Append, RawRecord
from trialflow.adapters.storages.repeats import refuse_twins, repeated
from trialflow.model.codec import dumps, loads
from trialflow.model.events import Event
from trialflow.model.moments import from_micros, micros
from trialflow.model.recorded import GENESIS, Recorded, next_head, seal
from trialflow_lmdb.environment import Environment

__all__ = ["LmdbStorage"]

_HEAD = b"head"
_PAGE = 1_000


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class LmdbStorage:
    """A ledger in the LMDB directory ``path``. ``clock`` gives ``recorded_at``; ``size_mb`` is the most it may hold.

    Safe for threads and processes; close it, or use it as a context manager. Raises ``StorageError`` when the
    directory cannot be used.
    """

    def __init__(self, path: str | Path, *, size_mb: int = 16_384, clock: Callable[[], datetime] = _wall_clock) -> None:
        self._clock = clock
        self._environment: Environment | None = Environment.acquire(Path(path), size_mb)

    @property
    def path(self) -> Path:
        """The directory, absolute."""
        return self._env.path

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        """Store after ``expected_version``. Raises ``Conflict``, ``KeyReused``, ``StorageError``."""
        return self.append_batch([Append(stream, tuple(events), expected_version)])

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        """Store all parts or none. Raises ``Conflict`` of the first part that does not fit."""
        refuse_twins(parts)
        with self._env.writing() as transaction:
            table = _Table(self._env, transaction)
            known = [repeated(part, table.place, table.stream) for part in parts]
            at = utc(self._clock())
            return tuple(
                record
                for part, before in zip(parts, known, strict=True)
                for record in (before if before is not None else table.add(part, at))
            )

    def read(self, stream: str) -> Sequence[Recorded]:
        """One stream in the order of versions."""
        with self._env.reading() as transaction:
            return _Table(self._env, transaction).stream(stream)

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        """Everything above position ``after``, page by page."""
        return map(_decoded, self.raw(after=after))

    def raw(self, *, after: int = 0) -> Iterator[RawRecord]:
        """Every record above ``after`` as it lies in the store."""
        position = max(after, 0)
        while True:
            with self._env.reading() as transaction:
                page = _Table(self._env, transaction).page(position + 1)
            if not page:
                return
            yield from page
            position = page[-1].position

    def head(self) -> tuple[int, str]:
        """Last position and head of the chain."""
        with self._env.reading() as transaction:
            return _Table(self._env, transaction).head()

    def close(self) -> None:
        """Let go of the directory; closing twice does nothing."""
        environment, self._environment = self._environment, None
        if environment is not None:
            environment.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _env(self) -> Environment:
        if self._environment is None:
            raise StorageError("not stored", "the ledger is closed; open it again")
        return self._environment


class _Table(NamedTuple):
    """The tables as one transaction sees them."""

    env: Environment
    transaction: lmdb.Transaction

    def head(self) -> tuple[int, str]:
        """The last position and the head of the chain."""
        found = self.transaction.get(_HEAD)
        if found is None:
            return 0, GENESIS
        position, head = json.loads(bytes(found))
        return int(position), str(head)

    def place(self, key: str) -> tuple[str, int] | None:
        """Where the event with an idempotency key stands."""
        found = self.transaction.get(_digest(key), db=self.env.keys)
        if found is None:
            return None
        record = self._at(bytes(found))
        return record.stream, record.version

    def stream(self, stream: str) -> tuple[Recorded, ...]:
        """All records of one stream."""
        return tuple(_decoded(self._at(position)) for position in self._positions(stream))

    def page(self, first: int) -> list[RawRecord]:
        """Up to 1,000 records from position ``first`` on."""
        found: list[RawRecord] = []
        with self.transaction.cursor(db=self.env.records) as cursor:
            more = cursor.set_range(_number(first))
            while more and len(found) < _PAGE:
                found.append(_raw(bytes(cursor.key()), bytes(cursor.value())))
                more = cursor.next()
        return found

    def add(self, part: Append, at: datetime) -> list[Recorded]:
        """Store one part. Raises ``Conflict``."""
        positions = self._positions(part.stream)
        if len(positions) != part.expected_version:
            raise Conflict(part.stream, part.expected_version, len(positions))
        before = self._at(positions[-1]).hash if positions else GENESIS
        position, head = self.head()
        made = []
        for version, event in enumerate(part.events, start=len(positions) + 1):
            position += 1
            row = (part.stream, version, micros(at), dumps(event), before)
            before = seal(before, part.stream, version, position, micros(at), row[3])
            head = next_head(head, before)
            self._put(position, (*row, before), event.idempotency_key)
            made.append(Recorded(position, part.stream, version, at, event, row[4], before))
        if made:
            self.transaction.put(_HEAD, json.dumps([position, head]).encode())
        return made

    def _put(self, position: int, row: tuple[str, int, int, str, str, str], key: str) -> None:
        number = _number(position)
        self.transaction.put(number, json.dumps([*row, key]).encode(), db=self.env.records, append=True)
        self.transaction.put(_digest(row[0]) + _number(row[1]), number, db=self.env.streams)
        if key:
            self.transaction.put(_digest(key), number, db=self.env.keys)

    def _positions(self, stream: str) -> list[bytes]:
        start, found = _digest(stream), []
        with self.transaction.cursor(db=self.env.streams) as cursor:
            more = cursor.set_range(start)
            while more and bytes(cursor.key()).startswith(start):
                found.append(bytes(cursor.value()))
                more = cursor.next()
        return found

    def _at(self, number: bytes) -> RawRecord:
        return _raw(number, bytes(self.transaction.get(number, db=self.env.records) or b""))


def _number(value: int) -> bytes:
    return value.to_bytes(8, "big")


def _digest(text: str) -> bytes:
    """A key of LMDB has at most 511 bytes; names of streams may have more."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).digest()


def _raw(number: bytes, row: bytes) -> RawRecord:
    try:
        stream, version, recorded_us, payload, before, digest, key = json.loads(row)
    except ValueError as error:
        raise StorageError("not stored", f"record {int.from_bytes(number, 'big')} cannot be read") from error
    return RawRecord(int.from_bytes(number, "big"), stream, version, recorded_us, payload, before, digest, key)


def _decoded(raw: RawRecord) -> Recorded:
    at = from_micros(raw.recorded_us)
    return Recorded(raw.position, raw.stream, raw.version, at, loads(raw.payload), raw.prev_hash, raw.hash)
