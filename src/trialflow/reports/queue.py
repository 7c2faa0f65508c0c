"""Queue rows: one work item as the seven columns a person reads, and what a screen needs beside them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from trialflow.reports.queue_values import QueueRow, Worklist
from trialflow.rules.workflow import Workflow
from trialflow.rules.worklist import WorkItem

__all__ = ["queue_row", "queue_rows", "worklist_report"]


def queue_row(item: WorkItem, workflow: Workflow) -> QueueRow:
    """The row of one work item."""
    lead, action = item.lead, item.action
    records = lead.items.get("records")
    return QueueRow(
        rank=item.rank,
        lead_id=lead.id,
        source=lead.source.id,
        status=workflow.current(lead.status),
        status_label=workflow.status_label(lead.status),
        owner=lead.owner,
        blockers=tuple([blocker.kind for blocker in lead.blockers]),
        prescreen=lead.prescreen,
        records=records.state if records is not None else "",
        action=action.kind,
        action_label=action.label,
        role=action.role,
        due_at=action.due_at,
        due=action.due,
        bucket=item.bucket,
        stale=item.stale.level,
        flags=item.flags,
        reasons=action.reasons,
        since=item.since,
        last_movement=item.stale.last.at,
        last_movement_kind=item.stale.last_kind,
        ranked_by=item.ranked_by,
    )


def queue_rows(items: Iterable[WorkItem], workflow: Workflow) -> tuple[QueueRow, ...]:
    """The rows of these items, in their order."""
    return tuple(queue_row(item, workflow) for item in items)


def worklist_report(
    items: Iterable[WorkItem], workflow: Workflow, as_of: datetime, *, owner: str | None = None
) -> Worklist:
    """The queue as a report: open leads only, in the order of work."""
    rows = queue_rows((item for item in items if item.bucket != "closed"), workflow)
    return Worklist(
        as_of=as_of,
        zone=workflow.site.zone,
        owner=owner,
        rows=rows,
        bucket_labels={code: workflow.bucket_label(code) for code in workflow.shown},
        blocker_labels={kind.code: kind.label for kind in workflow.blockers},
        item_labels={item.code: item.label for item in workflow.items},
    )
