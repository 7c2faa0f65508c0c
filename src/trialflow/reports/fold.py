"""The one definition of every figure that looks at whole histories: step, contribute, merge.

*Step*: one row changes one lead's state. *Contribute*: a lead's state is one cell in the totals.
*Merge*: totals add up. A whole history, one partition of it, and one lead after one more event all run through
:func:`fold`; a live projection takes a lead's old totals out and puts the new ones in (:mod:`.tally`, :mod:`.live`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable

import attrs

from trialflow.model.moments import DAY
from trialflow.reports.columns import (
    ACTION,
    AUTOMATED,
    BLOCKED,
    CODE,
    CONTACT,
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
from trialflow.reports.fold_tables import (
    AGES,
    CONTACTED,
    OTHER_OPEN,
    PRESCREEN_REACHES,
    RECORDS_OPEN,
    STALE,
    UNOWNED,
    VISIT_REACHES,
    Cell,
    Tables,
)

__all__ = ["SHIFT", "Totals", "fold", "fold_rows"]

_NO_ROW = -1
"""The kind of the row after the last one."""

SHIFT = 30
"""Codes are below ``1 << SHIFT``: a move is ``from << SHIFT | to``."""

_OLD, _OLDEST = AGES[-1], len(AGES)
_BANDS = tuple(bisect_right(AGES, days) for days in range(_OLD))
"""The age band by whole days; from ``_OLD`` days on it is the oldest."""


@attrs.define
class Totals:
    """Leads by cell, contact attempts by source; moves, arrivals and handoffs of the period. They add up."""

    cells: Counter[Cell] = attrs.field(factory=Counter)
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

    A lead is opened by its first row, then its other rows are taken in one loop over local variables, the most
    frequent kinds first: it runs eight million times for a million leads, and a call per row would cost more than the
    work. Hence the length of it all.
    """
    k_moved, k_contact, k_received, k_owner, k_item, k_prescreened = MOVED, CONTACT, RECEIVED, OWNER, ITEM, PRESCREENED
    k_handoff, k_visit, k_slot, k_seen, k_touch, k_blocked = HANDOFF, VISIT, SLOT, SEEN, TOUCH, BLOCKED
    k_unblocked, k_action, k_source, k_automated, code = UNBLOCKED, ACTION, SOURCE, AUTOMATED, CODE
    found: list[Cell] = []
    attempts_by, moves = defaultdict[int, int](int), defaultdict[int, int](int)
    cutoff, reaches, absent, as_of, since, until = t.cutoff, t.reaches, t.absent, t.as_of, t.since, t.until
    m_moved, m_contact, m_prescreen, m_item, m_block, m_unblock, m_visit = t.movement
    records, others, snooze = t.records, t.others, t.snooze
    received, handoffs, rows = 0, 0, iter(rows)
    kind, at, a, b = next(rows, (_NO_ROW, 0, 0, 0))

    while kind == k_received:
        source, status, entered, last = b, a, at, at
        attempts = reason = standing = action = slot = owner = 0
        planned, reached = -1, reaches[a]
        received += since < at <= until
        kind = _NO_ROW
        for kind, at, a, b in rows:
            if kind == k_moved:
                if a != status:
                    to = a & code
                    if at > since and at <= until:
                        moves[status << SHIFT | to] += 1
                    status = to
                    entered = at
                    reached |= reaches[to]
                    if at > last and m_moved:
                        last = at
                reason = b
            elif kind == k_contact:
                attempts = a
                if b:
                    reached |= CONTACTED
                if at > last and m_contact:
                    last = at
            elif kind == k_received:
                break
            elif kind == k_owner:
                owner = a
            elif kind == k_item:
                standing = standing | 1 << a if b else standing & ~(1 << a)
                if at > last and m_item:
                    last = at
            elif kind == k_prescreened:
                reached |= PRESCREEN_REACHES[a]
                if at > last and m_prescreen:
                    last = at
            elif kind == k_handoff:
                owner = a
                handoffs += since < at <= until
            elif kind == k_visit:
                reached |= VISIT_REACHES[a]
                slot = 0
                if at > last and m_visit:
                    last = at
            elif kind == k_slot:
                slot = at
            elif kind == k_seen:
                entered, reason = at, b
            elif kind == k_touch:
                if at > last:
                    last = at
            elif kind == k_blocked:
                standing |= 1 << a
                if at > last and m_block:
                    last = at
            elif kind == k_unblocked:
                standing &= ~(1 << a)
                if at > last and m_unblock:
                    last = at
            elif kind == k_action:
                if b:
                    action, planned = at, a
                elif a == planned:
                    action = 0
            elif kind == k_source:
                source = b
            elif kind == k_automated:
                attempts = a
        else:
            kind = _NO_ROW
        flags = 0
        if last <= cutoff[status] and not (snooze and (action > as_of or slot > as_of)):
            flags = STALE
        if standing:
            if standing & records:
                flags |= RECORDS_OPEN
            if standing & others:
                flags |= OTHER_OPEN
        if owner in absent:
            flags |= UNOWNED
        days = (as_of - entered) // DAY
        age = _BANDS[days] if 0 <= days < _OLD else _OLDEST if days > 0 else 0
        found.append((source, status, flags, reached, reason & code, age))
        if attempts:
            attempts_by[source] += attempts
    return Totals(Counter(found), Counter(attempts_by), Counter(moves), received, handoffs)
