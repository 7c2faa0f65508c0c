"""Writers that go on while the server under them is killed and started again, and what they know in the end."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import attrs
import psycopg

from ledger_samples import MONDAY
from pg_server import Server
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import Conflict, StorageError
from trialflow.model.events import Event, Noted
from trialflow.model.parties import Actor

__all__ = ["KILLS", "Writers", "backend", "patiently", "postmaster", "shown"]

T = TypeVar("T")

_LONGEST = 120
"""Seconds that a server may take to come back."""

EACH = 3
"""Events per append: all of them, or none."""
_ANNA = Actor(id="anna")


def postmaster(how: signal.Signals) -> Callable[[Server, random.Random], None]:
    """The whole server, and a new start."""

    def kill(server: Server, _rng: random.Random) -> None:
        server.kill(how)
        server.start()

    return kill


def backend(server: Server, rng: random.Random) -> None:
    """One process that serves a writer; the server then ends all of them and recovers."""
    with contextlib.suppress(psycopg.OperationalError, ProcessLookupError), psycopg.connect(server.dsn()) as admin:
        query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'trialflow' ORDER BY pid"
        pids = [pid for (pid,) in admin.execute(query)]
        if pids:
            os.kill(rng.choice(pids), signal.SIGKILL)
    while not server.answers():
        time.sleep(0.01)


def terminated(server: Server, rng: random.Random) -> None:
    """Every connection, as an administrator ends them."""
    with psycopg.connect(server.dsn()) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'trialflow'")


KILLS = (postmaster(signal.SIGQUIT), backend, postmaster(signal.SIGKILL), terminated)


@attrs.define
class Writers:
    """``many`` threads that append to a stream of their own and, every third time, to one they share.

    An append counts as acknowledged when it returned. One that failed is looked for before it is tried again with the
    same keys: ``lies`` counts those of which "not stored" was said although they are there.
    """

    server: Server
    many: int = 3
    acknowledged: list[tuple[str, str]] = attrs.field(factory=list)
    outcomes: list[str] = attrs.field(factory=list)
    lies: int = 0
    conflicts: int = 0
    broken: list[BaseException] = attrs.field(factory=list)
    _stop: threading.Event = attrs.field(factory=threading.Event)
    _threads: list[threading.Thread] = attrs.field(factory=list)

    def start(self) -> None:
        """Begin to write."""
        self._threads = [
            threading.Thread(target=self._write, args=(number,), daemon=True) for number in range(self.many)
        ]
        for thread in self._threads:
            thread.start()

    def wait_for(self, more: int) -> None:
        """Until so many more appends were acknowledged."""
        goal, until = len(self.acknowledged) + more, time.monotonic() + _LONGEST
        while len(self.acknowledged) < goal and not self.broken and time.monotonic() < until:
            time.sleep(0.001)

    def stop(self) -> None:
        """Let each finish its append."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self, name: int) -> None:
        try:
            with patiently(lambda: PostgresStorage(self.server.dsn())) as store:
                number = 0
                while not self._stop.is_set():
                    stream = "lead:shared" if number % 3 == 0 else f"lead:{name}"
                    self._append(store, stream, f"{name}-{number}")
                    number += 1
        except BaseException as error:
            self.broken.append(error)

    def _append(self, store: PostgresStorage, stream: str, name: str) -> None:
        events, before = [_noted(f"{name}-{part}") for part in range(EACH)], False
        while True:
            try:
                version = len(patiently(lambda: store.read(stream)))
                store.append(stream, events, expected_version=version)
            except Conflict:
                self.conflicts += 1
            except StorageError as error:
                self.outcomes.append(error.outcome)
                there = self._there(store, stream, name)
                self.lies += error.outcome == "not stored" and there and not before
                before = there
            else:
                self.acknowledged.append((stream, name))
                return

    def _there(self, store: PostgresStorage, stream: str, name: str) -> bool:
        """Whether an append is stored, as soon as that can be said."""
        records = patiently(lambda: store.read(stream))
        return any(getattr(record.event, "ref", "") == f"{name}-0" for record in records)


def patiently(act: Callable[[], T]) -> T:
    """Do what writes nothing again until the server is there."""
    until = time.monotonic() + _LONGEST
    while True:
        try:
            return act()
        except StorageError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


def _noted(ref: str) -> Event:
    return Noted(at=MONDAY, by=_ANNA, ref=ref, idempotency_key=ref)


def shown(writers: Writers, anchors: list[tuple[int, str]]) -> dict[str, object]:
    """What the ledger holds beside what the writers know: lost, torn and doubled appends, and a broken chain."""
    with PostgresStorage(writers.server.dsn()) as store:
        counts: dict[tuple[str, str], int] = {}
        for record in store.scan():
            ref = getattr(record.event, "ref", "")
            key = (record.stream, ref.rpartition("-")[0])
            counts[key] = counts.get(key, 0) + 1
        faults = [found.message for anchor in anchors if not (found := verify(store, expected_head=anchor)).ok]
    return {
        "lost": sum(each not in counts for each in writers.acknowledged),
        "torn or doubled": sum(count != EACH for count in counts.values()),
        "faults": faults,
        "lies": writers.lies,
        "broken": writers.broken,
    }
