"""The daily work on a lead, decided: contacts, prescreen, readiness items, blockers, planned actions, visits.

Every function gives the events to append, or raises :class:`Refused` with all that is wrong. Times are UTC.
"""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from trialflow.model import events as e
from trialflow.model.errors import Refusal
from trialflow.model.facts import PLANNED, ItemState, PrescreenState, VisitState
from trialflow.model.lead import Lead
from trialflow.model.parties import Actor
from trialflow.rules.refusals import code_refusals, one_of, open_refusals, settle, shown
from trialflow.rules.workflow import Workflow

__all__ = [
    "acknowledge",
    "action_done",
    "block",
    "contact",
    "prescreen",
    "set_action",
    "set_item",
    "unblock",
    "visit",
]

CONTACT_OUTCOMES = ("reached", "no_answer", "voicemail", "sent", "wrong_number", "unknown")
"""What became of an attempt. ``reached`` is two-way contact."""


def acknowledge(workflow: Workflow, lead: Lead, *, at: datetime, by: Actor) -> tuple[e.Event, ...]:
    """The site confirms to the referrer that it has the lead."""
    done = [Refusal("no_change", "it was acknowledged already", "nothing to do")] if lead.acknowledged_at else []
    settle(workflow, lead, "acknowledge", by, done)
    return (e.Acknowledged(at=at, by=by),)


def contact(
    workflow: Workflow, lead: Lead, *, at: datetime, by: Actor, outcome: str = "unknown", channel: str = "phone"
) -> tuple[e.Event, ...]:
    """One attempt to reach the person; recorded even where :func:`may_contact` would have said no: it happened."""
    found = one_of(outcome, CONTACT_OUTCOMES, "outcome_unknown", "the outcome")
    found += one_of(channel, workflow.contact.channels, "channel_unknown", "the channel")
    settle(workflow, lead, "contact", by, found)
    return (
        e.ContactAttempted(
            at=at, by=by, channel=channel, outcome=outcome, before=lead.attempts, after=lead.attempts + 1
        ),
    )


def prescreen(workflow: Workflow, lead: Lead, state: PrescreenState, *, at: datetime, by: Actor) -> tuple[e.Event, ...]:
    """The prescreen questions were started or completed."""
    found = one_of(state, get_args(PrescreenState), "state_unknown", "the prescreen state")
    if state == lead.prescreen:
        found.append(Refusal("no_change", f"the prescreen is at {state} already", "nothing to do"))
    settle(workflow, lead, "prescreen", by, found)
    return (e.Prescreened(at=at, by=by, from_state=lead.prescreen, to_state=state),)


def set_item(
    workflow: Workflow,
    lead: Lead,
    item: str,
    state: ItemState,
    *,
    at: datetime,
    by: Actor,
    due_at: datetime | None = None,
    owner: str = "",
    reason: str = "",
) -> tuple[e.Event, ...]:
    """A readiness item goes to ``state``; ``due_at`` says until when the next step is expected, ``owner`` from whom."""
    found = one_of(item, tuple(i.code for i in workflow.items), "item_unknown", "the item")
    found += one_of(state, get_args(ItemState), "state_unknown", "the item state")
    known = lead.items.get(item)
    before: ItemState = known.state if known is not None else "unknown"
    found += code_refusals(owner=owner, reason=reason)
    if (before, known.due_at if known else None, known.owner if known else "") == (state, due_at, owner):
        found.append(Refusal("no_change", f"{shown(item)} is at {state} already", "nothing to do"))
    settle(workflow, lead, "item", by, found)
    return (
        e.ItemSet(
            at=at, by=by, item=item, from_state=before, to_state=state, due_at=due_at, owner=owner, reason=reason
        ),
    )


def block(
    workflow: Workflow,
    lead: Lead,
    kind: str,
    *,
    at: datetime,
    by: Actor,
    owner: str = "",
    due_at: datetime | None = None,
    ref: str = "",
) -> tuple[e.Event, ...]:
    """Progress stops for a named reason; ``owner`` is whose turn it is, the lead's owner by default."""
    found = one_of(kind, tuple(b.code for b in workflow.blockers), "blocker_unknown", "the blocker")
    found += [*open_refusals(workflow, lead), *code_refusals(owner=owner, ref=ref)]
    if any(b.kind == kind for b in lead.blockers):
        found.append(Refusal("no_change", f"{kind} blocks already", "clear it first, or block with another kind"))
    settle(workflow, lead, "block", by, found)
    return (e.Blocked(at=at, by=by, blocker=kind, owner=owner or lead.owner, due_at=due_at, ref=ref),)


def unblock(
    workflow: Workflow, lead: Lead, kind: str, *, at: datetime, by: Actor, reason: str = ""
) -> tuple[e.Event, ...]:
    """A blocker is cleared, by a role that may clear it."""
    found = code_refusals(reason=reason)
    standing = ", ".join(b.kind for b in lead.blockers) or "none"
    if not any(b.kind == kind for b in lead.blockers):
        found.append(Refusal("blocker_absent", f"{shown(kind)} does not block this lead", f"standing: {standing}"))
    known = workflow.blocker(kind)
    able = known.cleared_by if known is not None else ()
    if able and by.role not in able:
        found.append(Refusal("role_not_allowed", f"this role may not clear {kind}", f"ask: {', '.join(able)}"))
    settle(workflow, lead, "unblock", by, found)
    return (e.Unblocked(at=at, by=by, blocker=kind, reason=reason),)


def set_action(
    workflow: Workflow, lead: Lead, action: str, *, due_at: datetime, at: datetime, by: Actor, owner: str = ""
) -> tuple[e.Event, ...]:
    """Plan the one next action for a date. Staleness waits until then; it is also how a stale lead is snoozed."""
    found = [*open_refusals(workflow, lead), *code_refusals(action=action, owner=owner)]
    if not action:
        found.append(Refusal("action_missing", "which action is planned?", "give a code such as call_back"))
    if due_at <= at:
        found.append(Refusal("due_in_past", "the action would be due before it is planned", "give a later date"))
    settle(workflow, lead, "action", by, found)
    return (e.ActionSet(at=at, by=by, action=action, due_at=due_at, owner=owner),)


def action_done(workflow: Workflow, lead: Lead, *, at: datetime, by: Actor) -> tuple[e.Event, ...]:
    """The planned action was done."""
    planned = lead.action
    found = [] if planned else [Refusal("action_absent", "no action is planned", "plan one first")]
    settle(workflow, lead, "action", by, found)
    return (e.ActionDone(at=at, by=by, action=planned.action if planned else ""),)


def visit(
    workflow: Workflow,
    lead: Lead,
    state: VisitState,
    *,
    at: datetime,
    by: Actor,
    visit_at: datetime | None = None,
    reason: str = "",
) -> tuple[e.Event, ...]:
    """A visit is scheduled, rescheduled, cancelled, attended or missed. Moving the status is a move of its own."""
    found = one_of(state, tuple(s for s in get_args(VisitState) if s != "none"), "state_unknown", "the visit state")
    slot = lead.visit.at if lead.visit is not None else None
    before: VisitState = lead.visit.state if lead.visit is not None else "none"
    when = visit_at or slot
    found += [*code_refusals(reason=reason), *_slot_refusals(state, before, slot, visit_at, at)]
    if state in PLANNED:
        found += open_refusals(workflow, lead)
    settle(workflow, lead, "visit", by, found)
    return (
        e.VisitSet(at=at, by=by, reason=reason, from_state=before, to_state=state, from_visit_at=slot, visit_at=when),
    )


def _slot_refusals(
    state: str, before: str, slot: datetime | None, given: datetime | None, at: datetime
) -> list[Refusal]:
    """What is wrong with the date of a visit that goes from ``before`` at ``slot`` to ``state``."""
    when = given or slot
    if when is None:
        return [Refusal("visit_missing", "no visit date is known", "give visit_at")]
    found = []
    if state == before and when == slot:
        found.append(Refusal("no_change", f"the visit is {state} already", "nothing to do"))
    if state in PLANNED and (given is None or given <= at):
        found.append(Refusal("visit_in_past", "a visit is scheduled ahead", "give a later visit_at"))
    if state == "rescheduled" and slot is None:
        found.append(Refusal("visit_missing", "no visit was scheduled before", "schedule it first"))
    if state in ("attended", "missed") and when > at:
        found.append(Refusal("visit_not_due", "the visit has not taken place yet", "record it after its date"))
    if state not in PLANNED and given is None and before not in PLANNED and state != before:
        found.append(Refusal("visit_not_planned", f"the visit is {before}", "schedule a visit first, or give visit_at"))
    return found
