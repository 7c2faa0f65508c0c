"""The events of a lead that a sheet shows for the first time: where it stands, and what its dates prove.

Events are values: of those that hundreds of leads share (a call on one day, a prescreen of one week) each is made once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, cast

import attrs

from trialflow.adapters.sources.copies import Copy
from trialflow.adapters.sources.reconcile import UNKNOWN_SOURCE, outcome_of, visit_event
from trialflow.adapters.sources.rows import Values
from trialflow.model import events as e
from trialflow.model.event import fill_event
from trialflow.model.facts import ItemState, PrescreenState
from trialflow.model.parties import Source

__all__ = ["Arrivals"]

_MOST_SHARED = 50_000
_new = object.__new__


class _Standing(NamedTuple):
    """What a status means for a lead that arrives in it."""

    template: e.Received
    ended: bool
    outcome: str


@attrs.define
class Arrivals:
    """Makes the events of the new leads of one copy."""

    copy: Copy
    _standings: dict[str, _Standing] = attrs.field(factory=dict)
    _sources: dict[str, Source] = attrs.field(factory=dict)
    _shared: dict[tuple[object, ...], e.Event] = attrs.field(factory=dict)

    def events(self, values: Values, *, source: str, received: str, note_ref: str) -> list[e.Event]:
        """The events of one row. ``received`` is an ISO day, blank where the row has none that is past."""
        copy = self.copy
        arrived = copy.past(received) or copy.as_of
        touched = copy.past(values.last_contact)
        visited = copy.past(values.visit)
        latest = max(arrived, touched or arrived, visited or arrived)
        standing = self._standings.get(values.status) or self._standing(values.status)
        found: list[e.Event] = [self._received(standing, values, source, arrived, latest)]
        if touched is not None or values.attempts not in ("", "0"):
            at, after = touched or arrived, int(values.attempts or "0")
            found.append(self._once(_contact, at, standing.outcome, after))
        if values.prescreen:
            found.append(self._once(_prescreen, latest, values.prescreen))
        if values.records:
            found.append(self._once(_records, latest, values.records))
        if values.visit:
            found.append(self._once(_visit, latest, standing.template.status, values.visit))
        if note_ref:
            found.append(e.Noted(at=copy.as_of, by=copy.by, ref=note_ref))
        return found

    def _standing(self, stated: str) -> _Standing:
        copy = self.copy
        status = copy.status(stated) if stated else copy.workflow.initial
        template = e.Received(
            at=copy.as_of,
            by=copy.actor_for(status),
            source=Source(id=UNKNOWN_SOURCE),
            study=copy.study,
            site=copy.site,
            status=status,
            workflow=copy.workflow.id,
        )
        made = _Standing(template, copy.workflow.is_final(status), outcome_of(copy, status))
        self._standings[stated] = made
        return made

    def _received(
        self, standing: _Standing, values: Values, source: str, arrived: datetime, latest: datetime
    ) -> e.Received:
        # A copy of a checked event with checked values: the constructor would take half of the time of a first import.
        event = _new(e.Received)
        fields = standing.template.__dict__.copy()
        fill_event(event, fields)
        fields["at"] = arrived
        fields["owner"] = self.copy.owner(values.owner)
        if latest != arrived:
            fields["seen_at"] = latest
        if standing.ended:
            fields["reason"] = values.reason
        if source:
            known = self._sources.get(source)
            fields["source"] = known or self._sources.setdefault(source, Source(id=source))
        return event

    def _once(self, make: Callable[..., e.Event], *args: object) -> e.Event:
        key = (make, *args)
        found = self._shared.get(key)
        if found is None:
            if len(self._shared) >= _MOST_SHARED:
                self._shared.clear()
            found = self._shared[key] = make(self.copy, *args)
        return found


def _contact(copy: Copy, at: datetime, outcome: str, after: int) -> e.Event:
    return e.ContactAttempted(at=at, by=copy.by, outcome=outcome, before=0, after=after)


def _prescreen(copy: Copy, at: datetime, state: str) -> e.Event:
    return e.Prescreened(at=at, by=copy.by, to_state=cast(PrescreenState, state))


def _records(copy: Copy, at: datetime, state: str) -> e.Event:
    return e.ItemSet(at=at, by=copy.by, item="records", to_state=cast(ItemState, state))


def _visit(copy: Copy, at: datetime, status: str, day: str) -> e.Event:
    return visit_event(copy, day, status, "none", None, at)
