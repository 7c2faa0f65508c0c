"""Leads, columns and boards from what a store keeps of its leads: for every store the same, SQL apart.

A lead whose row is behind its events, or that has a record dated after the instant asked for, is *single*: it is told
from its stream. Where the tables do not know the whole ledger, they are made anew first; where that cannot be (a host's
connection, a store that cannot be written), everything is told from the ledger: slower, and the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar

from trialflow.adapters.queries import LeadQuery
from trialflow.adapters.storages.lead_board import KeptBoard, board_from, by_stream, single_rows, told
from trialflow.adapters.storages.lead_changes import parse_key, state_of
from trialflow.adapters.storages.lead_columns import KeptRows, columns_from
from trialflow.adapters.storages.lead_state import LeadState
from trialflow.adapters.storages.lead_words import LeadWords
from trialflow.model.lead import Lead
from trialflow.model.lead_text import parse_lead
from trialflow.model.moments import micros
from trialflow.model.recorded import Recorded
from trialflow.reports.columns import Columns
from trialflow.reports.ended import BoardRows
from trialflow.reports.movement import first_week
from trialflow.rules.workflow import Workflow

__all__ = ["FEW", "KeepsLeads", "LeadQueries", "Look", "Tables"]

FEW = 200
"""So many leads that are behind are told from their streams rather than filled in for the sake of a question."""

_TRIES = 3
_Found = TypeVar("_Found")


class Look(Protocol):
    """The tables of leads at one moment. ``at`` and ``start`` are microseconds UTC, ``statuses`` numbers of words."""

    def held(self) -> bool:
        """Whether all that was read was of one moment; asked when everything was."""
        ...

    def words(self) -> LeadWords:
        """The words."""
        ...

    def found(self, query: LeadQuery, words: LeadWords, at: int) -> Iterable[tuple[str | None, str | None]]:
        """Every lead that may be meant, each at least once: (stream of a single one, else None; text)."""
        ...

    def singles(self, at: int) -> Iterable[str]:
        """The streams of the leads that are single."""
        ...

    def counted_singles(self, at: int) -> Iterable[tuple[int, int, int, str | None, bytes, str | None]]:
        """What the rows of singles hold, where they are filled (:func:`.lead_changes.state_of`)."""
        ...

    def columns(self, at: int) -> Iterable[tuple[str, bytes, str | None]]:
        """Id, rows and withdrawn of every lead that is not single."""
        ...

    def opened(self, statuses: Sequence[int], at: int) -> Sequence[tuple[str, bytes]]:
        """Text and rows of the leads in these statuses, neither single nor merged."""
        ...

    def recent(self, statuses: Sequence[int], start: int, at: int) -> Sequence[tuple[int, bytes]]:
        """Latest date and rows of the leads in none of these statuses, neither single nor merged, with a record after
        ``start``."""
        ...

    def order(self, statuses: Sequence[int], at: int) -> Sequence[tuple[str, bytes]]:
        """Id and rows of the leads in these statuses, neither single nor merged."""
        ...

    def spells(self, statuses: Sequence[int], at: int) -> Sequence[bytes]:
        """Spells of the handoffs of leads in these statuses that are not single."""
        ...

    def counts(self) -> Iterable[tuple[str, str, int, int, int]]:
        """What, key, leads, attempts, handoffs."""
        ...

    def stream(self, name: str) -> Sequence[Recorded]:
        """All records of one stream."""
        ...


class Tables(Protocol):
    """The tables of leads of one store."""

    def prepare(self, at: int, *, everything: bool) -> bool:
        """Bring the tables up to date as far as a question needs them; whether they can be used."""
        ...

    def look(self) -> AbstractContextManager[Look | None]:
        """A look at them; None where they do not know the whole ledger."""
        ...


class LeadQueries:
    """The questions to one store; ``scan`` gives all of its records."""

    def __init__(self, tables: Tables, scan: Callable[[], Iterable[Recorded]]) -> None:
        self._tables, self._scan = tables, scan

    def find(self, query: LeadQuery, as_of: datetime) -> Sequence[Lead]:
        """See :class:`~trialflow.adapters.queries.SupportsLeads`."""
        leads = self._asked(as_of, lambda look: _leads(look, query, as_of), everything=False)
        if leads is None:
            states = told(by_stream(self._scan(), as_of), LeadWords())
            leads = [state.lead for _, state in states if state.lead is not None]
        return sorted((lead for lead in leads if query.holds(lead)), key=lambda lead: lead.id)

    def columns(self, workflow: Workflow, as_of: datetime) -> Columns:
        """See :class:`~trialflow.adapters.queries.SupportsColumns`."""

        def ask(look: Look) -> tuple[list[KeptRows], LeadWords]:
            words, kept = look.words(), [KeptRows(*row) for row in look.columns(micros(as_of))]
            return [*kept, *single_rows(_states(look, look.singles(micros(as_of)), as_of, words))], words

        found = self._asked(as_of, ask, everything=True)
        if found is None:
            words = LeadWords()
            found = [*single_rows(told(by_stream(self._scan(), as_of), words))], words
        return columns_from(found[0], found[1], workflow)

    def board(self, workflow: Workflow, as_of: datetime, since: datetime, *, ordered: bool = False) -> BoardRows:
        """See :class:`~trialflow.adapters.queries.SupportsColumns`."""

        def ask(look: Look) -> tuple[KeptBoard, list[tuple[str, LeadState]], LeadWords]:
            words = look.words()
            singles = _states(look, look.singles(micros(as_of)), as_of, words)
            return _kept(look, workflow, words, as_of, since, ordered=ordered), singles, words

        found = self._asked(as_of, ask, everything=True)
        if found is None:
            words = LeadWords()
            found = KeptBoard(), [*told(by_stream(self._scan(), as_of), words)], words
        return board_from(*found, workflow)

    def _asked(self, as_of: datetime, ask: Callable[[Look], _Found], *, everything: bool) -> _Found | None:
        """The answer from the tables; None where they cannot be used."""
        for _ in range(_TRIES):
            if not self._tables.prepare(micros(as_of), everything=everything):
                return None
            with self._tables.look() as look:
                if look is not None:
                    found = ask(look)
                    if look.held():
                        return found
        return None


def _leads(look: Look, query: LeadQuery, as_of: datetime) -> list[Lead]:
    """Every lead that may be asked for."""
    rows = dict.fromkeys(look.found(query, look.words(), micros(as_of)))
    alone = dict.fromkeys(name for name, _ in rows if name is not None)
    kept = [parse_lead(text) for name, text in rows if name is None and text is not None]
    singles = _states(look, alone, as_of, LeadWords())
    return kept + [state.lead for _, state in singles if state.lead is not None]


def _states(look: Look, streams: Iterable[str], as_of: datetime, words: LeadWords) -> list[tuple[str, LeadState]]:
    found = {name: [record for record in look.stream(name) if record.event.at <= as_of] for name in streams}
    return list(told(found, words))


def _kept(
    look: Look, workflow: Workflow, words: LeadWords, as_of: datetime, since: datetime, *, ordered: bool
) -> KeptBoard:
    at, start = micros(as_of), micros(since)
    statuses = words.columns.statuses.words
    final = [n for n, word in enumerate(statuses) if workflow.is_final(word)]
    counted = (state_of(*row).counts for row in look.counted_singles(at))
    opened = [n for n in range(len(statuses)) if n not in final]
    moved = look.recent(opened, min(start, micros(first_week(workflow, as_of))), at)
    return KeptBoard(
        opened=look.opened(opened, at),
        recent=[rows for latest, rows in moved if latest > start],
        earlier=[rows for latest, rows in moved if latest <= start],
        counts={(what, parse_key(key)): (n, tries, changes) for what, key, n, tries, changes in look.counts()},
        spells=b"".join(look.spells(final, at)),
        taken_out=[found for found in counted if found is not None],
        order=look.order(final, at) if ordered else None,
    )


class KeepsLeads:
    """The questions of ``SupportsLeads`` and ``SupportsColumns``, answered by a store's own ``LeadQueries``."""

    _leads: LeadQueries

    def find(self, query: LeadQuery, as_of: datetime) -> Sequence[Lead]:
        """The leads asked for as they stood at ``as_of``, by id."""
        return self._leads.find(query, as_of)

    def columns(self, workflow: Workflow, as_of: datetime) -> Columns:
        """The history of all leads, of the records dated up to ``as_of``."""
        return self._leads.columns(workflow, as_of)

    def board(self, workflow: Workflow, as_of: datetime, since: datetime, *, ordered: bool = False) -> BoardRows:
        """What a dashboard at ``as_of`` needs, its movement from ``since`` on."""
        return self._leads.board(workflow, as_of, since, ordered=ordered)
