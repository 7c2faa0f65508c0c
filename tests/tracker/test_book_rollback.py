"""The book over a host's connection: what the host rolls back is in no answer, what follows is missed by none."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_samples import ANNA, MONDAY
from trialflow import Tracker
from trialflow.adapters.ports import Storage
from trialflow.adapters.renderers.formats import render
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.vault_memory import MemoryVault
from trialflow.model.recorded import Recorded
from trialflow.tracker.tip import Tip


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(opened()) as connection:
        yield connection


def opened() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    SqliteStorage.migrate(connection)
    return connection


def tracker_on(db: sqlite3.Connection) -> Tracker:
    """With a clock that stands still: records differ by what they say alone."""
    return Tracker(SqliteStorage.on(db, clock=lambda: MONDAY), MemoryVault(), clock=lambda: MONDAY)


def seen(tracker: Tracker) -> tuple[object, ...]:
    """All that the book answers."""
    board = render(tracker.dashboard(), "json")
    return (
        tracker.leads(),
        board,
        tracker.figures(),
        [item.lead for item in tracker.worklist()],
        tracker.source_quality(),
    )


def arrive(tracker: Tracker, *names: str) -> None:
    for name in names:
        tracker.receive("Radio", name, by=ANNA)


Scene = Callable[[Tracker, sqlite3.Connection], None]


def another_takes_the_place(tracker: Tracker, db: sqlite3.Connection) -> None:
    arrive(tracker, "other")


def nothing_follows(tracker: Tracker, db: sqlite3.Connection) -> None:
    """Fewer records than were read."""


def more_follow(tracker: Tracker, db: sqlite3.Connection) -> None:
    arrive(tracker, "x", "y", "z", "other")


def the_last_record_is_the_same(tracker: Tracker, db: sqlite3.Connection) -> None:
    """At the position that was read last lies an equal record with an equal seal; the one before it is another."""
    arrive(tracker, "other", "gone 2")


SCENES = [another_takes_the_place, nothing_follows, more_follow, the_last_record_is_the_same]


@pytest.mark.parametrize("scene", SCENES)
def test_what_was_rolled_back_is_in_no_answer(db: sqlite3.Connection, scene: Scene) -> None:
    act(db, scene)


def act(db: sqlite3.Connection, scene: Scene) -> None:
    tracker = tracker_on(db)
    arrive(tracker, "kept")
    seen(tracker)
    db.execute("BEGIN")
    arrive(tracker, "gone 1", "gone 2")
    assert len(tracker.leads()) == 3, "the host sees its own work"
    seen(tracker)
    db.execute("ROLLBACK")
    scene(tracker, db)
    assert seen(tracker) == seen(tracker_on(db))
    arrive(tracker, "later")
    assert seen(tracker) == seen(tracker_on(db))


def test_a_book_that_trusts_positions_is_wrong(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: reading on from a position, as from a store whose records stay."""

    def trusting(self: Tip, storage: Storage) -> Iterator[Recorded]:
        for record in storage.scan(after=self.position):
            yield record
            self.position = record.position

    monkeypatch.setattr(Tip, "read_on", trusting)
    with pytest.raises(AssertionError):
        act(db, another_takes_the_place)


STEPS = st.lists(st.sampled_from(["begin", "commit", "rollback", "arrive", "contact", "read", "read"]), max_size=25)


@given(STEPS)
def test_one_tracker_answers_as_a_new_one_whatever_the_host_does(steps: list[str]) -> None:
    with closing(opened()) as db:
        tracker = tracker_on(db)
        for number, step in enumerate([*steps, "read"]):
            if step == "read":
                assert tracker.leads() == tracker_on(db).leads()
                assert tracker.figures() == tracker_on(db).figures()
            elif step == "arrive":
                arrive(tracker, f"{number % 4}")
            elif step == "contact":
                for lead in tracker.leads()[:1]:
                    tracker.contact(lead.id, by=ANNA)
            elif (step == "begin") != db.in_transaction:
                db.execute(step)


class Counting(MemoryStorage):
    """Counts the records that are read."""

    given = 0

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        for record in super().scan(after=after):
            self.given += 1
            yield record


def test_a_store_that_moved_on_while_it_was_read_is_not_read_anew() -> None:
    """Others append between the head and the scan: what lies beyond the head is compared at the next reading."""
    storage = Counting(clock=lambda: MONDAY)
    tracker = Tracker(storage, clock=lambda: MONDAY)
    arrive(tracker, "a", "b")
    tracker.leads()
    arrive(tracker, "c")
    real = storage.head
    early = real()
    arrive(tracker, "d")
    storage.head = lambda: early  # type: ignore[method-assign]
    assert len(tracker.leads()) == 4
    storage.head = real  # type: ignore[method-assign]
    arrive(tracker, "e")
    assert len(tracker.leads()) == 5
    assert storage.given == 5
