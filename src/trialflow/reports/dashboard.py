"""The coordinator's board: buckets first, then owners, next actions, stale leads, blockers, handoffs, sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from trialflow.model.lead import Lead
from trialflow.model.moments import micros
from trialflow.model.parties import UNASSIGNED
from trialflow.reports.columns import Columns
from trialflow.reports.figures import WEEK, Figures, figures_of, standing_tally, tally_of
from trialflow.reports.movement import movement_of, week_rows
from trialflow.reports.queue import queue_rows
from trialflow.reports.statistics import median_incidence
from trialflow.reports.values import (
    BlockerRow,
    BucketRow,
    Dashboard,
    Focus,
    GapRow,
    HandoffSummary,
    OwnerRow,
    ReadinessRow,
)
from trialflow.rules.gaps import GAPS, open_gaps, stale_cause
from trialflow.rules.ownership import Roster, handoff_waiting, unrecorded_handoffs
from trialflow.rules.workflow import Workflow
from trialflow.rules.worklist import WorkItem, worklist

__all__ = ["Dashboard", "dashboard"]


def dashboard(
    leads: Iterable[Lead],
    workflow: Workflow,
    as_of: datetime,
    *,
    history: Columns | None = None,
    roster: Roster | None = None,
    since: datetime | None = None,
) -> Dashboard:
    """The board at ``as_of``. ``history`` gives movement in (since, as_of] (a week by default) and the weeks; without
    it they are None: not known. Equal input gives an equal value, whatever the order of leads."""
    standing = [lead for lead in leads if not lead.merged_into]
    items = worklist(standing, workflow, as_of, roster=roster)
    figures = _figures(items, workflow, as_of, history, roster, since)
    opened = [item for item in items if not workflow.is_final(item.lead.status)]
    stale = [item for item in opened if item.stale.level == "stale"]
    known = {status.code for status in workflow.statuses}
    told = history is not None or any(lead.version or lead.handoffs for lead in standing)
    return Dashboard(
        as_of=as_of,
        zone=workflow.site.zone,
        workflow=workflow.id,
        buckets=_buckets(workflow, items),
        focus=_focus(opened),
        owners=_owners(opened, roster, as_of, told=told),
        unowned=figures.unowned,
        queue=queue_rows(opened, workflow),
        stale=len(stale),
        at_risk=sum(item.stale.level == "at_risk" for item in opened),
        stale_causes=dict(Counter(stale_cause(item, workflow) for item in stale).most_common()),
        blockers=_blockers(workflow, opened),
        readiness=_readiness(workflow, opened),
        handoffs=_handoffs(standing, workflow, as_of) if told else _NO_HANDOFFS,
        sources=figures.sources,
        movement=movement_of(figures, workflow, since or as_of - WEEK, as_of),
        weeks=week_rows(history, workflow, as_of) if history is not None else None,
        ages=figures.ages,
        gaps=_gaps(opened, roster, as_of),
        statuses=figures.statuses,
        status_labels={code: workflow.status_label(code) for code in figures.statuses},
        close_reasons=figures.close_reasons,
        close_reason_labels=_reason_labels(workflow, figures.close_reasons),
        unmapped={code: n for code, n in figures.statuses.items() if code not in known},
        leads=figures.leads,
        open=figures.open,
    )


def _figures(
    items: Sequence[WorkItem],
    workflow: Workflow,
    as_of: datetime,
    history: Columns | None,
    roster: Roster | None,
    since: datetime | None,
) -> Figures:
    if history is None:
        columns, tally = standing_tally(items, workflow, as_of, roster=roster)
        return figures_of(columns, tally, workflow, history=False)
    return figures_of(history, tally_of(history, workflow, as_of, roster=roster, since=since), workflow)


def _buckets(workflow: Workflow, items: Sequence[WorkItem]) -> tuple[BucketRow, ...]:
    due = Counter((item.bucket, item.action.due) for item in items)
    return tuple(
        BucketRow(
            bucket=code,
            label=workflow.bucket_label(code),
            count=sum(n for (bucket, _), n in due.items() if bucket == code),
            overdue=due[code, "overdue"],
            due_today=due[code, "due_today"],
            later=due[code, "later"],
            no_action=due[code, "none"],
        )
        for code in workflow.shown
    )


def _focus(opened: Sequence[WorkItem]) -> tuple[Focus, ...]:
    """The actions with most that is due, at most five; an action without anything due is no focus."""
    groups: dict[str, list[WorkItem]] = {}
    for item in opened:
        if item.action.due in ("overdue", "due_today"):
            groups.setdefault(item.action.kind, []).append(item)
    rows = [
        Focus(
            action=kind,
            label=found[0].action.label,
            count=len(found),
            overdue=sum(i.action.due == "overdue" for i in found),
            due_today=sum(i.action.due == "due_today" for i in found),
            role=found[0].action.role,
        )
        for kind, found in groups.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.overdue, -row.due_today, row.action))[:5])


def _owners(opened: Sequence[WorkItem], roster: Roster | None, as_of: datetime, *, told: bool) -> tuple[OwnerRow, ...]:
    groups: dict[str, list[WorkItem]] = {}
    for item in opened:
        groups.setdefault(item.lead.owner, []).append(item)
    rows = [
        OwnerRow(
            owner=owner,
            open=len(found),
            overdue=sum(i.action.due == "overdue" for i in found),
            due_today=sum(i.action.due == "due_today" for i in found),
            stale=sum(i.stale.level == "stale" for i in found),
            handoffs_waiting=sum(handoff_waiting(i.lead) for i in found) if told else None,
            away=roster is not None and roster.away(owner, as_of),
        )
        for owner, found in groups.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.overdue, -row.open, row.owner)))


def _blockers(workflow: Workflow, opened: Sequence[WorkItem]) -> tuple[BlockerRow, ...]:
    standing: dict[str, list[datetime]] = {kind.code: [] for kind in workflow.blockers}
    for item in opened:
        for blocker in item.lead.blockers:
            standing.setdefault(blocker.kind, []).append(blocker.since)
    rows = []
    for code, since in standing.items():
        kind = workflow.blocker(code)
        action = workflow.action(kind.action) if kind is not None else None
        rows.append(
            BlockerRow(
                kind=code,
                label=kind.label if kind is not None else code,
                count=len(since),
                oldest_since=min(since, default=None),
                action_label=action.label if action is not None else "",
            )
        )
    return tuple(rows)


def _readiness(workflow: Workflow, opened: Sequence[WorkItem]) -> tuple[ReadinessRow, ...]:
    states = Counter((item.item, item.state) for row in opened for item in row.lead.items.values())
    return tuple(
        ReadinessRow(
            item=item.code,
            label=item.label,
            needed=states[item.code, "needed"],
            requested=states[item.code, "requested"],
            received=states[item.code, "received"],
            reviewed=states[item.code, "reviewed"],
        )
        for item in workflow.items
    )


_NO_HANDOFFS = HandoffSummary(total=None, waiting=None, without_context=None, median_accept=None)
"""Not known: leads of the present alone, and nobody told of handoffs."""


def _handoffs(leads: Sequence[Lead], workflow: Workflow, as_of: datetime) -> HandoffSummary:
    return HandoffSummary(
        total=sum(len(lead.handoffs) for lead in leads),
        waiting=sum(handoff_waiting(lead) for lead in leads if not workflow.is_final(lead.status)),
        without_context=len(unrecorded_handoffs(leads)),
        median_accept=median_incidence(spell for lead in leads for spell in _accepting(lead, workflow, as_of)),
    )


def _accepting(lead: Lead, workflow: Workflow, as_of: datetime) -> Iterator[tuple[int, int]]:
    """(time since the handoff, 1 taken over, 2 ended before by another handoff or the lead's end, 0 still waiting);
    a handoff to nobody waits for nobody."""
    until = lead.status_since if workflow.is_final(lead.status) else None
    ends = [*(handoff.at for handoff in lead.handoffs[1:]), until]
    for handoff, ended in zip(lead.handoffs, ends, strict=False):
        if handoff.to_owner != UNASSIGNED:
            end = handoff.accepted_at or ended or as_of
            cause = 1 if handoff.accepted_at is not None else 2 if ended is not None else 0
            yield max(0, micros(end) - micros(handoff.at)), cause


def _gaps(opened: Sequence[WorkItem], roster: Roster | None, as_of: datetime) -> tuple[GapRow, ...]:
    found = Counter(gap for item in opened for gap in open_gaps(item, roster, as_of))
    return tuple(GapRow(gap=gap, count=found[gap]) for gap in GAPS)


def _reason_labels(workflow: Workflow, reasons: Iterable[str]) -> dict[str, str]:
    known = {reason.code: reason.label for reason in workflow.close_reasons}
    return {code: known.get(code, code) for code in reasons}
