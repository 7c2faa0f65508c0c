"""The next action to the word and the minute: situations begin and end when they should, reasons name their events."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
import pytest

from leads import AT, LEADER, blocker, item, lead, visit
from trialflow.model.facts import Blocker, ContactAttempt, ItemState, Mark, PlannedAction, Stay
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED
from trialflow.model.site_events import AbsenceSet
from trialflow.rules.buckets import flags
from trialflow.rules.loading import default_workflow
from trialflow.rules.next_action import assess, next_action
from trialflow.rules.ownership import Roster
from trialflow.rules.workflow import ActionWhen, Workflow

W = default_workflow()
DAY = timedelta(days=1)


def situations(one: Lead, **after: float) -> tuple[str, ...]:
    """What is the case that long after Monday morning."""
    return assess(one, W, AT + timedelta(**after)).situations


def test_a_visit_is_soon_then_passed_from_its_very_moment_on() -> None:
    booked = lead(status="scheduled", visit=visit(10))
    visits = {"visit_soon", "visit_passed"}
    said = [visits & set(situations(booked, days=d, microseconds=u)) for d in (8, 10) for u in (-1, 0)]
    assert said == [set(), {"visit_soon"}, {"visit_soon"}, {"visit_passed"}]


def test_silence_is_waited_out_to_the_moment() -> None:
    silent = lead(status="contacting", attempts=W.contact.max_attempts, last_contact_at=AT)
    days = W.contact.wait_days
    assert situations(silent, days=days, microseconds=-1)[0] == "waiting"
    assert situations(silent, days=days)[0] == "no_response_limit"


@pytest.mark.parametrize("status", ["contacted", "awaiting_prescreen", "closed", "no-such-status"])
def test_only_a_lead_that_nobody_has_reached_can_be_waited_for(status: str) -> None:
    """A status that proves a contact, one that is final, and one that nobody knows wait for no answer."""
    silent = lead(status=status, attempts=W.contact.max_attempts, last_contact_at=AT)
    assert not {"waiting", "no_response_limit"} & set(situations(silent, days=W.contact.wait_days))


def test_stale_is_a_situation_exactly_while_the_level_is_stale() -> None:
    for days in range(0, 60, 3):
        found = assess(lead(), W, AT + timedelta(days=days))
        assert ("stale" in found.situations) == (found.stale.level == "stale")
    assert "stale" in situations(lead(), days=59)


def test_a_planned_action_has_the_workflows_words_where_it_has_any() -> None:
    known = next(rule for rule in W.actions if rule.code != "none" and rule.role != "coordinator")
    plan = PlannedAction(action=known.code, due_at=AT + DAY, owner="u7", set_at=AT)
    found = next_action(lead(action=plan), W, AT)
    assert (found.label, found.sponsor_label, found.role) == (known.label, known.sponsor_label, known.role)
    own = next_action(lead(action=attrs.evolve(plan, action="ring_the_bell")), W, AT)
    assert (own.label, own.sponsor_label, own.role) == (
        "Ring the bell",
        "Continue with the planned step",
        "coordinator",
    )


def test_where_nothing_is_to_do_the_row_says_so_in_the_workflows_words() -> None:
    ended = next(rule for rule in W.actions if rule.code == "none")
    closed = next_action(lead(status="closed"), W, AT)
    assert (closed.label, closed.sponsor_label, closed.role) == (ended.label, ended.sponsor_label, "")
    merged = next_action(lead(merged_into="L2"), W, AT)
    assert (merged.label, merged.role) == ("No action: merged", "")
    speechless = attrs.evolve(W, actions=())
    for one in (lead(), lead(status="closed")):
        found = next_action(one, speechless, AT)
        assert (found.kind, found.label, found.sponsor_label, found.role) == ("none", "No action", "", "")


def test_an_ordinary_action_says_what_a_sponsor_reads() -> None:
    rule = W.action(next_action(lead(), W, AT).kind)
    assert rule is not None
    found = next_action(lead(), W, AT)
    assert (found.label, found.sponsor_label) == (rule.label, rule.sponsor_label)


def test_reasons_name_the_events_behind_them() -> None:
    one = lead(
        status="preparing",
        trail=(Stay("new", AT, 1), Stay("preparing", AT, 7)),
        items={"records": attrs.evolve(item("records", "needed")["records"], position=8)},
        blockers=(attrs.evolve(blocker("availability")[0], position=9),),
        attempts=3,
        contacts=(ContactAttempt(at=AT, position=5),),
    )
    found = {reason.code: reason.position for reason in next_action(one, W, AT).reasons}
    pile = assess(one, W, AT).bucket
    assert found == {f"bucket_{pile}": 7, "blocked_availability": 9, "open_records_needed": 8}
    bare = {reason.code: reason.position for reason in next_action(lead(), W, AT).reasons}
    assert set(bare.values()) == {0}


def test_a_merge_a_visit_and_silence_name_their_events_where_a_ledger_holds_them() -> None:
    at, many = AT + 9 * DAY, W.contact.max_attempts
    booked = lead(status="scheduled", visit=visit(10))
    silent = lead(status="contacting", attempts=many, last_contact_at=AT + 8 * DAY)
    merged = lead(merged_into="L2")
    told = {
        "visit_soon": attrs.evolve(booked, visit=attrs.evolve(visit(10), position=4)),
        "waiting": attrs.evolve(silent, contacts=(ContactAttempt(at=AT, position=5),)),
        "merged": attrs.evolve(merged, seen={"merged": Mark(AT, 6)}),
    }
    bare = {"visit_soon": booked, "waiting": silent, "merged": merged, "unowned": lead(owner=UNASSIGNED)}
    assert [_position(one, code, at) for code, one in told.items()] == [4, 5, 6]
    assert {_position(one, code, at) for code, one in bare.items()} == {0}


def _position(one: Lead, code: str, at: datetime) -> int:
    found = {reason.code: reason.position for reason in next_action(one, W, at).reasons}
    assert f"bucket_{assess(one, W, at).bucket}" in found
    return found[code]


def test_of_two_blockers_the_one_that_stands_too_long_says_whose_turn_it_is() -> None:
    """The older first; one that nobody's turn it becomes, or that the workflow does not know, is passed over."""
    kinds = [
        attrs.evolve(kind, action="agree_on_dates", escalates_to=to)
        for kind, to in zip(W.blockers[:3], ("site_lead", "investigator", ""), strict=True)
    ]
    workflow = attrs.evolve(W, blockers=(*kinds, *W.blockers[3:]))
    first, second, silent = (kind.code for kind in kinds)
    late = AT + 30 * DAY
    both = (Blocker(kind=first, since=AT + DAY, position=4), Blocker(kind=second, since=AT, position=3))
    found = next_action(lead(status="preparing", blockers=both), workflow, late)
    assert (found.role, found.reasons[0].code, found.reasons[0].position) == ("investigator", f"escalated_{second}", 3)
    passed_over = (Blocker(kind=silent, since=AT), Blocker(kind=first, since=AT + DAY, position=4))
    found = next_action(lead(status="preparing", blockers=passed_over), workflow, late)
    assert (found.role, found.reasons[0].code) == ("site_lead", f"escalated_{first}")


def test_a_blocker_that_the_workflow_does_not_know_is_still_named() -> None:
    found = next_action(lead(status="preparing", blockers=blocker("weather")), W, AT)
    assert "blocked_weather" in [reason.code for reason in found.reasons]


def test_the_turn_of_a_planner_who_is_away_passes_to_the_leads_owner_and_comes_back() -> None:
    planned = lead(action=PlannedAction(action="call_back", due_at=AT + 5 * DAY, owner="u7", set_at=AT))
    away = AbsenceSet(at=AT, by=LEADER, owner="u7", since=AT + DAY, until=AT + 2 * DAY)
    roster = Roster(absences=(away,))
    assert [next_action(planned, W, AT + days * DAY, roster).owner for days in range(3)] == ["u7", "u1", "u7"]


def test_an_assessment_has_the_flags_that_are_asked_for_alone() -> None:
    for one in (lead(), lead(owner=UNASSIGNED)):
        for days in (0, 59):
            assert assess(one, W, AT + days * DAY).flags == flags(one, W, AT + days * DAY)


def ask(when: ActionWhen) -> Workflow:
    """A workflow with one rule that is asked before all others: ``when``."""
    first = attrs.evolve(next(rule for rule in W.actions if rule.code == "request_records"), code="asked", when=when)
    kinds = tuple(attrs.evolve(kind, action="asked") if kind.code == "missing_records" else kind for kind in W.blockers)
    return attrs.evolve(W, actions=(first, *W.actions), blockers=kinds)


@pytest.mark.parametrize(
    ("when", "blocked_by", "state", "taken"),
    [
        (ActionWhen(items=("records",)), "", "needed", True),
        (ActionWhen(items=("records",)), "", "reviewed", False),
        (ActionWhen(items=("records:reviewed",)), "", "reviewed", True),
        (ActionWhen(items=("records:requested",)), "", "needed", False),
        (ActionWhen(items=("consent", "records:needed")), "", "needed", True),
        (ActionWhen(items=("consent",)), "", "needed", False),
        (ActionWhen(blockers=("missing_records",)), "missing_records", "needed", True),
        (ActionWhen(blockers=("missing_records",)), "availability", "needed", False),
        (ActionWhen(blockers=("missing_records",)), "", "needed", False),
        (ActionWhen(blocked=True), "missing_records", "needed", True),
        (ActionWhen(blocked=True), "availability", "needed", False),
        (ActionWhen(blocked=True), "no-such-kind", "needed", False),
        (ActionWhen(blocked=True), "", "needed", False),
        (ActionWhen(blocked=False), "", "needed", True),
        (ActionWhen(blocked=False), "availability", "needed", False),
        (ActionWhen(blocked=True, blockers=("availability",)), "missing_records", "needed", False),
    ],
)
def test_a_rule_takes_what_all_of_its_conditions_hold_for(
    when: ActionWhen, blocked_by: str, state: ItemState, taken: bool
) -> None:
    one = lead(items=item("records", state), blockers=blocker(blocked_by) if blocked_by else ())
    assert (next_action(one, ask(when), AT).kind == "asked") == taken
