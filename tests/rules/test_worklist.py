"""The queue: a total order that does not depend on how it was given, each row with an action or the reason why not."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from histories import Site, sites
from leads import AT, blocker, item, lead, visit
from trialflow.model.facts import Handoff, PlannedAction
from trialflow.model.parties import UNASSIGNED, Owner
from trialflow.rules.loading import default_workflow
from trialflow.rules.next_action import assess, next_action
from trialflow.rules.ownership import Roster
from trialflow.rules.readiness import next_milestone
from trialflow.rules.worklist import standing_before, work_item, worklist

W = default_workflow()
AWAY = Roster(owners={"u2": Owner(id="u2", active=False)})


@given(sites(), st.randoms(use_true_random=False))
def test_equal_leads_give_an_equal_queue_in_any_order(site: Site, rng: Random) -> None:
    leads = list(site.leads.values())
    shuffled = list(leads)
    rng.shuffle(shuffled)
    rows = worklist(leads, W, site.now, roster=AWAY)
    assert worklist(shuffled, W, site.now, roster=AWAY) == rows
    assert [row.rank for row in rows] == list(range(1, len(leads) + 1))
    assert {row.lead.id for row in rows} == set(site.leads)


@given(sites())
def test_the_order_is_overdue_then_little_in_the_way_then_age(site: Site) -> None:
    rows = worklist(site.leads.values(), W, site.now)
    order = ("overdue", "due_today", "later", "none")
    keys = [
        (order.index(row.action.due), standing_before(row.lead, W), row.lead.received_at, row.lead.id) for row in rows
    ]
    assert keys == sorted(keys)
    assert all(row.ranked_by[:2] == (row.action.due, f"open_{key[1]}") for row, key in zip(rows, keys, strict=True))


@given(sites())
def test_every_row_has_an_action_with_an_owner_a_date_and_reasons_or_says_why_not(site: Site) -> None:
    for row in worklist(site.leads.values(), W, site.now, roster=AWAY):
        assert row.action.owner
        assert row.action.label
        assert row.action.reasons
        ended = W.is_final(row.lead.status) or row.lead.merged_into
        assert (row.action.kind == "none") == bool(ended)
        assert (row.action.due_at is None) == (row.action.due == "none") == bool(ended)
        assert row.action.role or ended
        positions = {record.position for record in site.stream(row.lead.id)}
        assert {reason.position for reason in row.action.reasons} - {0} <= positions


@given(sites(30))
def test_an_owners_part_is_a_part_of_the_whole(site: Site) -> None:
    leads = list(site.leads.values())
    owners = {row.action.owner for row in worklist(leads, W, site.now, roster=AWAY)}
    assert owners <= {*(one.owner for one in leads), UNASSIGNED}
    parts = [row.lead.id for owner in owners for row in worklist(leads, W, site.now, owner=owner, roster=AWAY)]
    assert sorted(parts) == sorted(site.leads)


def test_work_of_an_absent_owner_is_nobodys() -> None:
    one = lead(owner="u2")
    assert [row.lead for row in worklist([one], W, AT, owner=UNASSIGNED, roster=AWAY)] == [one]
    assert worklist([one], W, AT, owner="u2", roster=AWAY) == ()
    assert next_action(one, W, AT, AWAY).kind == "assign_owner"


def test_a_planned_action_is_the_turn_of_whom_it_was_given_to_unless_they_are_away() -> None:
    plan = PlannedAction(action="call_back", due_at=AT + timedelta(days=1), owner="u2", set_at=AT)
    one = lead(action=plan)
    assert [row.lead for row in worklist([one], W, AT, owner="u2")] == [one]
    assert worklist([one], W, AT, owner="u1") == ()
    assert [row.lead for row in worklist([one], W, AT, owner="u1", roster=AWAY)] == [one]


def test_three_situations_three_actions() -> None:
    """Waiting on records, not responding and ready to schedule need different actions."""
    records = lead(status="preparing", items=item("records", "requested"))
    silent = lead(status="contacting", attempts=3, last_contact_at=AT)
    ready = lead(status="preparing")
    kinds = [
        next_action(one, W, AT + timedelta(days=15 if one is silent else 0)).kind for one in (records, silent, ready)
    ]
    assert kinds == ["chase_records", "close_or_retry", "schedule_visit"]


@pytest.mark.parametrize("kind", [blocker_.code for blocker_ in W.blockers])
def test_each_blocker_has_its_own_action(kind: str) -> None:
    known = W.blocker(kind)
    assert known is not None
    assert next_action(lead(status="preparing", blockers=blocker(kind)), W, AT).kind == known.action
    assert len({b.action for b in W.blockers}) == len(W.blockers)


def test_what_somebody_planned_comes_first() -> None:
    plan = PlannedAction(action="call_back", due_at=AT + timedelta(days=1), owner="u7", set_at=AT, position=9)
    found = next_action(lead(action=plan), W, AT)
    assert (found.kind, found.label, found.owner, found.due) == ("call_back", "Call back", "u7", "later")
    assert (found.reasons[0].code, found.reasons[0].position) == ("planned", 9)
    assert next_action(lead(action=plan, status="closed"), W, AT).kind == "none"


def test_a_merged_lead_has_no_action_and_says_so() -> None:
    found = next_action(lead(merged_into="L2"), W, AT)
    assert (found.kind, found.label, found.due) == ("none", "No action: merged", "none")
    assert found.reasons[0].code == "merged"
    ended = next_action(lead(status="closed"), W, AT)
    assert (ended.kind, ended.label) == ("none", "No action: closed")


def test_a_handoff_is_due_from_the_handoff_on() -> None:
    given_over = AT + timedelta(days=1)
    one = lead(handoffs=(Handoff(from_owner="u2", to_owner="u1", at=given_over, position=4),))
    found = next_action(one, W, given_over)
    assert found.kind == "accept_handoff"
    assert found.due == "later"
    assert ("handoff_waiting", 4) in [(reason.code, reason.position) for reason in found.reasons]


def test_a_visit_asks_for_preparation_then_for_its_outcome() -> None:
    one = lead(status="scheduled", visit=visit(4))
    days = {day: next_action(one, W, AT + timedelta(days=day)).kind for day in (0, 3, 4.1)}
    assert days == {0: "await_visit", 3: "prepare_visit", 4.1: "record_visit_outcome"}


def test_a_blocker_that_stands_too_long_is_somebody_elses_turn() -> None:
    one = lead(status="preparing", blockers=blocker("availability"))
    plan = attrs.evolve(one, seen={})
    early, late = next_action(plan, W, AT), next_action(plan, W, AT + timedelta(days=8))
    assert early.role == "coordinator"
    assert (late.kind, late.role) == ("agree_on_dates", "site_lead")
    assert late.reasons[0].code == "escalated_availability"


def test_the_next_milestone_is_what_the_status_has_not_reached() -> None:
    assert next_milestone(lead(), W) == "scheduled"
    booked = lead(status="scheduled", items={**item("confirmation", "needed"), **item("logistics", "needed")})
    assert next_milestone(booked, W) == "attended"
    assert standing_before(booked, W) == 1
    assert next_milestone(lead(status="word-1a2b"), W) == "scheduled"


@given(sites(30))
def test_one_look_says_what_the_parts_say(site: Site) -> None:
    for one in site.leads.values():
        found = assess(one, W, site.now, AWAY)
        assert found.action == next_action(one, W, site.now, AWAY)
        assert found.open == (not W.is_final(one.status) and not one.merged_into)


def test_a_lead_that_is_closed_needs_no_owner() -> None:
    closed = next_action(lead(status="closed", owner=UNASSIGNED), W, AT)
    assert closed.kind == "none"
    assert "unowned" not in [reason.code for reason in closed.reasons]
    assert "unowned" in [reason.code for reason in next_action(lead(owner=UNASSIGNED), W, AT).reasons]


def test_a_row_says_since_when_its_lead_stands_there() -> None:
    (row,) = worklist([lead(status="contacting", status_since=AT + timedelta(hours=5))], W, AT + timedelta(days=2))
    assert row.since == AT + timedelta(hours=5)


def test_what_stands_before_a_later_milestone_counts_once_that_one_is_next() -> None:
    booked = lead(status="scheduled", visit=visit(10), items=item("confirmation", "needed"))
    assert standing_before(booked, W) == 1
    (row,) = worklist([booked], W, AT)
    assert "open_1" in row.ranked_by
    assert work_item(assess(booked, W, AT), W, rank=1) == row
