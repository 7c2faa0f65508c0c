"""Service levels: promises with a deadline, each its own clock, each with a result that no later event overwrites.

A trigger says what starts or stops a clock: an event kind, narrowed by what it was about (``contact_attempted``,
``contact_attempted:reached``, ``moved:preparing``, ``item_set:records:requested``), or ``stale``, the moment at which
a lead became stale. A re-screen opens a new episode, and its clocks start anew. What only history can tell is
``not_known`` for a lead that was built from current state or first seen mid-way, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Literal

import attrs

from trialflow.model.facts import Mark
from trialflow.model.lead import Lead
from trialflow.rules.calendar import SiteCalendar
from trialflow.rules.staleness import stale_level
from trialflow.rules.workflow import Sla, Span, Workflow

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
    """What one lead tells about one episode: when it began, whether all of it was seen, and what happened when.

    ``facts`` are (name of what happened, when), in the order of time: names are triggers in full.
    """

    lead: Lead
    workflow: Workflow
    as_of: datetime
    begun: datetime
    seen_midway: bool
    facts: tuple[tuple[str, Mark], ...]

    def times(self, trigger: str) -> Iterator[Mark]:
        """When the trigger happened, as far as the lead knows every single time; the earliest first."""
        more = f"{trigger}:"
        return (mark for name, mark in self.facts if name == trigger or name.startswith(more))


def sla_status(lead: Lead, workflow: Workflow, as_of: datetime) -> tuple[SlaStatus, ...]:
    """Every service level of ``workflow`` for ``lead`` at ``as_of``, in the order of the definition."""
    first = lead.episode == 1
    begun = lead.received_at if first else lead.episode_since or lead.received_at
    midway = first and bool(lead.trail) and workflow.current(lead.trail[0].status) != workflow.initial
    clock = _Clock(
        lead=lead,
        workflow=workflow,
        as_of=as_of,
        begun=begun,
        seen_midway=midway or not lead.version,
        facts=tuple(sorted(_facts(lead, workflow, begun, as_of), key=_in_time)),
    )
    return tuple(_status(clock, sla) for sla in workflow.slas)


def _facts(lead: Lead, workflow: Workflow, begun: datetime, as_of: datetime) -> Iterator[tuple[str, Mark]]:
    yield from ((name, mark) for name, mark in lead.firsts.items() if mark.at <= as_of)
    # The first stay is where the lead was first seen: it was received there, not moved.
    stays = (stay for stay in lead.trail[1:] if begun <= stay.since <= as_of)
    yield from ((f"moved:{workflow.current(stay.status)}", Mark(stay.since, stay.position)) for stay in stays)
    calls = (call for call in lead.contacts if begun <= call.at <= as_of)
    yield from ((f"contact_attempted:{call.outcome}", Mark(call.at, call.position)) for call in calls)
    if lead.episode == 1:
        known = (("contact_attempted", lead.first_attempt_at), ("contact_attempted:reached", lead.first_reached_at))
        yield from ((name, Mark(at, 0)) for name, at in known if at is not None and at <= as_of)


def _in_time(fact: tuple[str, Mark]) -> tuple[datetime, bool, int]:
    """By time; of two at one instant the one whose event is known."""
    _, mark = fact
    return mark.at, not mark.position, mark.position


@lru_cache(maxsize=65536)
def _due(workflow: Workflow, start: datetime, within: Span) -> datetime:
    return SiteCalendar(workflow.site).add(start, within)


def _status(clock: _Clock, sla: Sla) -> SlaStatus:
    start = _start(clock, sla.starts)
    if start is None:
        unsure = clock.seen_midway and sla.starts != STALE
        return SlaStatus(code=sla.code, label=sla.label, result="not_known" if unsure else "not_started")
    due = _due(clock.workflow, start.at, sla.within)
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
    firsts = (next(_stops(clock, trigger, start), None) for trigger in sla.stops)
    stop = min((mark for mark in firsts if mark is not None), default=None)
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


def _first_sight(lead: Lead) -> int:
    return lead.trail[0].position if lead.trail else 0


def _start(clock: _Clock, trigger: str) -> Mark | None:
    if trigger == STALE:
        return _stale_since(clock)
    if trigger == "received":
        return Mark(clock.begun, _first_sight(clock.lead) if clock.lead.episode == 1 else 0)
    return next(clock.times(trigger), None)


def _stops(clock: _Clock, trigger: str, start: Mark) -> Iterator[Mark]:
    for mark in clock.times(trigger):
        if mark.at >= start.at:
            yield mark
        elif trigger.partition(":")[0] in _STATES:
            yield Mark(start.at, mark.position)


def _last(clock: _Clock, trigger: str) -> Iterator[Mark]:
    kind, _, wanted = trigger.partition(":")
    mark = clock.lead.last(kind)
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
