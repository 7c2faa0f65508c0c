"""Buckets: each lead in exactly one, by the precedence of the workflow; flags keep what that hides."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given

from histories import Site, sites
from leads import AT, blocker, item, lead, visit
from trialflow.model.facts import Handoff, OpenDecision, PlannedAction
from trialflow.model.parties import UNASSIGNED, Owner
from trialflow.rules.buckets import UNMAPPED, bucket, bucket_of, flags, flags_of, place
from trialflow.rules.loading import default_workflow
from trialflow.rules.ownership import Roster
from trialflow.rules.readiness import readiness
from trialflow.rules.staleness import stale_level

W = default_workflow()
SOON = AT + timedelta(hours=1)
OLD = AT + timedelta(days=60)


@given(sites())
def test_buckets_partition_the_leads(site: Site) -> None:
    piles = Counter(bucket(one, W, site.now) for one in site.leads.values())
    assert sum(piles.values()) == len(site.leads)
    assert set(piles) <= set(W.shown)


@given(sites())
def test_precedence_closed_stale_unmapped_readiness_status(site: Site) -> None:
    for one in site.leads.values():
        pile, known = bucket(one, W, site.now), W.status(one.status)
        stale = stale_level(one, W, site.now).level == "stale"
        ready = readiness(one, W)
        if known is not None and known.final:
            assert pile == "closed"
        elif stale:
            assert pile == "stale"
        elif known is None:
            assert pile == UNMAPPED
        elif one.status == "preparing":
            open_, other = ready.records_open, ready.other_open
            assert pile == ("records_needed" if open_ else "coordinator_review" if other else "scheduling_ready")


@given(sites(30))
def test_the_shortcut_for_assessed_leads_says_the_same(site: Site) -> None:
    for one in site.leads.values():
        ready, level = readiness(one, W), stale_level(one, W, site.now).level
        assert bucket_of(one, W, ready, level) == bucket(one, W, site.now)
        assert flags_of(one, W, site.now, ready, level, one.owner) == flags(one, W, site.now)


@pytest.mark.parametrize(
    ("values", "pile"),
    [
        ({"status": "new"}, "new_inquiries"),
        ({"status": "contacting"}, "contacted"),
        ({"status": "contacted"}, "contacted"),
        ({"status": "awaiting_prescreen"}, "awaiting_prescreen"),
        ({"status": "in_review"}, "coordinator_review"),
        ({"status": "preparing"}, "scheduling_ready"),
        ({"status": "preparing", "items": item("records", "requested")}, "records_needed"),
        ({"status": "preparing", "items": item("records", "reviewed")}, "scheduling_ready"),
        ({"status": "preparing", "items": item("records", "not_needed")}, "scheduling_ready"),
        ({"status": "preparing", "items": item("logistics", "needed")}, "coordinator_review"),
        ({"status": "preparing", "items": item("confirmation", "needed")}, "scheduling_ready"),
        ({"status": "preparing", "blockers": blocker("missing_records")}, "records_needed"),
        ({"status": "preparing", "blockers": blocker("visit_capacity")}, "coordinator_review"),
        (
            {"status": "preparing", "items": item("records", "needed"), "blockers": blocker("visit_capacity")},
            "records_needed",
        ),
        ({"status": "scheduled", "visit": visit(2)}, "scheduled"),
        ({"status": "attended"}, "with_study_team"),
        ({"status": "in_screening"}, "with_study_team"),
        ({"status": "enrolled"}, "closed"),
        ({"status": "screen_failed"}, "closed"),
        ({"status": "closed"}, "closed"),
        ({"status": "word-1a2b"}, "unmapped"),
    ],
)
def test_where_a_lead_lies(values: dict[str, Any], pile: str) -> None:
    assert bucket(lead(**values), W, SOON) == pile


@pytest.mark.parametrize(
    ("status", "pile"), [("new", "stale"), ("scheduled", "stale"), ("closed", "closed"), ("word-1a2b", "unmapped")]
)
def test_what_time_does(status: str, pile: str) -> None:
    assert bucket(lead(status=status), W, OLD) == pile


def test_flags_keep_what_precedence_hides() -> None:
    one = lead(
        status="preparing",
        items=item("records", "needed"),
        blockers=blocker("availability"),
        owner=UNASSIGNED,
        irregular_moves=1,
        open_decisions=(OpenDecision(decision="labs", since=AT),),
    )
    assert bucket(one, W, OLD) == "stale"
    assert flags(one, W, OLD) == (
        "stale",
        "over_expected",
        "records_open",
        "blocked",
        "unowned",
        "irregular",
        "decision_open",
    )
    assert flags(lead(status="word-1a2b"), W, SOON) == ("unmapped",)
    assert flags(attrs.evolve(one, status="closed"), W, OLD) == ()
    assert flags(attrs.evolve(one, merged_into="L2"), W, OLD) == ("merged",)
    waiting = (Handoff(from_owner="u2", to_owner="u1", at=AT),)
    assert flags(lead(handoffs=waiting), W, SOON) == ("handoff_waiting",)
    at_risk = stale_level(lead(), W, SOON).at_risk_at
    assert at_risk is not None
    assert "at_risk" in flags(lead(), W, at_risk)


def test_an_absent_owners_lead_is_flagged_unowned() -> None:
    roster = Roster(owners={"u1": Owner(id="u1", active=False)})
    assert flags(lead(), W, SOON, roster) == ("unowned",)
    assert flags(lead(), W, SOON) == ()


def test_a_dated_plan_keeps_a_lead_out_of_stale() -> None:
    plan = PlannedAction(action="call_back", due_at=OLD + timedelta(days=1), set_at=AT)
    assert bucket(lead(action=plan), W, OLD) == "new_inquiries"


def test_the_one_definition_covers_every_combination() -> None:
    known = [status.code for status in W.statuses]
    for status in [*known, "word-1a2b"]:
        for bits in range(8):
            facts = {"stale": bool(bits & 1), "records_open": bool(bits & 2), "other_open": bool(bits & 4)}
            assert place(W, status, **facts) in W.shown
