"""What a site or study stream tells: who is away, what was spent, what was asked, what went out, what came in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from trialflow.model import events as e
from trialflow.model import site_events as s
from trialflow.model.decisions import decided
from trialflow.model.evolve import voided
from trialflow.model.facts import Decision, OpenDecision
from trialflow.model.recorded import Recorded

__all__ = ["SiteState", "evolve_site", "fold_site"]


@attrs.frozen(kw_only=True)
class SiteState:
    """The state of a site or study: tuples of the events that stand, oldest first; its open and recorded decisions.

    Of two absences of one owner from the same instant the later one stands: that is how an end becomes known.
    """

    absences: tuple[s.AbsenceSet, ...] = ()
    spend: tuple[s.SpendRecorded, ...] = ()
    capacity: tuple[s.CapacitySet, ...] = ()
    targets: tuple[s.TargetSet, ...] = ()
    releases: tuple[s.ReleaseRecorded, ...] = ()
    copies: tuple[s.CopyImported, ...] = ()
    open_decisions: tuple[OpenDecision, ...] = ()
    decisions: tuple[Decision, ...] = ()
    version: int = 0


_LISTED: dict[type[e.Event], str] = {
    s.SpendRecorded: "spend",
    s.CapacitySet: "capacity",
    s.TargetSet: "targets",
    s.ReleaseRecorded: "releases",
    s.CopyImported: "copies",
}


def _absence(state: SiteState, event: s.AbsenceSet, _position: int) -> dict[str, Any]:
    others = (a for a in state.absences if (a.owner, a.since) != (event.owner, event.since))
    return {"absences": (*others, event)}


_CHANGES: dict[type[e.Event], Callable[[SiteState, Any, int], dict[str, Any]]] = {
    s.AbsenceSet: _absence,
    e.DecisionRequested: decided,
    e.DecisionRecorded: decided,
}


def evolve_site(state: SiteState, event: e.Event, position: int = 0) -> SiteState:
    """``state`` after ``event``; kinds that are not the site's change nothing but the version. Never raises."""
    listed, change = _LISTED.get(type(event)), _CHANGES.get(type(event))
    values = change(state, event, position) if change is not None else {}
    if listed is not None:
        values = {listed: (*getattr(state, listed), event)}
    return attrs.evolve(state, version=state.version + 1, **values)


def fold_site(records: Iterable[Recorded]) -> SiteState:
    """The state that a site's stream tells; voided events are left out."""
    rows = list(records)
    gone = voided((row.position, row.event.position) for row in rows if isinstance(row.event, e.Corrected))
    state = SiteState()
    for row in rows:
        if row.position not in gone:
            state = evolve_site(state, row.event, row.position)
    return attrs.evolve(state, version=len(rows))
