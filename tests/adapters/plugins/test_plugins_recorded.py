"""Subscribers: told after each append and never before a host's commit, and unable to break or to hold up an append."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from trialflow import Actor, Plugins, Recorded, Tracker
from trialflow.adapters.hooks import hookimpl
from trialflow.adapters.ports import Append, Storage, SupportsBatch
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.vault_memory import MemoryVault

BY = Actor(id="u1", role="coordinator")
LEADER = Actor(id="lead-1", role="site_lead")


class Ear:
    """Remembers what it was told, by the append."""

    def __init__(self) -> None:
        self.heard: list[tuple[Recorded, ...]] = []

    @hookimpl
    def trialflow_recorded(self, records: Sequence[Recorded]) -> None:
        self.heard.append(tuple(records))

    @property
    def positions(self) -> list[int]:
        """Of everything that was heard."""
        return [record.position for records in self.heard for record in records]


class Doing:
    """Does something with what it is told."""

    def __init__(self, do: Callable[[Sequence[Recorded]], Any]) -> None:
        self.do = do

    @hookimpl
    def trialflow_recorded(self, records: Sequence[Recorded]) -> Any:
        return self.do(records)


class Alone:
    """A store without batches."""

    def __init__(self) -> None:
        self.inner = MemoryStorage()

    def append(self, stream: str, events: Any, *, expected_version: int) -> Sequence[Recorded]:
        return self.inner.append(stream, events, expected_version=expected_version)

    def read(self, stream: str) -> Sequence[Recorded]:
        return self.inner.read(stream)

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        return self.inner.scan(after=after)


def stored(tracker: Tracker) -> list[int]:
    """Every position of the ledger."""
    return [record.position for record in tracker.storage.scan()]


@pytest.mark.parametrize("storage", [MemoryStorage, Alone])
def test_every_append_of_every_kind_is_announced_once(storage: Callable[[], Storage], tmp_path: Path) -> None:
    ear = Ear()
    plugins = Plugins(ear)
    tracker = Tracker(storage(), MemoryVault(), plugins=plugins)
    lead = tracker.receive("Radio", "1", by=BY).lead
    tracker.receive("Radio", "1", by=BY)  # known: nothing new
    tracker.acknowledge(lead.id, by=BY, key="k")
    tracker.acknowledge(lead.id, by=BY, key="k")  # a retry: nothing new
    tracker.merge(lead.id, tracker.receive("Web", "2", by=BY).lead.id, by=BY)
    since = datetime(2026, 3, 1, tzinfo=UTC)
    tracker.absence("u1", since, since + timedelta(days=1), by=LEADER)
    sheet = tmp_path / "tracker 2026-03-02.csv"
    sheet.write_text("Lead ID,Status,Source\nA-1,New,Web\nA-2,Contacted,Web\n", "utf-8")
    tracker.ingest(sheet)
    tracker.sponsor_update(release="r1", by=LEADER)
    assert plugins.wait(5)
    assert ear.positions == stored(tracker)
    kinds = {record.event.kind for records in ear.heard for record in records}
    assert {"received", "acknowledged", "merged", "absence_set", "copy_imported", "release_recorded"} <= kinds


def test_what_is_refused_is_not_announced() -> None:
    ear = Ear()
    plugins = Plugins(ear)
    tracker = Tracker(plugins=plugins)
    lead = tracker.receive("Radio", "1", by=BY).lead
    with pytest.raises(Exception, match="refused"):
        tracker.move(lead.id, "closed", by=BY)
    assert plugins.wait(5)
    assert len(ear.heard) == 1


def test_without_a_subscriber_the_storage_itself_is_used() -> None:
    tracker = Tracker(plugins=Plugins())
    assert tracker._ledger is tracker.storage
    heard = Tracker(plugins=Plugins(Ear()))
    assert heard._ledger is not heard.storage
    assert isinstance(heard._ledger, SupportsBatch)
    assert not isinstance(Tracker(Alone(), MemoryVault(), plugins=Plugins(Ear()))._ledger, SupportsBatch)


@pytest.mark.parametrize("error", [RuntimeError("no"), SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_a_subscriber_that_raises_is_reported_and_told_again(error: BaseException) -> None:
    def fail(_records: Sequence[Recorded]) -> None:
        told.append(1)
        raise error

    told: list[int] = []
    ear = Ear()
    plugins = Plugins(Doing(fail), ear)
    tracker = Tracker(plugins=plugins)
    for number in range(3):
        tracker.receive("Radio", f"{number}", by=BY)
    assert plugins.wait(5)
    assert len(told) == 3
    assert len(ear.heard) == 3
    (problem,) = plugins.problems
    assert (problem.code, problem.plugin, problem.stage) == ("subscriber_failed", "Doing", "announce")
    assert "3 times" in problem.message
    assert type(error).__name__ in problem.message


def test_a_subscriber_that_hangs_holds_up_nobody_and_what_it_missed_is_counted() -> None:
    released, entered = threading.Event(), threading.Event()

    def hang(_records: Sequence[Recorded]) -> None:
        entered.set()
        released.wait(60)

    plugins = Plugins(Doing(hang))
    records = MemoryStorage().append("lead:1", [_event()], expected_version=0)
    plugins.announce(records)
    assert entered.wait(5)
    for _ in range(1010):
        plugins.announce(records)
    assert not plugins.wait(0.05)
    (problem,) = plugins.problems
    assert (problem.code, problem.plugin) == ("subscriber_behind", "Doing")
    assert "missed 10 records" in problem.message
    released.set()
    assert plugins.wait(5)


def test_a_call_that_takes_long_is_reported_while_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trialflow.adapters.plugins_subscribers.SLOW", 0.0)
    released, entered = threading.Event(), threading.Event()

    def hang(_records: Sequence[Recorded]) -> None:
        entered.set()
        released.wait(60)

    plugins = Plugins(Doing(hang))
    plugins.announce(MemoryStorage().append("lead:1", [_event()], expected_version=0))
    assert entered.wait(5)
    assert [problem.code for problem in plugins.problems] == ["subscriber_slow"]
    released.set()
    assert plugins.wait(5)
    deadline = time.monotonic() + 5
    while plugins.problems and time.monotonic() < deadline:
        time.sleep(0.001)
    assert plugins.problems == ()


def test_a_child_process_has_a_thread_of_its_own() -> None:
    ear = Ear()
    plugins = Plugins(ear)
    records = MemoryStorage().append("lead:1", [_event()], expected_version=0)
    plugins.announce(records)
    assert plugins.wait(5)
    child = os.fork()
    if not child:
        plugins.announce(records)
        os._exit(0 if plugins.wait(5) and len(ear.heard) == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """A host's database with our tables."""
    connection = sqlite3.connect(":memory:")
    SqliteStorage.migrate(connection)
    connection.commit()
    yield connection
    connection.close()


def test_in_a_hosts_transaction_nothing_is_announced_before_the_commit(db: sqlite3.Connection) -> None:
    ear = Ear()
    plugins = Plugins(ear)
    tracker = Tracker(SqliteStorage.on(db), MemoryVault(), plugins=plugins)
    tracker.receive("Radio", "1", by=BY)
    tracker.committed()  # it is not yet
    assert plugins.wait(5)
    assert ear.heard == []
    db.commit()
    tracker.committed()
    assert plugins.wait(5)
    assert ear.positions == stored(tracker) == [1]
    tracker.committed()
    assert plugins.wait(5)
    assert ear.positions == [1]


def test_what_a_host_rolls_back_is_never_announced(db: sqlite3.Connection) -> None:
    ear = Ear()
    plugins = Plugins(ear)
    tracker = Tracker(SqliteStorage.on(db), MemoryVault(), plugins=plugins)
    tracker.receive("Radio", "1", by=BY)
    db.rollback()
    tracker.committed()
    kept = tracker.receive("Radio", "2", by=BY).lead
    db.commit()
    tracker.committed()
    assert plugins.wait(5)
    assert [record.stream for records in ear.heard for record in records] == [f"lead:{kept.id}"]


def test_what_one_thread_appended_is_not_announced_by_the_commit_of_another() -> None:
    class Pending(MemoryStorage):
        open = threading.local()

        def pending(self) -> bool:
            return getattr(self.open, "now", False)

    ear = Ear()
    plugins = Plugins(ear)
    storage = Pending()
    tracker = Tracker(storage, MemoryVault(), plugins=plugins)
    storage.open.now = True
    tracker.receive("Radio", "1", by=BY)
    thread = threading.Thread(target=tracker.committed)
    thread.start()
    thread.join()
    assert plugins.wait(5)
    assert ear.heard == []
    storage.open.now = False
    tracker.committed()
    assert plugins.wait(5)
    assert ear.positions == [1]


def test_an_announcement_that_fails_is_no_failed_append() -> None:
    class Broken(MemoryStorage):
        def pending(self) -> bool:
            raise OSError("the connection is gone")

    tracker = Tracker(Broken(), MemoryVault(), plugins=Plugins(Ear()))
    assert tracker.receive("Radio", "1", by=BY).created


def _event() -> Any:
    storage = MemoryStorage()
    Tracker(storage, MemoryVault()).receive("Radio", "1", by=BY)
    return next(iter(storage.scan())).event


def test_a_parameter_with_a_default_gets_what_was_recorded() -> None:
    """Some versions of pluggy would hand over the default."""
    told: list[int] = []

    class Plugin:
        @hookimpl
        def trialflow_recorded(self, records: Sequence[Recorded] = ()) -> None:
            told.append(len(records))

    class Silent:
        @hookimpl
        def trialflow_recorded(self) -> None:
            told.append(-1)

    plugins = Plugins(Plugin(), Silent())
    Tracker(plugins=plugins).receive("Radio", "1", by=BY)
    assert plugins.wait(5)
    assert sorted(told) == [-1, 1]


def test_a_batch_is_one_announcement() -> None:
    ear = Ear()
    plugins = Plugins(ear)
    ledger = Tracker(plugins=plugins)._ledger
    assert isinstance(ledger, SupportsBatch)
    ledger.append_batch([Append("lead:1", (_event(),), 0), Append("lead:2", (_event(),), 0)])
    assert plugins.wait(5)
    assert [len(records) for records in ear.heard] == [2]
