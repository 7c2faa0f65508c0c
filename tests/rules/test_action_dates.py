"""From when an action's time runs: from the moment it became possible, not from an older one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest

from leads import AT, blocker, item, lead, visit
from trialflow.model.facts import Handoff, Mark, Visit
from trialflow.rules.due import due_at
from trialflow.rules.loading import default_workflow
from trialflow.rules.next_action import NextAction, next_action
from trialflow.rules.workflow import ActionRule, ActionWhen, Span

PREPARING = AT + timedelta(days=2)
CHANGED = AT + timedelta(days=22)
"""A Tuesday."""
NOW = AT + timedelta(days=23)


def _action(**values: Any) -> NextAction:
    seen = {"received": Mark(AT), "moved": Mark(PREPARING), "item_set": Mark(CHANGED)}
    known = {"status": "preparing", "status_since": PREPARING, "seen": seen, **values}
    return next_action(lead(**known), default_workflow(), NOW)


def _in_days(days: int) -> datetime:
    return CHANGED + timedelta(days=days)


def test_a_visit_is_due_for_scheduling_from_when_the_last_item_was_closed() -> None:
    action = _action(items=item("records", "reviewed", CHANGED))
    assert (action.kind, action.due_at, action.due) == ("schedule_visit", _in_days(2), "later")


def test_a_visit_is_due_for_scheduling_from_when_the_last_blocker_was_cleared() -> None:
    action = _action(seen={"received": Mark(AT), "moved": Mark(PREPARING), "unblocked": Mark(NOW)})
    assert (action.kind, action.due_at) == ("schedule_visit", _in_days(3))


def test_records_are_due_from_when_they_were_found_to_be_needed() -> None:
    action = _action(items=item("records", "needed", CHANGED))
    assert (action.kind, action.due_at) == ("request_records", _in_days(2))


def test_without_items_the_status_itself_sets_the_date() -> None:
    action = _action(status_since=CHANGED, seen={"received": Mark(AT), "moved": Mark(CHANGED)})
    assert (action.kind, action.due_at) == ("schedule_visit", _in_days(2))


def test_a_blocker_has_a_date_of_its_own() -> None:
    action = _action(items=item("records", "reviewed", AT), blockers=blocker("availability", CHANGED))
    assert (action.kind, action.due_at) == ("agree_on_dates", _in_days(3))


NO_TIME = ActionRule(
    code="x",
    label="X",
    sponsor_label="X",
    when=ActionWhen(),
    due=Span(amount=0, unit="days"),
    anchor="",
    role="coordinator",
)
DAY = timedelta(days=1)
IN, OUT, LAST = AT + DAY, AT + 2 * DAY, AT + 5 * DAY
HANDED = tuple(Handoff(from_owner="u1", to_owner="u2", at=at) for at in (OUT, LAST))


@pytest.mark.parametrize(
    ("anchor", "values", "since"),
    [
        ("received", {"last_contact_at": LAST}, AT),
        ("status_since", {"last_contact_at": LAST}, IN),
        ("last_contact", {"last_contact_at": LAST}, LAST),
        ("last_contact", {}, IN),
        ("last_movement", {"last_contact_at": LAST}, LAST),
        ("last_movement", {}, IN),
        ("visit", {"visit": visit(5)}, LAST),
        ("visit", {"visit": Visit(at=None, state="scheduled", since=LAST)}, IN),
        ("visit", {}, IN),
        ("handoff", {"handoffs": HANDED}, LAST),
        ("handoff", {}, IN),
        ("blocked_since", {"blockers": (*blocker("rain", LAST), *blocker("availability", OUT))}, OUT),
        ("blocked_since", {}, IN),
        ("readiness_since", {"items": item("records", "needed", LAST), "blockers": blocker("rain", OUT)}, LAST),
        ("readiness_since", {"items": item("records", "needed", OUT), "blockers": blocker("rain", LAST)}, LAST),
        ("readiness_since", {"seen": {"unblocked": Mark(LAST)}, "items": item("records", "needed", OUT)}, LAST),
        ("readiness_since", {"items": item("records", "needed", AT)}, IN),
    ],
)
def test_each_anchor_is_a_moment_of_the_lead_and_a_missing_one_the_status(
    anchor: str, values: dict[str, Any], since: datetime
) -> None:
    one = lead(status="contacted", status_since=IN, **values)
    rule = attrs.evolve(NO_TIME, anchor=anchor)
    assert due_at(one, default_workflow(), rule) == since
    later = attrs.evolve(rule, due=Span(amount=3, unit="hours"))
    assert due_at(one, default_workflow(), later) == since + timedelta(hours=3)


def test_the_last_movement_may_be_given_by_who_knows_it() -> None:
    rule = attrs.evolve(NO_TIME, anchor="last_movement")
    assert due_at(lead(), default_workflow(), rule, moved_at=LAST) == LAST
