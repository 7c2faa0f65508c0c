"""Streams in a PostgreSQL schema: append-only by privilege and by trigger, every append durable, no late arrivals.

:mod:`trialflow.adapters.storages.postgres_schema` says what lies there and how positions are given. Needs the extra
``postgres``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Self

from trialflow.adapters.ports import Append, RawRecord
from trialflow.adapters.storages.closing import Closing
from trialflow.adapters.storages.lead_queries import KeepsLeads, LeadQueries
from trialflow.adapters.storages.postgres_access import Access, Hosted, Link
from trialflow.adapters.storages.postgres_append import STORED, Statements, recorded, store
from trialflow.adapters.storages.postgres_errors import Collided
from trialflow.adapters.storages.postgres_faults import faults
from trialflow.adapters.storages.postgres_guess import Guess
from trialflow.adapters.storages.postgres_migration import check, checked
from trialflow.adapters.storages.postgres_queries import PostgresTables
from trialflow.adapters.storages.postgres_schema import LEDGER, quoted
from trialflow.adapters.storages.postgres_server import Server
from trialflow.adapters.storages.postgres_subscribe import subscription
from trialflow.adapters.storages.repeats import refuse_twins
from trialflow.adapters.storages.sealing import Texts
from trialflow.adapters.wall_clock import wall_clock
from trialflow.model.errors import Conflict, Unsupported
from trialflow.model.events import Event
from trialflow.model.recorded import GENESIS, Recorded

__all__ = ["SCHEMA", "PostgresStorage"]

SCHEMA = "trialflow"
"""Where a ledger lies unless another schema is named."""

_PAGE = 5000
_AFTER = "WHERE position > %s ORDER BY position LIMIT %s"


class PostgresStorage(KeepsLeads, Closing):
    """A ledger in one schema of a database, made when it is not there. ``clock`` gives ``recorded_at``.

    ``dsn`` is a connection string of libpq (``postgresql://...`` or ``dbname=... host=...``); empty, libpq's own
    environment variables and password file say where. Raises ``StorageError`` when there is no server, or the schema is
    no ledger of this version. Safe for threads, processes and forks. A context manager; close it.
    """

    def __init__(self, dsn: str = "", *, schema: str = SCHEMA, clock: Callable[[], datetime] = wall_clock) -> None:
        self._begin(Server(dsn, schema, LEDGER), clock)

    @classmethod
    def on(cls, connection: Link, *, schema: str = SCHEMA, clock: Callable[[], datetime] = wall_clock) -> Self:
        """The same ledger on a psycopg connection of a host: an append is part of the host's transaction.

        It uses a savepoint and commits only where no transaction was open and ``autocommit`` is on. The schema must be
        there (``trialflow storage migrate``, or :func:`.postgres_migration.migrate` in the host's own migration). From
        its append on, the host's transaction holds the ledger, and other appends wait: append late, commit soon. Its
        isolation is best READ COMMITTED; in a stricter one an append is refused when another came after its beginning.
        """
        check(connection, schema, LEDGER)
        return cls.over(lambda: connection, schema=schema, clock=clock)

    @classmethod
    def over(
        cls, connect: Callable[[], Link], *, schema: str = SCHEMA, clock: Callable[[], datetime] = wall_clock
    ) -> Self:
        """The same where the host's connection is asked for at each use; the schema is looked at with the first."""
        store = cls.__new__(cls)
        store._begin(Hosted(f"the ledger {schema}", quoted(schema), checked(connect, schema, LEDGER)), clock)
        return store

    def _begin(self, access: Access, clock: Callable[[], datetime]) -> None:
        self._access, self._clock = access, clock
        self._shared: Texts = {}
        self._statements = Statements(access)
        self._tables = PostgresTables(access)
        self._leads = LeadQueries(self._tables, self.scan)
        self._guess = Guess(access, self._statements) if isinstance(access, Server) else None
        made = access.statement
        self._page = made(f"SELECT {STORED} FROM {{schema}}.events {_AFTER}")
        self._raw = made(f"SELECT {STORED}, idempotency_key FROM {{schema}}.events {_AFTER}")

    def pending(self) -> bool:
        """Whether a host's transaction is open, so that what was appended last is not committed yet."""
        return isinstance(self._access, Hosted) and self._access.pending

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        """Store after ``expected_version``. Raises :class:`Conflict`, :class:`KeyReused`, :class:`StorageError`."""
        return self.append_batch([Append(stream, tuple(events), expected_version)])

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        """Store all parts in one transaction, or none."""
        if not parts:
            return ()
        keyed, guess = refuse_twins(parts), self._guess
        if guess is not None and (found := guess.written(parts, self._clock, self._shared)) is not None:
            return found.records
        try:
            with self._access.transaction() as link:
                made = store(link, self._statements, parts, self._clock, self._shared, keyed=keyed)
        except Collided:
            self._raise_conflict(parts)
            raise
        if guess is not None:
            guess.looked(made)
        return made.records

    def _raise_conflict(self, parts: Sequence[Append]) -> None:
        """UNIQUE (stream, version) refused what ``hold()`` let through, or a snapshot is older than the last append."""
        actual: dict[str, int] = {}
        for part in parts:
            version = actual.setdefault(part.stream, len(self.read(part.stream)))
            if version != part.expected_version:
                raise Conflict(part.stream, part.expected_version, version) from None
            actual[part.stream] += len(part.events)

    def read(self, stream: str) -> Sequence[Recorded]:
        """One stream in the order of versions."""
        if "\0" in stream:
            return ()
        found = tuple(map(recorded, self._access.rows(self._statements.stream, (stream,))))
        if self._guess is not None:
            self._guess.read(found)
        return found

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        """Everything above position ``after``, page by page: no read transaction is left open between pages."""
        position = after
        while page := self._access.rows(self._page, (position, _PAGE)):
            yield from map(recorded, page)
            position = page[-1][0]

    def raw(self, *, after: int = 0) -> Iterator[RawRecord]:
        """Every record above ``after`` as it lies in the table."""
        position = after
        while page := self._access.rows(self._raw, (position, _PAGE)):
            for row in page:
                yield RawRecord._make((*row[:5], row[5].hex(), row[6].hex(), row[7]))
            position = page[-1][0]

    def head(self) -> tuple[int, str]:
        """Last position and head of the chain, as stored."""
        rows = self._access.rows(self._statements.head)
        return (int(rows[0][0]), rows[0][1].hex()) if rows else (0, GENESIS)

    def subscribe(
        self, *, after: int = 0, timeout: float | None = None, stop: Callable[[], bool] = lambda: False
    ) -> Iterator[Recorded]:
        """Records above ``after`` as they are appended, woken by the server (LISTEN), over lost connections.

        It has a connection of its own. Raises ``StorageError`` when the server has been gone for a minute, or for
        ``timeout``; :class:`Unsupported` on a host's connection, which must not be kept waiting.
        """
        if not isinstance(self._access, Server):
            raise Unsupported("following a ledger on a host's connection", "open PostgresStorage(dsn) for it")
        return subscription(self._access, self.scan, after, timeout, stop)

    def fill(self) -> int:
        """Fill in every lead that is behind its events; how many there were. A question does so, too, where many are.

        Raises ``StorageError``.
        """
        return self._tables.filling.fill()

    def rebuild(self, tell: Callable[[int, int], None] = lambda _done, _all: None) -> int:
        """Make the tables of leads anew from the ledger; how many leads. ``tell`` hears how many of how many are done.

        Others may read and append meanwhile. Raises ``StorageError``.
        """
        return self._tables.filling.rebuild(tell)

    def differences(self) -> Iterator[str]:
        """What the tables of leads say otherwise than a full replay: nothing, unless somebody worked on them."""
        return self._tables.differences()

    def faults(self) -> Sequence[str]:
        """What is wrong with the schema beside its records: guards removed or switched off, indexes missing."""
        return faults(self._access)

    def close(self) -> None:
        """Close the connections; a host's own is left as it is."""
        if isinstance(self._access, Server):
            self._access.close()
