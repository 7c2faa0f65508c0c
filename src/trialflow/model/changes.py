"""What each kind of event changes in a lead. :func:`trialflow.model.evolve.evolve` applies it.

Every function is total: what makes no sense here changes nothing. It reads the lead as it was and writes into the
fields of the lead to be.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from trialflow.model import events as e
from trialflow.model.decisions import decided
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

__all__ = ["CHANGES", "Values", "moved"]

_tuple = tuple.__new__

_KEEP_CONTACTS = 50
"""How many attempts a lead keeps one by one: more than any contact policy's window looks at."""

Values = dict[str, Any]
"""The fields of the lead to be; every function writes what its event changes."""


def _acknowledged(new: Values, lead: Lead, event: e.Acknowledged, _position: int) -> None:
    new["acknowledged_at"] = lead.acknowledged_at or event.at


def moved(new: Values, lead: Lead, event: e.Moved, position: int) -> None:
    """A move: the status entered, since when and why, and one more stay."""
    at, to, reason, episode = event.at, event.to_status, event.reason, event.episode
    new["close_reason"] = reason
    if to == lead.status and not episode:  # a corrected reason, not a move
        new["trail"] = (*lead.trail[:-1], *(stay._replace(reason=event.reason) for stay in lead.trail[-1:]))
        return
    new["status"] = to
    new["status_since"] = at
    # Adding tuples is quicker than unpacking one: this line runs once for every move ever folded.
    new["trail"] = lead.trail + (_tuple(Stay, (to, at, position, reason)),)  # noqa: RUF005
    if event.irregular:
        new["irregular_moves"] = lead.irregular_moves + 1
    if episode and episode > lead.episode:
        _open_episode(new, lead, event)


def _open_episode(new: Values, lead: Lead, event: e.Moved) -> None:
    ended = Episode(
        number=lead.episode,
        opened_at=lead.episode_since or lead.received_at,
        ended_at=event.at,
        status=lead.status,
        reason=lead.close_reason,
    )
    new["episode"] = event.episode
    new["episode_since"] = event.at
    new["episodes"] = (*lead.episodes, ended)
    new["firsts"] = {}


def _assigned(new: Values, lead: Lead, event: e.Assigned, position: int) -> None:
    handoff = Handoff(
        from_owner=event.from_owner,
        to_owner=event.to_owner,
        at=event.at,
        reason=event.reason,
        accepted_at=event.at if event.by.id == event.to_owner else None,  # who takes a lead accepts it
        position=position,
    )
    new["owner"] = event.to_owner
    new["owner_since"] = event.at
    new["handoffs"] = (*lead.handoffs, handoff)


def _accepted(new: Values, lead: Lead, event: e.HandoffAccepted, _position: int) -> None:
    last = lead.handoffs[-1] if lead.handoffs else None
    if last is not None and last.accepted_at is None and last.to_owner == event.owner:
        new["handoffs"] = (*lead.handoffs[:-1], attrs.evolve(last, accepted_at=event.at))


def _contacted(new: Values, lead: Lead, event: e.ContactAttempted, position: int) -> None:
    at = event.at
    attempt = ContactAttempt(
        at=at,
        channel=event.channel,
        outcome=event.outcome,
        count=max(0, event.after - event.before),
        position=position,
    )
    new["attempts"] = event.after
    new["contacts"] = (*lead.contacts[1 - _KEEP_CONTACTS :], attempt)
    new["last_contact_at"] = max(lead.last_contact_at or at, at)
    new["first_attempt_at"] = min(lead.first_attempt_at or at, at)
    if event.outcome == "reached":
        new["first_reached_at"] = min(lead.first_reached_at or at, at)


def _prescreened(new: Values, _lead: Lead, event: e.Prescreened, _position: int) -> None:
    new["prescreen"] = event.to_state
    new["prescreen_at"] = event.at


def _item_set(new: Values, lead: Lead, event: e.ItemSet, position: int) -> None:
    item = ReadinessItem(
        item=event.item,
        state=event.to_state,
        since=event.at,
        due_at=event.due_at,
        owner=event.owner,
        position=position,
    )
    new["items"] = {**lead.items, event.item: item}


def _blocked(new: Values, lead: Lead, event: e.Blocked, position: int) -> None:
    blocker = Blocker(
        kind=event.blocker,
        since=event.at,
        owner=event.owner,
        due_at=event.due_at,
        ref=event.ref,
        position=position,
    )
    new["blockers"] = (*(b for b in lead.blockers if b.kind != event.blocker), blocker)


def _unblocked(new: Values, lead: Lead, event: e.Unblocked, _position: int) -> None:
    new["blockers"] = tuple(b for b in lead.blockers if b.kind != event.blocker)


def _action_set(new: Values, _lead: Lead, event: e.ActionSet, position: int) -> None:
    new["action"] = PlannedAction(
        action=event.action, due_at=event.due_at, owner=event.owner, set_at=event.at, position=position
    )


def _action_done(new: Values, lead: Lead, event: e.ActionDone, _position: int) -> None:
    if lead.action is not None and lead.action.action == event.action:
        new["action"] = None


def _visit_set(new: Values, lead: Lead, event: e.VisitSet, position: int) -> None:
    new["visit"] = Visit(at=event.visit_at, state=event.to_state, since=event.at, position=position)
    new["missed_visits"] = lead.missed_visits + (event.to_state == "missed")


def _decision(new: Values, lead: Lead, event: e.DecisionRequested | e.DecisionRecorded, position: int) -> None:
    new.update(decided(lead, event, position))


def _permission_set(new: Values, lead: Lead, event: e.PermissionSet, position: int) -> None:
    permission = Permission(
        channel=event.channel,
        purpose=event.purpose,
        allowed=event.allowed,
        at=event.at,
        text_version=event.text_version,
        evidence_ref=event.evidence_ref,
        position=position,
    )
    new["permissions"] = (*lead.permissions, permission)


def _noted(new: Values, lead: Lead, event: e.Noted, _position: int) -> None:
    new["notes"] = (*lead.notes, event.ref)


def _source_set(new: Values, _lead: Lead, event: e.SourceSet, _position: int) -> None:
    new["source"] = event.to_source


def _merged(new: Values, _lead: Lead, event: e.Merged, _position: int) -> None:
    new["merged_into"] = event.into


def _unmerged(new: Values, _lead: Lead, _event: e.Unmerged, _position: int) -> None:
    new["merged_into"] = ""


def _erased(new: Values, _lead: Lead, event: e.Erased, _position: int) -> None:
    new.update(erased_at=event.at, person_ref="", external_ref="")


def _proposed(new: Values, lead: Lead, event: e.Proposed, position: int) -> None:
    proposal = Proposal(
        proposal=event.proposal,
        command=event.command,
        target=event.target,
        at=event.at,
        reason=event.reason,
        expires_at=event.expires_at,
        position=position,
    )
    new["proposals"] = (*(p for p in lead.proposals if p.proposal != event.proposal), proposal)


def _proposal_closed(new: Values, lead: Lead, event: e.ProposalClosed, _position: int) -> None:
    closed = [
        attrs.evolve(p, outcome=event.outcome, closed_at=event.at, closed_by=event.by.id)
        for p in lead.proposals
        if p.proposal == event.proposal
    ]
    new["proposals"] = tuple(p for p in lead.proposals if p.proposal != event.proposal)
    new["past_proposals"] = (*lead.past_proposals, *closed)


CHANGES: dict[str, Callable[[Values, Lead, Any, int], None]] = {
    "acknowledged": _acknowledged,
    "moved": moved,
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
    "decision_requested": _decision,
    "decision_recorded": _decision,
    "permission_set": _permission_set,
    "noted": _noted,
    "source_set": _source_set,
    "merged": _merged,
    "unmerged": _unmerged,
    "erased": _erased,
    "proposed": _proposed,
    "proposal_closed": _proposal_closed,
}
"""What writes the change of each kind, given the new fields, the lead, the event and its position."""
