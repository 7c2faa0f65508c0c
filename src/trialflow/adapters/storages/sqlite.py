"""Streams in one SQLite file: append-only by the schema, optimistic concurrency, every append durable.

Safe for threads and processes; see :mod:`trialflow.adapters.storages.sqlite_file` for how the file is opened, and
:mod:`trialflow.adapters.storages.sqlite_host` for the same store in a host's database.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from trialflow.adapters.ports import Append, RawRecord
from trialflow.adapters.storages.closing import Closing
from trialflow.adapters.storages.lead_queries import KeepsLeads, LeadQueries
from trialflow.adapters.storages.repeats import refuse_twins
from trialflow.adapters.storages.sealing import Texts
from trialflow.adapters.storages.sqlite_append import Writer
from trialflow.adapters.storages.sqlite_check import differences, quick_faults
from trialflow.adapters.storages.sqlite_file import SqliteFile
from trialflow.adapters.storages.sqlite_filling import Filling
from trialflow.adapters.storages.sqlite_host import HostDatabase, migrate_host
from trialflow.adapters.storages.sqlite_leads import LeadTables, Memory
from trialflow.adapters.storages.sqlite_queries import SqliteTables
from trialflow.adapters.storages.sqlite_schema import LEDGER, schema_faults
from trialflow.adapters.storages.sqlite_sql import ledger_sql
from trialflow.adapters.wall_clock import wall_clock
from trialflow.model.codec import loads
from trialflow.model.errors import StorageError
from trialflow.model.events import Event
from trialflow.model.moments import from_micros, utc
from trialflow.model.recorded import Recorded

__all__ = ["SqliteStorage"]

_PAGE = 5000

_Row = tuple[int, str, int, int, str, str, str]


class SqliteStorage(KeepsLeads, Closing):
    """A ledger in one file, made when it is not there. ``clock`` gives ``recorded_at``.

    Raises ``StorageError`` when the file is no ledger of this or an older version. A context manager; close it.
    """

    def __init__(self, path: str | Path, *, clock: Callable[[], datetime] = wall_clock) -> None:
        self._over(SqliteFile(path, LEDGER), clock)

    @classmethod
    def on(cls, connection: sqlite3.Connection, *, clock: Callable[[], datetime] = wall_clock) -> Self:
        """The same store in a host's database and transactions: :mod:`trialflow.adapters.storages.sqlite_host`."""
        return cls.over(HostDatabase(lambda: connection, LEDGER), clock=clock)

    @classmethod
    def migrate(cls, connection: sqlite3.Connection) -> None:
        """Make the tables in a host's database, or bring them up to date, in the host's transaction.

        Raises ``StorageError`` where that cannot be.
        """
        migrate_host(connection, LEDGER)
        # Later questions write nothing on a host's connection: what follows from an older ledger is worked out here.
        cls.on(connection)._filling.complete()

    @classmethod
    def over(cls, database: HostDatabase, *, clock: Callable[[], datetime] = wall_clock) -> Self:
        """The same store where the host's connection is asked for at each use."""
        made = cls.__new__(cls)
        made._over(database, clock)
        return made

    def _over(self, database: SqliteFile | HostDatabase, clock: Callable[[], datetime]) -> None:
        self._file, self._clock, self._sql = database, clock, ledger_sql(database.prefix)
        self._texts: Texts = {}
        self._memory = threading.local()
        self._filling = Filling(database, self._sql, self._above)
        self._leads = LeadQueries(SqliteTables(database, self._sql, self._filling, self.read), self.scan)

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
            writer = Writer(db, self._sql, utc(self._clock()), self.read, self._texts)
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

    def rebuild(self, tell: Callable[[int, int], None] = lambda _done, _all: None) -> int:
        """Make the tables of leads anew from the ledger; how many leads. ``tell`` hears how many of how many are done.

        Others may read and append meanwhile. Raises ``StorageError``.
        """
        return self._filling.rebuild(tell)

    def faults(self) -> Sequence[str]:
        """What is wrong with the file beside its records: missing guards, damaged indexes."""
        found = schema_faults(self._file.rows, LEDGER, self._file.prefix)
        return (*(found or quick_faults(self._file, self._sql)), *self._file.damage())

    def fill(self) -> int:
        """Fill in every lead that is behind its events; how many there were. A board does so, too, where many are.

        Raises ``StorageError``.
        """
        return self._filling.fill()

    def differences(self) -> Iterator[str]:
        """What the tables of leads say otherwise than a full replay: nothing, unless somebody worked on the file."""
        return differences(self._file, self._sql, self._above)

    def close(self) -> None:
        """Close the file for every thread; a host's connection stays as it is."""
        self._file.close()


def _record(row: _Row) -> Recorded:
    position, stream, version, recorded_us, payload, before, digest = row
    return Recorded(position, stream, version, from_micros(recorded_us), loads(payload), before, digest)
