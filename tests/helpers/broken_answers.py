"""Stores with one fault each in what some of them offer beside the records: questions, following, a host's transaction.

``breaks`` is the clause. Each is noticed by one check, and by no other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import attrs

from broken_outside import MemoryHost
from faulty_store import Faulty
from trialflow.adapters.checks import StorageSetup
from trialflow.adapters.queries import LeadQuery
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.model.evolve import fold
from trialflow.model.lead import Lead
from trialflow.model.recorded import Recorded
from trialflow.reports.column_rows import columns_of
from trialflow.reports.columns import Columns
from trialflow.reports.ended import BoardRows, Ended
from trialflow.rules.workflow import Workflow

__all__ = ["ANSWERS", "PENDING", "Answers", "PendingHost", "pending_setup"]

_NONE = Ended(ends={}, reaches={}, places={}, attempts={}, handoffs=0, spells=(), order=())


class Answers(Faulty):
    """Answers every question from a replay, and lets itself be followed. This one is right."""

    def dated(self, as_of: datetime) -> list[Recorded]:
        return [record for record in self.scan() if record.event.at <= as_of]

    def leads(self, as_of: datetime) -> list[Lead]:
        streams: dict[str, list[Recorded]] = {}
        for record in self.dated(as_of):
            streams.setdefault(record.stream, []).append(record)
        found = [lead for rows in streams.values() if (lead := fold(rows)) is not None]
        return sorted(found, key=lambda lead: lead.id)

    def find(self, query: LeadQuery, as_of: datetime) -> Sequence[Lead]:
        return [lead for lead in self.leads(as_of) if query.holds(lead)]

    def columns(self, workflow: Workflow, as_of: datetime) -> Columns:
        return columns_of(self.dated(as_of), workflow)

    def board(self, workflow: Workflow, as_of: datetime, since: datetime, *, ordered: bool = False) -> BoardRows:
        rows = columns_of(self.dated(as_of), workflow)
        leads = tuple(lead for lead in self.leads(as_of) if not lead.merged_into)
        return BoardRows(leads=leads, rows=rows, ended=_NONE, recent=rows.empty_like(), earlier=rows.empty_like())

    def subscribe(
        self, *, after: int = 0, timeout: float | None = None, stop: Callable[[], bool] = lambda: False
    ) -> Iterator[Recorded]:
        until = time.monotonic() + (timeout or 3600)
        while not stop() and time.monotonic() < until:
            for record in self.scan(after=after):
                after = record.position
                yield record
            time.sleep(0.001)


class FindsTheMerged(Answers):
    """Finds a lead that was merged into another, asked for or not."""

    breaks = "Q1"

    def find(self, query: LeadQuery, as_of: datetime) -> Sequence[Lead]:
        asked = query.ids is None and query.owners is None and query.statuses is None
        return super().find(query if asked else attrs.evolve(query, merged=True), as_of)


class ColumnsOfToday(Answers):
    """Gives the columns of all records, whatever moment is asked for."""

    breaks = "Q2"

    def columns(self, workflow: Workflow, as_of: datetime) -> Columns:
        return columns_of(self.scan(), workflow)


class BoardWithoutTheClosed(Answers):
    """Leaves the leads that ended out of the board and counts none in their place."""

    breaks = "Q3"

    def board(self, workflow: Workflow, as_of: datetime, since: datetime, *, ordered: bool = False) -> BoardRows:
        found = super().board(workflow, as_of, since, ordered=ordered)
        return attrs.evolve(found, leads=tuple(lead for lead in found.leads if not workflow.is_final(lead.status)))


class RemembersAnswers(Answers):
    """Gives an answer again without looking whether something was appended since."""

    breaks = "Q4"

    def __init__(self, *, clock: Callable[[], datetime] | None = None) -> None:
        super().__init__(**({} if clock is None else {"clock": clock}))
        self.known: dict[tuple[LeadQuery, datetime], Sequence[Lead]] = {}

    def find(self, query: LeadQuery, as_of: datetime) -> Sequence[Lead]:
        if (query, as_of) not in self.known:
            self.known[query, as_of] = super().find(query, as_of)
        return self.known[query, as_of]


class WakesTooLate(Answers):
    """Begins to listen behind what came while the follower was reading."""

    breaks = "S17"

    def subscribe(
        self, *, after: int = 0, timeout: float | None = None, stop: Callable[[], bool] = lambda: False
    ) -> Iterator[Recorded]:
        soon = min(timeout or 1, timedelta(seconds=0.3).total_seconds())
        yield from list(self.scan(after=after))
        yield from super().subscribe(after=self.head()[0], timeout=soon, stop=stop)


ANSWERS: tuple[type[Answers], ...] = (
    FindsTheMerged, ColumnsOfToday, BoardWithoutTheClosed, RemembersAnswers, WakesTooLate,
)  # fmt: skip


class _Guest(MemoryStorage):
    """A store that asks its host whether a transaction is open."""

    def __init__(self, pending: Callable[[], bool]) -> None:
        super().__init__()
        self.asked = (pending,)

    def pending(self) -> bool:
        return self.asked[0]()


class PendingHost(MemoryHost):
    """A host whose guest tells of an open transaction. This one is right."""

    def __init__(self) -> None:
        super().__init__()
        self.open = False
        self.storage = _Guest(lambda: self.open)
        super().begin()

    def begin(self) -> None:
        super().begin()
        self.open = True

    def commit(self) -> None:
        super().begin()
        self.open = False

    def rollback(self) -> None:
        super().rollback()
        self.open = False


class NeverPending(PendingHost):
    """Its guest takes every append for committed at once."""

    breaks = "S15"

    def begin(self) -> None:
        super().begin()
        self.open = False


PENDING: tuple[type[PendingHost], ...] = (NeverPending,)


def pending_setup(host: type[PendingHost]) -> StorageSetup:
    """A store on the connection of a host."""
    return StorageSetup(make=MemoryStorage, host=host)
