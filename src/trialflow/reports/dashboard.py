"""The coordinator's board: buckets first, then owners, next actions, stale leads, blockers, handoffs, sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from trialflow.model.lead import Lead
from trialflow.reports.columns import Columns
from trialflow.reports.ended import BoardRows, buckets_of, ranked_among, tally_with
from trialflow.reports.figures import WEEK, Figures, figures_of, standing_tally, tally_of
from trialflow.reports.fold_tables import tables
from trialflow.reports.handoffs import NO_HANDOFFS, handoff_summary
from trialflow.reports.movement import movement_of, week_rows
from trialflow.reports.queue import queue_rows
from trialflow.reports.values import (
    BlockerRow,
    BucketRow,
    Dashboard,
    Focus,
    GapRow,
    HandoffSummary,
    OwnerRow,
    ReadinessRow,
    WeekRow,
)
from trialflow.rules.gaps import GAPS, open_gaps, stale_cause
from trialflow.rules.ownership import Roster, handoff_waiting
from trialflow.rules.workflow import Workflow
from trialflow.rules.worklist import WorkItem, worklist

__all__ = ["Dashboard", "dashboard", "dashboard_of"]


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
    items = worklist((lead for lead in leads if not lead.merged_into), workflow, as_of, roster=roster)
    leads = [item.lead for item in items]
    told = history is not None or any(lead.version or lead.handoffs for lead in leads)
    counted = _Counted(
        _figures(items, workflow, as_of, history, roster, since),
        week_rows(history, workflow, as_of) if history is not None else None,
        handoff_summary(leads, workflow, as_of) if told else None,
    )
    return _board(items, counted, workflow, as_of, roster, since)


def dashboard_of(
    found: BoardRows,
    workflow: Workflow,
    as_of: datetime,
    *,
    roster: Roster | None = None,
    since: datetime | None = None,
) -> Dashboard:
    """The same board from what a store has counted already; ``found`` is as of ``as_of``, its recent rows begin no
    later than ``since`` (a week before by default) and the first of its weeks.

    Raises :class:`~trialflow.reports.ended.OrderNeeded` where ``found`` must tell the order of the leads that ended.
    """
    words, ended = found.rows, found.ended
    t = tables(words, workflow, as_of, since=since or as_of - WEEK, roster=roster)
    counted = _Counted(
        figures_of(words, tally_with(found, t), workflow),
        week_rows(words, workflow, as_of, beside=[found.recent, found.earlier]),
        handoff_summary(found.leads, workflow, as_of, ended=ended),
        buckets_of(ended, words, workflow, t),
    )
    items = ranked_among(worklist(found.leads, workflow, as_of, roster=roster), ended, words, workflow)
    return _board(items, counted, workflow, as_of, roster, since)


@attrs.frozen
class _Counted:
    """What is counted over all leads: figures, weeks, handoffs (None: nobody told of any), and the bucket of each lead
    that is no item."""

    figures: Figures
    weeks: tuple[WeekRow, ...] | None
    handoffs: HandoffSummary | None
    buckets: Mapping[str, int] = attrs.field(factory=dict)


def _board(
    items: Sequence[WorkItem],
    counted: _Counted,
    workflow: Workflow,
    as_of: datetime,
    roster: Roster | None,
    since: datetime | None,
) -> Dashboard:
    figures = counted.figures
    opened = [item for item in items if not workflow.is_final(item.lead.status)]
    stale = [item for item in opened if item.stale.level == "stale"]
    known = {status.code for status in workflow.statuses}
    return Dashboard(
        as_of=as_of,
        zone=workflow.site.zone,
        workflow=workflow.id,
        buckets=_buckets(workflow, items, counted.buckets),
        focus=_focus(opened),
        owners=_owners(opened, roster, as_of, told=counted.handoffs is not None),
        unowned=figures.unowned,
        queue=queue_rows(opened, workflow),
        stale=len(stale),
        at_risk=sum(item.stale.level == "at_risk" for item in opened),
        stale_causes=dict(Counter(stale_cause(item, workflow) for item in stale).most_common()),
        blockers=_blockers(workflow, opened),
        readiness=_readiness(workflow, opened),
        handoffs=counted.handoffs or NO_HANDOFFS,
        sources=figures.sources,
        movement=movement_of(figures, workflow, since or as_of - WEEK, as_of),
        weeks=counted.weeks,
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


def _buckets(workflow: Workflow, items: Sequence[WorkItem], ended: Mapping[str, int]) -> tuple[BucketRow, ...]:
    due = Counter[tuple[str, str]]({(bucket, "none"): n for bucket, n in ended.items()})
    due.update((item.bucket, item.action.due) for item in items)
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


def _gaps(opened: Sequence[WorkItem], roster: Roster | None, as_of: datetime) -> tuple[GapRow, ...]:
    found = Counter(gap for item in opened for gap in open_gaps(item, roster, as_of))
    return tuple(GapRow(gap=gap, count=found[gap]) for gap in GAPS)


def _reason_labels(workflow: Workflow, reasons: Iterable[str]) -> dict[str, str]:
    known = {reason.code: reason.label for reason in workflow.close_reasons}
    return {code: known.get(code, code) for code in reasons}
