"""Connections of our own to a PostgreSQL server: lent one by one, kept for the next use, never across a fork.

There is no background thread and no size to set: whoever needs a connection takes a kept one, or opens one. A kept
connection that the server has ended meanwhile is noticed before it is used. Settings that would make an append less
than durable, or let it wait for ever, are put right for the connection.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from trialflow.adapters.storages.postgres_access import Access, Link, lost, run
from trialflow.adapters.storages.postgres_driver import TransactionStatus, conninfo_to_dict, psycopg
from trialflow.adapters.storages.postgres_errors import failure, unreachable
from trialflow.adapters.storages.postgres_migration import ready
from trialflow.adapters.storages.postgres_schema import Schema, quoted
from trialflow.model.errors import StorageError

__all__ = ["Server", "connect"]

_KEPT = 8
"""How many idle connections are kept; more are opened when needed, and closed after use."""

_SETTLE = b"""
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
UNION ALL SELECT set_config('lock_timeout', '30s', false) WHERE current_setting('lock_timeout') = '0'
"""


class Server(Access):
    """Connections to the server that ``dsn`` names. Raises ``StorageError`` when it has no such ``schema``.

    The ``dsn`` may hold a password: it is in no message and no repr.
    """

    def __init__(self, dsn: str, name: str, schema: Schema) -> None:
        super().__init__(f"the {schema.what} {name}", quoted(name))
        self._dsn, self._schema, self._plain_name = dsn, schema, name
        self._closed = False
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._kept: list[Link] = []
        self._finalizer = weakref.finalize(self, _close_all, self._kept, self._process)
        with self.lent():
            pass

    @contextmanager
    def lent(self) -> Iterator[Link]:
        """A kept connection, or a new one. Raises ``StorageError``."""
        link = self._take()
        try:
            yield link
        finally:
            self._give_back(link)

    @contextmanager
    def transaction(self) -> Iterator[Link]:
        """A transaction on a connection of its own; all of it, or nothing. Raises ``StorageError``."""
        with self.lent() as link, self._whole(link):
            yield link

    def at_once(self, query: bytes, values: Sequence[object]) -> int:
        """One statement as a transaction of its own; how many rows it wrote. Raises ``StorageError``."""
        with self.lent() as link:
            try:
                return run(link, query, values).rowcount
            except psycopg.Error as error:
                raise failure("unknown" if lost(link, error) else "not stored", self.name, "written", error) from None

    def opened(self) -> Link:
        """A new connection, for the caller to close. Raises ``StorageError``."""
        link = connect(self._dsn, self.name)
        try:
            run(link, _SETTLE)
            ready(link, self._plain_name, self._schema)
        except psycopg.Error as error:
            link.close()
            raise failure("not stored", self.name, "opened", error) from None
        except BaseException:
            link.close()
            raise
        return link

    def close(self) -> None:
        """Close the connections; further use raises ``StorageError``. May be called twice."""
        self._closed = True
        self._forget_after_fork()
        with self._lock:
            _close_all(self._kept, self._process)

    def _take(self) -> Link:
        if self._closed:
            raise StorageError("not stored", f"{self.name} was closed; open it again")
        self._forget_after_fork()
        while True:
            with self._lock:
                link = self._kept.pop() if self._kept else None
            if link is None:
                return self.opened()
            if not link.closed and not _spoken_to(link):
                return link
            link.close()

    def _give_back(self, link: Link) -> None:
        with self._lock:
            usable = not link.closed and link.pgconn.transaction_status == TransactionStatus.IDLE
            if usable and not self._closed and len(self._kept) < _KEPT and self._process == os.getpid():
                self._kept.append(link)
                return
        link.close()

    def _forget_after_fork(self) -> None:
        """A fork's child leaves its parent's connections alone: not even closing them is its business."""
        if self._process != os.getpid():
            _INHERITED.extend(self._kept)
            self._kept, self._lock, self._process = [], threading.Lock(), os.getpid()
            self._finalizer.detach()
            self._finalizer = weakref.finalize(self, _close_all, self._kept, self._process)


_INHERITED: list[Link] = []


def _close_all(kept: list[Link], process: int) -> None:
    if process == os.getpid():
        while kept:
            kept.pop().close()


def _spoken_to(link: Link) -> bool:
    """Whether something came in although nothing was asked: the server's farewell."""
    number = link.fileno()
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(number, select.POLLIN | select.POLLHUP)
        return bool(poll.poll(0))
    return bool(select.select([number], [], [], 0)[0])


def connect(dsn: str, name: str) -> Link:
    """A connection with autocommit. Raises ``StorageError``, whose text holds nothing of ``dsn``."""
    problem: StorageError | None = None
    with contextlib.suppress(psycopg.Error):
        options: dict[str, Any] = {"connect_timeout": 10, "application_name": "trialflow", **conninfo_to_dict(dsn)}
        options["client_encoding"] = "utf8"
        try:
            return psycopg.connect(**options, autocommit=True)
        except psycopg.Error as error:
            problem = unreachable(name, error)
    # Raised out here, so that no traceback shows the driver's own error, which may quote parts of a password.
    raise problem or StorageError("not stored", f"{name} cannot be opened: its connection string cannot be read")
