"""Streams in one SQLite file: append-only by the schema, optimistic concurrency, every append durable.

Safe for threads and processes; see :mod:`trialflow.adapters.storages.sqlite_file` for how the file is opened, and
:mod:`trialflow.adapters.storages.sqlite_host` for the same store in a host's database.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from trialflow.adapters.ports import Append, RawRecord
from trialflow.adapters.queries import LeadQuery
from trialflow.adapters.storages.closing import Closing
from trialflow.adapters.storages.repeats import refuse_twins, repeated
from trialflow.adapters.storages.sealing import Sealing, Texts
from trialflow.adapters.storages.sqlite_file import SqliteFile
from trialflow.adapters.storages.sqlite_filling import Filling
from trialflow.adapters.storages.sqlite_host import HostDatabase, migrate_host
from trialflow.adapters.storages.sqlite_leads import LeadTables, Memory
from trialflow.adapters.storages.sqlite_queries import LeadQueries
from trialflow.adapters.storages.sqlite_schema import LEDGER, schema_faults
from trialflow.adapters.storages.sqlite_sql import LedgerSql, ledger_sql
from trialflow.model.codec import loads
from trialflow.model.errors import Conflict, StorageError
from trialflow.model.events import Event
from trialflow.model.lead import Lead
from trialflow.model.moments import from_micros, micros, utc
from trialflow.model.recorded import GENESIS, Recorded
from trialflow.reports.columns import Columns
from trialflow.reports.ended import BoardRows
from trialflow.rules.workflow import Workflow

__all__ = ["SqliteStorage"]

_PAGE = 5000
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
        self._over(SqliteFile(path, LEDGER), clock)

    @classmethod
    def on(cls, connection: sqlite3.Connection, *, clock: Callable[[], datetime] = _wall_clock) -> Self:
        """The same store in a host's database and transactions: :mod:`trialflow.adapters.storages.sqlite_host`."""
        return cls.over(HostDatabase(lambda: connection, LEDGER), clock=clock)

    @staticmethod
    def migrate(connection: sqlite3.Connection) -> None:
        """Make the tables in a host's database, or bring them up to date, in the host's transaction.

        Raises ``StorageError`` where that cannot be.
        """
        migrate_host(connection, LEDGER)

    @classmethod
    def over(cls, database: HostDatabase, *, clock: Callable[[], datetime] = _wall_clock) -> Self:
        """The same store where the host's connection is asked for at each use."""
        made = cls.__new__(cls)
        made._over(database, clock)
        return made

    def _over(self, database: SqliteFile | HostDatabase, clock: Callable[[], datetime]) -> None:
        self._file, self._clock, self._sql = database, clock, ledger_sql(database.prefix)
        self._texts: Texts = {}
        self._memory = threading.local()
        self._filling = Filling(database, self._sql, self._above)
        self._leads = LeadQueries(database, self._sql, self._filling, self.read, self.scan)

    @property
    def path(self) -> Path:
        """Where the file lies, absolute."""
        return self._file.path

    def pending(self) -> bool:
        """Whether a host's transaction is open, so that what was appended last is not committed yet."""
        return isinstance(self._file, HostDatabase) and self._file.pending

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        """Store after ``expected_version``. Raises :class:`Conflict`, :class:`KeyReused`, :class:`StorageError`."""
        return self.append_batch([Append(stream, tuple(events), expected_version)])

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        """Store all parts in one transaction, or none."""
        keyed = refuse_twins(parts)
        memory = self._remembered()
        with self._file.transaction() as db:
            writer = _Writer(db, self._sql, utc(self._clock()), self.read, self._texts)
            done = writer.store(parts, keyed=keyed)
            writer.keep_leads(LeadTables(db, self._sql.leads, self._above, memory))
        memory.words.saved()
        return done

    def _remembered(self) -> Memory:
        """What this thread remembers of its appends; nothing in a host's transaction, which may be rolled back."""
        if self._file.prefix or not hasattr(self._memory, "of"):
            self._memory.of = Memory()
        found: Memory = self._memory.of
        return found

    def read(self, stream: str) -> Sequence[Recorded]:
        """One stream in the order of versions."""
        return tuple(map(_record, self._file.rows(self._sql.stream, (stream,))))

    def _above(self, stream: str, version: int) -> Sequence[Recorded]:
        return tuple(map(_record, self._file.rows(self._sql.above, (stream, version))))

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        """Everything above position ``after``, page by page: no read transaction is left open between pages."""
        position = after
        while page := self._file.rows(self._sql.page, (position, _PAGE)):
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
            return self._file.rows(self._sql.raw_page, (position, _PAGE))
        except StorageError:
            # Somewhere in this page the file is damaged: row by row, so that verify() names the place.
            return self._file.rows(self._sql.raw_page, (position, 1))

    def head(self) -> tuple[int, str]:
        """Last position and head of the chain, as stored."""
        rows = self._file.rows(self._sql.head)
        return (int(rows[0][0]), str(rows[0][1])) if rows else (0, "")

    def find(self, query: LeadQuery, as_of: datetime) -> Sequence[Lead]:
        """The leads asked for as they stood at ``as_of``, by id."""
        return self._leads.find(query, as_of)

    def columns(self, workflow: Workflow, as_of: datetime) -> Columns:
        """The history of all leads, of the records dated up to ``as_of``."""
        return self._leads.columns(workflow, as_of)

    def board(self, workflow: Workflow, as_of: datetime, since: datetime, *, ordered: bool = False) -> BoardRows:
        """What a dashboard at ``as_of`` needs, its movement from ``since`` on."""
        return self._leads.board(workflow, as_of, since, ordered=ordered)

    def rebuild(self, tell: Callable[[int, int], None] = lambda _done, _all: None) -> int:
        """Make the tables of leads anew from the ledger; how many leads. ``tell`` hears how many of how many are done.

        Others may read and append meanwhile. Raises ``StorageError``.
        """
        return self._filling.rebuild(tell)

    def faults(self) -> Sequence[str]:
        """What is wrong with the file beside its records: missing guards, damaged indexes."""
        return (*schema_faults(self._file.rows, LEDGER, self._file.prefix), *self._file.damage())

    def close(self) -> None:
        """Close the file for every thread; a host's connection stays as it is."""
        self._file.close()


class _Writer:
    """One write transaction: where the store and its streams end, and what is to be added."""

    def __init__(
        self,
        db: sqlite3.Connection | sqlite3.Cursor,
        sql: LedgerSql,
        at: datetime,
        read: Callable[[str], Sequence[Recorded]],
        texts: Texts,
    ) -> None:
        self._db, self._sql, self._read, self._at_us = db, sql, read, micros(at)
        position, head = db.execute(sql.head).fetchone()
        self._chain = Sealing(position, head, at, texts)
        self._last_stream = int(db.execute(sql.last_stream).fetchone()[0])
        self._tails: dict[str, tuple[int, int, str]] = {}
        self._streams: list[tuple[int, str]] = []
        self._rows: list[tuple[object, ...]] = []
        self._begin = int(position)
        self._fresh: dict[str, list[Recorded]] = {}

    def store(self, parts: Sequence[Append], *, keyed: bool) -> tuple[Recorded, ...]:
        """Add every part. Raises :class:`Conflict`, :class:`KeyReused`; then nothing was written."""
        done: list[Recorded] = []
        self._find_new(parts)
        for part in parts:
            stored = repeated(part, self._find, self._read) if keyed else None
            done += self._sealed(part) if stored is None else stored
        self._db.executemany(self._sql.add_stream, self._streams)
        self._db.executemany(self._sql.add_event, self._rows)
        self._db.execute(self._sql.set_head, (self._chain.position, self._chain.head))
        return tuple(done)

    def keep_leads(self, tables: LeadTables) -> None:
        """Keep the tables of leads up to date, where they were."""
        if self._rows and tables.kept.holds(self._begin):
            numbers = {stream: self._tails[stream][0] for stream in self._fresh}
            tables.append(numbers, self._fresh, self._chain.position)

    def _find_new(self, parts: Sequence[Append]) -> None:
        """Of a bulk's streams those that do not exist yet: asked for by the hundred, not one by one."""
        said = [part.stream for part in parts if not part.expected_version] if len(parts) > 1 else []
        for start in range(0, len(said), _NAMES):
            names = said[start : start + _NAMES]
            marks = ",".join("?" * len(names))
            known = {row[0] for row in self._db.execute(f"{self._sql.known} ({marks})", names)}
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
            if stream.startswith("lead:"):
                self._fresh.setdefault(stream, []).extend(made)
        return made

    def _tail(self, stream: str) -> tuple[int, int, str]:
        """(number, version, hash) of a stream's end; number 0 where there is none yet."""
        row = self._db.execute(self._sql.tail, (stream,)).fetchone()
        return (int(row[0]), int(row[1]), str(row[2])) if row else _NOTHING

    def _find(self, key: str) -> tuple[str, int] | None:
        row = self._db.execute(self._sql.find, (key,)).fetchone()
        return (str(row[0]), int(row[1])) if row else None


def _record(row: _Row) -> Recorded:
    position, stream, version, recorded_us, payload, before, digest = row
    return Recorded(position, stream, version, from_micros(recorded_us), loads(payload), before, digest)
