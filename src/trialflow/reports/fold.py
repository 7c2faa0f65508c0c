"""The one definition of every figure that looks at whole histories: step, contribute, merge.

*Step*: one row changes one lead's state. *Contribute*: a lead's state is one cell (a packed number) in the totals.
*Merge*: totals add up. A whole history, one partition of it, and one lead after one more event all run through
:func:`fold`; a live projection takes a lead's old totals out and puts the new ones in (:mod:`.tally`, :mod:`.live`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from itertools import chain

import attrs

from trialflow.model.moments import DAY
from trialflow.reports.columns import (
    ACTION,
    BLOCKED,
    CONTACT,
    EPISODE,
    HANDOFF,
    ITEM,
    MOVED,
    OWNER,
    PRESCREENED,
    RECEIVED,
    SEEN,
    SLOT,
    SOURCE,
    TOUCH,
    UNBLOCKED,
    VISIT,
    Columns,
)
from trialflow.reports.fold_tables import AGES, CONTACTED, PRESCREEN_REACHES, VISIT_REACHES, Cell, Tables

__all__ = ["SHIFT", "Totals", "fold", "fold_rows", "pack", "unpack"]

SHIFT = 30
"""Codes are below ``1 << SHIFT``, so packed numbers cannot run into each other. A move is ``from << SHIFT | to``."""

_CODE = (1 << SHIFT) - 1

_END = ((RECEIVED, 0, 0, -1),)
"""A row that closes the last lead."""


def pack(source: int, status: int, flags: int, reached: int, reason: int, age: int) -> int:
    """A cell as one number; ``flags``: 1 stale, 2 records open, 4 other open, 8 unowned."""
    return ((((source << SHIFT | status) << SHIFT | reason) << 5 | reached) << 4 | flags) << 3 | age


def unpack(cell: int) -> Cell:
    """The parts of a packed cell."""
    flags, reached, rest = cell >> 3 & 15, cell >> 7 & 31, cell >> 12
    return Cell(rest >> 2 * SHIFT, rest >> SHIFT & _CODE, flags, reached, rest & _CODE, cell & 7)


@attrs.define
class Totals:
    """Cells with how many leads and attempts are in each; moves, arrivals and handoffs of the period. They add up."""

    cells: Counter[int] = attrs.field(factory=Counter)
    attempts: Counter[int] = attrs.field(factory=Counter)
    moves: Counter[int] = attrs.field(factory=Counter)
    received: int = 0
    handoffs: int = 0

    def merge(self, other: Totals) -> Totals:
        """The totals of both parts together."""
        merged = Totals(received=self.received + other.received, handoffs=self.handoffs + other.handoffs)
        for part in (self, other):
            merged.cells.update(part.cells)
            merged.attempts.update(part.attempts)
            merged.moves.update(part.moves)
        return merged


def fold(columns: Columns, t: Tables) -> Totals:
    """The totals of these columns."""
    return fold_rows(zip(columns.kind, columns.at, columns.a, columns.b, strict=True), t)


def fold_rows(rows: Iterable[tuple[int, int, int, int]], t: Tables) -> Totals:
    """The totals of (kind, at, a, b) rows, clustered by lead.

    One loop over local variables, the most frequent kinds first: it runs eight million times for a million leads, and
    a call per row would cost more than the work. Hence its length.
    """
    totals = Totals()
    cells, attempts_in, moves = totals.cells, totals.attempts, totals.moves
    cutoff, reaches, absent, as_of, since, until = t.cutoff, t.reaches, t.absent, t.as_of, t.since, t.until
    m_moved, m_contact, m_prescreen, m_item, m_block, m_unblock, m_visit = t.movement
    records, others, snooze = t.records, t.others, t.snooze
    source = status = entered = last = attempts = reached = reason = standing = action = slot = 0
    owner, planned, received, handoffs = 0, -1, 0, 0
    open_lead = False

    for kind, at, a, b in chain(rows, _END):
        if kind == MOVED:
            if a != status:
                to = a & ~EPISODE
                if since < at <= until:
                    moves[status << SHIFT | to] += 1
                status, entered = to, at
                reached |= reaches[to]
                if m_moved and at > last:
                    last = at
            reason = b
        elif kind == CONTACT:
            attempts = a
            if b:
                reached |= CONTACTED
            if m_contact and at > last:
                last = at
        elif kind == RECEIVED:
            if open_lead:
                paused = snooze and (action > as_of or slot > as_of)
                flags = (
                    (last <= cutoff[status] and not paused)
                    | (standing & records > 0) << 1
                    | (standing & others > 0) << 2
                    | (owner in absent) << 3
                )
                cell = pack(source, status, flags, reached, reason, bisect_right(AGES, (as_of - entered) // DAY))
                cells[cell] += 1
                if attempts:
                    attempts_in[cell] += attempts
            if b < 0:
                break
            open_lead = True
            source, status, entered, last = b, a, at, at
            attempts = reason = standing = action = slot = owner = 0
            planned = -1
            reached = reaches[a]
            received += since < at <= until
        elif kind == ITEM:
            standing = standing | 1 << a if b else standing & ~(1 << a)
            if m_item and at > last:
                last = at
        elif kind == OWNER:
            owner = a
        elif kind == PRESCREENED:
            reached |= PRESCREEN_REACHES[a]
            if m_prescreen and at > last:
                last = at
        elif kind == HANDOFF:
            owner = a
            handoffs += since < at <= until
        elif kind == VISIT:
            reached |= VISIT_REACHES[a]
            slot = 0
            if m_visit and at > last:
                last = at
        elif kind == SLOT:
            slot = at
        elif kind == SEEN:
            entered, reason = at, b
        elif kind == TOUCH:
            if at > last:
                last = at
        elif kind == BLOCKED:
            standing |= 1 << a
            if m_block and at > last:
                last = at
        elif kind == UNBLOCKED:
            standing &= ~(1 << a)
            if m_unblock and at > last:
                last = at
        elif kind == ACTION:
            if b:
                action, planned = at, a
            elif a == planned:
                action = 0
        elif kind == SOURCE:
            source = b
    totals.received, totals.handoffs = received, handoffs
    return totals
