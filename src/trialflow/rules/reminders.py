"""What falls due, as a list; and what to prepare for a visit. Pure: nothing is sent and nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

import attrs

from trialflow.model.facts import Blocker, ItemState
from trialflow.model.lead import Lead
from trialflow.rules.calendar import calendar_of
from trialflow.rules.next_action import Due, assess
from trialflow.rules.ownership import Roster, effective_owner
from trialflow.rules.readiness import readiness
from trialflow.rules.workflow import Workflow

__all__ = ["PreparationStep", "Reminder", "VisitPreparation", "reminders", "visit_preparation", "visits_to_prepare"]

About = Literal["action", "visit", "item", "blocker", "decision", "stale", "proposal"]


@attrs.frozen(kw_only=True)
class Reminder:
    """Something that falls due at ``due_at`` (UTC): ``about`` is its kind, ``code`` which action, item, blocker it is.

    ``owner`` is who can act on the lead (or UNASSIGNED), ``position`` the event that set the date (0: derived).
    """

    due_at: datetime
    due: Due
    lead_id: str
    about: About
    code: str
    owner: str
    position: int = 0


def reminders(
    leads: Iterable[Lead], workflow: Workflow, as_of: datetime, until: datetime, roster: Roster | None = None
) -> tuple[Reminder, ...]:
    """What is overdue at ``as_of`` or falls due before ``until``, the earliest first; the order of leads is of no
    matter. Leads that ended or were merged remind of nothing."""
    calendar = calendar_of(workflow)
    found = []
    for lead in leads:
        if not workflow.is_open(lead):
            continue
        owner = effective_owner(lead, roster, as_of)
        for about, code, due_at, position in _dates(lead, workflow, as_of, roster):
            if due_at < until:
                due = calendar.due_class(due_at, as_of)
                found.append(
                    Reminder(
                        due_at=due_at,
                        due=due,
                        lead_id=lead.id,
                        about=about,
                        code=code,
                        owner=owner,
                        position=position,
                    )
                )
    return tuple(sorted(found, key=lambda r: (r.due_at, r.lead_id, r.about, r.code)))


def _dates(
    lead: Lead, workflow: Workflow, as_of: datetime, roster: Roster | None
) -> Iterator[tuple[About, str, datetime, int]]:
    assessed = assess(lead, workflow, as_of, roster)
    action, stale = assessed.action, assessed.stale
    if action.due_at is not None:
        yield "action", action.kind, action.due_at, action.reasons[0].position
    if lead.visit is not None and lead.visit.at is not None and lead.visit.planned:
        yield "visit", lead.visit.state, lead.visit.at, lead.visit.position
    for item in lead.items.values():
        if item.open and item.due_at is not None:
            yield "item", item.item, item.due_at, item.position
    for blocker in lead.blockers:
        if blocker.due_at is not None:
            yield "blocker", blocker.kind, blocker.due_at, blocker.position
    for decision in lead.open_decisions:
        if decision.due_at is not None:
            yield "decision", decision.decision, decision.due_at, decision.position
    for proposal in lead.proposals:
        if proposal.expires_at is not None:
            yield "proposal", proposal.proposal, proposal.expires_at, proposal.position
    if stale.stale_at is not None:
        pause = stale.snoozed_until
        yield (
            "stale",
            lead.status,
            max(stale.stale_at, pause) if pause is not None else stale.stale_at,
            stale.last.position,
        )


@attrs.frozen(kw_only=True)
class PreparationStep:
    """One item of a visit's checklist: its state, until when it is expected, and whether it holds nothing back."""

    item: str
    label: str
    state: ItemState
    due_at: datetime | None
    done: bool


@attrs.frozen(kw_only=True)
class VisitPreparation:
    """The checklist of one planned visit: every item of the workflow in its order, and the standing blockers.

    ``ready``: nothing that gates the visit is open. An item that nobody set is ``unknown``: to be looked at, although
    it holds nothing back.
    """

    lead_id: str
    visit_at: datetime
    steps: tuple[PreparationStep, ...]
    blockers: tuple[Blocker, ...]
    ready: bool


def visit_preparation(lead: Lead, workflow: Workflow) -> VisitPreparation | None:
    """The checklist of the lead's planned visit, or None when none is planned."""
    visit = lead.visit
    if visit is None or visit.at is None or not visit.planned:
        return None
    steps = []
    for item in workflow.items:
        known = lead.items.get(item.code)
        steps.append(
            PreparationStep(
                item=item.code,
                label=item.label,
                state=known.state if known is not None else "unknown",
                due_at=known.due_at if known is not None else None,
                done=known is not None and known.state in ("reviewed", "not_needed"),
            )
        )
    gates = dict.fromkeys(item.gates for item in workflow.items)
    ready = all(readiness(lead, workflow, milestone=gate).ready for gate in gates)
    return VisitPreparation(lead_id=lead.id, visit_at=visit.at, steps=tuple(steps), blockers=lead.blockers, ready=ready)


def visits_to_prepare(
    leads: Iterable[Lead], workflow: Workflow, as_of: datetime, until: datetime
) -> tuple[VisitPreparation, ...]:
    """The checklists of all visits in [as_of, until), the earliest first. Ended and merged leads have none."""
    standing = filter(workflow.is_open, leads)
    found = (visit_preparation(lead, workflow) for lead in standing)
    ahead = [row for row in found if row is not None and as_of <= row.visit_at < until]
    return tuple(sorted(ahead, key=lambda row: (row.visit_at, row.lead_id)))
