"""The fold: one event into a lead. Total: history is never refused, only commands are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from trialflow.model import events as e
from trialflow.model.facts import (
    Blocker,
    ContactAttempt,
    Decision,
    Episode,
    Handoff,
    Mark,
    OpenDecision,
    Permission,
    PlannedAction,
    Proposal,
    ReadinessItem,
    Stay,
    Visit,
)
from trialflow.model.lead import Lead
from trialflow.model.recorded import Recorded

__all__ = ["evolve", "fold"]

_new, _set, _tuple = object.__new__, object.__setattr__, tuple.__new__

_KEEP_CONTACTS = 50
"""How many attempts a lead keeps one by one: more than any contact policy's window looks at."""

_Change = dict[str, Any]


def evolve(lead: Lead | None, event: e.Event, position: int = 0, *, lead_id: str = "") -> Lead | None:
    """``lead`` after ``event``. ``None`` before a :class:`~trialflow.model.events.Received`; an unknown kind or one
    that makes no sense here changes nothing but the version. Never raises."""
    kind = event.kind
    if lead is None:
        return _received(event, position, lead_id) if isinstance(event, e.Received) else None
    change = _CHANGES.get(kind)
    values = change(lead, event, position) if change is not None else {}
    values["version"] = lead.version + 1
    seen = lead.seen
    before = seen.get(kind)
    mark = _tuple(Mark, (event.at, position))
    if before is None or before.at <= event.at:
        values["seen"] = {**seen, kind: mark}
    name = _FIRSTS.get(kind)
    if name is not None:
        thing = name(event)
        first = lead.firsts.get(thing)
        if first is None or mark.at < first.at:
            values["firsts"] = {**lead.firsts, thing: mark}
    # Copying the dict is 5 x faster than attrs.evolve; the values come from validated events.
    new = _new(Lead)
    _set(new, "__dict__", lead.__dict__ | values)
    return new


def fold(records: Iterable[Recorded]) -> Lead | None:
    """The lead that one stream's records tell, or ``None`` without a ``received``. Voided events are left out."""
    rows = list(records)
    voided = {row.event.position for row in rows if isinstance(row.event, e.Corrected)}
    lead: Lead | None = None
    for row in rows:
        if row.position in voided:
            lead = lead and attrs.evolve(lead, version=lead.version + 1)
        else:
            lead = evolve(lead, row.event, row.position, lead_id=row.stream.removeprefix("lead:"))
    return lead


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
        trail=(Stay(event.status, since, position),),
        episode_since=at,
        seen={"received": Mark(at, position)},
    )


def _acknowledged(lead: Lead, event: e.Acknowledged, _position: int) -> _Change:
    return {"acknowledged_at": lead.acknowledged_at or event.at}


def _moved(lead: Lead, event: e.Moved, position: int) -> _Change:
    at, to = event.at, event.to_status
    if to == lead.status and not event.episode:
        return {"close_reason": event.reason}  # a corrected reason, not a move
    change: _Change = {
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


def _assigned(lead: Lead, event: e.Assigned, position: int) -> _Change:
    handoff = Handoff(
        from_owner=event.from_owner,
        to_owner=event.to_owner,
        at=event.at,
        reason=event.reason,
        position=position,
    )
    return {"owner": event.to_owner, "owner_since": event.at, "handoffs": (*lead.handoffs, handoff)}


def _accepted(lead: Lead, event: e.HandoffAccepted, _position: int) -> _Change:
    if not lead.handoffs or lead.handoffs[-1].accepted_at is not None:
        return {}
    return {"handoffs": (*lead.handoffs[:-1], attrs.evolve(lead.handoffs[-1], accepted_at=event.at))}


def _contacted(lead: Lead, event: e.ContactAttempted, position: int) -> _Change:
    at = event.at
    attempt = ContactAttempt(
        at=at,
        channel=event.channel,
        outcome=event.outcome,
        count=max(0, event.after - event.before),
        position=position,
    )
    change: _Change = {
        "attempts": event.after,
        "contacts": (*lead.contacts[1 - _KEEP_CONTACTS :], attempt),
        "last_contact_at": max(lead.last_contact_at or at, at),
        "first_attempt_at": min(lead.first_attempt_at or at, at),
    }
    if event.outcome == "reached":
        change["first_reached_at"] = min(lead.first_reached_at or at, at)
    return change


def _prescreened(_lead: Lead, event: e.Prescreened, _position: int) -> _Change:
    return {"prescreen": event.to_state, "prescreen_at": event.at}


def _item_set(lead: Lead, event: e.ItemSet, position: int) -> _Change:
    item = ReadinessItem(item=event.item, state=event.to_state, since=event.at, due_at=event.due_at, position=position)
    return {"items": {**lead.items, event.item: item}}


def _blocked(lead: Lead, event: e.Blocked, position: int) -> _Change:
    blocker = Blocker(
        kind=event.blocker,
        since=event.at,
        owner=event.owner,
        due_at=event.due_at,
        ref=event.ref,
        position=position,
    )
    return {"blockers": (*(b for b in lead.blockers if b.kind != event.blocker), blocker)}


def _unblocked(lead: Lead, event: e.Unblocked, _position: int) -> _Change:
    return {"blockers": tuple(b for b in lead.blockers if b.kind != event.blocker)}


def _action_set(_lead: Lead, event: e.ActionSet, position: int) -> _Change:
    action = PlannedAction(
        action=event.action, due_at=event.due_at, owner=event.owner, set_at=event.at, position=position
    )
    return {"action": action}


def _action_done(lead: Lead, event: e.ActionDone, _position: int) -> _Change:
    done = lead.action is not None and lead.action.action == event.action
    return {"action": None} if done else {}


def _visit_set(lead: Lead, event: e.VisitSet, position: int) -> _Change:
    visit = Visit(at=event.visit_at, state=event.to_state, since=event.at, position=position)
    return {"visit": visit, "missed_visits": lead.missed_visits + (event.to_state == "missed")}


def _decision_requested(lead: Lead, event: e.DecisionRequested, position: int) -> _Change:
    opened = OpenDecision(
        decision=event.decision, since=event.at, due_at=event.due_at, role=event.role, position=position
    )
    others = tuple(d for d in lead.open_decisions if d.decision != event.decision)
    return {"open_decisions": (*others, opened)}


def _decision_recorded(lead: Lead, event: e.DecisionRecorded, position: int) -> _Change:
    decided = Decision(
        decision=event.decision,
        outcome=event.outcome,
        at=event.at,
        by=event.by.id,
        role=event.by.role,
        authority_ref=event.authority_ref,
        position=position,
    )
    return {
        "decisions": (*lead.decisions, decided),
        "open_decisions": tuple(d for d in lead.open_decisions if d.decision != event.decision),
    }


def _permission_set(lead: Lead, event: e.PermissionSet, position: int) -> _Change:
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


def _noted(lead: Lead, event: e.Noted, _position: int) -> _Change:
    return {"notes": (*lead.notes, event.ref)}


def _source_set(_lead: Lead, event: e.SourceSet, _position: int) -> _Change:
    return {"source": event.to_source}


def _merged(_lead: Lead, event: e.Merged, _position: int) -> _Change:
    return {"merged_into": event.into}


def _unmerged(_lead: Lead, _event: e.Unmerged, _position: int) -> _Change:
    return {"merged_into": ""}


def _erased(_lead: Lead, event: e.Erased, _position: int) -> _Change:
    return {"erased_at": event.at, "person_ref": "", "external_ref": ""}


def _proposed(lead: Lead, event: e.Proposed, position: int) -> _Change:
    proposal = Proposal(
        proposal=event.proposal,
        command=event.command,
        target=event.target,
        at=event.at,
        expires_at=event.expires_at,
        position=position,
    )
    return {"proposals": (*lead.proposals, proposal)}


def _proposal_closed(lead: Lead, event: e.ProposalClosed, _position: int) -> _Change:
    return {"proposals": tuple(p for p in lead.proposals if p.proposal != event.proposal)}


_CHANGES: dict[str, Callable[[Lead, Any, int], _Change]] = {
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
    "decision_requested": _decision_requested,
    "decision_recorded": _decision_recorded,
    "permission_set": _permission_set,
    "noted": _noted,
    "source_set": _source_set,
    "merged": _merged,
    "unmerged": _unmerged,
    "erased": _erased,
    "proposed": _proposed,
    "proposal_closed": _proposal_closed,
}

# Moves are in the trail already; notes, permissions and the like start and stop no clock.
_FIRSTS: dict[str, Callable[[Any], str]] = {
    "acknowledged": lambda _event: "acknowledged",
    "handoff_accepted": lambda _event: "handoff_accepted",
    "contact_attempted": lambda event: f"contact_attempted:{event.outcome}",
    "prescreened": lambda event: f"prescreened:{event.to_state}",
    "item_set": lambda event: f"item_set:{event.item}:{event.to_state}",
    "blocked": lambda event: f"blocked:{event.blocker}",
    "unblocked": lambda event: f"unblocked:{event.blocker}",
    "action_set": lambda event: f"action_set:{event.action}",
    "visit_set": lambda event: f"visit_set:{event.to_state}",
    "decision_requested": lambda event: f"decision_requested:{event.decision}",
    "decision_recorded": lambda event: f"decision_recorded:{event.decision}",
}
