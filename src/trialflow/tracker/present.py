"""Queue and board from a store that keeps its leads (``SupportsLeads``, ``SupportsColumns``): nothing is replayed.

Both are exact at any instant, not only now; what is asked of an earlier one costs as much as has changed since.
Commands never decide by these: they read the lead's own stream.
"""

from __future__ import annotations

from datetime import datetime

from trialflow.adapters.collector import nothing_collected
from trialflow.adapters.queries import LeadQuery, SupportsColumns, SupportsLeads
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED
from trialflow.reports.dashboard import Dashboard, dashboard_of
from trialflow.reports.ended import OrderNeeded
from trialflow.rules.ownership import Roster
from trialflow.rules.workflow import Workflow

__all__ = ["board", "ended_statuses", "queued"]


def ended_statuses(workflow: Workflow) -> frozenset[str]:
    """The statuses, as recorded, in which the work has ended."""
    codes = [status.code for status in workflow.statuses]
    return frozenset(code for code in (*codes, *workflow.successors) if workflow.is_final(code))


def queued(
    storage: SupportsLeads, workflow: Workflow, as_of: datetime, roster: Roster, owner: str | None, *, ended: bool
) -> tuple[Lead, ...]:
    """The leads of which the queue of ``owner`` is made: whoever is away may leave theirs to nobody."""
    owners = None if owner is None else {owner}
    if owners is not None and owner == UNASSIGNED:
        owners.update(absence.owner for absence in roster.absences if roster.away(absence.owner, as_of))
    query = LeadQuery(owners=owners, without=None if ended else ended_statuses(workflow))
    return tuple(storage.find(query, as_of))


def board(storage: SupportsColumns, workflow: Workflow, as_of: datetime, roster: Roster, since: datetime) -> Dashboard:
    """The dashboard, from leads that are open and counts of those that ended."""
    with nothing_collected():
        try:
            found = storage.board(workflow, as_of, since)
            return dashboard_of(found, workflow, as_of, roster=roster, since=since)
        except OrderNeeded:
            found = storage.board(workflow, as_of, since, ordered=True)
            return dashboard_of(found, workflow, as_of, roster=roster, since=since)
