"""Care of the record, decided: owners, permissions, decisions quoted, proposals, merges, corrections, erasure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from trialflow.model import events as e
from trialflow.model.errors import Refusal
from trialflow.model.evolve import voided
from trialflow.model.facts import Permission
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED, Actor, Source
from trialflow.model.recorded import Recorded
from trialflow.rules.authority import decision_refusals
from trialflow.rules.contact import PURPOSES, asked_for_none, permission_for
from trialflow.rules.ownership import handoff_waiting
from trialflow.rules.refusals import code_refusals, one_of, person_refusals, settle, source_refusals
from trialflow.rules.workflow import Workflow

__all__ = [
    "accept_handoff",
    "assign",
    "carried_refusals",
    "correct",
    "erase",
    "merge",
    "note",
    "permit",
    "record_decision",
    "request_decision",
    "set_source",
    "unmerge",
]


def assign(
    workflow: Workflow, lead: Lead, owner: str, *, at: datetime, by: Actor, reason: str = ""
) -> tuple[e.Event, ...]:
    """Hand the lead to ``owner`` (an id, or UNASSIGNED). Notes, attempts, blockers and the next action stay with it.

    ``reason`` is the context, by a code; only a lead that nobody owned changes hands without one.
    """
    found = code_refusals(owner=owner, reason=reason)
    if not owner:
        found.append(Refusal("owner_blank", "an owner is an id or UNASSIGNED, never blank", "name the owner"))
    if owner == lead.owner:
        found.append(Refusal("no_change", "this owner has the lead already", "nothing to do"))
    elif lead.owner != UNASSIGNED and not reason:
        found.append(Refusal("context_missing", "a handoff says why", "give a reason such as absence or workload"))
    settle(workflow, lead, "assign", by, found)
    return (e.Assigned(at=at, by=by, reason=reason, from_owner=lead.owner, to_owner=owner),)


def accept_handoff(workflow: Workflow, lead: Lead, *, at: datetime, by: Actor) -> tuple[e.Event, ...]:
    """The new owner takes the lead over."""
    waiting = handoff_waiting(lead)
    found = [] if waiting else [Refusal("handoff_absent", "no handoff waits for acceptance", "nothing to do")]
    if waiting and by.id != lead.owner and by.on_behalf_of != lead.owner:
        found.append(
            Refusal("not_the_owner", "only the new owner accepts", "let the new owner accept, or act on_behalf_of")
        )
    settle(workflow, lead, "accept", by, found)
    return (e.HandoffAccepted(at=at, by=by, owner=lead.owner),)


def permit(
    workflow: Workflow,
    lead: Lead,
    allowed: bool,
    *,
    at: datetime,
    by: Actor,
    channel: str = "*",
    purpose: str = "*",
    text_version: str = "",
    evidence_ref: str = "",
    reason: str = "",
) -> tuple[e.Event, ...]:
    """The person allows or forbids contact. A permission needs its evidence; a refusal needs nothing."""
    found = one_of(channel, ("*", *workflow.contact.channels), "channel_unknown", "the channel")
    found += one_of(purpose, ("*", *PURPOSES), "purpose_unknown", "the purpose")
    found += code_refusals(text_version=text_version, evidence_ref=evidence_ref, reason=reason)
    if allowed and not (text_version or evidence_ref):
        found.append(
            Refusal("evidence_missing", "a permission needs its evidence", "give text_version or evidence_ref")
        )
    settle(workflow, lead, "permit", by, found)
    return (
        e.PermissionSet(
            at=at,
            by=by,
            reason=reason,
            channel=channel,
            purpose=purpose,
            allowed=allowed,
            text_version=text_version,
            evidence_ref=evidence_ref,
        ),
    )


def request_decision(
    workflow: Workflow,
    lead: Lead,
    decision: str,
    *,
    at: datetime,
    by: Actor,
    due_at: datetime | None = None,
    role: str,
) -> tuple[e.Event, ...]:
    """Put a question to a deciding role of the study team."""
    deciders = tuple(r.code for r in workflow.roles if r.decider)
    found = [*one_of(role, deciders, "decider_required", "the deciding role"), *code_refusals(decision=decision)]
    if not decision:
        found.append(Refusal("decision_blank", "which decision is asked for?", "give its code"))
    if any(d.decision == decision and d.role == role and d.due_at == due_at for d in lead.open_decisions):
        found.append(Refusal("no_change", "this decision is asked for already", "nothing to do"))
    settle(workflow, lead, "request_decision", by, found)
    return (e.DecisionRequested(at=at, by=by, decision=decision, due_at=due_at, role=role),)


def record_decision(
    workflow: Workflow, lead: Lead, decision: str, outcome: str, *, at: datetime, by: Actor, authority_ref: str
) -> tuple[e.Event, ...]:
    """Quote what an authorised person of the study team decided. Automation is refused."""
    found = decision_refusals(workflow, by, authority_ref)
    found += code_refusals(decision=decision, outcome=outcome, authority_ref=authority_ref)
    if not decision or not outcome:
        found.append(Refusal("decision_blank", "a decision has a code and an outcome", "give both"))
    settle(workflow, lead, "record_decision", by, found)
    return (e.DecisionRecorded(at=at, by=by, decision=decision, outcome=outcome, authority_ref=authority_ref),)


def note(workflow: Workflow, lead: Lead, ref: str, *, at: datetime, by: Actor) -> tuple[e.Event, ...]:
    """A note was written; its text lies in the vault under ``ref``."""
    found = code_refusals(ref=ref)
    if not ref:
        found.append(Refusal("note_blank", "a note is a reference into the vault", "store its text first"))
    settle(workflow, lead, "note", by, found)
    return (e.Noted(at=at, by=by, ref=ref),)


def set_source(workflow: Workflow, lead: Lead, source: Source, *, at: datetime, by: Actor) -> tuple[e.Event, ...]:
    """The source was corrected."""
    found = [Refusal("no_change", "this is the source already", "nothing to do")] if source == lead.source else []
    settle(workflow, lead, "source", by, found + source_refusals(source))
    return (e.SourceSet(at=at, by=by, from_source=lead.source, to_source=source),)


def merge(
    workflow: Workflow, lead: Lead, into: Lead, *, at: datetime, by: Actor, reason: str = ""
) -> tuple[e.Event, ...]:
    """A person declares ``lead`` to be the same as ``into``; can be taken back by :func:`unmerge`.

    :func:`carried_refusals` gives what has to be recorded for ``into`` at the same time.
    """
    found = [*person_refusals(by), *code_refusals(reason=reason)]
    if lead.id == into.id:
        found.append(Refusal("merge_with_itself", "a lead cannot be merged into itself", "name another lead"))
    if into.merged_into:
        found.append(Refusal("merged", "the other lead was merged away itself", "merge into the one that stands"))
    if lead.study and into.study and lead.study != into.study:
        found.append(Refusal("other_study", "the leads belong to two studies", "join them by person_ref instead"))
    settle(workflow, lead, "merge", by, found)
    return (e.Merged(at=at, by=by, into=into.id, reason=reason),)


def carried_refusals(workflow: Workflow, lead: Lead, into: Lead, *, at: datetime, by: Actor) -> tuple[e.Event, ...]:
    """What the person has forbidden as ``lead``, for the stream of ``into``: of two answers the stricter one holds."""
    ways = {(p.channel, p.purpose) for p in lead.permissions}
    denied = {way for way in ways if not _allows(permission_for(lead, *way))}
    if asked_for_none(lead, workflow) is not None:
        denied.add(("*", "*"))
    return tuple(
        e.PermissionSet(at=at, by=by, reason="merged", channel=channel, purpose=purpose, allowed=False)
        for channel, purpose in sorted(denied)
        if _allows(permission_for(into, channel, purpose))
    )


def _allows(permission: Permission | None) -> bool:
    return permission is None or permission.allowed


def unmerge(workflow: Workflow, lead: Lead, *, at: datetime, by: Actor, reason: str = "") -> tuple[e.Event, ...]:
    """Take a merge back."""
    found = [*person_refusals(by), *code_refusals(reason=reason)]
    if not lead.merged_into:
        found.append(Refusal("not_merged", "this lead was not merged", "nothing to do"))
    settle(workflow, lead, "unmerge", by, found)
    return (e.Unmerged(at=at, by=by, into=lead.merged_into, reason=reason),)


def correct(
    workflow: Workflow,
    lead: Lead,
    history: Sequence[Recorded],
    position: int,
    *,
    at: datetime,
    by: Actor,
    reason: str,
) -> tuple[e.Event, ...]:
    """Void the event at ``position`` of ``history``, the lead's records; it stays readable, the fold leaves it out.

    Refused without a reason (EU Annex 11 section 9) and for automation. What a study team decided is voided by a
    deciding role alone; an arrival and an erasure stand.
    """
    found = [*person_refusals(by), *code_refusals(reason=reason)]
    if not reason:
        found.append(Refusal("reason_missing", "a correction needs a reason", "say why, by a code"))
    found += _voidable(workflow, history, position, by)
    settle(workflow, lead, "correct", by, found)
    return (e.Corrected(at=at, by=by, position=position, reason=reason),)


def _voidable(workflow: Workflow, history: Sequence[Recorded], position: int, by: Actor) -> list[Refusal]:
    event = next((row.event for row in history if row.position == position), None)
    if event is None:
        return [Refusal("event_absent", f"this lead has no event at position {position}", "see the lead's history")]
    gone = voided((row.position, row.event.position) for row in history if isinstance(row.event, e.Corrected))
    if position in gone:
        return [Refusal("no_change", "this event is left out already", "void its correction to bring it back")]
    if isinstance(event, e.Received):
        return [Refusal("received_stands", "the arrival of a lead stands", "merge or close the lead instead")]
    if isinstance(event, e.Erased):
        return [Refusal("erasure_stands", "what was erased cannot come back", "receive the person anew")]
    return _deciders_only(workflow, event, by)


def _deciders_only(workflow: Workflow, event: e.Event, by: Actor) -> list[Refusal]:
    decided = isinstance(event, e.DecisionRecorded)
    if isinstance(event, e.Moved):
        ends = (workflow.status(code) for code in (event.from_status, event.to_status))
        decided = any(status is not None and status.decides == "study_team" for status in ends)
    if not decided:
        return []
    return [r for r in decision_refusals(workflow, by, "") if r.code != "authority_missing"]


def erase(workflow: Workflow, lead: Lead, *, at: datetime, by: Actor, reason: str) -> tuple[e.Event, ...]:
    """Identity and notes go; the ledger's codes stay. Refused without a reason, and for automation."""
    found = [*person_refusals(by), *code_refusals(reason=reason)]
    if not reason:
        found.append(Refusal("reason_missing", "an erasure needs a reason", "say why, by a code"))
    if lead.erased_at is not None:
        found.append(Refusal("no_change", "it was erased already", "nothing to do"))
    settle(workflow, lead, "erase", by, found)
    return (e.Erased(at=at, by=by, reason=reason),)
