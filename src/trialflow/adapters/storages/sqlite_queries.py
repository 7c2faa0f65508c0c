"""Leads, columns and boards from the tables of leads in SQLite, each answer as of one moment of the file.

A lead whose row is behind its events, or that has a record dated after the instant asked for, is told from its stream.
Where the tables do not know the whole ledger, they are made anew first; where that cannot be (a host's connection, a
file that cannot be written), everything is told from the ledger: slower, and the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from trialflow.adapters.queries import LeadQuery
from trialflow.adapters.storages.lead_board import KeptBoard, board_from, by_stream, single_rows, told
from trialflow.adapters.storages.lead_changes import parse_key, state_of
from trialflow.adapters.storages.lead_columns import KeptRows, columns_from
from trialflow.adapters.storages.lead_state import LeadState
from trialflow.adapters.storages.lead_words import LeadWords
from trialflow.adapters.storages.sqlite_access import Database
from trialflow.adapters.storages.sqlite_filling import Filling
from trialflow.adapters.storages.sqlite_leads import Kept
from trialflow.adapters.storages.sqlite_questions import Questions
from trialflow.adapters.storages.sqlite_sql import LedgerSql
from trialflow.model.errors import StorageError
from trialflow.model.lead import Lead
from trialflow.model.lead_text import parse_lead
from trialflow.model.moments import micros
from trialflow.model.recorded import Recorded
from trialflow.reports.columns import Columns
from trialflow.reports.contribution import Contribution
from trialflow.reports.ended import BoardRows
from trialflow.reports.movement import first_week
from trialflow.rules.workflow import Workflow

__all__ = ["LeadQueries"]

Read = Callable[[str], Sequence[Recorded]]
_FEW = 200
"""So many leads that are behind are told from their streams rather than filled in for the sake of a question."""


class _Singles(NamedTuple):
    """Leads to be told one by one, and what the rows of these add to the counts."""

    states: Sequence[tuple[str, LeadState]]
    counted: Sequence[Contribution]


class LeadQueries:
    """The questions to one store."""

    def __init__(
        self, file: Database, sql: LedgerSql, filling: Filling, read: Read, scan: Callable[[], Iterable[Recorded]]
    ) -> None:
        self._file, self._sql, self._filling = file, sql, filling
        self._read, self._scan = read, scan
        self._ask = Questions(file.prefix)

    def find(self, query: LeadQuery, as_of: datetime) -> Sequence[Lead]:
        """See :class:`~trialflow.adapters.queries.SupportsLeads`."""
        leads = self._kept_leads(query, as_of)
        if leads is None:
            states = told(by_stream(self._scan(), as_of), LeadWords())
            leads = [state.lead for _, state in states if state.lead is not None]
        return sorted((lead for lead in leads if query.holds(lead)), key=lambda lead: lead.id)

    def _kept_leads(self, query: LeadQuery, as_of: datetime) -> Sequence[Lead] | None:
        if self._prepare(as_of, everything=False):
            with self._file.view():
                if self._whole():
                    return self._found(query, as_of)
        return None

    def columns(self, workflow: Workflow, as_of: datetime) -> Columns:
        """See :class:`~trialflow.adapters.queries.SupportsColumns`."""
        if self._prepare(as_of, everything=True):
            with self._file.view():
                if self._whole():
                    words = self._words()
                    kept = [KeptRows(*row) for row in self._file.rows(self._ask.columns, (micros(as_of),))]
                    singles = self._singles(as_of, words)
                    return columns_from([*kept, *single_rows(singles.states)], words, workflow)
        words = LeadWords()
        return columns_from([*single_rows(told(by_stream(self._scan(), as_of), words))], words, workflow)

    def board(self, workflow: Workflow, as_of: datetime, since: datetime, *, ordered: bool = False) -> BoardRows:
        """See :class:`~trialflow.adapters.queries.SupportsColumns`."""
        if self._prepare(as_of, everything=True):
            with self._file.view():
                if self._whole():
                    words = self._words()
                    singles = self._singles(as_of, words)
                    start = min(since, first_week(workflow, as_of))
                    kept = self._kept(workflow, words, as_of, start, singles.counted, ordered=ordered)
                    return board_from(kept, singles.states, words, workflow)
        words = LeadWords()
        return board_from(KeptBoard(), [*told(by_stream(self._scan(), as_of), words)], words, workflow)

    def _prepare(self, as_of: datetime, *, everything: bool) -> bool:
        """Bring the tables up to date as far as a question needs them; whether they can be used."""
        try:
            if not self._whole():
                if not self._file.writes_alone:
                    return False
                self._filling.complete()
            needed = everything or self._file.rows(self._sql.leads.kept)[0][4] > micros(as_of)
            if needed and self._file.writes_alone and len(self._file.rows(self._sql.behind, (_FEW + 1,))) > _FEW:
                self._filling.fill()
        except StorageError:
            return self._whole()
        return self._whole()

    def _whole(self) -> bool:
        """Whether the tables know the whole ledger."""
        head = self._file.rows(self._sql.head)
        return Kept(*self._file.rows(self._sql.leads.kept)[0]).holds(head[0][0] if head else 0)

    def _words(self) -> LeadWords:
        return LeadWords(self._file.rows(self._sql.leads.words))

    def _found(self, query: LeadQuery, as_of: datetime) -> list[Lead]:
        """Every lead that may be asked for."""
        rows, at = list[tuple[str | None, str | None]](), micros(as_of)
        for statement, values in self._ask.find(query, self._words(), at):
            rows += self._file.rows(statement, values)
        if self._file.rows(self._sql.leads.kept)[0][4] > at:
            rows += self._file.rows(self._ask.singles, (at,))
        alone = dict.fromkeys(name for name, _ in rows if name is not None)
        states = told({name: self._until(name, as_of) for name in alone}, LeadWords())
        kept = [parse_lead(text) for text in dict.fromkeys(text for name, text in rows if name is None and text)]
        return kept + [state.lead for _, state in states if state.lead is not None]

    def _until(self, stream: str, as_of: datetime) -> list[Recorded]:
        return [record for record in self._read(stream) if record.event.at <= as_of]

    def _singles(self, as_of: datetime, words: LeadWords) -> _Singles:
        names = [name for name, _ in self._file.rows(self._ask.singles, (micros(as_of),))]
        rows = self._file.rows(self._ask.counted_singles, (micros(as_of),))
        counts = (state_of(*row).counts for row in rows)
        states = [*told({name: self._until(name, as_of) for name in names}, words)]
        return _Singles(states, [found for found in counts if found is not None])

    def _kept(
        self,
        workflow: Workflow,
        words: LeadWords,
        as_of: datetime,
        start: datetime,
        counted: Sequence[Contribution],
        *,
        ordered: bool,
    ) -> KeptBoard:
        ask, rows, at = self._ask, self._file.rows, micros(as_of)
        final = [n for n, word in enumerate(words.columns.statuses.words) if workflow.is_final(word)]
        others = [n for n in range(len(words.columns.statuses)) if n not in final]
        return KeptBoard(
            opened=rows(*ask.opened(others, at)),
            recent=[row[0] for row in rows(*ask.recent(final, micros(start), at))],
            counts={(what, parse_key(key)): (n, tries, changes) for what, key, n, tries, changes in rows(ask.counts)},
            spells=b"".join([row[0] for row in rows(*ask.spells(final, at))]),
            taken_out=counted,
            order=rows(*ask.order(final, at)) if ordered else None,
        )
