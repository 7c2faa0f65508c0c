"""The shipped workflow is the one agreed on: its statuses, its buckets by precedence, its actions, its promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from trialflow import Actor, Blocker, Lead, ReadinessItem, Refused, Source, Visit, bucket, default_workflow, next_action
from trialflow.model.parties import SYSTEM
from trialflow.rules import decide
from trialflow.rules.buckets import flags

W = default_workflow()
NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
KIM = Actor(id="kim", role="coordinator")


def lead(status: str, **values: Any) -> Lead:
    return Lead(id="x", source=Source(id="s"), received_at=NOW, status=status, owner="kim", **values)


def test_the_statuses_are_these_in_the_order_of_the_work() -> None:
    assert [s.code for s in W.statuses] == [
        "new", "contacting", "contacted", "awaiting_prescreen", "in_review", "preparing", "scheduled", "attended",
        "in_screening", "enrolled", "screen_failed", "closed",
    ]  # fmt: skip
    assert W.initial == "new"
    assert [s.code for s in W.statuses if s.final] == ["enrolled", "screen_failed", "closed"]
    assert [s.code for s in W.statuses if s.decides == "study_team"] == ["in_screening", "enrolled", "screen_failed"]
    assert all(s.reason_required for s in W.statuses if s.code in ("closed", "screen_failed"))


def test_buckets_are_shown_in_the_order_of_the_work() -> None:
    assert W.shown == (
        "new_inquiries", "awaiting_prescreen", "coordinator_review", "contacted", "records_needed", "scheduling_ready",
        "scheduled", "with_study_team", "stale", "closed", "unmapped",
    )  # fmt: skip


NEEDED = {"records": ReadinessItem(item="records", state="requested", since=NOW)}
OTHER = {"logistics": ReadinessItem(item="logistics", state="needed", since=NOW)}
MISSING = (Blocker(kind="missing_records", since=NOW),)
NO_SLOT = (Blocker(kind="visit_capacity", since=NOW),)

PLACES: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("new", {}, "new_inquiries"),
    ("contacting", {}, "contacted"),
    ("contacted", {}, "contacted"),
    ("awaiting_prescreen", {}, "awaiting_prescreen"),
    ("in_review", {}, "coordinator_review"),
    ("in_review", {"items": NEEDED}, "coordinator_review"),
    ("preparing", {}, "scheduling_ready"),
    ("preparing", {"items": NEEDED}, "records_needed"),
    ("preparing", {"blockers": MISSING}, "records_needed"),
    ("preparing", {"items": OTHER}, "coordinator_review"),
    ("preparing", {"blockers": NO_SLOT}, "coordinator_review"),
    ("preparing", {"items": NEEDED | OTHER, "blockers": NO_SLOT}, "records_needed"),
    ("scheduled", {"items": NEEDED}, "scheduled"),
    ("attended", {}, "with_study_team"),
    ("in_screening", {}, "with_study_team"),
    ("enrolled", {}, "closed"),
    ("screen_failed", {}, "closed"),
    ("closed", {"items": NEEDED}, "closed"),
    ("waiting for godot", {}, "unmapped"),
)


@pytest.mark.parametrize(("status", "facts", "expected"), PLACES)
def test_each_lead_lies_where_the_precedence_says(status: str, facts: dict[str, Any], expected: str) -> None:
    assert bucket(lead(status, **facts), W, NOW) == expected


@pytest.mark.parametrize(("status", "facts", "expected"), PLACES)
def test_without_movement_every_open_known_lead_is_stale_and_keeps_its_flags(
    status: str, facts: dict[str, Any], expected: str
) -> None:
    later = NOW + timedelta(days=90)
    found = bucket(lead(status, **facts), W, later)
    assert found == (expected if expected in ("closed", "unmapped") else "stale")
    if found == "stale" and "items" in facts and "records" in facts["items"]:
        assert {"stale", "records_open"} <= set(flags(lead(status, **facts), W, later))


def test_waiting_for_records_not_responding_and_ready_to_schedule_are_three_actions() -> None:
    silent = lead("contacting", attempts=3, last_contact_at=NOW - timedelta(days=20))
    kinds = [
        next_action(lead("preparing", items=NEEDED), W, NOW).kind,
        next_action(silent, W, NOW).kind,
        next_action(lead("preparing"), W, NOW).kind,
    ]
    assert kinds == ["chase_records", "close_or_retry", "schedule_visit"]


def test_five_kinds_of_blockers_have_five_actions_and_somebody_they_escalate_to() -> None:
    assert [kind.code for kind in W.blockers] == [
        "missing_records", "medication_review", "availability", "site_review", "visit_capacity",
    ]  # fmt: skip
    assert len({kind.action for kind in W.blockers}) == 5
    assert all(kind.escalates_to and kind.escalate_after and kind.cleared_by for kind in W.blockers)


def test_every_situation_of_the_day_has_an_action() -> None:
    visit = Visit(at=NOW - timedelta(hours=1), state="scheduled", since=NOW - timedelta(days=3))
    soon = Visit(at=NOW + timedelta(hours=20), state="scheduled", since=NOW - timedelta(days=3))
    assert next_action(lead("scheduled", visit=visit), W, NOW).kind == "record_visit_outcome"
    assert next_action(lead("scheduled", visit=soon), W, NOW).kind == "prepare_visit"
    assert next_action(Lead(id="x", source=Source(id="s"), received_at=NOW), W, NOW).kind == "assign_owner"
    assert next_action(lead("new"), W, NOW + timedelta(days=90)).kind == "review_stale"
    assert next_action(lead("closed"), W, NOW).kind == "none"
    assert next_action(lead("who knows"), W, NOW).kind == "set_status"


def test_the_promises_are_five_each_with_its_own_clock() -> None:
    assert [sla.code for sla in W.slas] == [
        "first_response", "prescreen_review", "records_request", "scheduling", "stale_escalation",
    ]  # fmt: skip


@pytest.mark.parametrize("status", [s.code for s in W.statuses if s.decides == "study_team"])
@pytest.mark.parametrize("by", [SYSTEM, Actor(id="sheet", kind="source", role="study_team"), KIM], ids=lambda a: a.id)
def test_only_a_person_who_decides_enters_what_the_study_team_decides(status: str, by: Actor) -> None:
    found = lead("attended" if status == "in_screening" else "in_screening")
    with pytest.raises(Refused) as caught:
        decide.move(W, found, status, at=NOW, by=by, reason="screen_failure", authority_ref="log-1")
    codes = {refusal.code for refusal in caught.value.refusals}
    assert codes & {"decision_not_allowed", "decider_required"}
