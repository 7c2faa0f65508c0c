"""The usual gaps, and the weekly review of stale leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import compress

import attrs

from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED
from trialflow.rules.buckets import UNMAPPED
from trialflow.rules.next_action import Assessment, assess
from trialflow.rules.ownership import Roster, effective_owner
from trialflow.rules.staleness import StaleLevel
from trialflow.rules.workflow import Status, Workflow
from trialflow.rules.worklist import WorkItem

__all__ = ["GAPS", "GapReport", "StaleReview", "gap_report", "open_gaps", "stale_review"]

GAPS = ("no_owner", "records_gap", "follow_up_overdue", "missing_sponsor_field")
"""The four gaps looked for."""


@attrs.frozen(kw_only=True)
class GapReport:
    """Lead ids per gap; a lead may be in several, ``distinct`` counts leads with any gap, ``leads`` the open ones."""

    gaps: Mapping[str, tuple[str, ...]]
    distinct: int
    leads: int


@attrs.frozen(kw_only=True)
class StaleReview:
    """One stale lead that needs an outcome: recover it with an action, snooze it to a date, or close with a reason."""

    lead_id: str
    stale: StaleLevel
    cause: str
    outcomes: tuple[str, ...] = ("recover", "snooze", "close")


def open_gaps(found: Assessment | WorkItem, roster: Roster | None, as_of: datetime) -> tuple[str, ...]:
    """The gaps of a lead that is open, assessed or in the queue already."""
    lead = found.lead
    holds = (
        effective_owner(lead, roster, as_of) == UNASSIGNED,
        found.readiness.records_open,
        found.action.due == "overdue" or found.action.kind == "none",
        not lead.source.id or found.bucket == UNMAPPED or UNMAPPED in found.flags,
    )
    return tuple(compress(GAPS, holds))


def gap_report(leads: Iterable[Lead], workflow: Workflow, as_of: datetime, roster: Roster | None = None) -> GapReport:
    """Which open leads have which gap at ``as_of``."""
    per: dict[str, list[str]] = {name: [] for name in GAPS}
    distinct = total = 0
    for lead in filter(workflow.is_open, leads):
        total += 1
        gaps = open_gaps(assess(lead, workflow, as_of, roster), roster, as_of)
        distinct += bool(gaps)
        for name in gaps:
            per[name].append(lead.id)
    return GapReport(gaps={name: tuple(sorted(ids)) for name, ids in per.items()}, distinct=distinct, leads=total)


def stale_review(leads: Iterable[Lead], workflow: Workflow, as_of: datetime) -> tuple[StaleReview, ...]:
    """The stale leads at ``as_of``, the longest stale first, each with its cause."""
    rows = [assess(lead, workflow, as_of) for lead in leads if workflow.is_open(lead)]
    stale = [row for row in rows if row.stale.level == "stale"]
    stale.sort(key=lambda row: (row.stale.stale_at or as_of, row.lead.id))
    return tuple(StaleReview(lead_id=r.lead.id, stale=r.stale, cause=stale_cause(r, workflow)) for r in stale)


def stale_cause(found: Assessment | WorkItem, workflow: Workflow) -> str:
    """Why a lead went stale, by code: what stands in its way, else what its status waits for."""
    if found.readiness.records_open:
        return "missing_records"
    if found.lead.blockers:
        return found.lead.blockers[0].kind
    known = workflow.status(found.lead.status)
    if known is None:
        return "no_movement"
    return next(cause for cause, holds in _waits_for(known, workflow) if holds)


def _waits_for(status: Status, workflow: Workflow) -> tuple[tuple[str, bool], ...]:
    """What a status waits for, by its meaning and the milestones it proves: so that it holds for any workflow."""
    reached = set(status.reaches)
    asked = {guard for move in workflow.moves_from(status.code) for guard in move.requires}
    return (
        ("study_team_record_due", status.decides == "study_team"),
        ("not_contacted", status.category == "new"),
        ("no_response", "contacted" not in reached),
        ("needs_review", status.category == "decision"),
        ("prescreen_due", "reviewable" not in reached and "prescreen_completed" in asked),
        ("follow_up_due", "reviewable" not in reached),
        ("scheduling_due", "scheduled" not in reached),
        ("visit_outcome_due", "attended" not in reached),
        ("study_team_record_due", True),
    )
