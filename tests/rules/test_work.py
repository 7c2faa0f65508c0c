"""The daily work: what is recorded, what is refused and why; every refusal complete."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from leads import AT, COORDINATOR, DOCTOR, LEADER, ROBOT, SHEET, blocker, codes_of, item, lead, visit
from trialflow.model import events as e
from trialflow.model.errors import Refused
from trialflow.model.facts import PlannedAction, ReadinessItem
from trialflow.model.parties import Actor
from trialflow.rules import decide
from trialflow.rules.loading import default_workflow

W = default_workflow()
LATER = AT + timedelta(hours=3)
BY: dict[str, Any] = {"at": LATER, "by": COORDINATOR}
ENDED = lead(status="closed", close_reason="declined")


def only(events: tuple[e.Event, ...]) -> Any:
    """The one event of a command."""
    (event,) = events
    assert (event.at, event.by) == (LATER, COORDINATOR)
    return event


def test_acknowledging_once() -> None:
    assert only(decide.acknowledge(W, lead(), **BY)).kind == "acknowledged"
    assert codes_of(decide.acknowledge, W, lead(acknowledged_at=AT), **BY) == ["no_change"]


def test_an_attempt_counts_up() -> None:
    event = only(decide.contact(W, lead(attempts=2), outcome="reached", channel="email", **BY))
    assert (event.before, event.after, event.outcome, event.channel) == (2, 3, "reached", "email")
    assert codes_of(decide.contact, W, lead(), outcome="happy", channel="pigeon", **BY) == [
        "outcome_unknown",
        "channel_unknown",
    ]


def test_an_attempt_is_recorded_even_where_it_should_not_have_been_made() -> None:
    assert only(decide.contact(W, lead(blockers=blocker("availability"), attempts=9), **BY)).after == 10


def test_the_prescreen_goes_from_state_to_state() -> None:
    event = only(decide.prescreen(W, lead(prescreen="started"), "completed", **BY))
    assert (event.from_state, event.to_state) == ("started", "completed")
    assert codes_of(decide.prescreen, W, lead(prescreen="completed"), "completed", **BY) == ["no_change"]
    assert codes_of(decide.prescreen, W, lead(), "passed", **BY) == ["state_unknown"]


def test_an_item_goes_from_state_to_state() -> None:
    event = only(decide.set_item(W, lead(items=item("records", "needed")), "records", "requested", **BY))
    assert (event.item, event.from_state, event.to_state) == ("records", "needed", "requested")
    assert codes_of(decide.set_item, W, lead(items=item("records", "needed")), "records", "needed", **BY) == [
        "no_change"
    ]
    assert codes_of(decide.set_item, W, lead(), "records", "unknown", **BY) == ["no_change"]
    assert codes_of(decide.set_item, W, lead(), "x", "y", reason="a b", **BY) == [
        "item_unknown",
        "state_unknown",
        "not_a_code",
    ]


def test_what_was_typed_by_mistake_is_not_repeated() -> None:
    runs: tuple[Callable[[], Any], ...] = (
        lambda: decide.set_item(W, lead(), "Jane Doe", "unknown", **BY),
        lambda: decide.block(W, lead(), "Jane Doe", **BY),
        lambda: decide.unblock(W, lead(), "Jane Doe", **BY),
        lambda: decide.contact(W, lead(), channel="Jane Doe", outcome="Jane Doe", **BY),
        lambda: decide.set_action(W, lead(), "Jane Doe", due_at=AT, **BY),
    )
    for run in runs:
        with pytest.raises(Refused) as caught:
            run()
        assert "Jane" not in str(caught.value)


def test_a_code_that_is_not_known_is_repeated_with_those_that_are() -> None:
    with pytest.raises(Refused) as caught:
        decide.set_item(W, lead(), "papers", "lost", **BY)  # type: ignore[arg-type]
    item_unknown, state_unknown = caught.value.refusals
    assert "'papers'" in item_unknown.message
    assert "'lost'" in state_unknown.message
    assert "records, medication" in item_unknown.fix
    assert "needed, requested" in state_unknown.fix


def test_a_due_date_alone_is_a_change() -> None:
    one = lead(items=item("records", "requested"))
    event = only(decide.set_item(W, one, "records", "requested", due_at=LATER + timedelta(days=2), **BY))
    assert (event.from_state, event.to_state) == ("requested", "requested")


def test_an_item_said_again_with_the_same_date_and_owner_is_no_change() -> None:
    due = LATER + timedelta(days=2)
    known = ReadinessItem(item="records", state="requested", since=AT, due_at=due, owner="u2")
    one = lead(items={"records": known})
    again: dict[str, Any] = {"due_at": due, "owner": "u2", **BY}
    assert codes_of(decide.set_item, W, one, "records", "requested", **again) == ["no_change"]
    assert only(decide.set_item(W, one, "records", "requested", **{**again, "owner": ""})).owner == ""
    assert only(decide.set_item(W, one, "records", "requested", **{**again, "due_at": None})).due_at is None


def test_what_is_no_blocker_is_refused_with_those_that_stand() -> None:
    both = lead(blockers=(*blocker("site_review"), *blocker("availability")))
    for one, standing in ((both, "site_review, availability"), (lead(), "none")):
        with pytest.raises(Refused) as caught:
            decide.unblock(W, one, "rain", **BY)
        (refusal,) = caught.value.refusals
        assert refusal.fix.endswith(f": {standing}")


def test_a_blocker_stands_once_and_is_the_owners() -> None:
    event = only(decide.block(W, lead(), "availability", **BY))
    assert (event.blocker, event.owner) == ("availability", "u1")
    assert codes_of(decide.block, W, lead(blockers=blocker("availability")), "availability", **BY) == ["no_change"]
    assert codes_of(decide.block, W, ENDED, "rain", owner="Jane Doe", **BY) == [
        "blocker_unknown",
        "closed",
        "not_a_code",
    ]


def test_a_blocker_is_cleared_by_the_roles_of_its_kind_whoever_acts() -> None:
    one = lead(blockers=blocker("availability"))
    assert only(decide.unblock(W, one, "availability", **BY)).blocker == "availability"
    assert codes_of(decide.unblock, W, lead(), "availability", **BY) == ["blocker_absent"]
    for by in (
        DOCTOR,
        Actor(id="r", kind="system", role="investigator"),
        Actor(id="s", kind="source", role="investigator"),
    ):
        assert codes_of(decide.unblock, W, one, "availability", at=LATER, by=by) == ["role_not_allowed"]
    assert codes_of(decide.unblock, W, one, "availability", at=LATER, by=SHEET) == ["role_not_allowed"] * 2


def test_an_action_is_planned_ahead_by_a_code() -> None:
    event = only(decide.set_action(W, lead(), "call_back", due_at=LATER + timedelta(days=1), owner="u2", **BY))
    assert (event.action, event.owner) == ("call_back", "u2")
    assert codes_of(decide.set_action, W, ENDED, "call Jane", due_at=LATER, **BY) == [
        "closed",
        "not_a_code",
        "due_in_past",
    ]
    assert codes_of(decide.set_action, W, lead(), "", due_at=AT, **BY) == ["action_missing", "due_in_past"]
    assert codes_of(decide.set_action, W, lead(), "nap", due_at=LATER + timedelta(1), at=LATER, by=ROBOT) == [
        "role_not_allowed"
    ]


def test_a_planned_action_is_done() -> None:
    planned = PlannedAction(action="call_back", due_at=LATER, set_at=AT)
    assert only(decide.action_done(W, lead(action=planned), **BY)).action == "call_back"
    assert codes_of(decide.action_done, W, lead(), **BY) == ["action_absent"]


AHEAD = LATER + timedelta(days=2)


@pytest.mark.parametrize(
    ("known", "state", "visit_at", "codes"),
    [
        (None, "scheduled", AHEAD, []),
        (None, "scheduled", None, ["visit_missing"]),
        (None, "scheduled", AT, ["visit_in_past"]),
        (None, "scheduled", LATER, ["visit_in_past"]),
        (None, "rescheduled", AHEAD, ["visit_missing"]),
        (None, "attended", None, ["visit_missing"]),
        (None, "attended", AT, []),
        (None, "attended", AHEAD, ["visit_not_due"]),
        (None, "none", AHEAD, ["state_unknown"]),
        (visit(2), "rescheduled", AHEAD, []),
        (visit(2), "scheduled", visit(2).at, ["no_change"]),
        (visit(2), "rescheduled", None, ["visit_in_past"]),
        (visit(2), "cancelled", None, []),
        (visit(2), "attended", None, ["visit_not_due"]),
        (visit(2), "missed", None, ["visit_not_due"]),
        (visit(3 / 24), "missed", None, []),
        (visit(-1), "attended", None, []),
        (visit(-1), "missed", None, []),
        (visit(-1, "missed"), "missed", None, ["no_change"]),
        (visit(-1, "cancelled"), "attended", None, ["visit_not_planned"]),
        (visit(-1, "cancelled"), "attended", AT, []),
        (visit(-1, "missed"), "rescheduled", AHEAD, []),
    ],
)
def test_what_can_become_of_a_visit(known: Any, state: Any, visit_at: Any, codes: list[str]) -> None:
    one = lead(visit=known, received_at=AT - timedelta(days=9))
    if codes:
        assert codes_of(decide.visit, W, one, state, visit_at=visit_at, **BY) == codes
        return
    event = only(decide.visit(W, one, state, visit_at=visit_at, **BY))
    assert (event.to_state, event.visit_at) == (state, visit_at or known.at)
    assert event.from_state == (known.state if known else "none")
    assert event.from_visit_at == (known.at if known else None)


def test_no_visit_is_planned_for_a_lead_that_ended() -> None:
    assert codes_of(decide.visit, W, ENDED, "scheduled", visit_at=AHEAD, **BY) == ["closed"]


COMMANDS: dict[str, Any] = {
    "acknowledge": lambda one, **who: decide.acknowledge(W, one, **who),
    "contact": lambda one, **who: decide.contact(W, one, **who),
    "prescreen": lambda one, **who: decide.prescreen(W, one, "completed", **who),
    "item": lambda one, **who: decide.set_item(W, one, "records", "needed", **who),
    "block": lambda one, **who: decide.block(W, one, "availability", **who),
    "action": lambda one, **who: decide.set_action(W, one, "call_back", due_at=AHEAD, **who),
    "visit": lambda one, **who: decide.visit(W, one, "scheduled", visit_at=AHEAD, **who),
    "assign": lambda one, **who: decide.assign(W, one, "u9", reason="absence", **who),
    "permit": lambda one, **who: decide.permit(W, one, False, **who),
    "note": lambda one, **who: decide.note(W, one, "note-1", **who),
    "request_decision": lambda one, **who: decide.request_decision(W, one, "labs", role="investigator", **who),
    "propose": lambda one, **who: decide.propose(W, one, "p", "move", target="closed", **who),
    "erase": lambda one, **who: decide.erase(W, one, reason="asked_for", **who),
    "merge": lambda one, **who: decide.merge(W, one, lead(id="L2"), **who),
}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_asks_for_the_permission_of_its_name(command: str) -> None:
    run = COMMANDS[command]
    assert run(lead(), at=LATER, by=LEADER)
    for role in ("sponsor", "", "stranger"):
        codes = codes_of(run, lead(), at=LATER, by=Actor(id="x", role=role))
        assert codes[0] in ("role_not_allowed", "role_unknown")
        assert codes[1:] == []
    allowed = {role.code for role in W.roles if command in role.may or "*" in role.may}
    for known in W.roles:
        who = {"at": LATER, "by": Actor(id="x", role=known.code)}
        if known.code in allowed:
            assert run(lead(), **who)
        else:
            assert codes_of(run, lead(), **who) == ["role_not_allowed"]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_lead_that_was_merged_away_is_left_alone(command: str) -> None:
    gone = lead(merged_into="L9")
    if command == "erase":
        assert COMMANDS[command](gone, at=LATER, by=LEADER)
    else:
        assert codes_of(COMMANDS[command], gone, at=LATER, by=LEADER) == ["merged"]
