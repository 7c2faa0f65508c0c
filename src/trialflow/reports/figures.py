"""From a tally to figures: counts by bucket, status, reason, age and source. Only this file reads tallies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import attrs

from trialflow.reports.columns import Columns
from trialflow.reports.fold import SHIFT, fold
from trialflow.reports.fold_tables import AGES, MILESTONES, OTHER_OPEN, RECORDS_OPEN, STALE, UNOWNED, cell_of, tables
from trialflow.reports.statistics import ratio
from trialflow.reports.tally import Tally
from trialflow.reports.values import AgeBand, SourceRow
from trialflow.rules.buckets import place
from trialflow.rules.contact import family
from trialflow.rules.ownership import Roster
from trialflow.rules.workflow import Workflow
from trialflow.rules.worklist import WorkItem

__all__ = ["WEEK", "Figures", "figures_of", "standing_tally", "tally_of"]

WEEK = timedelta(days=7)
"""Movement is counted over a week where nothing else was asked for."""


@attrs.frozen(kw_only=True)
class Figures:
    """Counts over all leads. ``moves`` is per (from, to); it, ``received`` and ``handoffs`` are None without a history.

    ``closed_without_reason`` and ``close_reasons`` sum to the closed leads.
    """

    leads: int
    open: int
    buckets: dict[str, int]
    statuses: dict[str, int]
    close_reasons: dict[str, int]
    closed_without_reason: int
    unowned: int
    ages: tuple[AgeBand, ...]
    sources: tuple[SourceRow, ...]
    moves: dict[tuple[str, str], int] | None
    received: int | None
    handoffs: int | None


def tally_of(
    history: Columns,
    workflow: Workflow,
    as_of: datetime,
    *,
    roster: Roster | None = None,
    since: datetime | None = None,
) -> Tally:
    """The tally of a history. Movement counts after ``since``, a week by default, up to ``as_of``."""
    found = tables(history, workflow, as_of, since=since or as_of - WEEK, roster=roster)
    return Tally.of(fold(history, found))


def standing_tally(
    items: Iterable[WorkItem], workflow: Workflow, as_of: datetime, *, roster: Roster | None = None
) -> tuple[Columns, Tally]:
    """The tally of leads that have no history, as they stand; and its words."""
    words, tally = Columns.empty(workflow), Tally()
    for item in items:
        cell = cell_of(item, words, workflow, as_of, roster)
        tally.add(cell)
        tally.attempts[cell[0]] += item.lead.attempts
    return words, tally


def figures_of(columns: Columns, tally: Tally, workflow: Workflow, *, history: bool = True) -> Figures:
    """The figures that this tally holds."""
    statuses = [workflow.current(code) for code in columns.statuses.words]
    final = [workflow.is_final(code) for code in statuses]
    buckets, standing = Counter[str](), Counter[str]()
    opened = unowned = 0
    for (status, flags), n in tally.places.items():
        buckets[_place(workflow, statuses[status], flags)] += n
        standing[statuses[status]] += n
        if not final[status]:
            opened += n
            unowned += n if flags & UNOWNED else 0
    silent = [family(workflow, code) == "no_response" for code in columns.reasons.words]
    sources, ended = _sources(columns, tally, final, silent, history)
    return Figures(
        leads=sum(standing.values()),
        open=opened,
        buckets=dict(sorted(buckets.items())),
        statuses=dict(sorted(standing.items())),
        close_reasons={code: n for code, n in sorted(ended.items()) if code},
        closed_without_reason=ended[""],
        unowned=unowned,
        ages=_bands(tally, final),
        sources=sources,
        moves=_moves(statuses, tally) if history else None,
        received=tally.received if history else None,
        handoffs=tally.handoffs if history else None,
    )


def _place(workflow: Workflow, status: str, flags: int) -> str:
    return place(
        workflow,
        status,
        stale=bool(flags & STALE),
        records_open=bool(flags & RECORDS_OPEN),
        other_open=bool(flags & OTHER_OPEN),
    )


def _moves(statuses: Sequence[str], tally: Tally) -> dict[tuple[str, str], int]:
    found, mask = Counter[tuple[str, str]](), (1 << SHIFT) - 1
    for move, n in tally.moves.items():
        found[statuses[move >> SHIFT], statuses[move & mask]] += n
    return dict(sorted(found.items()))


def _bands(tally: Tally, final: Sequence[bool]) -> tuple[AgeBand, ...]:
    count, stale = Counter[int](), Counter[int]()
    for (status, late, age), n in tally.ages.items():
        if not final[status]:
            count[age] += n
            stale[age] += n if late else 0
    return tuple(
        AgeBand(from_days=low, to_days=AGES[i] if i < len(AGES) else None, count=count[i], stale=stale[i])
        for i, low in enumerate((0, *AGES))
    )


class _Source:
    """One source while it is counted; several categories of one id share it. Reasons by code."""

    __slots__ = ("attempts", "categories", "closed", "leads", "reached", "reasons")

    def __init__(self) -> None:
        self.leads = self.closed = self.attempts = 0
        self.categories: dict[str, int] = {}
        self.reasons: dict[int, int] = {}
        self.reached = [0] * len(MILESTONES)


def _sources(
    columns: Columns, tally: Tally, final: Sequence[bool], silent: Sequence[bool], history: bool
) -> tuple[tuple[SourceRow, ...], Counter[str]]:
    """The rows, and the close reasons of all together. ``silent``: which reasons mean no response."""
    found: dict[str, _Source] = {source.id: _Source() for source in columns.sources.words}
    by_code = [found[source.id] for source in columns.sources.words]
    leads = [0] * len(by_code)
    for (source, status, reason), n in tally.ends.items():
        leads[source] += n
        if final[status]:
            row = by_code[source]
            row.closed += n
            row.reasons[reason] = row.reasons.get(reason, 0) + n
    for (source, bits), n in tally.reached.items():
        reached = by_code[source].reached
        for i in _BITS[bits]:
            reached[i] += n
    for source, n in tally.attempts.items():
        by_code[source].attempts += n
    for named, row, n in zip(columns.sources.words, by_code, leads, strict=True):
        row.leads += n
        row.categories[named.category] = row.categories.get(named.category, 0) + n
    ended = Counter[str]()
    for row in found.values():
        for reason, n in row.reasons.items():
            ended[columns.reasons.words[reason]] += n
    rows = [_row(name, row, columns.reasons.words, silent, history) for name, row in found.items() if row.leads]
    return tuple(sorted(rows, key=lambda row: (-row.leads, row.source))), ended


_BITS = tuple(tuple(i for i in range(len(MILESTONES)) if bits >> i & 1) for bits in range(1 << len(MILESTONES)))
"""Which milestones a number of bits stands for."""


def _row(name: str, found: _Source, words: Sequence[str], silent: Sequence[bool], history: bool) -> SourceRow:
    passed = found.reached[0] if history else 0
    named = [(-n, category) for category, n in found.categories.items() if category and n]
    return SourceRow(
        source=name,
        category=min(named)[1] if named else "",
        leads=found.leads,
        open=found.leads - found.closed,
        closed=found.closed,
        no_response=sum(n for reason, n in found.reasons.items() if silent[reason]),
        attempts=found.attempts,
        drag=ratio(found.leads - passed, found.leads) if history else ratio(0, 0),
        attempts_per_pass=found.attempts / passed if passed else None,
        close_reasons=dict(sorted((words[reason], n) for reason, n in found.reasons.items() if words[reason])),
        **dict(zip(MILESTONES, found.reached if history else [None] * len(MILESTONES), strict=True)),
    )
