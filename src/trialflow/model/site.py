"""What a site or study stream tells: who is away, what was spent, what went out, which copies came in."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from trialflow.model import site_events as s
from trialflow.model.events import Event
from trialflow.model.recorded import Recorded

__all__ = ["SiteState", "evolve_site", "fold_site"]


@attrs.frozen(kw_only=True)
class SiteState:
    """The state of a site: tuples of the events that stand, oldest first."""

    absences: tuple[s.AbsenceSet, ...] = ()
    spend: tuple[s.SpendRecorded, ...] = ()
    capacity: tuple[s.CapacitySet, ...] = ()
    targets: tuple[s.TargetSet, ...] = ()
    releases: tuple[s.ReleaseRecorded, ...] = ()
    copies: tuple[s.CopyImported, ...] = ()
    version: int = 0


_FIELDS: dict[type[Event], str] = {
    s.AbsenceSet: "absences",
    s.SpendRecorded: "spend",
    s.CapacitySet: "capacity",
    s.TargetSet: "targets",
    s.ReleaseRecorded: "releases",
    s.CopyImported: "copies",
}


def evolve_site(state: SiteState, event: Event) -> SiteState:
    """``state`` after ``event``; kinds that are not the site's change nothing but the version."""
    field = _FIELDS.get(type(event))
    changed = {field: (*getattr(state, field), event)} if field else {}
    return attrs.evolve(state, version=state.version + 1, **changed)


def fold_site(records: Iterable[Recorded]) -> SiteState:
    """The state that a site's stream tells."""
    state = SiteState()
    for record in records:
        state = evolve_site(state, record.event)
    return state
