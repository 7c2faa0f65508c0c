"""Staleness: time since the last meaningful movement, against the threshold of the status.

Only the event kinds that the workflow declares count as movement; notes, views and re-saves do not. A dated action or
a visit still to come pauses it: a known, dated wait is not neglect. Levels are derived, never stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Literal

import attrs

from trialflow.model.facts import Mark
from trialflow.model.lead import Lead
from trialflow.model.moments import micros
from trialflow.rules.calendar import calendar_of
from trialflow.rules.workflow import Span, Workflow

__all__ = ["Level", "StaleLevel", "last_movement", "snoozed_until", "stale_cutoff", "stale_level", "threshold"]

Level = Literal["fresh", "at_risk", "stale", "none"]


@attrs.frozen(kw_only=True)
class StaleLevel:
    """The level at one moment, the event that last counted, and when the level changes next (UTC).

    ``none``: the status has no threshold (a final or unknown status).
    """

    level: Level
    last: Mark
    last_kind: str
    at_risk_at: datetime | None = None
    stale_at: datetime | None = None
    changes_at: datetime | None = None
    snoozed_until: datetime | None = None


def last_movement(lead: Lead, workflow: Workflow) -> tuple[str, Mark]:
    """The kind and mark of the last meaningful movement; of two at one instant the one recorded later.

    For a lead without history: the latest date it carries, as the kind of event that would have set it.
    """
    order, seen = _order(workflow.staleness.movement), lead.seen or _dates(lead)
    best_kind, best, place = "received", Mark(lead.received_at, 0), -1
    for kind, mark in seen.items():
        here = order.get(kind)
        if here is not None and (mark > best or (mark == best and here > place)):
            best_kind, best, place = kind, mark, here
    moved = lead.last("moved") if lead.seen and "moved" in order else None  # the trail holds the moves
    if moved is not None and (moved > best or (moved == best and order["moved"] > place)):
        return "moved", moved
    return best_kind, best


@lru_cache(maxsize=64)
def _order(movement: tuple[str, ...]) -> Mapping[str, int]:
    """The kinds of events that count, each with its place: of two at one instant and position the later one is taken,
    as for a host's leads, whose dates have no position."""
    return {kind: place for place, kind in enumerate(movement)}


def _dates(lead: Lead) -> dict[str, Mark]:
    """What a host's row says about when things last happened."""
    dates = {
        "moved": lead.status_since if lead.status_since > lead.received_at else None,
        "acknowledged": lead.acknowledged_at,
        "contact_attempted": lead.last_contact_at,
        "prescreened": lead.prescreen_at,
        "item_set": max((item.since for item in lead.items.values()), default=None),
        "blocked": max((blocker.since for blocker in lead.blockers), default=None),
        "visit_set": lead.visit.since if lead.visit is not None else None,
    }
    return {kind: Mark(at) for kind, at in dates.items() if at is not None}


def snoozed_until(lead: Lead, workflow: Workflow) -> datetime | None:
    """Until when a planned action or a visit to come pauses staleness, or None."""
    if not workflow.staleness.snooze:
        return None
    dates = [lead.action.due_at] if lead.action is not None else []
    if lead.visit is not None and lead.visit.at is not None and lead.visit.planned:
        dates.append(lead.visit.at)
    return max(dates, default=None)


def threshold(workflow: Workflow, status: str) -> Span | None:
    """How long a lead may rest in ``status``, or None where nothing goes stale."""
    known = workflow.status(status)
    if known is None or known.final:
        return None
    return known.stale_after or workflow.staleness.default_after


def stale_level(lead: Lead, workflow: Workflow, as_of: datetime) -> StaleLevel:
    """The level of ``lead`` at ``as_of``. At risk begins at ``at_risk_percent`` of the elapsed way to stale."""
    kind, last = last_movement(lead, workflow)
    span = threshold(workflow, lead.status)
    if span is None:
        return StaleLevel(level="none", last=last, last_kind=kind)
    stale_at = calendar_of(workflow).add(last.at, span)
    at_risk_at = last.at + (stale_at - last.at) * workflow.staleness.at_risk_percent // 100
    pause = snoozed_until(lead, workflow)
    paused = pause is not None and pause > as_of
    level: Level = "fresh"
    changes: datetime | None = at_risk_at
    if paused:
        changes = max(pause, at_risk_at) if pause is not None else at_risk_at
    elif stale_at <= as_of:
        level, changes = "stale", None
    elif at_risk_at <= as_of:
        level, changes = "at_risk", stale_at
    return StaleLevel(
        level=level,
        last=last,
        last_kind=kind,
        at_risk_at=at_risk_at,
        stale_at=stale_at,
        changes_at=changes,
        snoozed_until=pause if paused else None,
    )


def stale_cutoff(workflow: Workflow, status: str, as_of: datetime) -> int | None:
    """Microseconds UTC: a lead in ``status``, not paused, is stale at ``as_of`` iff it last moved at or before this.

    The exact inverse of :func:`stale_level`, so that a column fold compares numbers instead of walking calendars.
    """
    span = threshold(workflow, status)
    return None if span is None else micros(calendar_of(workflow).back(as_of, span))
