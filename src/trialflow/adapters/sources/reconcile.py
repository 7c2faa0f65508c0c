"""From what a row says to what happened: the differences between two copies as events.

Pure: dates come from the row where its own date column proves them, else the change was observed between the previous
copy and this one. A move the workflow does not have is recorded all the same and marked irregular: it happened.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

import attrs

from trialflow.adapters.sources.copies import Copy
from trialflow.adapters.sources.rows import Values
from trialflow.model import events as e
from trialflow.model.facts import ItemState, PrescreenState, VisitState
from trialflow.model.lead import Lead
from trialflow.model.parties import Source

__all__ = ["UNKNOWN_SOURCE", "changes", "outcome_of", "source_change", "visit_event"]

UNKNOWN_SOURCE = "Unknown source"
"""Where a lead came from whose row does not say it."""

_TALKED = ("contacted", "prescreen_completed", "reviewable", "scheduled", "attended")
_VISITED = ("attended", "in_screening", "enrolled", "screen_failed")


def changes(copy: Copy, before: Values, after: Values, lead: Lead, *, note_ref: str) -> list[e.Event]:
    """The events that lead from ``before`` (what the sheet said last) to ``after``, given what is known of the lead.

    What the sheet did not change is left alone even where the lead was changed elsewhere meanwhile; what the sheet
    changed to what is known already makes no event.
    """
    found: list[e.Event] = []
    present = copy.workflow.current(lead.status)
    if present != lead.status:
        lead = attrs.evolve(lead, status=present)  # a renamed status is where the lead is, not a move of it
    status = copy.status(after.status) if after.status else lead.status
    found += _owner_change(copy, before, after, lead)
    found += _contact_change(copy, before, after, lead, status)
    if after.prescreen != before.prescreen and (after.prescreen or "none") != lead.prescreen:
        at, _ = copy.proven("")
        state = cast(PrescreenState, after.prescreen or "none")
        found.append(e.Prescreened(at=at, by=copy.by, from_state=lead.prescreen, to_state=state))
    found += _records_change(copy, before, after, lead)
    found += _visit_change(copy, before, after, lead, status)
    found += _status_change(copy, before, after, lead, status)
    if after.note.casefold() != before.note.casefold() and note_ref and note_ref != (lead.notes or ("",))[-1]:
        found.append(e.Noted(at=copy.as_of, by=copy.by, ref=note_ref))
    return found


def source_change(copy: Copy, source: str, lead: Lead) -> list[e.Event]:
    """The correction of where a lead came from; none for a blank ``source`` or the known one."""
    if not source or lead.source.id.casefold() == source.casefold():
        return []
    return [e.SourceSet(at=copy.as_of, by=copy.by, from_source=lead.source, to_source=Source(id=source))]


def _owner_change(copy: Copy, before: Values, after: Values, lead: Lead) -> list[e.Event]:
    owner = copy.owner(after.owner)
    if after.owner.casefold() == before.owner.casefold() or owner == lead.owner:
        return []
    return [e.Assigned(at=copy.as_of, by=copy.by, from_owner=lead.owner, to_owner=owner, observed_after=copy.after)]


def _contact_change(copy: Copy, before: Values, after: Values, lead: Lead, status: str) -> list[e.Event]:
    counted = int(after.attempts) if after.attempts else lead.attempts
    more = after.attempts != before.attempts and counted != lead.attempts
    touched = copy.past(after.last_contact) if after.last_contact != before.last_contact else None
    if not more and (touched is None or touched == lead.last_contact_at):
        return []
    at = touched or copy.as_of
    return [
        e.ContactAttempted(at=at, by=copy.by, outcome=outcome_of(copy, status), before=lead.attempts, after=counted)
    ]


def _records_change(copy: Copy, before: Values, after: Values, lead: Lead) -> list[e.Event]:
    if after.records == before.records:
        return []
    known = lead.items.get("records")
    state = cast(ItemState, after.records or "unknown")
    was: ItemState = known.state if known is not None else "unknown"
    if state == was:
        return []
    return [e.ItemSet(at=copy.as_of, by=copy.by, item="records", from_state=was, to_state=state)]


def _visit_change(copy: Copy, before: Values, after: Values, lead: Lead, status: str) -> list[e.Event]:
    known = lead.visit
    happened = status in _VISITED and status != lead.status and bool(after.visit)
    if after.visit == before.visit and not happened:
        return []
    slot = known.at if known is not None else None
    state: VisitState = known.state if known is not None else "none"
    if not after.visit:
        if slot is None:
            return []
        return [
            e.VisitSet(
                at=copy.as_of, by=copy.by, from_state=state, to_state="cancelled", from_visit_at=slot, visit_at=slot
            )
        ]
    event = visit_event(copy, after.visit, status, state, slot, copy.as_of)
    same = event.visit_at == slot and event.to_state == state
    return [] if same else [event]


def visit_event(
    copy: Copy, day: str, status: str, state: VisitState, slot: datetime | None, at: datetime
) -> e.VisitSet:
    """What the visit column says: a slot that is new, moved, or was kept, because the lead is where visits lead to."""
    when, past = copy.day(day), copy.past(day)
    to: VisitState = "scheduled" if state == "none" or slot is None or state == "cancelled" else "rescheduled"
    if slot == when and state in ("scheduled", "rescheduled"):
        to = state
    if status in _VISITED and past is not None:
        to = "attended"
    return e.VisitSet(
        at=past if to == "attended" and past is not None else at,
        by=copy.by,
        from_state=state,
        to_state=to,
        from_visit_at=slot,
        visit_at=when,
    )


def _status_change(copy: Copy, before: Values, after: Values, lead: Lead, status: str) -> list[e.Event]:
    ended = copy.workflow.is_final(status)
    reason = after.reason if ended else ""
    if status == lead.status:
        # Only the reason was changed; the move itself is old.
        same = not ended or reason == before.reason or not reason or reason == lead.close_reason
        if same:
            return []
    elif after.status == before.status:
        return []
    proof = {"contacting": after.last_contact, "contacted": after.last_contact}.get(status, "")
    if status in _VISITED:
        proof = after.visit
    at, observed_after = copy.proven(proof)
    known = next((m for m in copy.workflow.moves_from(lead.status) if m.to == status), None)
    return [
        e.Moved(
            at=at,
            by=copy.actor_for(status),
            reason=reason,
            from_status=lead.status,
            to_status=status,
            move=known.name if known is not None else "",
            workflow=copy.workflow.id,
            irregular=known is None and status != lead.status,
            authority_ref=copy.authority_ref if copy.actor_for(status) is not copy.by else "",
            observed_after=observed_after,
        )
    ]


def outcome_of(copy: Copy, status: str) -> str:
    """Two-way contact is what a later status implies; a sheet rarely says it."""
    known = copy.workflow.status(status)
    return "reached" if known is not None and any(m in _TALKED for m in known.reaches) else "unknown"
