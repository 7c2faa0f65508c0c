"""From when an action's time runs: from the moment it became possible, not from an older one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from leads import AT, blocker, item, lead
from trialflow.model.facts import Mark
from trialflow.rules.loading import default_workflow
from trialflow.rules.next_action import NextAction, next_action

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
