"""The built-in guards: each alone, refusing and agreeing, with what would mend it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leads import AT, COORDINATOR, DOCTOR, blocker, item, lead, visit
from trialflow.model.parties import UNASSIGNED
from trialflow.rules.authority import command_refusals, may
from trialflow.rules.guards import GUARDS, Attempt
from trialflow.rules.loading import default_workflow

W = default_workflow()
NOON = AT + timedelta(hours=3)
AUTHORISED: dict[str, Any] = {"by": DOCTOR, "authority_ref": "log-1"}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str, dict[str, Any], dict[str, Any]]] = {
    "owner": ({"owner": UNASSIGNED}, {}, "owner_missing", {}, {}),
    "unblocked": ({"blockers": blocker("availability")}, {}, "blocked", {}, {}),
    "ready": ({"items": item("records", "needed")}, {"to": "scheduled"}, "not_ready", {}, {"to": "scheduled"}),
    "contacted": ({}, {}, "contact_missing", {"attempts": 1}, {}),
    "prescreen_completed": ({"prescreen": "started"}, {}, "prescreen_open", {"prescreen": "completed"}, {}),
    "visit": ({"visit": visit(2, "cancelled")}, {}, "visit_missing", {"visit": visit(2)}, {}),
    "visit_time_passed": ({"visit": visit(2)}, {}, "visit_not_due", {"visit": visit(0)}, {}),
    "reason": ({}, {}, "reason_missing", {}, {"reason": "declined"}),
    "authority": ({}, {}, "decider_required", {}, AUTHORISED),
    "may_contact": ({"erased_at": AT}, {}, "contact_denied", {}, {}),
}


def ask(name: str, values: dict[str, Any], given: dict[str, Any]) -> Any:
    """What a guard says."""
    fields = {"to": "contacting", "at": NOON, "by": COORDINATOR, **given}
    return GUARDS[name](Attempt(workflow=W, lead=lead(**values), **fields))


def test_every_built_in_guard_is_looked_at_here() -> None:
    assert set(CASES) == set(GUARDS)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_guard_refuses_says_what_mends_it_and_agrees_once_it_is_mended(name: str) -> None:
    values, given, code, mended, more = CASES[name]
    refusal = ask(name, values, given)
    assert refusal.code == code
    assert refusal.message
    assert refusal.fix
    assert ask(name, mended, more) is None


def test_all_that_is_open_is_named() -> None:
    refusal = ask(
        "ready", {"items": item("records", "needed"), "blockers": blocker("availability")}, {"to": "scheduled"}
    )
    assert refusal.message == "still open: records (needed), availability"
    two = (*blocker("availability"), *blocker("visit_capacity"))
    assert ask("unblocked", {"blockers": two}, {}).message == "blocked by: availability, visit_capacity"
    denied = ask("may_contact", {"erased_at": AT, "merged_into": "L2"}, {})
    assert denied.message == "contact is not allowed: erased, merged"
    assert ask("reason", {}, {}).fix == f"give one of: {', '.join(r.code for r in W.close_reasons)}"


def test_a_contact_is_a_contact_whatever_proves_it() -> None:
    assert ask("contacted", {"last_contact_at": AT}, {}) is None


def test_a_visit_of_an_earlier_episode_opens_no_door() -> None:
    attended = {"visit": visit(-9, "attended"), "received_at": AT - timedelta(days=90)}
    assert ask("visit", attended, {}) is None
    assert ask("visit", {**attended, "episode": 2, "episode_since": AT - timedelta(days=1)}, {}) is None
    assert ask("visit", {**attended, "episode": 2, "episode_since": AT + timedelta(days=1)}, {}).code == "visit_missing"
    assert ask("visit", {}, {"visit_at": AT + timedelta(days=3)}) is None
    assert ask("visit_time_passed", {}, {}).code == "visit_not_due"


def test_permissions_are_denied_by_default() -> None:
    assert may(W, "site_lead", "anything")
    assert not may(W, "coordinator", "erase")
    assert not may(W, "", "note")
    assert [r.code for r in command_refusals(W, COORDINATOR, "erase")] == ["role_not_allowed"]
    assert "site_lead" in command_refusals(W, COORDINATOR, "erase")[0].fix
    assert command_refusals(W, COORDINATOR, "note") == []
