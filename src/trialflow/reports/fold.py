"""The one definition of every figure that looks at whole histories: step, contribute, merge.

*Step*: one row changes one lead's state. *Contribute*: a lead's state is one cell (a packed number) in the totals.
*Merge*: totals add up. A whole history, one partition of it, and one lead after one more event all run through
:func:`fold`; taking a lead's old cell out and putting the new one in keeps a live projection.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from datetime import datetime
from itertools import chain
from typing import NamedTuple

import attrs

from trialflow.model.lead import Lead
from trialflow.model.moments import DAY, micros
from trialflow.model.parties import UNASSIGNED
from trialflow.reports.columns import (
    ACTION,
    BLOCKER,
    CONTACT,
    EPISODE,
    HANDOFF,
    ITEM,
    MOVED,
    OWNER,
    PRESCREENED,
    RECEIVED,
    SHIFT,
    SLOT,
    SOURCE,
    TOUCH,
    VISIT,
    Columns,
)
from trialflow.rules.ownership import Roster, effective_owner
from trialflow.rules.readiness import readiness
from trialflow.rules.staleness import stale_cutoff, stale_level
from trialflow.rules.workflow import Workflow

__all__ = ["AGES", "MILESTONES", "Cell", "Tables", "Totals", "cell_of", "fold", "tables", "unpack"]

MILESTONES = ("contacted", "prescreen_completed", "reviewable", "scheduled", "attended")
"""The milestones of the source figures, in the order of the work."""
CONTACTED, COMPLETED, SCHEDULED, ATTENDED = 1, 2, 8, 16

AGES = (1, 3, 7, 14, 30, 60)
"""Upper ends, in days, of the age bands; the last band is open."""


_END = ((RECEIVED, 0, 0, -1),)
"""A row that closes the last lead."""


class Cell(NamedTuple):
    """What one lead adds to the totals, unpacked."""

    source: int
    status: int
    stale: bool
    records_open: bool
    other_open: bool
    reached: int
    reason: int
    unowned: bool
    age: int


def pack(source: int, status: int, flags: int, reached: int, reason: int, age: int) -> int:
    """A cell as one number; ``flags``: 1 stale, 2 records open, 4 other open, 8 unowned."""
    return ((((source << 15 | status) << 4 | flags) << 5 | reached) << 10 | reason) << 3 | age


def unpack(cell: int) -> Cell:
    """The parts of a packed cell."""
    age, reason = cell & 7, cell >> 3 & 1023
    reached, flags = cell >> 13 & 31, cell >> 18 & 15
    status, source = cell >> 22 & 32767, cell >> 37
    return Cell(
        source, status, bool(flags & 1), bool(flags & 2), bool(flags & 4), reached, reason, bool(flags & 8), age
    )


@attrs.define
class Totals:
    """Cells with how many leads and attempts are in each; moves counted in the period; handoffs too. They add up."""

    cells: Counter[int] = attrs.field(factory=Counter)
    attempts: Counter[int] = attrs.field(factory=Counter)
    moves: Counter[int] = attrs.field(factory=Counter)
    received: int = 0
    handoffs: int = 0

    def merge(self, other: Totals) -> Totals:
        """The totals of both parts together."""
        merged = Totals(received=self.received + other.received, handoffs=self.handoffs + other.handoffs)
        for name in ("cells", "attempts", "moves"):
            counts: Counter[int] = getattr(merged, name)
            counts.update(getattr(self, name))
            counts.update(getattr(other, name))
        return merged

    def take_out(self, other: Totals) -> None:
        """Remove what ``other`` contributed: the inverse of merging it in."""
        for name in ("cells", "attempts", "moves"):
            counts: Counter[int] = getattr(self, name)
            counts.subtract(getattr(other, name))
            for key in [k for k in getattr(other, name) if not counts[k]]:
                del counts[key]
        self.received -= other.received
        self.handoffs -= other.handoffs


@attrs.frozen
class Tables:
    """What the fold looks up instead of asking a rule per lead: all made by calling the rules once per code."""

    as_of: int
    since: int
    cutoff: tuple[int, ...]
    reaches: tuple[int, ...]
    absent: frozenset[int]
    movement: tuple[bool, bool, bool, bool, bool, bool]
    snooze: bool


def tables(columns: Columns, workflow: Workflow, as_of: datetime, *, since: datetime, roster: Roster | None) -> Tables:
    """The tables for these columns at ``as_of``; moves are counted in (since, as_of]."""
    statuses = columns.statuses.words
    cutoffs = [stale_cutoff(workflow, code, as_of) for code in statuses]
    away = {columns.owners.code(UNASSIGNED)}
    if roster is not None:
        away |= {i for i, owner in enumerate(columns.owners.words) if roster.away(owner, as_of)}
    counts = workflow.staleness.movement
    kinds = ("moved", "contact_attempted", "prescreened", "item_set", "blocked", "visit_set")
    return Tables(
        as_of=micros(as_of),
        since=micros(since),
        cutoff=tuple(-(1 << 62) if cutoff is None else cutoff for cutoff in cutoffs),
        reaches=tuple(reached_by(workflow, code) for code in statuses),
        absent=frozenset(away),
        movement=tuple(kind in counts for kind in kinds),  # type: ignore[arg-type]
        snooze=workflow.staleness.snooze,
    )


def reached_by(workflow: Workflow, status: str) -> int:
    """The milestones that being in ``status`` implies, as bits."""
    known = workflow.status(status)
    return sum(1 << i for i, name in enumerate(MILESTONES) if known is not None and name in known.reaches)


def fold(columns: Columns, t: Tables) -> Totals:
    """The totals of these columns. One pass, local variables only: this loop runs eight million times for a million
    leads."""
    totals = Totals()
    cells, attempts_in, moves = totals.cells, totals.attempts, totals.moves
    cutoff, reaches, absent, as_of, since = t.cutoff, t.reaches, t.absent, t.as_of, t.since
    m_moved, m_contact, m_prescreen, m_item, m_block, m_visit = t.movement
    source = status = entered = last = attempts = reached = reason = records = other = action = slot = 0
    owner, mask = -1, (1 << SHIFT) - 1
    received = handoffs = 0
    open_lead = False

    rows = zip(columns.kind, columns.at, columns.a, columns.b, strict=True)
    for kind, at, a, b in chain(rows, _END):
        if kind == MOVED:
            status, entered, reason = a & mask, at, b
            reached |= reaches[status]
            if since < at <= as_of:
                moves[a] += 1
            if m_moved and at > last:
                last = at
        elif kind == CONTACT:
            attempts = a
            if b:
                reached |= CONTACTED
            if m_contact and at > last:
                last = at
        elif kind == RECEIVED:
            if open_lead:
                paused = t.snooze and (action > as_of or slot > as_of)
                flags = (
                    (last <= cutoff[status] and not paused)
                    | (records > 0) << 1
                    | (other > 0) << 2
                    | (owner in absent) << 3
                )
                cell = pack(source, status, flags, reached, reason, bisect_right(AGES, (as_of - entered) // DAY))
                cells[cell] += 1
                attempts_in[cell] += attempts
            if b < 0:
                break
            open_lead = True
            source, status, entered, last = b, a, at, at
            attempts = reason = records = other = action = slot = owner = 0
            reached = reaches[a]
            received += since < at <= as_of
        elif kind == ITEM:
            if a:
                other += b
            else:
                records += b
            if m_item and at > last:
                last = at
        elif kind == OWNER:
            owner = a
        elif kind == PRESCREENED:
            if a == 2:
                reached |= CONTACTED | COMPLETED
            if m_prescreen and at > last:
                last = at
        elif kind == HANDOFF:
            owner = a
            handoffs += since < at <= as_of
        elif kind == VISIT:
            reached |= (0, SCHEDULED, SCHEDULED, 0, SCHEDULED | ATTENDED, SCHEDULED)[a]
            if m_visit and at > last:
                last = at
        elif kind == SLOT:
            slot = at
        elif kind == EPISODE:
            reason = b
            entered = at if at >= 0 else entered
        elif kind == TOUCH:
            if at > last:
                last = at
        elif kind == BLOCKER:
            if a:
                other += b
            else:
                records += b
            if m_block and at > last:
                last = at
        elif kind == ACTION:
            action = at
        elif kind == SOURCE:
            source = b
    totals.received, totals.handoffs = received, handoffs
    return totals


def cell_of(
    lead: Lead, columns: Columns, workflow: Workflow, as_of: datetime, roster: Roster | None
) -> tuple[int, int]:
    """The cell and the attempts of a lead that has no history here (a host's current state): the same contribution."""
    ready = readiness(lead, workflow)
    stale = stale_level(lead, workflow, as_of).level == "stale"
    reached = reached_by(workflow, lead.status)
    for stay in lead.trail:
        reached |= reached_by(workflow, stay.status)
    if lead.first_reached_at is not None:
        reached |= CONTACTED
    if lead.prescreen == "completed":
        reached |= CONTACTED | COMPLETED
    if lead.visit is not None and lead.visit.state != "cancelled":
        reached |= SCHEDULED | (ATTENDED if lead.visit.state == "attended" else 0)
    unowned = effective_owner(lead, roster, as_of) == UNASSIGNED
    flags = stale | ready.records_open << 1 | (ready.other_open > 0) << 2 | unowned << 3
    age = bisect_right(AGES, (micros(as_of) - micros(lead.status_since)) // DAY)
    source, status = columns.sources.code(lead.source.id), columns.statuses.code(lead.status)
    return pack(source, status, flags, reached, columns.reasons.code(lead.close_reason), age), lead.attempts
