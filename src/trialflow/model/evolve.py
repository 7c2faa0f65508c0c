"""The fold: one event into a lead. Total: history is never refused, only commands are."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from trialflow.model import events as e
from trialflow.model.changes import CHANGES, Values, moved
from trialflow.model.facts import Mark, Stay
from trialflow.model.firsts import FIRSTS
from trialflow.model.lead import Lead, fill_lead
from trialflow.model.recorded import Recorded

__all__ = ["evolve", "fold", "voided"]

_new, _tuple = object.__new__, tuple.__new__


def evolve(lead: Lead | None, event: e.Event, position: int = 0, *, lead_id: str = "") -> Lead | None:
    """``lead`` after ``event``. ``None`` before a :class:`~trialflow.model.events.Received`; an unknown kind or one
    that makes no sense here changes nothing but the version. Never raises."""
    if lead is None:
        return _received(event, position, lead_id) if isinstance(event, e.Received) else None
    # Copying the fields is 5 x faster than attrs.evolve; the values come from validated events.
    values = lead.__dict__.copy()
    values["version"] = lead.version + 1
    if type(event) is e.Moved:  # the trail holds the moves; they are the most frequent kind
        moved(values, lead, event, position)
    elif (change := CHANGES.get(event.kind)) is not None:
        change(values, lead, event, position)
        _remember(values, lead, event, position)
    new = _new(Lead)
    fill_lead(new, values)
    return new


def _remember(values: Values, lead: Lead, event: e.Event, position: int) -> None:
    """When something of this kind last happened, and this very thing first."""
    kind, mark = event.kind, _tuple(Mark, (event.at, position))
    last = lead.seen.get(kind)
    counts = not (isinstance(event, e.ContactAttempted) and event.automated)
    if counts and (last is None or last.at <= event.at):
        values["seen"] = {**lead.seen, kind: mark}
    if kind in FIRSTS:
        thing = FIRSTS[kind](event)
        first = lead.firsts.get(thing)
        if first is None or event.at < first.at:
            values["firsts"] = {**lead.firsts, thing: mark}


def voided(corrections: Iterable[tuple[int, int]]) -> frozenset[int]:
    """The positions left out, from (position of the correction, position it voids). A correction that is voided
    itself voids nothing: what it took away stands again."""
    gone: set[int] = set()
    for position, target in sorted(corrections, reverse=True):
        if position not in gone:
            gone.add(target)
    return frozenset(gone)


def fold(records: Iterable[Recorded]) -> Lead | None:
    """The lead that one stream's records tell, or ``None`` without a ``received``. Voided events are left out."""
    rows = list(records)
    gone = voided((row.position, row.event.position) for row in rows if isinstance(row.event, e.Corrected))
    lead: Lead | None = None
    for row in rows:
        if row.position not in gone:
            lead = evolve(lead, row.event, row.position, lead_id=row.stream.removeprefix("lead:"))
    # What was left out was recorded all the same: the version is the stream's.
    return lead if lead is None or lead.version == len(rows) else attrs.evolve(lead, version=len(rows))


def _received(event: e.Received, position: int, lead_id: str) -> Lead:
    at = event.at
    since = event.seen_at or at
    closed = bool(event.reason)
    return Lead(
        id=lead_id,
        source=event.source,
        received_at=at,
        status=event.status,
        status_since=since,
        version=1,
        study=event.study,
        site=event.site,
        person_ref=event.person_ref,
        external_ref=event.external_ref,
        owner=event.owner,
        owner_since=at,
        close_reason=event.reason if closed else "",
        trail=(Stay(event.status, since, position, event.reason),),
        episode_since=at,
        seen={"received": Mark(at, position)},
    )
