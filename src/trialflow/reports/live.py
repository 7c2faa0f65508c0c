"""Figures that stay current: one record changes one lead's contribution, nothing else is counted again.

Rows stay in columns (about 30 bytes each). A record appends to its lead's rows; the lead's old totals are taken out of
the tally, its rows are folded again and the new totals put in: some microseconds, whatever the number of leads.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from datetime import datetime

import attrs

from trialflow.model.recorded import Recorded
from trialflow.reports.column_rows import ColumnsBuilder, lead_of
from trialflow.reports.columns import RECEIVED, Columns, Row
from trialflow.reports.figures import WEEK, Figures, figures_of
from trialflow.reports.fold import Totals, fold, fold_rows
from trialflow.reports.fold_tables import Tables, tables
from trialflow.reports.tally import Tally
from trialflow.rules.ownership import Roster
from trialflow.rules.workflow import Workflow

__all__ = ["LiveFigures"]

_ALWAYS = 1 << 62


class LiveFigures:
    """The figures of a store at the moment ``as_of``, kept current record by record.

    ``add`` costs the rows of one lead. What depends on the clock (staleness, age, absences) is as of ``as_of``;
    movement counts everything after ``since``, also records dated after ``as_of``: they have happened. Time passing
    changes leads without any record, so ``advance`` moves the moment and folds all rows again, about 0.3 s for
    100,000 leads: a board whose figures may be a minute old calls it once a minute, not once a click. An owner's
    absence is no lead's record: advance with the new roster. Not safe for threads without a lock.
    """

    def __init__(
        self,
        workflow: Workflow,
        as_of: datetime,
        *,
        since: datetime | None = None,
        roster: Roster | None = None,
        records: Iterable[Recorded] = (),
    ) -> None:
        builder = ColumnsBuilder(workflow)
        self.position = 0
        for record in records:
            builder.add(record)
            self.position = record.position
        self._start(workflow, builder, as_of, since, roster)

    @classmethod
    def over(
        cls,
        columns: Columns,
        workflow: Workflow,
        as_of: datetime,
        *,
        since: datetime | None = None,
        roster: Roster | None = None,
    ) -> LiveFigures:
        """Over columns that exist already. They must hold no voided or merged lead's rows."""
        builder = ColumnsBuilder(workflow)
        builder.loose = columns
        builder.numbers = {name: number for number, name in enumerate(columns.leads)}
        live = cls.__new__(cls)
        live.position = max(columns.position, default=0)
        live._start(workflow, builder, as_of, since, roster)
        return live

    def _start(
        self,
        workflow: Workflow,
        builder: ColumnsBuilder,
        as_of: datetime,
        since: datetime | None,
        roster: Roster | None,
    ) -> None:
        self._workflow, self._builder = workflow, builder
        self._base, self._changed = builder.clustered()
        builder.loose = self._base.empty_like()
        self._begin, self._end = _spans(self._base)
        self.advance(as_of, since=since, roster=roster)

    def advance(self, as_of: datetime, *, since: datetime | None = None, roster: Roster | None = None) -> None:
        """Move the moment to ``as_of``; movement counts from ``since``, a week by default. Folds all rows."""
        self.as_of, self.since, self._roster = as_of, since or as_of - WEEK, roster
        history = self.columns()
        self._tables = self._made_tables()
        self._tally = Tally.of(fold(history, self._tables))

    def add(self, record: Recorded) -> None:
        """Take one record, the next in recording order. Streams that are no lead's only move ``position``."""
        self.position = record.position
        name = lead_of(record.stream)
        if name is None:
            return
        number = self._builder.numbers.get(name)
        before = Totals() if number is None else self._totals(number)
        number = self._builder.number(name, record)
        if number is None:
            return
        self._changed.setdefault(number, []).extend(self._builder.rows_of(record))
        if self._grown():
            self._tables = self._made_tables()
        self._tally.take_out(before)
        self._tally.put_in(self._totals(number))

    def figures(self) -> Figures:
        """The figures of everything added so far."""
        return figures_of(self._builder.loose, self._tally, self._workflow)

    def columns(self) -> Columns:
        """The history of everything added so far, for reports that need rows; quick after few changes."""
        if self._changed:
            self._merge_in()
        if not self._changed:
            return self._base
        found = self._base.copy()
        self._builder.settle_into(found, self._changed)
        return found

    def _merge_in(self) -> None:
        """Give changed leads their place among the clustered rows; those to be settled stay apart, all rows of them."""
        changed = {lead: self._rows(lead) for lead in self._changed}
        cuts = sorted((self._begin[n], self._end[n]) for n in changed if n < len(self._begin) and self._begin[n] >= 0)
        base = self._base.without(cuts)
        self._changed = {lead: rows for lead, rows in changed.items() if self._builder.is_odd(lead)}
        for lead, rows in changed.items():
            if lead not in self._changed:
                for row in rows:
                    base.add(lead, row)
        self._base = base
        self._begin, self._end = _spans(base)

    def _rows(self, lead: int) -> list[Row]:
        begin = self._begin[lead] if lead < len(self._begin) else -1
        base = self._base.rows(begin, self._end[lead]) if begin >= 0 else ()
        return [*base, *self._changed.get(lead, ())]

    def _totals(self, lead: int) -> Totals:
        rows = self._rows(lead)
        if self._builder.is_odd(lead):
            rows = self._builder.settle(lead, rows)
        return fold_rows([row[:4] for row in rows], self._tables)

    def _made_tables(self) -> Tables:
        found = tables(self._builder.loose, self._workflow, self.as_of, since=self.since, roster=self._roster)
        self._known = self._words()
        return attrs.evolve(found, until=_ALWAYS)

    def _words(self) -> tuple[int, int, int]:
        words = self._builder.loose
        return len(words.statuses), len(words.owners), len(words.things)

    def _grown(self) -> bool:
        return self._words() != self._known


def _spans(columns: Columns) -> tuple[array[int], array[int]]:
    """Where the rows of each lead begin and end; -1 for a lead without any."""
    begin = array("q", [-1]) * len(columns.leads)
    end = array("q", [-1]) * len(columns.leads)
    kinds = columns.kind.tobytes()
    received = bytes([RECEIVED])
    start = kinds.find(received)
    while start >= 0:
        following = kinds.find(received, start + 1)
        lead = columns.lead[start]
        begin[lead], end[lead] = start, following if following >= 0 else len(kinds)
        start = following
    return begin, end
