"""Proposals: what automation may suggest. Nothing changes until a person accepts; what was declined is kept.

:func:`proposals` derives what the rules suggest now. Recorded by :func:`propose`, a proposal stands until a person
accepts or declines it or it expires. An accepted one carries its command out in the same append, under the same
refusals as if the person had given the command.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

import attrs

from trialflow.model import events as e
from trialflow.model.errors import Refusal, Refused
from trialflow.model.facts import ItemState, Proposal
from trialflow.model.lead import Lead
from trialflow.model.parties import Actor
from trialflow.rules.calendar import calendar_of
from trialflow.rules.guards import GUARDS, Guard
from trialflow.rules.moves import move
from trialflow.rules.next_action import Reason, assess
from trialflow.rules.refusals import code_refusals, one_of, open_refusals, person_refusals, settle
from trialflow.rules.work import set_action, set_item
from trialflow.rules.workflow import Span, Workflow

__all__ = ["COMMANDS", "Suggestion", "close_proposal", "open_proposals", "proposals", "propose"]

STANDS = Span(amount=5, unit="days", clock="working")
"""How long a suggestion stands before it expires."""

COMMANDS = ("move", "item", "action")
"""What a proposal may ask for: a move (to a status or by its name), an item (``records:requested``), a planned action
for the next working day."""

_NEXT_DAY = Span(amount=1, unit="days", clock="working")


@attrs.frozen(kw_only=True)
class Suggestion:
    """What the rules suggest: :func:`propose` takes its fields. ``because`` names the events that led to it."""

    proposal: str
    command: str
    target: str
    reason: str
    expires_at: datetime
    because: tuple[Reason, ...]


def proposals(lead: Lead, workflow: Workflow, as_of: datetime) -> tuple[Suggestion, ...]:
    """What automation may suggest for ``lead`` at ``as_of``. What stands open, or was declined since its cause arose,
    is not suggested again; leads that ended or were merged get none."""
    if not workflow.is_open(lead):
        return ()
    found = (*_close(lead, workflow, as_of), *_ask_records(lead, workflow), *_escalate(lead, workflow, as_of))
    expires = calendar_of(workflow).add(as_of, STANDS)
    return tuple(
        Suggestion(proposal=name, command=command, target=target, reason=reason, expires_at=expires, because=(cause,))
        for name, command, target, reason, cause, since in found
        if not _settled(lead, name, as_of, since)
    )


_Row = tuple[str, str, str, str, Reason, datetime]


def _close(lead: Lead, workflow: Workflow, as_of: datetime) -> list[_Row]:
    """Close for no response, once the contact policy is exhausted and its waiting time over."""
    last = lead.last_contact_at
    if last is None or "no_response_limit" not in assess(lead, workflow, as_of).situations:
        return []
    reason = next((r.code for r in workflow.close_reasons if r.family == "no_response"), "")
    ahead = (workflow.status(move.to) for move in workflow.moves_from(lead.status))
    to = next((end.code for end in ahead if end is not None and end.final and end.decides == "nobody"), "")
    cause = Reason("no_response_limit", lead.contacts[-1].position if lead.contacts else 0)
    return [("close_no_response", "move", to, reason, cause, last)] if to and reason else []


def _ask_records(lead: Lead, workflow: Workflow) -> list[_Row]:
    """Ask for records that are needed but not requested yet."""
    item = lead.items.get("records")
    if item is None or item.state != "needed" or workflow.item("records") is None:
        return []
    return [("ask_records", "item", "records:requested", "", Reason("open_records_needed", item.position), item.since)]


def _escalate(lead: Lead, workflow: Workflow, as_of: datetime) -> list[_Row]:
    """Plan the action of a blocker that stands longer than its kind allows."""
    found: list[_Row] = []
    for blocker in lead.blockers:
        kind = workflow.blocker(blocker.kind)
        if kind is None or kind.escalate_after is None or lead.action is not None:
            continue
        if calendar_of(workflow).add(blocker.since, kind.escalate_after) <= as_of:
            cause = Reason(f"escalated_{blocker.kind}", blocker.position)
            found.append((f"escalate_{blocker.kind}", "action", kind.action, blocker.kind, cause, blocker.since))
    return found


def _settled(lead: Lead, name: str, as_of: datetime, since: datetime) -> bool:
    if any(p.proposal == name for p in open_proposals(lead, as_of)):
        return True
    past = (p for p in lead.past_proposals if p.proposal == name and p.outcome == "declined")
    return any(p.closed_at is not None and p.closed_at >= since for p in past)


def open_proposals(lead: Lead, as_of: datetime) -> tuple[Proposal, ...]:
    """The proposals that a person can still accept at ``as_of``."""
    return tuple(p for p in lead.proposals if p.expires_at is None or as_of < p.expires_at)


def propose(
    workflow: Workflow,
    lead: Lead,
    proposal: str,
    command: str,
    *,
    at: datetime,
    by: Actor,
    target: str = "",
    reason: str = "",
    expires_at: datetime | None = None,
) -> tuple[e.Event, ...]:
    """Suggest ``command`` (one of ``COMMANDS``) on ``target``; nothing else changes. A newer proposal of the same
    name takes the place of one that has expired."""
    found = [*one_of(command, COMMANDS, "command_unknown", "the command"), *open_refusals(workflow, lead)]
    found += code_refusals(proposal=proposal, target=target, reason=reason)
    if not proposal or not target:
        found.append(Refusal("proposal_blank", "a proposal has a name and a target", "give both"))
    if any(p.proposal == proposal for p in open_proposals(lead, at)):
        found.append(Refusal("no_change", "this proposal is open already", "resolve it first"))
    if expires_at is not None and expires_at <= at:
        found.append(Refusal("due_in_past", "the proposal would expire before it is made", "give a later date"))
    settle(workflow, lead, "propose", by, found)
    return (
        e.Proposed(
            at=at, by=by, reason=reason, proposal=proposal, command=command, target=target, expires_at=expires_at
        ),
    )


def close_proposal(
    workflow: Workflow,
    lead: Lead,
    proposal: str,
    outcome: str,
    *,
    at: datetime,
    by: Actor,
    authority_ref: str = "",
    guards: Mapping[str, Guard] = GUARDS,
) -> tuple[e.Event, ...]:
    """A person accepts or declines a proposal, or it is marked expired. Accepting gives the events of its command, too.

    Raises :class:`Refused` with what is wrong with the answer and with the command, together.
    """
    found = one_of(outcome, ("accepted", "declined", "expired"), "outcome_unknown", "the outcome")
    standing = next((p for p in lead.proposals if p.proposal == proposal), None)
    over = standing is not None and standing.expires_at is not None and standing.expires_at <= at
    if standing is None:
        found.append(Refusal("proposal_absent", "no such proposal is open", "list the lead's proposals"))
    elif outcome == "accepted" and over:
        found.append(Refusal("proposal_expired", "the proposal has expired", "mark it expired; propose again"))
    elif outcome == "expired" and not over:
        found.append(Refusal("proposal_stands", "the proposal has not expired", "accept or decline it"))
    if outcome != "expired":
        found += person_refusals(by)
    carried: tuple[e.Event, ...] = ()
    if outcome == "accepted" and standing is not None:
        found += one_of(standing.command, COMMANDS, "command_unknown", "the command")
        try:
            carried = _carry(workflow, lead, standing, at=at, by=by, authority_ref=authority_ref, guards=guards)
        except Refused as refused:
            found += refused.refusals
    settle(workflow, lead, "proposal", by, found)
    return (e.ProposalClosed(at=at, by=by, proposal=proposal, outcome=outcome), *carried)


def _carry(
    workflow: Workflow,
    lead: Lead,
    asked: Proposal,
    *,
    at: datetime,
    by: Actor,
    authority_ref: str,
    guards: Mapping[str, Guard],
) -> tuple[e.Event, ...]:
    """The events of an accepted proposal's command."""
    if asked.command == "move":
        to, why = asked.target, asked.reason
        return move(workflow, lead, to, at=at, by=by, reason=why, authority_ref=authority_ref, guards=guards)
    if asked.command == "item":
        item, _, state = asked.target.partition(":")
        return set_item(workflow, lead, item, cast(ItemState, state), at=at, by=by, reason=asked.reason)
    if asked.command == "action":
        due = calendar_of(workflow).add(at, _NEXT_DAY)
        return set_action(workflow, lead, asked.target, due_at=due, at=at, by=by)
    return ()
