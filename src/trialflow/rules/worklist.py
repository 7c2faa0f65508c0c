"""The queue: a total order of leads, so that the first row is what to do first.

Rank: stale and overdue work before the rest, then fewest open blockers to the next milestone, then age (R34).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from trialflow.model.lead import Lead
from trialflow.rules.buckets import flags
from trialflow.rules.next_action import Assessment, NextAction, assess
from trialflow.rules.ownership import Roster, effective_owner
from trialflow.rules.readiness import Readiness
from trialflow.rules.staleness import StaleLevel
from trialflow.rules.workflow import Workflow

__all__ = ["WorkItem", "work_item", "worklist"]

_DUE_ORDER = {"overdue": 0, "due_today": 1, "later": 2, "none": 3}


@attrs.frozen(kw_only=True)
class WorkItem:
    """One row of the queue; ``rank`` counts from 1, ``since`` is when the lead entered its status (UTC)."""

    rank: int
    lead: Lead
    bucket: str
    flags: tuple[str, ...]
    action: NextAction
    stale: StaleLevel
    readiness: Readiness
    since: datetime


def work_item(found: Assessment, workflow: Workflow, as_of: datetime, rank: int = 0) -> WorkItem:
    """The row of one assessed lead."""
    lead = found.lead
    return WorkItem(
        rank=rank,
        lead=lead,
        bucket=found.bucket,
        flags=flags(lead, workflow, as_of),
        action=found.action,
        stale=found.stale,
        readiness=found.readiness,
        since=lead.status_since,
    )


def worklist(
    leads: Iterable[Lead],
    workflow: Workflow,
    as_of: datetime,
    *,
    owner: str | None = None,
    roster: Roster | None = None,
) -> tuple[WorkItem, ...]:
    """The leads in the order of work at ``as_of``; ``owner`` keeps what that owner can act on (or UNASSIGNED).

    Closed leads come last, with an explicit "no action". Equal input gives equal output, whatever its order.
    """
    mine = (lead for lead in leads if owner is None or effective_owner(lead, roster, as_of) == owner)
    found = sorted((assess(lead, workflow, as_of, roster) for lead in mine), key=_key)
    return tuple(work_item(row, workflow, as_of, rank) for rank, row in enumerate(found, start=1))


def _key(row: Assessment) -> tuple[int, int, datetime, str]:
    # Overdue first, then fewest things standing before the next milestone, then the oldest: R34.
    standing = len(row.readiness.open) + len(row.readiness.blockers)
    return (_DUE_ORDER[row.action.due], standing, row.lead.received_at, row.lead.id)
