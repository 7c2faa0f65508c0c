"""Care of the record, decided: owners, permissions, decisions quoted, proposals, merges, corrections, erasure."""

from __future__ import annotations

from datetime import datetime

from trialflow.model import events as e
from trialflow.model.errors import Refusal, Refused
from trialflow.model.lead import Lead
from trialflow.model.parties import Actor, Source
from trialflow.rules.authority import decision_refusals
from trialflow.rules.work import one_of, settle
from trialflow.rules.workflow import Workflow

__all__ = [
    "accept_handoff",
    "assign",
    "close_proposal",
    "correct",
    "erase",
    "merge",
    "note",
    "permit",
    "propose",
    "record_decision",
    "request_decision",
    "set_source",
    "unmerge",
]


def assign(
    workflow: Workflow, lead: Lead, owner: str, *, at: datetime, by: Actor, reason: str = ""
) -> tuple[e.Event, ...]:
    """Hand the lead to ``owner`` (an id, or UNASSIGNED). Notes, attempts, blockers and the next action stay with it."""
    found = []
    if not owner:
        found.append(Refusal("owner_blank", "an owner is an id or UNASSIGNED, never blank", "name the owner"))
    if owner == lead.owner:
        found.append(Refusal("no_change", "this owner has the lead already", "nothing to do"))
    settle(workflow, lead, "assign", by, found)
    return (e.Assigned(at=at, by=by, reason=reason, from_owner=lead.owner, to_owner=owner),)


def accept_handoff(workflow: Workflow, lead: Lead, *, at: datetime, by: Actor) -> tuple[e.Event, ...]:
    """The new owner takes the lead over."""
    waiting = bool(lead.handoffs) and lead.handoffs[-1].accepted_at is None
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
    found = one_of(role, deciders, "decider_required", "the deciding role")
    if not decision:
        found.append(Refusal("decision_blank", "which decision is asked for?", "give its code"))
    settle(workflow, lead, "request_decision", by, found)
    return (e.DecisionRequested(at=at, by=by, decision=decision, due_at=due_at, role=role),)


def record_decision(
    workflow: Workflow, lead: Lead, decision: str, outcome: str, *, at: datetime, by: Actor, authority_ref: str
) -> tuple[e.Event, ...]:
    """Quote what an authorised person of the study team decided. Automation is refused."""
    found = decision_refusals(workflow, by, authority_ref)
    if not decision or not outcome:
        found.append(Refusal("decision_blank", "a decision has a code and an outcome", "give both"))
    settle(workflow, lead, "record_decision", by, found)
    return (e.DecisionRecorded(at=at, by=by, decision=decision, outcome=outcome, authority_ref=authority_ref),)


def note(workflow: Workflow, lead: Lead, ref: str, *, at: datetime, by: Actor) -> tuple[e.Event, ...]:
    """A note was written; its text lies in the vault under ``ref``."""
    settle(workflow, lead, "note", by, [])
    return (e.Noted(at=at, by=by, ref=ref),)


def set_source(workflow: Workflow, lead: Lead, source: Source, *, at: datetime, by: Actor) -> tuple[e.Event, ...]:
    """The source was corrected."""
    same = [Refusal("no_change", "this is the source already", "nothing to do")] if source == lead.source else []
    settle(workflow, lead, "source", by, same)
    return (e.SourceSet(at=at, by=by, from_source=lead.source, to_source=source),)


def propose(
    workflow: Workflow,
    lead: Lead,
    proposal: str,
    command: str,
    *,
    at: datetime,
    by: Actor,
    target: str = "",
    expires_at: datetime | None = None,
) -> tuple[e.Event, ...]:
    """Automation suggests ``command``; nothing else changes."""
    twice = any(p.proposal == proposal for p in lead.proposals)
    found = [Refusal("no_change", "this proposal is open already", "resolve it first")] if twice else []
    settle(workflow, lead, "propose", by, found)
    return (e.Proposed(at=at, by=by, proposal=proposal, command=command, target=target, expires_at=expires_at),)


def close_proposal(
    workflow: Workflow, lead: Lead, proposal: str, outcome: str, *, at: datetime, by: Actor
) -> tuple[e.Event, ...]:
    """A person accepts or declines a proposal. An expired one can only be marked expired."""
    found = one_of(outcome, ("accepted", "declined", "expired"), "outcome_unknown", "the outcome")
    standing = next((p for p in lead.proposals if p.proposal == proposal), None)
    if standing is None:
        found.append(Refusal("proposal_absent", "no such proposal is open", "list the lead's proposals"))
    elif outcome == "accepted" and standing.expires_at is not None and standing.expires_at <= at:
        found.append(Refusal("proposal_expired", "the proposal has expired", "mark it expired; propose again"))
    if outcome == "accepted" and by.kind != "person":
        found.append(Refusal("person_required", "only a person accepts a proposal", "let a person accept it"))
    settle(workflow, lead, "proposal", by, found)
    return (e.ProposalClosed(at=at, by=by, proposal=proposal, outcome=outcome),)


def merge(
    workflow: Workflow, lead: Lead, into: Lead, *, at: datetime, by: Actor, reason: str = ""
) -> tuple[e.Event, ...]:
    """A person declares ``lead`` to be the same as ``into``; can be taken back by :func:`unmerge`."""
    found = _person(by)
    if lead.id == into.id:
        found.append(Refusal("merge_with_itself", "a lead cannot be merged into itself", "name another lead"))
    if into.merged_into:
        found.append(Refusal("merged", "the other lead was merged away itself", "merge into the one that stands"))
    settle(workflow, lead, "merge", by, found)
    return (e.Merged(at=at, by=by, into=into.id, reason=reason),)


def unmerge(workflow: Workflow, lead: Lead, *, at: datetime, by: Actor, reason: str = "") -> tuple[e.Event, ...]:
    """Take a merge back."""
    found = _person(by)
    if not lead.merged_into:
        found.append(Refusal("not_merged", "this lead was not merged", "nothing to do"))
    settle(workflow, lead, "unmerge", by, found)
    return (e.Unmerged(at=at, by=by, into=lead.merged_into, reason=reason),)


def correct(
    workflow: Workflow, lead: Lead, position: int, *, at: datetime, by: Actor, reason: str
) -> tuple[e.Event, ...]:
    """Void the event at ``position`` of this lead's stream. Refused without a reason (EU Annex 11 section 9)."""
    found = [] if reason else [Refusal("reason_missing", "a correction needs a reason", "say why, by a code")]
    settle(workflow, lead, "correct", by, found)
    return (e.Corrected(at=at, by=by, position=position, reason=reason),)


def erase(workflow: Workflow, lead: Lead, *, at: datetime, by: Actor, reason: str) -> tuple[e.Event, ...]:
    """Identity and notes go; the ledger's codes stay. Refused without a reason, and for automation."""
    found = _person(by)
    if not reason:
        found.append(Refusal("reason_missing", "an erasure needs a reason", "say why, by a code"))
    if lead.erased_at is not None:
        found.append(Refusal("no_change", "it was erased already", "nothing to do"))
    settle(workflow, lead, "erase", by, found)
    return (e.Erased(at=at, by=by, reason=reason),)


def _person(by: Actor) -> list[Refusal]:
    if by.kind == "person":
        return []
    return [Refusal("person_required", "only a person may do this", "let a person do it")]


def refuse(command: str, status: str, refusal: Refusal) -> Refused:
    """One refusal as an error."""
    return Refused(command, status, (refusal,))
