"""What the fold looks up instead of asking a rule per lead: the rules, asked once per code. And a lead as a cell."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from functools import lru_cache

import attrs

from trialflow.model.facts import Blocker, ReadinessItem
from trialflow.model.lead import Lead
from trialflow.model.moments import DAY, micros
from trialflow.model.parties import UNASSIGNED, Source
from trialflow.reports.columns import VISITS, Columns
from trialflow.rules.ownership import Roster, effective_owner
from trialflow.rules.readiness import readiness
from trialflow.rules.staleness import stale_cutoff
from trialflow.rules.workflow import Workflow
from trialflow.rules.worklist import WorkItem

__all__ = ["AGES", "MILESTONES", "Cell", "Tables", "cell_of", "reached_by", "tables"]

MILESTONES = ("contacted", "prescreen_completed", "reviewable", "scheduled", "attended")
"""The milestones of the source figures, in the order of the work."""
CONTACTED, COMPLETED, _REVIEWABLE, SCHEDULED, ATTENDED = (1 << i for i in range(5))

PRESCREEN_REACHES = (0, 0, CONTACTED | COMPLETED)
"""By prescreen state: whoever answered the questions was reached."""
VISIT_REACHES = (0, SCHEDULED, SCHEDULED, 0, SCHEDULED | ATTENDED, SCHEDULED)
"""By visit state: none, scheduled, rescheduled, cancelled, attended, missed."""

AGES = (1, 3, 7, 14, 30, 60)
"""Upper ends, in days, of the age bands; the last band is open."""

_NEVER = -(1 << 62)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


STALE, RECORDS_OPEN, OTHER_OPEN, UNOWNED = 1, 2, 4, 8
"""The flags of a cell, as bits."""

Cell = tuple[int, int, int, int, int, int]
"""What one lead adds to the totals: codes of source and status, flags, milestones as bits, code of the reason, age
band. A plain tuple: the fold makes one per lead."""


@attrs.frozen
class Tables:
    """The rules as tables by code, at ``as_of``; moves are counted in (since, until]."""

    as_of: int
    since: int
    until: int
    cutoff: tuple[int, ...]
    reaches: tuple[int, ...]
    absent: frozenset[int]
    records: int
    others: int
    movement: tuple[bool, bool, bool, bool, bool, bool, bool]
    snooze: bool


def tables(columns: Columns, workflow: Workflow, as_of: datetime, *, since: datetime, roster: Roster | None) -> Tables:
    """The tables for the words of these columns; movement is counted up to ``as_of``."""
    statuses = columns.statuses.words
    cutoffs = [stale_cutoff(workflow, code, as_of) for code in statuses]
    counts = workflow.staleness.movement
    records, others = _masks(columns.things.words, workflow)
    return Tables(
        as_of=micros(as_of),
        since=micros(since),
        until=micros(as_of),
        cutoff=tuple(_NEVER if cutoff is None else cutoff for cutoff in cutoffs),
        reaches=tuple(reached_by(workflow, code) for code in statuses),
        absent=frozenset(i for i, owner in enumerate(columns.owners.words) if _absent(owner, roster, as_of)),
        records=records,
        others=others,
        movement=(
            "moved" in counts,
            "contact_attempted" in counts,
            "prescreened" in counts,
            "item_set" in counts,
            "blocked" in counts,
            "unblocked" in counts,
            "visit_set" in counts,
        ),
        snooze=workflow.staleness.snooze,
    )


def _absent(owner: str, roster: Roster | None, as_of: datetime) -> bool:
    lead = Lead(id="", source=Source(id=""), received_at=_EPOCH, owner=owner)
    return effective_owner(lead, roster, as_of) == UNASSIGNED


def _masks(things: list[tuple[str, str]], workflow: Workflow) -> tuple[int, int]:
    """Which things, standing alone, keep records open, and which keep something else open."""
    records = others = 0
    for i, (what, code) in enumerate(things):
        lead = Lead(
            id="",
            source=Source(id=""),
            received_at=_EPOCH,
            items={code: ReadinessItem(item=code, state="needed", since=_EPOCH)} if what == "item" else {},
            blockers=(Blocker(kind=code, since=_EPOCH),) if what == "blocker" else (),
        )
        ready = readiness(lead, workflow)
        records |= ready.records_open << i
        others |= (ready.other_open > 0) << i
    return records, others


@lru_cache(maxsize=4096)
def reached_by(workflow: Workflow, status: str) -> int:
    """The milestones that being in ``status`` implies, as bits."""
    known = workflow.status(status)
    return sum(1 << i for i, name in enumerate(MILESTONES) if known is not None and name in known.reaches)


def cell_of(item: WorkItem, columns: Columns, workflow: Workflow, as_of: datetime, roster: Roster | None) -> Cell:
    """The cell of a lead that has no history here (a host's current state). What only a history could tell, such as a
    visit that was cancelled since, is not in it."""
    lead = item.lead
    flags = STALE if item.stale.level == "stale" else 0
    flags |= RECORDS_OPEN if item.readiness.records_open else 0
    flags |= OTHER_OPEN if item.readiness.other_open else 0
    flags |= UNOWNED if effective_owner(lead, roster, as_of) == UNASSIGNED else 0
    return (
        columns.sources.code(lead.source),
        columns.statuses.code(lead.status),
        flags,
        standing_reach(lead, workflow),
        columns.reasons.code(lead.close_reason),
        bisect_right(AGES, (micros(as_of) - micros(lead.status_since)) // DAY),
    )


def standing_reach(lead: Lead, workflow: Workflow) -> int:
    """The milestones that a lead as it stands tells of, as bits."""
    reached = reached_by(workflow, lead.status)
    for stay in lead.trail:
        reached |= reached_by(workflow, stay.status)
    if lead.first_reached_at is not None:
        reached |= CONTACTED
    if lead.prescreen == "completed":
        reached |= PRESCREEN_REACHES[2]
    if lead.visit is not None:
        reached |= VISIT_REACHES[VISITS.index(lead.visit.state)]
    return reached
