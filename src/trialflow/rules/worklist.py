"""The queue: a total order of leads, so that the first row is what to do first.

Rank: overdue before the rest, then fewest things standing before the next milestone, then age.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from operator import itemgetter

import attrs

from trialflow.model.lead import Lead
from trialflow.rules.calendar import calendar_of
from trialflow.rules.next_action import Assessment, NextAction, assess
from trialflow.rules.ownership import Roster
from trialflow.rules.readiness import Readiness, next_milestone, readiness
from trialflow.rules.staleness import StaleLevel
from trialflow.rules.workflow import Workflow

__all__ = ["WorkItem", "standing_before", "work_item", "worklist"]

_DUE_ORDER = {"overdue": 0, "due_today": 1, "later": 2, "none": 3}


@attrs.frozen(kw_only=True)
class WorkItem:
    """One row of the queue; ``rank`` counts from 1, ``since`` is when the lead entered its status (UTC).

    ``ranked_by`` says why it stands where it stands: how it is due, how much stands before the next milestone
    (``open_2``), and since when the lead waits (``received_2026-03-02``).
    """

    rank: int
    lead: Lead
    bucket: str
    flags: tuple[str, ...]
    action: NextAction
    stale: StaleLevel
    readiness: Readiness
    since: datetime
    ranked_by: tuple[str, ...] = ()


def work_item(found: Assessment, workflow: Workflow, rank: int = 0) -> WorkItem:
    """The row of one assessed lead."""
    return _item(found, workflow, rank, _standing(found, workflow))


def _item(found: Assessment, workflow: Workflow, rank: int, standing: int) -> WorkItem:
    lead = found.lead
    return WorkItem(
        rank=rank,
        lead=lead,
        bucket=found.bucket,
        flags=found.flags,
        action=found.action,
        stale=found.stale,
        readiness=found.readiness,
        since=lead.status_since,
        ranked_by=(
            found.action.due,
            f"open_{standing}",
            f"received_{calendar_of(workflow).day_of(lead.received_at)}",
        ),
    )


def standing_before(lead: Lead, workflow: Workflow) -> int:
    """How many items and blockers stand between ``lead`` and its next milestone."""
    ready = readiness(lead, workflow, milestone=next_milestone(lead, workflow))
    return len(ready.open) + len(ready.blockers)


def _standing(found: Assessment, workflow: Workflow) -> int:
    """The same of an assessed lead, whose readiness for one milestone is known."""
    ready = found.readiness
    if next_milestone(found.lead, workflow) != ready.milestone:
        return standing_before(found.lead, workflow)
    return len(ready.open) + len(ready.blockers)


def worklist(
    leads: Iterable[Lead],
    workflow: Workflow,
    as_of: datetime,
    *,
    owner: str | None = None,
    roster: Roster | None = None,
) -> tuple[WorkItem, ...]:
    """The leads in the order of work at ``as_of``; ``owner`` keeps what is that owner's turn (or nobody's: UNASSIGNED).

    Closed leads come last, with an explicit "no action". Equal input gives equal output, whatever its order.
    """
    rows = (assess(lead, workflow, as_of, roster) for lead in leads)
    mine = (row for row in rows if owner is None or row.action.owner == owner)
    found = [
        (_DUE_ORDER[row.action.due], _standing(row, workflow), row.lead.received_at, row.lead.id, row) for row in mine
    ]
    found.sort(key=itemgetter(slice(4)))
    return tuple(_item(row[-1], workflow, rank, row[1]) for rank, row in enumerate(found, start=1))
