"""Records as they are appended: the server wakes the reader, and ``scan`` is what is read.

A notification is only a wake-up. It may come late, twice or, after a lost connection, never; the reader then looks by
itself every few seconds. What is given comes from ``scan(after=...)``: nothing is missed and nothing comes twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

import attrs

from trialflow.adapters.storages.postgres_access import Link, run
from trialflow.adapters.storages.postgres_driver import psycopg
from trialflow.adapters.storages.postgres_errors import failure
from trialflow.adapters.storages.postgres_server import Server
from trialflow.model.errors import StorageError
from trialflow.model.recorded import Recorded

__all__ = ["subscription"]

_LOOK = 5.0
"""After so many seconds without a notification the reader looks by itself."""
_ASK = 0.5
"""How often ``stop`` is asked."""
_PATIENCE = 60.0
"""For so many seconds a server that is gone is tried again."""
_PAUSES = (0.05, 2.0)


@attrs.define
class _Clock:
    """Since when nothing was read, and since when the server is gone (0: it is there)."""

    timeout: float | None
    quiet: float = attrs.field(factory=time.monotonic)
    gone: float = 0.0

    def left(self) -> float:
        """How long to wait for the next record, in seconds; 0 when it is too long already."""
        return _LOOK if self.timeout is None else max(self.quiet + self.timeout - time.monotonic(), 0.0)

    def given_up(self) -> bool:
        """Whether the server has been gone for too long."""
        patience = _PATIENCE if self.timeout is None else min(self.timeout, _PATIENCE)
        return time.monotonic() - self.gone > patience


def subscription(
    server: Server,
    scan: Callable[..., Iterable[Recorded]],
    after: int,
    timeout: float | None,
    stop: Callable[[], bool],
) -> Iterator[Recorded]:
    """Every record above ``after``; see :class:`trialflow.adapters.ports.SupportsSubscribe`."""
    clock, pause = _Clock(timeout), _PAUSES[0]
    while not stop():
        try:
            link = server.opened()
            try:
                _listen(server, link)
                while True:
                    for record in scan(after=after):
                        after, clock.gone, pause = record.position, 0.0, _PAUSES[0]
                        yield record
                        clock.quiet = time.monotonic()
                    clock.gone = 0.0
                    if stop() or not clock.left():
                        return
                    _wait(server, link, clock, stop)
            finally:
                link.close()
        except StorageError:
            clock.gone = clock.gone or time.monotonic()
            if clock.given_up():
                raise
        time.sleep(pause)
        pause = min(2 * pause, _PAUSES[1])


def _listen(server: Server, link: Link) -> None:
    try:
        number = run(link, server.statement("SELECT '{schema}.events'::regclass::oid::bigint")).fetchall()[0][0]
        run(link, f"LISTEN trialflow_{number}".encode())
    except psycopg.Error as error:
        raise failure("not stored", server.name, "read", error) from None


def _wait(server: Server, link: Link, clock: _Clock, stop: Callable[[], bool]) -> None:
    """Until something was appended, it is time to look, or to stop."""
    until = time.monotonic() + min(_LOOK, clock.left())
    try:
        while (left := until - time.monotonic()) > 0 and not stop():
            if any(True for _ in link.notifies(timeout=min(left, _ASK), stop_after=1)):
                return
    except psycopg.Error as error:
        raise failure("not stored", server.name, "read", error) from None
