"""A few leads whose histories are written down by hand: ``(day, what)`` per event, for figures worked out on paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from trialflow.model import events as e
from trialflow.model.parties import Actor, Source
from trialflow.model.recorded import Recorded
from trialflow.reports.column_rows import columns_of
from trialflow.reports.columns import Columns
from trialflow.rules.loading import default_workflow

__all__ = ["BY", "MONDAY", "Story", "after", "history", "leads_records"]

MONDAY = datetime(2026, 1, 5, 15, tzinfo=UTC)
BY = Actor(id="own-1", role="coordinator")

Story = Sequence[tuple[float, e.Event | str]]
"""Days after MONDAY, and a status to move to (``closed:declined`` with its reason), or an event."""


def after(days: float) -> datetime:
    """So many days after MONDAY."""
    return MONDAY + timedelta(days=days)


def leads_records(stories: Sequence[tuple[Source, float, Story]], **received: Any) -> list[Recorded]:
    """Records of leads that came from a source on a day and have a story."""
    found: list[Recorded] = []
    for number, (source, day, story) in enumerate(stories):
        events: list[e.Event] = [e.Received(at=after(day), by=BY, source=source, **received)]
        status = str(received.get("status", "new"))
        for when, what in story:
            if isinstance(what, str):
                to, _, reason = what.partition(":")
                events.append(e.Moved(at=after(when), by=BY, from_status=status, to_status=to, reason=reason))
                status = to
            else:
                events.append(what)
        for version, event in enumerate(events, start=1):
            found.append(Recorded(len(found) + 1, f"lead:L{number}", version, event.at, event, "", ""))
    return found


def history(stories: Sequence[tuple[Source, float, Story]], **received: Any) -> Columns:
    """The columns of these leads."""
    return columns_of(leads_records(stories, **received), default_workflow())
