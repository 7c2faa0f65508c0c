"""Staleness: each part of the calculus changes the level alone; the next change is the true one."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from histories import Site, sites
from leads import AT, blocker, item, lead, visit
from trialflow.model.facts import Mark, PlannedAction, Stay
from trialflow.model.moments import micros
from trialflow.rules.loading import default_workflow
from trialflow.rules.staleness import last_movement, snoozed_until, stale_cutoff, stale_level, threshold

W = default_workflow()
EPSILON = timedelta(microseconds=1)
ORDER = {"fresh": 0, "at_risk": 1, "stale": 2}


@given(sites(30), st.integers(-30, 90))
def test_a_lead_is_stale_exactly_at_the_cutoff_of_its_status(site: Site, days: int) -> None:
    """What a column fold compares is what one lead looked at alone says."""
    as_of = site.now + timedelta(days=days)
    for one in site.leads.values():
        cutoff = stale_cutoff(W, one.status, as_of)
        found = stale_level(one, W, as_of)
        if cutoff is None:
            assert found.level == "none"
        elif found.snoozed_until is None:
            assert (found.level == "stale") == (micros(found.last.at) <= cutoff)


@given(sites(30))
def test_the_next_change_is_the_true_one(site: Site) -> None:
    for one in site.leads.values():
        at: datetime | None = site.now
        for _ in range(4):
            assert at is not None
            found = stale_level(one, W, at)
            if found.changes_at is None:
                assert found.level in ("stale", "none")
                assert stale_level(one, W, at + timedelta(days=900)).level == found.level
                break
            assert found.changes_at > at
            assert stale_level(one, W, found.changes_at - EPSILON).level == found.level
            assert stale_level(one, W, found.changes_at).level != found.level
            at = found.changes_at


@given(sites(30))
def test_at_risk_comes_before_stale_and_levels_only_rise(site: Site) -> None:
    for one in site.leads.values():
        found = stale_level(one, W, site.now)
        if found.level == "none":
            assert (found.at_risk_at, found.stale_at, found.changes_at) == (None, None, None)
            continue
        assert found.at_risk_at is not None
        assert found.stale_at is not None
        assert found.last.at <= found.at_risk_at <= found.stale_at
        levels = [ORDER[stale_level(one, W, site.now + timedelta(hours=8 * h)).level] for h in range(60)]
        assert levels == sorted(levels)


def test_only_declared_kinds_are_movement() -> None:
    seen = {"received": Mark(AT, 1), "noted": Mark(AT + timedelta(days=9), 5), "moved": Mark(AT + timedelta(days=1), 3)}
    assert last_movement(lead(seen=seen), W) == ("moved", Mark(AT + timedelta(days=1), 3))
    without = attrs.evolve(W, staleness=attrs.evolve(W.staleness, movement=("received",)))
    assert last_movement(lead(seen=seen), without) == ("received", Mark(AT, 1))
    both = {"moved": Mark(AT, 3), "item_set": Mark(AT, 4)}
    assert last_movement(lead(seen=both), W) == ("item_set", Mark(AT, 4))


def test_a_move_that_only_the_trail_tells_is_movement() -> None:
    trail = (Stay("new", AT, 1), Stay("contacting", AT + timedelta(days=1), 4))
    seen = {"received": Mark(AT, 1), "item_set": Mark(AT + timedelta(days=1), 3)}
    moved = lead(status="contacting", status_since=trail[1].since, trail=trail, seen=seen)
    assert last_movement(moved, W) == ("moved", Mark(AT + timedelta(days=1), 4))
    later = attrs.evolve(moved, seen={**seen, "item_set": Mark(AT + timedelta(days=1), 5)})
    assert last_movement(later, W) == ("item_set", Mark(AT + timedelta(days=1), 5))


def test_an_older_event_never_takes_the_place_of_a_later_one() -> None:
    later = Mark(AT + timedelta(days=1), 9)
    told = lead(seen={"acknowledged": later, "item_set": Mark(AT, 2)})
    moved = lead(seen={"acknowledged": later}, trail=(Stay("new", AT, 1), Stay("contacting", AT, 3)))
    assert [last_movement(one, W) for one in (told, moved)] == [("acknowledged", later)] * 2


def test_a_hosts_row_moves_by_the_dates_it_has() -> None:
    day = timedelta(days=1)
    assert last_movement(lead(), W) == ("received", Mark(AT, 0))
    assert last_movement(lead(status_since=AT + day), W) == ("moved", Mark(AT + day, 0))
    assert last_movement(lead(last_contact_at=AT + day), W) == ("contact_attempted", Mark(AT + day, 0))
    assert last_movement(lead(prescreen_at=AT + day), W) == ("prescreened", Mark(AT + day, 0))
    assert last_movement(lead(items=item("records", "needed", AT + day)), W) == ("item_set", Mark(AT + day, 0))
    assert last_movement(lead(blockers=blocker("availability", AT + day)), W) == ("blocked", Mark(AT + day, 0))
    assert last_movement(lead(acknowledged_at=AT + day), W) == ("acknowledged", Mark(AT + day, 0))


def test_a_level_says_what_last_counted_even_where_nothing_goes_stale() -> None:
    ended = stale_level(lead(status="closed", status_since=AT + timedelta(days=1)), W, AT + timedelta(days=2))
    assert (ended.level, ended.last_kind) == ("none", "moved")


def test_the_threshold_is_the_statuss_own_then_the_general_one() -> None:
    assert threshold(W, "new") is not None
    assert threshold(W, "closed") is None
    assert threshold(W, "word-1a2b") is None
    bare = attrs.evolve(W, statuses=tuple(attrs.evolve(s, stale_after=None) for s in W.statuses))
    assert threshold(bare, "new") == W.staleness.default_after


def test_a_plan_or_a_visit_to_come_pauses_and_an_overdue_one_does_not() -> None:
    plan = PlannedAction(action="call_back", due_at=AT + timedelta(days=30), set_at=AT)
    paused = lead(action=plan)
    assert stale_level(paused, W, AT + timedelta(days=20)).level == "fresh"
    assert stale_level(paused, W, AT + timedelta(days=20)).snoozed_until == plan.due_at
    overdue = stale_level(paused, W, plan.due_at)
    assert (overdue.level, overdue.snoozed_until, overdue.last_kind) == ("stale", None, "received")
    assert stale_level(paused, W, plan.due_at - EPSILON).level == "fresh"
    assert snoozed_until(lead(action=plan, visit=visit(40)), W) == AT + timedelta(days=40)
    assert snoozed_until(lead(visit=visit(40, "cancelled")), W) is None
    never = attrs.evolve(W, staleness=attrs.evolve(W.staleness, snooze=False))
    assert stale_level(paused, never, AT + timedelta(days=20)).level == "stale"


@pytest.mark.parametrize("percent", [1, 50, 100])
def test_at_risk_begins_at_its_share_of_the_way(percent: int) -> None:
    risky = attrs.evolve(W, staleness=attrs.evolve(W.staleness, at_risk_percent=percent))
    found = stale_level(lead(), risky, AT)
    assert found.at_risk_at is not None
    assert found.stale_at is not None
    assert found.at_risk_at - AT == (found.stale_at - AT) * percent // 100


def test_a_visit_of_a_hosts_row_is_movement() -> None:
    planned = attrs.evolve(visit(-1, "missed"), since=AT + timedelta(days=4))
    assert last_movement(lead(visit=planned), W) == ("visit_set", Mark(AT + timedelta(days=4)))
    assert last_movement(lead(), W)[0] == "received"
