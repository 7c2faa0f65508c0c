"""What each kind of event changes in a lead. :func:`trialflow.model.evolve.evolve` applies it.

Every function is total: what makes no sense here changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from trialflow.model import events as e
from trialflow.model.decisions import decision_recorded, decision_requested
from trialflow.model.facts import (
    Blocker,
    ContactAttempt,
    Episode,
    Handoff,
    Permission,
    PlannedAction,
    Proposal,
    ReadinessItem,
    Stay,
    Visit,
)
from trialflow.model.lead import Lead

__all__ = ["CHANGES", "Change"]

_tuple = tuple.__new__

_KEEP_CONTACTS = 50
"""How many attempts a lead keeps one by one: more than any contact policy's window looks at."""

Change = dict[str, Any]
"""Fields of a lead and their new values. With ``seen`` among them the event is no movement."""


def _acknowledged(lead: Lead, event: e.Acknowledged, _position: int) -> Change:
    return {"acknowledged_at": lead.acknowledged_at or event.at}


def _moved(lead: Lead, event: e.Moved, position: int) -> Change:
    at, to = event.at, event.to_status
    if to == lead.status and not event.episode:
        return {"close_reason": event.reason, "seen": lead.seen}  # a corrected reason, not a movement
    change: Change = {
        "status": to,
        "status_since": at,
        "close_reason": event.reason,
        "trail": (*lead.trail, _tuple(Stay, (to, at, position))),
    }
    if event.irregular:
        change["irregular_moves"] = lead.irregular_moves + 1
    if event.episode > lead.episode:
        ended = Episode(
            number=lead.episode,
            opened_at=lead.episode_since or lead.received_at,
            ended_at=at,
            status=lead.status,
            reason=lead.close_reason,
        )
        change |= {"episode": event.episode, "episode_since": at, "episodes": (*lead.episodes, ended)}
        change["firsts"] = {}
    return change


def _assigned(lead: Lead, event: e.Assigned, position: int) -> Change:
    handoff = Handoff(
        from_owner=event.from_owner,
        to_owner=event.to_owner,
        at=event.at,
        reason=event.reason,
        accepted_at=event.at if event.by.id == event.to_owner else None,  # who takes a lead accepts it
        position=position,
    )
    return {"owner": event.to_owner, "owner_since": event.at, "handoffs": (*lead.handoffs, handoff)}


def _accepted(lead: Lead, event: e.HandoffAccepted, _position: int) -> Change:
    last = lead.handoffs[-1] if lead.handoffs else None
    if last is None or last.accepted_at is not None or last.to_owner != event.owner:
        return {}
    return {"handoffs": (*lead.handoffs[:-1], attrs.evolve(last, accepted_at=event.at))}


def _contacted(lead: Lead, event: e.ContactAttempted, position: int) -> Change:
    at = event.at
    attempt = ContactAttempt(
        at=at,
        channel=event.channel,
        outcome=event.outcome,
        count=max(0, event.after - event.before),
        position=position,
    )
    change: Change = {
        "attempts": event.after,
        "contacts": (*lead.contacts[1 - _KEEP_CONTACTS :], attempt),
        "last_contact_at": max(lead.last_contact_at or at, at),
        "first_attempt_at": min(lead.first_attempt_at or at, at),
    }
    if event.outcome == "reached":
        change["first_reached_at"] = min(lead.first_reached_at or at, at)
    return change


def _prescreened(_lead: Lead, event: e.Prescreened, _position: int) -> Change:
    return {"prescreen": event.to_state, "prescreen_at": event.at}


def _item_set(lead: Lead, event: e.ItemSet, position: int) -> Change:
    item = ReadinessItem(item=event.item, state=event.to_state, since=event.at, due_at=event.due_at, position=position)
    return {"items": {**lead.items, event.item: item}}


def _blocked(lead: Lead, event: e.Blocked, position: int) -> Change:
    blocker = Blocker(
        kind=event.blocker,
        since=event.at,
        owner=event.owner,
        due_at=event.due_at,
        ref=event.ref,
        position=position,
    )
    return {"blockers": (*(b for b in lead.blockers if b.kind != event.blocker), blocker)}


def _unblocked(lead: Lead, event: e.Unblocked, _position: int) -> Change:
    return {"blockers": tuple(b for b in lead.blockers if b.kind != event.blocker)}


def _action_set(_lead: Lead, event: e.ActionSet, position: int) -> Change:
    action = PlannedAction(
        action=event.action, due_at=event.due_at, owner=event.owner, set_at=event.at, position=position
    )
    return {"action": action}


def _action_done(lead: Lead, event: e.ActionDone, _position: int) -> Change:
    done = lead.action is not None and lead.action.action == event.action
    return {"action": None} if done else {}


def _visit_set(lead: Lead, event: e.VisitSet, position: int) -> Change:
    visit = Visit(at=event.visit_at, state=event.to_state, since=event.at, position=position)
    return {"visit": visit, "missed_visits": lead.missed_visits + (event.to_state == "missed")}


def _permission_set(lead: Lead, event: e.PermissionSet, position: int) -> Change:
    permission = Permission(
        channel=event.channel,
        purpose=event.purpose,
        allowed=event.allowed,
        at=event.at,
        text_version=event.text_version,
        evidence_ref=event.evidence_ref,
        position=position,
    )
    return {"permissions": (*lead.permissions, permission)}


def _noted(lead: Lead, event: e.Noted, _position: int) -> Change:
    return {"notes": (*lead.notes, event.ref)}


def _source_set(_lead: Lead, event: e.SourceSet, _position: int) -> Change:
    return {"source": event.to_source}


def _merged(_lead: Lead, event: e.Merged, _position: int) -> Change:
    return {"merged_into": event.into}


def _unmerged(_lead: Lead, _event: e.Unmerged, _position: int) -> Change:
    return {"merged_into": ""}


def _erased(_lead: Lead, event: e.Erased, _position: int) -> Change:
    return {"erased_at": event.at, "person_ref": "", "external_ref": ""}


def _proposed(lead: Lead, event: e.Proposed, position: int) -> Change:
    proposal = Proposal(
        proposal=event.proposal,
        command=event.command,
        target=event.target,
        at=event.at,
        reason=event.reason,
        expires_at=event.expires_at,
        position=position,
    )
    return {"proposals": (*(p for p in lead.proposals if p.proposal != event.proposal), proposal)}


def _proposal_closed(lead: Lead, event: e.ProposalClosed, _position: int) -> Change:
    closed = [
        attrs.evolve(p, outcome=event.outcome, closed_at=event.at, closed_by=event.by.id)
        for p in lead.proposals
        if p.proposal == event.proposal
    ]
    return {
        "proposals": tuple(p for p in lead.proposals if p.proposal != event.proposal),
        "past_proposals": (*lead.past_proposals, *closed),
    }


CHANGES: dict[str, Callable[[Lead, Any, int], Change]] = {
    "acknowledged": _acknowledged,
    "moved": _moved,
    "assigned": _assigned,
    "handoff_accepted": _accepted,
    "contact_attempted": _contacted,
    "prescreened": _prescreened,
    "item_set": _item_set,
    "blocked": _blocked,
    "unblocked": _unblocked,
    "action_set": _action_set,
    "action_done": _action_done,
    "visit_set": _visit_set,
    "decision_requested": decision_requested,
    "decision_recorded": decision_recorded,
    "permission_set": _permission_set,
    "noted": _noted,
    "source_set": _source_set,
    "merged": _merged,
    "unmerged": _unmerged,
    "erased": _erased,
    "proposed": _proposed,
    "proposal_closed": _proposal_closed,
}
"""What an event of each kind changes, given the lead, the event and its position."""
