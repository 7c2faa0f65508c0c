"""Totals counted out by what figures ask for: small counters that a single lead can be taken out of and put into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TypeVar

import attrs

from trialflow.reports.fold import Totals
from trialflow.reports.fold_tables import STALE, Cell

__all__ = ["Tally"]

_Key = TypeVar("_Key")


@attrs.define
class Tally:
    """How many leads, by codes. Taking out what was put in leaves no trace: keys with 0 are removed."""

    places: Counter[tuple[int, int]] = attrs.field(factory=Counter)
    """By (status, flags)."""
    ages: Counter[tuple[int, int, int]] = attrs.field(factory=Counter)
    """By (status, stale, age band)."""
    ends: Counter[tuple[int, int, int]] = attrs.field(factory=Counter)
    """By (source, status, reason)."""
    reached: Counter[tuple[int, int]] = attrs.field(factory=Counter)
    """By (source, milestones as bits)."""
    attempts: Counter[int] = attrs.field(factory=Counter)
    """Contact attempts by source."""
    moves: Counter[int] = attrs.field(factory=Counter)
    received: int = 0
    handoffs: int = 0

    @classmethod
    def of(cls, totals: Totals) -> Tally:
        """The tally of these totals."""
        tally = cls()
        tally.put_in(totals)
        return tally

    def put_in(self, totals: Totals) -> None:
        """Add these totals."""
        self._add(totals, 1)

    def take_out(self, totals: Totals) -> None:
        """Remove what ``totals`` contributed: the inverse of :meth:`put_in`."""
        self._add(totals, -1)

    def add(self, cell: Cell, leads: int = 1) -> None:
        """Add ``leads`` leads of one cell."""
        source, status, flags, reached, reason, age = cell
        _count(self.places, (status, flags), leads)
        _count(self.ages, (status, flags & STALE, age), leads)
        _count(self.ends, (source, status, reason), leads)
        _count(self.reached, (source, reached), leads)

    def put_counts(
        self,
        places: Mapping[tuple[int, int], int],
        ends: Mapping[tuple[int, int, int], int],
        reached: Mapping[tuple[int, int], int],
        attempts: Mapping[int, int],
    ) -> None:
        """Add leads that were counted already, by the keys of these counters; none of them is open, so that their
        ages are of no interest."""
        self.places.update(places)
        self.ends.update(ends)
        self.reached.update(reached)
        self.attempts.update(attempts)

    def _add(self, totals: Totals, sign: int) -> None:
        for cell, leads in totals.cells.items():
            self.add(cell, sign * leads)
        for source, n in totals.attempts.items():
            _count(self.attempts, source, sign * n)
        for move, n in totals.moves.items():
            _count(self.moves, move, sign * n)
        self.received += sign * totals.received
        self.handoffs += sign * totals.handoffs


def _count(counter: Counter[_Key], key: _Key, n: int) -> None:
    found = counter[key] + n
    if found:
        counter[key] = found
    else:
        counter.pop(key, None)
