"""A command decided on an old view of its lead: somebody's second tab must not win silently."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from ledger_samples import ANNA, Ticking
from tracker_commands import CHIEF, COMMANDS, SITE_COMMANDS, prepared
from trialflow import Conflict, Refused, Tracker
from trialflow.adapters.ports import Append
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.model.recorded import Recorded
from trialflow.tracker.work import Work

ON_LEADS = [name for name in COMMANDS if name not in SITE_COMMANDS]


def whole(tracker: Tracker) -> tuple[list[Recorded], list[tuple[str, str, str]]]:
    """Everything that is stored, in the ledger and beside it."""
    kinds = ("identity", "note", "tombstone")
    return list(tracker.storage.scan()), [row for kind in kinds for row in tracker.vault.items(kind)]


@pytest.mark.parametrize("name", ON_LEADS)
def test_a_command_on_a_stale_view_is_a_conflict(name: str) -> None:
    """Nothing is stored, in the vault neither; on the version that is there the same command goes through."""
    tracker, lead = prepared()
    seen = tracker.lead(lead).version
    tracker.note(lead, "somebody was here", by=CHIEF)
    before = whole(tracker)
    with pytest.raises(Conflict) as conflict:
        COMMANDS[name](tracker, lead, expected_version=seen)
    assert (conflict.value.stream, conflict.value.expected, conflict.value.actual) == (f"lead:{lead}", seen, seen + 1)
    assert whole(tracker) == before
    done = COMMANDS[name](tracker, lead, expected_version=seen + 1)
    assert done is not None
    assert done.version > seen + 1


def test_the_version_is_looked_at_before_the_rules() -> None:
    """A move that became impossible meanwhile is a conflict first: the person has not seen why it is impossible."""
    tracker, lead = prepared()
    seen = tracker.lead(lead).version
    tracker.move(lead, "closed", by=ANNA, reason="declined")
    with pytest.raises(Refused):
        tracker.move(lead, "contacting", by=ANNA)
    with pytest.raises(Conflict):
        tracker.move(lead, "contacting", by=ANNA, expected_version=seen)


def test_a_version_ahead_of_the_lead_is_a_conflict_too() -> None:
    """Restored from a backup, the ledger may be behind what a browser still shows."""
    tracker, lead = prepared()
    version = tracker.lead(lead).version
    with pytest.raises(Conflict) as conflict:
        tracker.contact(lead, by=ANNA, expected_version=version + 3)
    assert (conflict.value.expected, conflict.value.actual) == (version + 3, version)


def test_a_record_dated_ahead_counts_in_the_version_to_name() -> None:
    """Else nobody could act on that lead before its date: what is shown would always be a version behind."""
    tracker, lead = prepared()
    tracker.contact(lead, "no_answer", by=ANNA, at=tracker.now() + timedelta(days=3))
    shown = tracker.lead(lead)
    assert shown.version == len(tracker.history(lead))
    assert shown.attempts == 1, "what lies ahead is not shown as done"
    assert tracker.note(lead, "meanwhile", by=ANNA, expected_version=shown.version).version == shown.version + 1
    with pytest.raises(Conflict):
        tracker.note(lead, "behind", by=ANNA, expected_version=tracker.lead(lead, as_of=tracker.now()).version)


def test_a_retry_under_its_key_answers_although_the_version_went_on() -> None:
    """Its own first carrying out is what the version went on by."""
    tracker, lead = prepared()
    seen = tracker.lead(lead).version
    first = tracker.contact(lead, by=ANNA, key="click", expected_version=seen)
    assert tracker.contact(lead, by=ANNA, key="click", expected_version=seen) == first
    with pytest.raises(Conflict):
        tracker.contact(lead, by=ANNA, key="another click", expected_version=seen)


def test_a_writer_between_the_look_and_the_append_is_a_conflict() -> None:
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
    with pytest.raises(Conflict) as conflict:
        tracker.contact(lead, by=ANNA, expected_version=1)
    assert (conflict.value.expected, conflict.value.actual) == (1, 2)


@pytest.mark.parametrize("wrong", ["1", 1.0, True])
def test_what_is_no_version_says_so(wrong: Any) -> None:
    """A header's text would never be equal to a version, and every command a conflict."""
    tracker, lead = prepared()
    count = len(tracker.history(lead))
    with pytest.raises(TypeError, match="expected_version"):
        tracker.contact(lead, by=ANNA, expected_version=wrong)
    assert len(tracker.history(lead)) == count


def test_every_command_on_a_lead_takes_it() -> None:
    def taking(parameter: str) -> set[str]:
        named: list[tuple[str, Callable[..., Any]]] = inspect.getmembers(Tracker, inspect.isfunction)
        return {n for n, f in named if not n.startswith("_") and parameter in inspect.signature(f).parameters}

    assert taking("expected_version") == taking("key") - set(SITE_COMMANDS)
    assert "``expected_version``" in (Work.__doc__ or "")


@pytest.mark.parametrize("name", ["schedule", "unmerge", "resolve_proposal"])
def test_those_that_no_list_of_commands_holds(name: str) -> None:
    tracker, lead = prepared()
    if name == "unmerge":
        COMMANDS["merge"](tracker, lead)
    acts: dict[str, Callable[[int], object]] = {
        "schedule": lambda n: tracker.schedule(lead, tracker.now(), by=ANNA, expected_version=n),
        "unmerge": lambda n: tracker.unmerge(lead, by=ANNA, expected_version=n),
        "resolve_proposal": lambda n: tracker.resolve_proposal(
            lead, "close_it", "expired", by=ANNA, expected_version=n
        ),
    }
    with pytest.raises(Conflict):
        acts[name](tracker.lead(lead).version - 1)
