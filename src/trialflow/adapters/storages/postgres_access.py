"""What every PostgreSQL connection is used for: reading rows, and write transactions that say how they ended."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from trialflow.adapters.storages.postgres_driver import PipelineStatus, TransactionStatus, psycopg, tuple_row
from trialflow.adapters.storages.postgres_errors import Outcome, failure
from trialflow.model.errors import StorageError

__all__ = ["Access", "Hosted", "Link", "lost", "run"]

_SAVEPOINT = b"SAVEPOINT trialflow"
_RELEASE = b"RELEASE SAVEPOINT trialflow"
_BACK = b"ROLLBACK TO SAVEPOINT trialflow"

Link = psycopg.Connection[Any]

_LOCKS: weakref.WeakKeyDictionary[Link, threading.RLock] = weakref.WeakKeyDictionary()
"""One for each connection of a host: what one thread does in its savepoint, another one's must not undo."""


def run(
    link: Link, query: bytes, values: Sequence[object] | Mapping[str, object] | None = None
) -> psycopg.Cursor[tuple[Any, ...]]:
    """One statement, with rows as tuples whatever the connection's owner prefers."""
    # Not link.cursor(): a host may have set a cursor class and a row factory of its own.
    cursor = psycopg.Cursor(link, row_factory=tuple_row)
    return cursor.execute(query, values, binary=True)


def lost(link: Link, error: psycopg.Error | None = None) -> bool:
    """Whether the connection is gone, so that nobody knows what became of the last statement.

    A FATAL ``error`` is no answer to the statement: a server that is told to stop says so at any moment, also between
    the commit and the answer to it.
    """
    fatal = error is not None and error.diag.severity_nonlocalized in ("FATAL", "PANIC")
    return fatal or link.closed or link.pgconn.transaction_status == TransactionStatus.UNKNOWN


class Access:
    """One schema in a database, called ``name`` in messages; ``schema`` is its name as SQL."""

    def __init__(self, name: str, schema: str) -> None:
        self.name, self.schema = name, schema

    def statement(self, text: str) -> bytes:
        """A statement with the schema's name in place of ``{schema}``."""
        return text.replace("{schema}", self.schema).encode()

    def lent(self) -> AbstractContextManager[Link]:
        """A connection to use now. Raises ``StorageError`` when there is none."""
        raise NotImplementedError

    def rows(self, query: bytes, values: Sequence[object] | Mapping[str, object] = ()) -> list[Any]:
        """All rows of a query. Raises ``StorageError``."""
        with self.lent() as link:
            try:
                return run(link, query, values).fetchall()
            except psycopg.Error as error:
                raise failure("not stored", self.name, "read", error) from None

    def transaction(self) -> AbstractContextManager[Link]:
        """A write transaction: all of it, or nothing. Raises ``StorageError`` that says whether it may be stored."""
        raise NotImplementedError

    @contextmanager
    def _whole(self, link: Link) -> Iterator[None]:
        """A transaction of its own on ``link``. READ COMMITTED: each statement sees what was committed before it."""
        committing = False
        try:
            run(link, b"BEGIN ISOLATION LEVEL READ COMMITTED")
            yield
            committing = True
            run(link, b"COMMIT")
        except psycopg.Error as error:
            # With an answer, be it an error, the server did not commit. Without one, it may have.
            outcome: Outcome = "unknown" if committing and lost(link, error) else "not stored"
            self._roll_back(link)
            raise failure(outcome, self.name, "written", error) from None
        except BaseException:
            self._roll_back(link)
            raise

    def _roll_back(self, link: Link) -> None:
        try:
            if link.pgconn.transaction_status != TransactionStatus.IDLE:
                run(link, b"ROLLBACK")
        except psycopg.Error:
            link.close()


class Hosted(Access):
    """A connection that belongs to a host: appends join its transaction, and only what they did is undone.

    Outside a transaction a connection with autocommit gets one of its own; without autocommit the append begins the
    host's transaction, as any statement would, and the host commits it. ``connect`` gives the host's connection of this
    moment.
    """

    def __init__(self, name: str, schema: str, connect: Callable[[], Link]) -> None:
        super().__init__(name, schema)
        self._connect = connect

    @property
    def pending(self) -> bool:
        """Whether the host's transaction is open."""
        return self._connect().pgconn.transaction_status != TransactionStatus.IDLE

    @contextmanager
    def lent(self) -> Iterator[Link]:
        """The host's connection, for one thread at a time. Raises ``StorageError`` where it cannot be used."""
        link = self._connect()
        with _LOCKS.setdefault(link, threading.RLock()):
            if link.pgconn.transaction_status == TransactionStatus.INERROR:
                raise StorageError("not stored", f"{self.name}: the host's transaction has failed; roll it back first")
            if link.pgconn.pipeline_status != PipelineStatus.OFF:
                raise StorageError(
                    "not stored", f"{self.name}: the host's connection is in pipeline mode; leave it first"
                )
            yield link

    @contextmanager
    def transaction(self) -> Iterator[Link]:
        """Part of the host's transaction, or one of its own; all of it, or nothing. Raises ``StorageError``."""
        with self.lent() as link:
            own = link.autocommit and link.pgconn.transaction_status == TransactionStatus.IDLE
            with self._whole(link) if own else self._part(link):
                yield link

    @contextmanager
    def _part(self, link: Link) -> Iterator[None]:
        """A savepoint in the host's transaction."""
        try:
            run(link, _SAVEPOINT)
            try:
                yield
                run(link, _RELEASE)
            except BaseException:
                self._back(link)
                raise
        except psycopg.Error as error:
            raise failure("not stored", self.name, "written", error) from None

    def _back(self, link: Link) -> None:
        """Undo what was done since the savepoint; a connection that is lost has undone everything."""
        if not lost(link):
            run(link, _BACK)
            run(link, _RELEASE)
