"""A command given again under its key is carried out once: after a failure with an unknown outcome, twice at once,
after other work, and after a restart."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from ledger_samples import ANNA, MONDAY, Ticking, day
from tracker_commands import CHIEF, COMMANDS, SITE_COMMANDS, prepared
from trialflow import Conflict, KeyReused, Refused, StorageError, Tracker
from trialflow.adapters.ports import Append
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.opening import open_store
from trialflow.model.recorded import Recorded
from trialflow.tracker.work import Work


class Faulty(MemoryStorage):
    """Fails the next append as asked: before it is stored, or after."""

    fault = ""

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        fault, self.fault = self.fault, ""
        if fault == "before":
            raise StorageError("unknown", "the disk failed")
        done = super().append_batch(parts)
        if fault == "after":
            raise StorageError("unknown", "the disk failed")
        return done


def facts(tracker: Tracker) -> list[tuple[str, str]]:
    """What was recorded, without when and under which key."""
    return [(r.stream, r.event.kind) for r in tracker.storage.scan()]


@pytest.mark.parametrize("fault", ["before", "after"])
@pytest.mark.parametrize("name", COMMANDS)
def test_after_an_unknown_outcome_a_retry_is_safe(name: str, fault: str) -> None:
    """Whether the append was stored or not, and although time passed: carried out once, with the same answer."""
    act = COMMANDS[name]
    plain, lead = prepared()
    expected = act(plain, lead)

    storage = Faulty(clock=Ticking())
    tracker, lead = prepared(storage)
    storage.fault = fault
    with pytest.raises(StorageError) as failed:
        act(tracker, lead, key="request-17")
    assert failed.value.outcome == "unknown"
    again = act(tracker, lead, key="request-17")
    assert act(tracker, lead, key="request-17") == again
    assert sorted(facts(tracker)) == sorted(facts(plain))
    if expected is not None and again is not None:
        assert (again.status, again.owner, again.version) == (expected.status, expected.owner, expected.version)
    assert tracker.verify().ok


REPEATABLE = ("contact", "contact at", "note", "forbid", "permit", "set_action", "record_decision")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in REPEATABLE])
def test_without_a_key_most_commands_are_refused_the_second_time(name: str) -> None:
    """Negative control: it is the key that makes a retry answer. (Those left out would be recorded twice.)"""
    tracker, lead = prepared()
    COMMANDS[name](tracker, lead)
    before = len(facts(tracker))
    if name in SITE_COMMANDS:
        COMMANDS[name](tracker, lead)
        assert len(facts(tracker)) == before + 1
    else:
        with pytest.raises(Refused):
            COMMANDS[name](tracker, lead)


@pytest.mark.parametrize("name", ["contact", "move", "spend", "note"])
def test_a_retry_long_after_answers_with_the_present(name: str) -> None:
    clock = Ticking()
    tracker, lead = prepared(clock=clock)
    COMMANDS[name](tracker, lead, key="k")
    clock.now = day(3)
    tracker.note(lead, "in between", by=ANNA)
    count = len(facts(tracker))
    answer = COMMANDS[name](tracker, lead, key="k")
    assert len(facts(tracker)) == count
    if answer is not None:
        assert answer == tracker.lead(lead), "the lead as it is now"


def test_a_key_for_something_else_is_refused() -> None:
    tracker, lead = prepared()
    tracker.assign(lead, "ben", by=ANNA, reason="workload", key="k")
    count = len(facts(tracker))
    others: list[Callable[[], object]] = [
        lambda: tracker.assign(lead, "cleo", by=ANNA, reason="workload", key="k"),
        lambda: tracker.assign(lead, "ben", by=CHIEF, reason="workload", key="k"),
        lambda: tracker.assign(lead, "ben", by=ANNA, reason="absence", key="k"),
        lambda: tracker.assign(lead, "ben", by=ANNA, reason="workload", at=MONDAY, key="k"),
        lambda: tracker.contact(lead, by=ANNA, key="k"),
    ]
    for other in others:
        with pytest.raises(KeyReused) as reused:
            other()
        assert reused.value.code == "key_reused"
    assert len(facts(tracker)) == count
    tracker.assign(lead, "ben", by=ANNA, reason="workload", key="k")


def test_a_key_belongs_to_one_lead() -> None:
    """A host may use the id of one request for each lead the request names."""
    tracker, lead = prepared()
    other = tracker.receive("Web", "other", by=ANNA).lead.id
    assert tracker.contact(lead, by=ANNA, key="request-1").attempts == 2
    assert tracker.contact(other, by=ANNA, key="request-1").attempts == 1
    assert tracker.contact(other, by=ANNA, key="request-2").attempts == 2


def test_the_key_itself_is_not_in_the_ledger(tmp_path: Path) -> None:
    """A host's key may be anything, an e-mail address too."""
    storage, vault = open_store(tmp_path / "site.db", clock=Ticking())
    with Tracker(storage, vault, clock=Ticking()) as tracker:
        lead = tracker.receive("Radio", "1", by=ANNA).lead.id
        with pytest.raises(KeyReused) as reused:
            [tracker.contact(lead, o, by=ANNA, key="ann@example.org") for o in ("reached", "no_answer")]
        assert "ann@example.org" not in f"{reused.value} {reused.value!r}"
    assert b"ann@example.org" not in (tmp_path / "site.db").read_bytes()


def test_a_retry_after_a_restart(tmp_path: Path) -> None:
    with Tracker.open(tmp_path / "site.db", clock=Ticking()) as tracker:
        lead = tracker.receive("Radio", "1", by=ANNA).lead.id
        tracker.contact(lead, by=ANNA, key="k")
    with Tracker.open(tmp_path / "site.db", clock=Ticking(day(1))) as tracker:
        assert tracker.contact(lead, by=ANNA, key="k").attempts == 1
        assert tracker.verify().ok


@pytest.mark.parametrize("stored", ["memory", "files"])
def test_the_same_command_twice_at_once(tmp_path: Path, stored: str) -> None:
    """Two requests of one click arrive together: one event, two equal answers, no error."""
    with Tracker() if stored == "memory" else Tracker.open(tmp_path / "site.db") as tracker:
        lead = tracker.receive("Radio", "1", by=ANNA).lead.id
        for round_ in range(5):
            with ThreadPoolExecutor(4) as pool:
                contact = partial(tracker.contact, lead, by=ANNA, key=f"click-{round_}")
                answers = [found.result().attempts for found in [pool.submit(contact) for _ in range(4)]]
            assert answers == [round_ + 1] * 4
        assert len(tracker.history(lead)) == 6


@pytest.mark.parametrize("step", [timedelta(0), timedelta(seconds=1)])
def test_of_two_at_once_the_slower_one_answers_with_what_the_faster_one_did(step: timedelta) -> None:
    clock = Ticking(step=step)

    class Twice(MemoryStorage):
        raced = False

        def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
            if parts[0].expected_version and not self.raced:
                self.raced = True
                assert tracker.contact(lead, by=ANNA, key="click").attempts == 1
            return super().append_batch(parts)

    storage = Twice(clock=clock)
    tracker = Tracker(storage, clock=clock)
    lead = tracker.receive("Radio", "1", by=ANNA).lead.id
    assert tracker.contact(lead, by=ANNA, key="click").attempts == 1
    assert storage.raced
    assert len(tracker.history(lead)) == 2


def test_a_real_conflict_is_not_taken_for_a_retry() -> None:
    clock = Ticking(step=timedelta(0))

    class Racing(MemoryStorage):
        raced = False

        def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
            if parts[0].expected_version and not self.raced:
                self.raced = True
                tracker.note(parts[0].stream.removeprefix("lead:"), "faster", by=ANNA)
            return super().append_batch(parts)

    tracker = Tracker(Racing(clock=clock), clock=clock)
    lead = tracker.receive("Radio", "1", by=ANNA).lead.id
    with pytest.raises(Conflict):
        tracker.contact(lead, by=ANNA, key="k")
    assert tracker.contact(lead, by=ANNA, key="k").attempts == 1


@pytest.mark.parametrize("fault", ["before", "after"])
def test_receiving_needs_no_key(fault: str) -> None:
    """Source and external id are the key: a retry gives the one lead."""
    storage = Faulty(clock=Ticking())
    tracker = Tracker(storage, clock=Ticking())
    storage.fault = fault
    with pytest.raises(StorageError):
        tracker.receive("Radio", "1", by=ANNA, person={"name": "Ann Example"})
    receipt = tracker.receive("Radio", "1", by=ANNA, person={"name": "Ann Example"})
    assert receipt.created == (fault == "before")
    assert len(tracker.leads()) == 1
    assert tracker.identity(receipt.lead.id)["name"] == "Ann Example"


@pytest.mark.parametrize("fault", ["before", "after"])
def test_suggestions_after_a_failure_are_recorded_once(fault: str) -> None:
    storage = Faulty(clock=Ticking())
    tracker = Tracker(storage, clock=Ticking())
    lead = tracker.receive("Radio", "1", by=ANNA).lead.id
    tracker.set_item(lead, "records", "needed", by=ANNA)
    storage.fault = fault
    with pytest.raises(StorageError):
        tracker.suggest()
    assert len(tracker.suggest()) == (fault == "before")
    assert [p.proposal for p in tracker.lead(lead).proposals] == ["ask_records"]


def test_every_command_takes_a_key() -> None:
    """The list above is whole: whatever a host may have to repeat can be repeated."""
    named = {name.split()[0] for name in COMMANDS} | {"schedule", "unmerge", "resolve_proposal"}
    takes = {n for n, f in inspect.getmembers(Tracker, inspect.isfunction) if "key" in inspect.signature(f).parameters}
    commands = {
        n for n, f in inspect.getmembers(Tracker, inspect.isfunction) if "by" in inspect.signature(f).parameters
    }
    reading = {"options", "sponsor_update"}
    assert {n for n in takes if not n.startswith("_")} == named - {"close"}
    keyless = {"receive", "ingest", "pull", "suggest"}  # given again, each records nothing that stands already
    assert {n for n in commands if not n.startswith("_")} - takes - reading == keyless
    assert "carried out once" in (Work.__doc__ or "")
