"""Streams in one SQLite file: append-only by the schema, optimistic concurrency, every append durable.

The journal is rollback (DELETE) below SQLite 3.51.3, whose write-ahead log could corrupt a file under two writers
(https://sqlite.org/wal.html#walresetbug); ``synchronous=FULL`` always. Safe for threads and processes.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trialflow.adapters.ports import Append
from trialflow.adapters.storages.sqlite_schema import connect, migrate
from trialflow.model.codec import dumps, loads
from trialflow.model.errors import Conflict, StorageError
from trialflow.model.events import Event
from trialflow.model.moments import from_micros, micros, utc
from trialflow.model.recorded import GENESIS, Recorded, next_head, seal

__all__ = ["SqliteStorage"]

_PAGE = 5000
_SELECT = (
    "SELECT e.position, s.name, e.version, e.recorded_at, e.payload, e.prev_hash, e.hash "
    "FROM events e JOIN streams s ON s.id = e.stream"
)
_INSERT = "INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?,?)"

Row = tuple[int, str, int, int, str, str, str]


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class SqliteStorage:
    """A ledger in one file. Raises ``StorageError`` when the file is no ledger of this or an older version."""

    def __init__(self, path: str | Path, *, clock: Callable[[], datetime] = _wall_clock) -> None:
        self.path = Path(path)
        self._clock = clock
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        migrate(self._connection())

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        """Store after ``expected_version``. Raises :class:`Conflict`, :class:`StorageError`."""
        return self.append_batch([Append(stream, tuple(events), expected_version)])

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        """Store all parts in one transaction, or none."""
        db = self._connection()
        with self._writing(db):
            return self._store(db, parts)

    def _store(self, db: sqlite3.Connection, parts: Sequence[Append]) -> tuple[Recorded, ...]:
        position, head = db.execute("SELECT position, head FROM meta").fetchone()
        now = utc(self._clock())
        now_us = micros(now)
        tails = _Tails(db)
        done: list[Recorded] = []
        rows: list[tuple[object, ...]] = []
        for part in parts:
            events, stored = self._fresh(db, part)
            done += stored
            if not events:
                continue
            stream = part.stream
            number, version, before = tails.get(stream, part.expected_version)
            for event in events:
                position, version = position + 1, version + 1
                payload, key = dumps(event), event.idempotency_key or None
                digest = seal(before, stream, version, position, now_us, payload)
                rows.append(
                    (position, number, version, now_us, payload, before, digest, micros(event.at), event.kind, key)
                )
                done.append(Recorded(position, stream, version, now, event, before, digest))
                head, before = next_head(head, digest), digest
            tails.set(stream, (number, version, before))
        db.executemany("INSERT INTO streams VALUES (?, ?)", tails.made)
        db.executemany(_INSERT, rows)
        db.execute("UPDATE meta SET position = ?, head = ?", (position, head))
        return tuple(done)

    def _fresh(self, db: sqlite3.Connection, part: Append) -> tuple[Sequence[Event], list[Recorded]]:
        """The events not stored yet, and the records of those whose idempotency key is."""
        if not any(e.idempotency_key for e in part.events):
            return part.events, []
        fresh, stored = [], []
        for event in part.events:
            key = event.idempotency_key
            row = key and db.execute(f"{_SELECT} WHERE e.idempotency_key = ?", (key,)).fetchone()
            if row:
                stored.append(_record(row))
            else:
                fresh.append(event)
        return fresh, stored

    def read(self, stream: str) -> Sequence[Recorded]:
        """One stream in the order of versions."""
        query = f"{_SELECT} WHERE s.name = ? ORDER BY e.version"
        return tuple(_record(row) for row in self._rows(query, (stream,)))

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        """Everything above position ``after``, page by page: no read transaction is left open between pages."""
        for row in self.raw(after=after):
            yield _record(row)

    def raw(self, *, after: int = 0) -> Iterator[Row]:
        """The stored columns of every record above ``after``, payloads as they lie in the file."""
        query = f"{_SELECT} WHERE e.position > ? ORDER BY e.position LIMIT {_PAGE}"
        position = after
        while page := self._rows(query, (position,)):
            yield from page
            position = page[-1][0]

    def head(self) -> tuple[int, str]:
        """Last position and head of the chain, as stored."""
        position, head = self._fetch("SELECT position, head FROM meta", ())[0]
        return int(position), str(head)

    def close(self) -> None:
        """Close every connection of this object."""
        with self._guard:
            for db in self._all:
                db.close()
            self._all.clear()
            self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = connect(self.path)
            with self._guard:
                self._all.append(db)
        return db

    def _rows(self, query: str, values: tuple[object, ...]) -> list[Row]:
        return self._fetch(query, values)

    def _fetch(self, query: str, values: tuple[object, ...]) -> list[Any]:
        try:
            return self._connection().execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StorageError("not stored", f"{self.path.name} cannot be read: {error}") from error

    @contextmanager
    def _writing(self, db: sqlite3.Connection) -> Iterator[None]:
        outcome = "not stored"
        try:
            db.execute("BEGIN IMMEDIATE")
            yield
            # From here on a failure may come after the bytes are on disk.
            outcome = "unknown"
            db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back(db)
            detail = f"{self.path.name} cannot be written: {error}"
            raise StorageError("unknown" if outcome == "unknown" else "not stored", detail) from error
        except BaseException:
            self._roll_back(db)
            raise

    @staticmethod
    def _roll_back(db: sqlite3.Connection) -> None:
        if db.in_transaction:
            try:
                db.execute("ROLLBACK")
            except sqlite3.Error:
                return


class _Tails:
    """Where each stream ends: (number, version, hash). Streams said to be new are looked up only if they are not."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._known: dict[str, tuple[int, int, str]] = {}
        self._next = int(db.execute("SELECT coalesce(max(id), 0) FROM streams").fetchone()[0])
        self._empty = self._next == 0
        self.made: list[tuple[int, str]] = []

    def get(self, stream: str, expected: int) -> tuple[int, int, str]:
        """The tail of ``stream``, numbered anew when it does not exist. Raises :class:`Conflict`."""
        found = self._known.get(stream) or (None if self._empty else self._stored(stream))
        if found is None:
            self._next += 1
            self.made.append((self._next, stream))
            found = (self._next, 0, GENESIS)
        if found[1] != expected:
            raise Conflict(stream, expected, found[1])
        return found

    def set(self, stream: str, tail: tuple[int, int, str]) -> None:
        """Remember the new end of a stream within this transaction."""
        self._known[stream] = tail

    def _stored(self, stream: str) -> tuple[int, int, str] | None:
        row = self._db.execute(
            "SELECT e.stream, e.version, e.hash FROM events e JOIN streams s ON s.id = e.stream "
            "WHERE s.name = ? ORDER BY e.version DESC LIMIT 1",
            (stream,),
        ).fetchone()
        return (int(row[0]), int(row[1]), str(row[2])) if row else None


def _record(row: Row) -> Recorded:
    position, stream, version, recorded_us, payload, before, digest = row
    return Recorded(position, stream, version, from_micros(recorded_us), loads(payload), before, digest)
