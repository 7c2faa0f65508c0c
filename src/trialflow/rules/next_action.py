"""What to do next with one lead, explained: an action, until when, by which role, and the events that say so.

A pure function of (lead, workflow, as_of): replayed at any past instant it gives the same answer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import compress
from typing import Literal

import attrs

from trialflow.model.facts import PlannedAction
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED
from trialflow.rules.action_rules import is_about, rule_for
from trialflow.rules.buckets import bucket_of, flags_of
from trialflow.rules.calendar import calendar_of
from trialflow.rules.due import due_at
from trialflow.rules.ownership import Roster, effective_owner, handoff_waiting
from trialflow.rules.readiness import Readiness, readiness
from trialflow.rules.reasons import Reason, reasons_for
from trialflow.rules.staleness import StaleLevel, stale_level
from trialflow.rules.workflow import ActionRule, Workflow

__all__ = ["Assessment", "NextAction", "Reason", "assess", "next_action"]

_SOON = timedelta(days=2)

Due = Literal["overdue", "due_today", "later", "none"]


@attrs.frozen(kw_only=True)
class NextAction:
    """What to do next. ``kind`` ``none`` comes with the reason why nothing is to be done. ``due_at`` is UTC."""

    kind: str
    label: str
    sponsor_label: str
    role: str
    owner: str
    due_at: datetime | None
    due: Due
    reasons: tuple[Reason, ...]


@attrs.frozen(kw_only=True)
class Assessment:
    """One lead, looked at once: its bucket, flags, staleness, readiness and next action at one moment.

    ``open``: there is work on it; it neither ended nor was merged into another.
    """

    lead: Lead
    open: bool = True
    bucket: str
    flags: tuple[str, ...] = ()
    stale: StaleLevel
    readiness: Readiness
    situations: tuple[str, ...]
    action: NextAction


def next_action(lead: Lead, workflow: Workflow, as_of: datetime, roster: Roster | None = None) -> NextAction:
    """The next action of ``lead`` at ``as_of``: the one somebody planned, else what the workflow says."""
    return assess(lead, workflow, as_of, roster).action


def assess(lead: Lead, workflow: Workflow, as_of: datetime, roster: Roster | None = None) -> Assessment:
    """Everything a queue row needs, computed once."""
    ready = readiness(lead, workflow)
    stale = stale_level(lead, workflow, as_of)
    pile = bucket_of(lead, workflow, ready, stale.level)
    owner = effective_owner(lead, roster, as_of)
    acting = lead.action.owner if lead.action is not None else ""
    if not acting or (roster is not None and roster.away(acting, as_of)):
        acting = owner
    situations = _situations(lead, workflow, as_of, stale, owner)
    rule = rule_for(lead, workflow, pile, situations)
    return Assessment(
        lead=lead,
        open=workflow.is_open(lead),
        bucket=pile,
        flags=flags_of(lead, workflow, as_of, ready, stale.level, owner),
        stale=stale,
        readiness=ready,
        situations=situations,
        action=_action(lead, workflow, as_of, rule, pile, situations, stale, owner, acting),
    )


def _situations(lead: Lead, workflow: Workflow, as_of: datetime, stale: StaleLevel, owner: str) -> tuple[str, ...]:
    visit_at = lead.visit.at if lead.visit is not None and lead.visit.planned else None
    exhausted = lead.attempts >= workflow.contact.max_attempts and lead.first_reached_at is None
    last = lead.last_contact_at
    wait_over = last is not None and as_of - last >= timedelta(days=workflow.contact.wait_days)
    # Still trying to reach: an open status that does not prove a contact, with nobody reached so far.
    known = workflow.status(lead.status)
    final = known is not None and known.final
    trying = known is not None and not final and "contacted" not in known.reaches
    holds = (
        owner == UNASSIGNED and not final,
        handoff_waiting(lead),
        visit_at is not None and visit_at <= as_of,
        visit_at is not None and as_of < visit_at <= as_of + _SOON,
        trying and exhausted and wait_over,
        trying and exhausted and not wait_over,
        stale.level == "stale",
    )
    return tuple(compress(_SITUATIONS, holds))


_SITUATIONS = (
    "unowned",
    "handoff_waiting",
    "visit_passed",
    "visit_soon",
    "no_response_limit",
    "waiting",
    "stale",
)


def _escalated(lead: Lead, workflow: Workflow, as_of: datetime, rule: ActionRule) -> tuple[str, tuple[Reason, ...]]:
    """Whose turn the rule's action is: the role a blocker escalates to once it has stood too long, with the reason."""
    if not lead.blockers:
        return rule.role, ()
    calendar = calendar_of(workflow)
    behind = (blocker for blocker in lead.blockers if is_about(rule, blocker.kind, workflow))
    for blocker in sorted(behind, key=lambda b: (b.since, b.kind)):
        kind = workflow.blocker(blocker.kind)
        if kind is None or kind.escalate_after is None or not kind.escalates_to:
            continue
        if calendar.add(blocker.since, kind.escalate_after) <= as_of:
            return kind.escalates_to, (Reason(f"escalated_{blocker.kind}", blocker.position),)
    return rule.role, ()


def _action(
    lead: Lead,
    workflow: Workflow,
    as_of: datetime,
    rule: ActionRule | None,
    pile: str,
    situations: tuple[str, ...],
    stale: StaleLevel,
    owner: str,
    acting: str,
) -> NextAction:
    reasons = reasons_for(lead, pile, situations, stale)
    standing = workflow.is_open(lead)
    if lead.action is not None and standing:
        return _planned(lead.action, workflow, as_of, acting, reasons)
    if rule is None or rule.code == "none" or not standing:
        return _nothing(lead, rule, owner, reasons)
    due = due_at(lead, workflow, rule, stale.last.at)
    role, escalated = _escalated(lead, workflow, as_of, rule)
    return NextAction(
        kind=rule.code,
        label=rule.label,
        sponsor_label=rule.sponsor_label,
        role=role,
        owner=owner,
        due_at=due,
        due=calendar_of(workflow).due_class(due, as_of),
        reasons=(*escalated, *reasons),
    )


def _planned(
    planned: PlannedAction, workflow: Workflow, as_of: datetime, owner: str, reasons: tuple[Reason, ...]
) -> NextAction:
    """What somebody planned, in the workflow's words where it has any for it."""
    named = workflow.action(planned.action)
    return NextAction(
        kind=planned.action,
        label=named.label if named is not None else planned.action.replace("_", " ").capitalize(),
        sponsor_label=named.sponsor_label if named is not None else "Continue with the planned step",
        role=named.role if named is not None else "coordinator",
        owner=owner,
        due_at=planned.due_at,
        due=calendar_of(workflow).due_class(planned.due_at, as_of),
        reasons=(Reason("planned", planned.position), *reasons),
    )


def _nothing(lead: Lead, rule: ActionRule | None, owner: str, reasons: tuple[Reason, ...]) -> NextAction:
    label = "No action: merged" if lead.merged_into else rule.label if rule is not None else "No action"
    return NextAction(
        kind="none",
        label=label,
        sponsor_label=rule.sponsor_label if rule is not None else "",
        role="",
        owner=owner,
        due_at=None,
        due="none",
        reasons=reasons,
    )
