"""The server is killed while commits are under way: what was acknowledged is there; what is said of the rest is true.

The server's own settings are such that a crash loses what was committed in the last seconds: a store asks for more.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator

import pytest

from pg_kills import KILLS, Writers, patiently, postmaster, shown
from pg_server import Server, skip_without_server
from tests_sizes import size
from trialflow.adapters.storages import postgres_server
from trialflow.adapters.storages.postgres import PostgresStorage

WHOLE = {"lost": 0, "torn or doubled": 0, "faults": [], "lies": 0, "broken": []}


@pytest.fixture
def server() -> Iterator[Server]:
    skip_without_server()
    server = Server(memory=True, synchronous_commit="off", wal_writer_delay="10s")
    yield server
    server.stop()


def test_what_was_acknowledged_survives_every_kill(server: Server) -> None:
    rng, kills = random.Random(20260302), size(ci=50, long=500)
    writers, anchors = Writers(server), list[tuple[int, str]]()
    writers.start()
    for number in range(kills):
        writers.wait_for(rng.randint(1, 3))
        time.sleep(rng.uniform(0, 0.01))
        KILLS[number % len(KILLS)](server, rng)
        if number % 10 == 9:
            with patiently(lambda: PostgresStorage(server.dsn())) as store:
                anchors.append(store.head())
    writers.stop()
    assert shown(writers, anchors) == WHOLE
    assert len(writers.acknowledged) > kills, "they must have been writing"
    assert {"not stored", "unknown"} <= set(writers.outcomes) or kills < 50, "kills must have come at every moment"


def test_a_store_that_commits_asynchronously_is_seen_to_lose(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the setting that the store makes for its connections, the same kills lose commits."""
    monkeypatch.setattr(postgres_server, "_SETTLE", b"SELECT 1")
    lost = 0
    for number in range(20):
        writers = Writers(server)
        writers.start()
        writers.wait_for(5)
        postmaster(signal.SIGQUIT)(server, random.Random(number))
        writers.stop()
        found = shown(writers, [])
        lost += int(str(found["lost"]))
        if lost:
            break
    assert lost
