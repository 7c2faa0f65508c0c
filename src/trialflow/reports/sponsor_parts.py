"""The parts of a sponsor update: every text in them is a label of the workflow, a source, or a constant from here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

import attrs

from trialflow.model.lead import Lead
from trialflow.reports.sponsor_values import (
    DecisionRow,
    Label,
    NextStep,
    SponsorBlocker,
    SponsorSource,
    StalledGroup,
    VisitCounts,
)
from trialflow.reports.statistics import ratio
from trialflow.reports.values import SourceRow
from trialflow.rules.calendar import SiteCalendar
from trialflow.rules.gaps import stale_cause
from trialflow.rules.next_action import Assessment, NextAction, next_action
from trialflow.rules.ownership import Roster
from trialflow.rules.workflow import Workflow

__all__ = [
    "CONSTANTS",
    "blocker_rows",
    "cause_of",
    "decision_rows",
    "next_steps",
    "reason_label",
    "source_rows",
    "stalled_groups",
    "status_label",
    "visit_counts",
]

_FEW = 3
"""Sources with fewer leads are shown together: a word somebody typed once is no source to report on."""

_UNKNOWN_STATUS = "Status not known"
_OTHER_SOURCES = "Other sources"
_NO_SOURCE = "Source not known"
_NO_ROLE = "Role not named"
_PLANNED_STEP = "Continue with the planned step"
_NO_REASON = "Closed without a coded reason"

_CAUSES = {
    "missing_records": "Records are outstanding",
    "not_contacted": "First contact is outstanding",
    "no_response": "No response so far",
    "follow_up_due": "Follow-up is outstanding",
    "prescreen_due": "Prescreen is outstanding",
    "needs_review": "Review is outstanding",
    "scheduling_due": "Scheduling is outstanding",
    "visit_outcome_due": "Outcome of the visit is outstanding",
    "study_team_record_due": "Record of the study team is outstanding",
    "no_movement": "No movement recorded",
}

CONSTANTS = frozenset(
    {
        *_CAUSES.values(),
        _UNKNOWN_STATUS,
        _OTHER_SOURCES,
        _NO_SOURCE,
        _NO_ROLE,
        _PLANNED_STEP,
        _NO_REASON,
    }
)
"""The texts of this library; all others are the workflow's labels and the names of sources."""


def status_label(workflow: Workflow, status: str) -> Label:
    """The workflow's label; a word that it does not know is never shown."""
    known = workflow.status(status)
    return Label(known.label if known is not None else _UNKNOWN_STATUS)


def reason_label(workflow: Workflow, reason: str) -> Label:
    """The label of a close reason; a code that the workflow does not know is never shown."""
    known = workflow.reason(reason)
    return Label(known.label if known is not None else _NO_REASON)


def cause_of(workflow: Workflow, row: Assessment) -> Label:
    """Why a lead stalled."""
    code = stale_cause(row, workflow)
    kind = workflow.blocker(code)
    return Label(_CAUSES.get(code) or (kind.label if kind is not None else _CAUSES["no_movement"]))


def _role(workflow: Workflow, code: str) -> Label:
    role = workflow.role(code)
    return Label(role.label if role is not None else _NO_ROLE)


def _step(workflow: Workflow, action: str) -> Label:
    """What a sponsor reads about an action. One that somebody planned under a name of their own has no label."""
    rule = workflow.action(action)
    return Label(rule.sponsor_label if rule is not None else _PLANNED_STEP)


def _planned(workflow: Workflow, action: str, as_of: datetime) -> date:
    """The date by which the site plans the step from now on: from the workflow, never from one lead's dates."""
    calendar, rule = SiteCalendar(workflow.site), workflow.action(action)
    return calendar.day_of(calendar.add(as_of, rule.due) if rule is not None else as_of)


def _ahead(workflow: Workflow, action: str, as_of: datetime) -> date | None:
    """The same, or None for a step that belongs to the day of the visit."""
    rule = workflow.action(action)
    on_the_day = rule is not None and rule.anchor == "visit" and rule.due.amount == 0
    return None if on_the_day else _planned(workflow, action, as_of)


def stalled_groups(
    workflow: Workflow, stalled: Sequence[Assessment], as_of: datetime, roster: Roster | None
) -> tuple[StalledGroup, ...]:
    """The stalled leads by cause, each with the step that gets most of them going again, who does it, until when."""
    groups: dict[Label, list[NextAction]] = {}
    for row in stalled:
        action = next_action(row.lead, _unhurried(workflow), as_of, roster)
        groups.setdefault(cause_of(workflow, row), []).append(action)
    rows = []
    for cause, found in groups.items():
        (step, role), _ = min(Counter((action.kind, action.role) for action in found).items(), key=_most_first)
        rows.append(
            StalledGroup(
                cause=cause,
                count=len(found),
                next_step=_step(workflow, step),
                role=_role(workflow, role),
                planned_by=_planned(workflow, step, as_of),
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.count, row.cause)))


@lru_cache(maxsize=8)
def _unhurried(workflow: Workflow) -> Workflow:
    """The same workflow, but nothing goes stale in it: it says what a stalled lead waits for, not that it stalled."""
    return attrs.evolve(
        workflow,
        statuses=tuple(attrs.evolve(status, stale_after=None) for status in workflow.statuses),
        staleness=attrs.evolve(workflow.staleness, default_after=None),
    )


def _most_first(item: tuple[tuple[str, str], int]) -> tuple[int, tuple[str, str]]:
    return -item[1], item[0]


def next_steps(workflow: Workflow, opened: Sequence[Assessment], as_of: datetime) -> tuple[NextStep, ...]:
    """What the site will do next, by step and role."""
    groups: dict[tuple[Label, str], list[str]] = {}
    for row in opened:
        step = _step(workflow, row.action.kind)
        if step and row.action.kind != "none":
            groups.setdefault((step, row.action.role), []).append(row.action.kind)
    rows = [
        NextStep(
            step=step,
            count=len(kinds),
            role=_role(workflow, role),
            planned_by=max((day for kind in kinds if (day := _ahead(workflow, kind, as_of))), default=None),
        )
        for (step, role), kinds in groups.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.step, row.role)))


def source_rows(sources: Sequence[SourceRow]) -> tuple[SponsorSource, ...]:
    """Sources by name, those with few leads together."""
    large = [row for row in sources if row.leads >= _FEW]
    small = [row for row in sources if row.leads < _FEW]
    rows = [_source(Label(row.source or _NO_SOURCE), [row]) for row in large]
    return tuple([*rows, _source(Label(_OTHER_SOURCES), small)] if small else rows)


def _source(name: Label, rows: Sequence[SourceRow]) -> SponsorSource:
    leads, contacted = sum(r.leads for r in rows), _total(rows, "contacted")
    return SponsorSource(
        source=name,
        leads=leads,
        contacted=contacted,
        prescreen_completed=_total(rows, "prescreen_completed"),
        reviewable=_total(rows, "reviewable"),
        scheduled=_total(rows, "scheduled"),
        attended=_total(rows, "attended"),
        closed=sum(r.closed for r in rows),
        drag=ratio(leads - contacted, leads),
    )


def _total(rows: Sequence[SourceRow], milestone: str) -> int:
    # An update is made from a history: none of these counts is unknown.
    return sum(getattr(row, milestone) for row in rows)


def blocker_rows(workflow: Workflow, opened: Sequence[Assessment]) -> tuple[SponsorBlocker, ...]:
    """Blockers and open readiness items, on how many open leads; kinds that the workflow does not know are left out."""
    found = Counter[str]()
    for row in opened:
        found.update(b.kind for b in row.lead.blockers)
        found.update(f"item:{item.item}" for item in row.readiness.open)
    labels = {kind.code: kind.label for kind in workflow.blockers}
    labels |= {f"item:{item.code}": f"{item.label}: open" for item in workflow.items}
    rows = [SponsorBlocker(blocker=Label(label), count=found[code]) for code, label in labels.items() if found[code]]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.blocker)))


def visit_counts(leads: Sequence[Lead], as_of: datetime) -> VisitCounts:
    """Visits by what is recorded of them; no date of a visit is in a sponsor report."""
    states = Counter[str]()
    for lead in leads:
        visit = lead.visit
        if visit is None:
            continue
        if visit.state in ("scheduled", "rescheduled"):
            states["planned" if visit.at is None or visit.at > as_of else "outcome_open"] += 1
        else:
            states[visit.state] += 1
    return VisitCounts(
        planned=states["planned"],
        outcome_open=states["outcome_open"],
        attended=states["attended"],
        missed=states["missed"],
        cancelled=states["cancelled"],
    )


def decision_rows(workflow: Workflow, opened: Sequence[Assessment], as_of: datetime) -> tuple[DecisionRow, ...]:
    """Questions that wait for an answer, by the role asked."""
    total, late = Counter[Label](), Counter[Label]()
    for row in opened:
        for decision in row.lead.open_decisions:
            role = _role(workflow, decision.role)
            total[role] += 1
            late[role] += decision.due_at is not None and decision.due_at < as_of
    return tuple(DecisionRow(role=role, count=n, overdue=late[role]) for role, n in sorted(total.items()))
