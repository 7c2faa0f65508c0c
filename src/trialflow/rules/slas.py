"""Service levels: promises with a deadline, each its own clock, each with a result that no later event overwrites.

A trigger says what starts or stops a clock: an event kind, narrowed by what it was about (``contact_attempted``,
``contact_attempted:reached``, ``moved:preparing``, ``item_set:records:requested``), or ``stale``, the moment at which
a lead became stale. A re-screen opens a new episode, and its clocks start anew. What only history can tell is
``not_known`` for a lead that was built from current state or first seen mid-way, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import attrs

from trialflow.model.facts import Mark
from trialflow.model.lead import Lead
from trialflow.rules.calendar import SiteCalendar
from trialflow.rules.staleness import stale_level
from trialflow.rules.workflow import Sla, Workflow

__all__ = ["STALE", "SlaResult", "SlaStatus", "sla_status"]

SlaResult = Literal["met", "late", "breached", "open", "lapsed", "not_started", "not_known"]
"""met: done by the deadline. late: done after it. breached: not done, the deadline has passed. open: not done, not due.
lapsed: the lead ended before the deadline. not_started: the clock does not run. not_known: only history could tell."""

STALE = "stale"
"""The one trigger that is no event: the lead became stale."""

_STATES = frozenset({"item_set", "prescreened"})
"""Kinds that reach a state: one that was reached before the clock started keeps the promise at once."""


@attrs.frozen(kw_only=True)
class SlaStatus:
    """One service level of one lead at one moment. Times are UTC; positions are of events (0: not from a ledger).

    ``due_at`` is the deadline by the level's own clock, working or elapsed. ``result`` is ``met`` when ``stopped_at``
    is at or before it. ``stopped_at`` is None where only the fact is known, not the moment.
    """

    code: str
    label: str
    result: SlaResult
    started_at: datetime | None = None
    due_at: datetime | None = None
    stopped_at: datetime | None = None
    started_position: int = 0
    stopped_position: int = 0


@attrs.frozen
class _Clock:
    """Where one lead's clocks are read: the lead, its workflow and the moment."""

    lead: Lead
    workflow: Workflow
    as_of: datetime

    @property
    def begun(self) -> datetime:
        """When the present episode began."""
        lead = self.lead
        return lead.received_at if lead.episode == 1 else lead.episode_since or lead.received_at

    @property
    def seen_midway(self) -> bool:
        """Whether the lead was already on its way when it was first seen, so that earlier events are missing."""
        lead = self.lead
        if not lead.version:
            return True
        return (
            lead.episode == 1
            and bool(lead.trail)
            and self.workflow.current(lead.trail[0].status) != (self.workflow.initial)
        )


def sla_status(lead: Lead, workflow: Workflow, as_of: datetime) -> tuple[SlaStatus, ...]:
    """Every service level of ``workflow`` for ``lead`` at ``as_of``, in the order of the definition."""
    clock = _Clock(lead, workflow, as_of)
    return tuple(_status(clock, sla) for sla in workflow.slas)


def _status(clock: _Clock, sla: Sla) -> SlaStatus:
    start = _start(clock, sla.starts)
    if start is None:
        unsure = clock.seen_midway and sla.starts != STALE
        return SlaStatus(code=sla.code, label=sla.label, result="not_known" if unsure else "not_started")
    due = SiteCalendar(clock.workflow.site).add(start.at, sla.within)
    result, stop = _result(clock, sla, start, due)
    return SlaStatus(
        code=sla.code,
        label=sla.label,
        result=result,
        started_at=start.at,
        due_at=due,
        stopped_at=stop.at if stop is not None else None,
        started_position=start.position,
        stopped_position=stop.position if stop is not None else 0,
    )


def _result(clock: _Clock, sla: Sla, start: Mark, due: datetime) -> tuple[SlaResult, Mark | None]:
    stop = min((m for trigger in sla.stops for m in _stops(clock, trigger, start)), key=_order, default=None)
    if stop is not None:
        return ("met" if stop.at <= due else "late"), stop
    again = [m for trigger in sla.stops for m in _last(clock, trigger) if m.at >= start.at]
    if again:
        # Something of the kind happened since, perhaps not for the first time: in time it is kept, else unknown.
        return ("met" if min(again).at <= due else "not_known"), None
    missed = clock.seen_midway and start.position <= _first_sight(clock.lead) and sla.starts != STALE
    if missed:
        return "not_known", None
    until = clock.as_of
    if clock.workflow.is_final(clock.lead.status):
        until = min(until, clock.lead.status_since)
        return ("breached" if until > due else "lapsed"), None
    return ("breached" if until > due else "open"), None


def _order(mark: Mark) -> tuple[datetime, bool, int]:
    """By time; of two at one instant the one whose event is known."""
    return mark.at, not mark.position, mark.position


def _first_sight(lead: Lead) -> int:
    return lead.trail[0].position if lead.trail else 0


def _start(clock: _Clock, trigger: str) -> Mark | None:
    if trigger == STALE:
        return _stale_since(clock)
    if trigger == "received":
        position = clock.lead.trail[0].position if clock.lead.trail and clock.lead.episode == 1 else 0
        return Mark(clock.begun, position)
    return min(_marks(clock, trigger), key=_order, default=None)


def _stops(clock: _Clock, trigger: str, start: Mark) -> Iterator[Mark]:
    for mark in _marks(clock, trigger):
        if mark.at >= start.at:
            yield mark
        elif trigger.partition(":")[0] in _STATES:
            yield Mark(start.at, mark.position)


def _marks(clock: _Clock, trigger: str) -> Iterator[Mark]:
    """When the trigger happened in the present episode, as far as the lead knows every single time."""
    kind, _, wanted = trigger.partition(":")
    known = (m for thing, m in clock.lead.firsts.items() if thing == trigger or thing.startswith(f"{trigger}:"))
    yield from (m for m in known if m.at <= clock.as_of)
    if kind == "moved":
        yield from _entered(clock, wanted)
    elif kind == "contact_attempted":
        yield from _contacted(clock, wanted)


def _entered(clock: _Clock, status: str) -> Iterator[Mark]:
    stays = clock.lead.trail
    for number, stay in enumerate(stays):
        # A lead first seen mid-way entered its first status before anybody looked.
        moved = number > 0 or (not clock.seen_midway and stay.status == clock.workflow.initial)
        if moved and clock.begun <= stay.since <= clock.as_of and (number > 0 or status):
            current = clock.workflow.current(stay.status)
            if not status or current == clock.workflow.current(status):
                yield Mark(stay.since, stay.position)


def _contacted(clock: _Clock, outcome: str) -> Iterator[Mark]:
    lead = clock.lead
    for contact in lead.contacts:
        fits = not outcome or contact.outcome == outcome
        if fits and clock.begun <= contact.at <= clock.as_of:
            yield Mark(contact.at, contact.position)
    first = lead.first_reached_at if outcome == "reached" else lead.first_attempt_at if not outcome else None
    if first is not None and lead.episode == 1 and first <= clock.as_of:
        yield Mark(first, 0)


def _last(clock: _Clock, trigger: str) -> Iterator[Mark]:
    kind, _, wanted = trigger.partition(":")
    mark = clock.lead.seen.get(kind)
    if mark is not None and not wanted and mark.at <= clock.as_of:
        yield mark


def _stale_since(clock: _Clock) -> Mark | None:
    """When the present stretch without movement became stale; a date set before that pauses it until then."""
    lead = clock.lead
    level = stale_level(lead, clock.workflow, clock.as_of)
    since = level.stale_at
    if since is None:
        return None
    if clock.workflow.staleness.snooze:
        if lead.action is not None and lead.action.set_at < since:
            since = max(since, lead.action.due_at)
        if lead.visit is not None and lead.visit.at is not None and lead.visit.state in ("scheduled", "rescheduled"):
            since = max(since, lead.visit.at)
    return Mark(since, level.last.position) if since <= clock.as_of else None
