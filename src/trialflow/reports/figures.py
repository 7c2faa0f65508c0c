"""From a tally to figures: counts by bucket, status, reason, age and source. Only this file reads tallies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from trialflow.model.lead import Lead
from trialflow.reports.columns import Columns
from trialflow.reports.fold import SHIFT, fold
from trialflow.reports.fold_tables import AGES, MILESTONES, cell_of, tables
from trialflow.reports.statistics import ratio
from trialflow.reports.tally import Tally
from trialflow.reports.values import AgeBand, SourceRow
from trialflow.rules.buckets import place
from trialflow.rules.ownership import Roster
from trialflow.rules.workflow import Workflow

__all__ = ["Figures", "figures_of", "tally_of"]

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
    leads: Iterable[Lead],
    workflow: Workflow,
    as_of: datetime,
    *,
    history: Columns | None,
    roster: Roster | None = None,
    since: datetime | None = None,
) -> tuple[Columns, Tally]:
    """The tally, from the history where there is one, else from the leads as they stand; and its words."""
    if history is not None:
        found = tables(history, workflow, as_of, since=since or as_of - WEEK, roster=roster)
        return history, Tally.of(fold(history, found))
    words, tally = Columns.empty(workflow), Tally()
    for lead in leads:
        tally.add(cell_of(lead, words, workflow, as_of, roster), 1, lead.attempts)
    return words, tally


def figures_of(columns: Columns, tally: Tally, workflow: Workflow, *, history: bool = True) -> Figures:
    """The figures that this tally holds."""
    statuses, reasons = columns.statuses.words, columns.reasons.words
    buckets, standing, ended = Counter[str](), Counter[str](), Counter[str]()
    opened = unowned = 0
    for (status, flags), n in tally.places.items():
        code = workflow.current(statuses[status])
        where = place(workflow, code, stale=bool(flags & 1), records_open=bool(flags & 2), other_open=bool(flags & 4))
        buckets[where] += n
        standing[code] += n
        if not workflow.is_final(code):
            opened += n
            unowned += n * bool(flags & 8)
    for (_, status, reason), n in tally.ends.items():
        if workflow.is_final(statuses[status]):
            ended[reasons[reason]] += n
    return Figures(
        leads=sum(standing.values()),
        open=opened,
        buckets=dict(sorted(buckets.items())),
        statuses=dict(sorted(standing.items())),
        close_reasons={code: n for code, n in sorted(ended.items()) if code},
        closed_without_reason=ended[""],
        unowned=unowned,
        ages=_bands(columns, tally, workflow),
        sources=_sources(columns, tally, workflow),
        moves=_moves(columns, tally, workflow) if history else None,
        received=tally.received if history else None,
        handoffs=tally.handoffs if history else None,
    )


def _moves(columns: Columns, tally: Tally, workflow: Workflow) -> dict[tuple[str, str], int]:
    words, mask = [workflow.current(code) for code in columns.statuses.words], (1 << SHIFT) - 1
    found = Counter[tuple[str, str]]()
    for move, n in tally.moves.items():
        found[words[move >> SHIFT], words[move & mask]] += n
    return dict(sorted(found.items()))


def _bands(columns: Columns, tally: Tally, workflow: Workflow) -> tuple[AgeBand, ...]:
    count, stale = Counter[int](), Counter[int]()
    for (status, late, age), n in tally.ages.items():
        if not workflow.is_final(columns.statuses.words[status]):
            count[age] += n
            stale[age] += n * late
    return tuple(
        AgeBand(from_days=low, to_days=AGES[i] if i < len(AGES) else None, count=count[i], stale=stale[i])
        for i, low in enumerate((0, *AGES))
    )


@attrs.define
class _Source:
    """One source while it is counted; the same id may come with several categories."""

    categories: Counter[str] = attrs.field(factory=Counter)
    leads: int = 0
    closed: int = 0
    attempts: int = 0
    reasons: Counter[str] = attrs.field(factory=Counter)
    reached: list[int] = attrs.field(factory=lambda: [0] * len(MILESTONES))


def _sources(columns: Columns, tally: Tally, workflow: Workflow) -> tuple[SourceRow, ...]:
    names, found = columns.sources.words, dict[str, _Source]()
    for (source, status, reason), n in tally.ends.items():
        row = found.setdefault(names[source].id, _Source())
        row.leads += n
        row.categories[names[source].category] += n
        if workflow.is_final(columns.statuses.words[status]):
            row.closed += n
            row.reasons[columns.reasons.words[reason]] += n
    for (source, bits), n in tally.reached.items():
        reached = found[names[source].id].reached
        for i in range(len(MILESTONES)):
            reached[i] += n * (bits >> i & 1)
    for source, n in tally.attempts.items():
        found[names[source].id].attempts += n
    rows = [_row(name, row) for name, row in found.items()]
    return tuple(sorted(rows, key=lambda row: (-row.leads, row.source)))


def _row(name: str, found: _Source) -> SourceRow:
    passed = found.reached[0]
    named = [(-n, category) for category, n in found.categories.items() if category]
    return SourceRow(
        source=name,
        category=min(named)[1] if named else "",
        leads=found.leads,
        open=found.leads - found.closed,
        closed=found.closed,
        no_response=found.reasons["no_response"],
        attempts=found.attempts,
        drag=ratio(found.leads - passed, found.leads),
        attempts_per_pass=found.attempts / passed if passed else None,
        close_reasons={k: v for k, v in sorted(found.reasons.items()) if k},
        **dict(zip(MILESTONES, found.reached, strict=True)),
    )
