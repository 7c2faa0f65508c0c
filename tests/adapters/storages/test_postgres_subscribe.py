"""Following a ledger: every record once and in order, woken by the server, over lost connections and restarts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from ledger_samples import noted
from pg_server import Server, dsn, fresh_schema, skip_without_server
from trialflow.adapters.ports import SupportsSubscribe
from trialflow.adapters.storages import postgres_server, postgres_subscribe
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.postgres_access import Link
from trialflow.model.errors import StorageError, Unsupported


@pytest.fixture
def store() -> Iterator[PostgresStorage]:
    skip_without_server()
    with PostgresStorage(dsn(), schema=fresh_schema()) as opened:
        yield opened


def append(store: PostgresStorage, numbers: range) -> None:
    for number in numbers:
        store.append("lead:a", [noted(str(number))], expected_version=number)


class Follower(threading.Thread):
    """Reads on in a thread; ``seen`` are the positions."""

    def __init__(self, store: PostgresStorage, after: int = 0, timeout: float | None = None) -> None:
        super().__init__(daemon=True)
        self.seen: list[int] = []
        self.stopped = threading.Event()
        self.failed: list[StorageError] = []
        self._records = store.subscribe(after=after, timeout=timeout, stop=self.stopped.is_set)
        self.start()

    def run(self) -> None:
        try:
            for record in self._records:
                self.seen.append(record.position)
        except StorageError as failed:
            self.failed.append(failed)

    def saw(self, number: int) -> bool:
        """Whether so many records came, waiting for them."""
        return until(lambda: len(self.seen) >= number)

    def end(self) -> None:
        self.stopped.set()
        self.join(10)
        assert not self.is_alive(), "it must stop when it is asked to"


def end_listening(store: PostgresStorage) -> None:
    """As an administrator ends the one connection that listens."""
    listens = f"'LISTEN trialflow_' || '{store._access.schema}.events'::regclass::oid::bigint"
    ended = f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE query = {listens}"
    with psycopg.connect(dsn(), autocommit=True) as admin:
        assert admin.execute(ended.encode()).fetchall() == [(True,)]


def until(holds: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.005)
    return holds()


def test_what_is_there_comes_first_then_what_is_appended(
    store: PostgresStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_subscribe, "_LOOK", 3600.0)  # it has to be woken
    assert isinstance(store, SupportsSubscribe)
    append(store, range(3))
    follower = Follower(store, after=1)
    assert follower.saw(2)
    append(store, range(3, 20))
    assert follower.saw(19)
    follower.end()
    assert follower.seen == list(range(2, 21))


def test_without_a_wake_up_it_looks_by_itself(store: PostgresStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notification is only a wake-up: here none ever comes."""
    monkeypatch.setattr(postgres_subscribe, "_listen", lambda _server, _link: None)
    monkeypatch.setattr(postgres_subscribe, "_LOOK", 0.05)
    follower = Follower(store)
    append(store, range(5))
    assert follower.saw(5)
    follower.end()
    assert follower.seen == [1, 2, 3, 4, 5]


def test_a_hosts_append_is_told_when_the_host_commits(store: PostgresStorage) -> None:
    follower = Follower(store)
    with psycopg.connect(dsn()) as host:
        guest = PostgresStorage.on(host, schema=store._access.schema.strip('"'))
        append(guest, range(2))
        host.rollback()
        append(guest, range(1))
        host.commit()
        assert follower.saw(1)
        with pytest.raises(Unsupported, match="following a ledger on a host's connection"):
            guest.subscribe()
    follower.end()
    assert follower.seen == [1]


def test_it_ends_when_nothing_came_for_long_enough(store: PostgresStorage) -> None:
    append(store, range(3))
    assert [record.position for record in store.subscribe(after=1, timeout=0.05)] == [2, 3]
    assert list(store.subscribe(after=3, timeout=0)) == []
    assert list(store.subscribe(stop=lambda: True)) == []


def test_with_a_timeout_it_waits_as_long_for_the_next_one(store: PostgresStorage) -> None:
    follower = Follower(store, timeout=3600)
    for number in range(3):
        append(store, range(number, number + 1))
        assert follower.saw(number + 1)
    follower.end()


def test_a_server_that_is_away_for_a_while_is_tried_again(
    store: PostgresStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_subscribe, "_PAUSES", (0.01, 0.04))
    real, tries = postgres_server.connect, list[str]()

    def connect(given: str, name: str) -> Link:
        tries.append(name)
        if len(tries) <= 4:
            raise StorageError("not stored", "it is away")
        return real(given, name)

    with PostgresStorage(dsn(), schema=store._access.schema.strip('"')) as writer:
        follower = Follower(store)
        append(writer, range(3))
        assert follower.saw(3)
        monkeypatch.setattr(postgres_server, "connect", connect)
        end_listening(store)
        append(writer, range(3, 6))
        assert follower.saw(6)
        follower.end()
    assert (follower.seen, len(tries)) == ([1, 2, 3, 4, 5, 6], 5)


def test_a_server_that_stays_away_is_tried_no_longer_than_a_record_is_waited_for(
    store: PostgresStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(_given: str, _name: str) -> Link:
        raise StorageError("not stored", "it is away")

    monkeypatch.setattr(postgres_subscribe, "_PATIENCE", 3600.0)
    monkeypatch.setattr(postgres_server, "connect", connect)
    follower = Follower(store, timeout=0.05)
    assert until(lambda: not follower.is_alive())
    assert [failed.detail for failed in follower.failed] == ["it is away"]
    follower.end()


def test_what_it_gives_up_over_is_told(store: PostgresStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is lost while it waits, and one on which it cannot listen; here neither is tried again."""
    monkeypatch.setattr(postgres_subscribe, "_PATIENCE", -1.0)
    events = f"{store._access.schema}.events"
    append(store, range(1))
    with psycopg.connect(dsn(), autocommit=True) as admin:
        records = store.subscribe()
        assert next(records).position == 1
        end_listening(store)
        with pytest.raises(StorageError) as lost:
            next(records)
        admin.execute(f"DROP TABLE {events} CASCADE".encode())
        with pytest.raises(StorageError) as gone:
            next(store.subscribe())
    for told in (lost.value, gone.value):
        assert told.outcome == "not stored"
        assert told.detail.startswith(f"{store._access.name} cannot be read: ")


def test_it_goes_on_over_restarts_and_gives_up_when_the_server_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    skip_without_server()
    server = Server()
    try:
        with PostgresStorage(server.dsn()) as store:
            follower = Follower(store)
            for turn in range(2):
                append(store, range(turn * 5, turn * 5 + 5))
                assert follower.saw(turn * 5 + 5)
                server.restart()
            append(store, range(10, 15))
            assert follower.saw(15)
            follower.end()
            assert follower.seen == list(range(1, 16))
            server.stop()
            monkeypatch.setattr(postgres_subscribe, "_PATIENCE", 0.2)
            with pytest.raises(StorageError, match="cannot be opened"):
                list(store.subscribe(after=15))
            with pytest.raises(StorageError, match="cannot be opened"):
                list(store.subscribe(after=15, timeout=0.1))
    finally:
        server.stop()
