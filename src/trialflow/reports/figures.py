"""From totals to figures: counts by bucket, status, reason, age and source. Only this file reads cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from trialflow.model.lead import Lead
from trialflow.reports.columns import SHIFT, Columns
from trialflow.reports.fold import AGES, MILESTONES, Cell, Totals, cell_of, fold, tables, unpack
from trialflow.reports.statistics import ratio
from trialflow.reports.values import AgeBand, SourceRow
from trialflow.rules.buckets import place
from trialflow.rules.ownership import Roster
from trialflow.rules.workflow import Workflow

__all__ = ["Figures", "figures_of", "totals_of"]

_WEEK = timedelta(days=7)


@attrs.frozen(kw_only=True)
class Figures:
    """Counts over all leads. ``moves`` is per (from, to); it and ``handoffs`` are None without a history."""

    leads: int
    open: int
    buckets: dict[str, int]
    statuses: dict[str, int]
    close_reasons: dict[str, int]
    unowned: int
    ages: tuple[AgeBand, ...]
    sources: tuple[SourceRow, ...]
    moves: dict[tuple[str, str], int] | None
    received: int | None
    handoffs: int | None


def totals_of(
    leads: Iterable[Lead],
    workflow: Workflow,
    as_of: datetime,
    *,
    history: Columns | None,
    roster: Roster | None = None,
    since: datetime | None = None,
) -> tuple[Columns, Totals]:
    """The totals, from the history where there is one, else from the leads as they stand."""
    if history is not None:
        found = tables(history, workflow, as_of, since=since or as_of - _WEEK, roster=roster)
        return history, fold(history, found)
    words, totals = Columns.empty(workflow), Totals()
    for lead in leads:
        cell, attempts = cell_of(lead, words, workflow, as_of, roster)
        totals.cells[cell] += 1
        totals.attempts[cell] += attempts
        if lead.source.category:
            words.categories[lead.source.id] = lead.source.category
    return words, totals


def figures_of(columns: Columns, totals: Totals, workflow: Workflow, *, history: bool = True) -> Figures:
    """The figures that these totals hold."""
    cells = [(unpack(cell), n, totals.attempts[cell]) for cell, n in totals.cells.items()]
    buckets, statuses, reasons = Counter[str](), Counter[str](), Counter[str]()
    ages, stale_ages = Counter[int](), Counter[int]()
    unowned = opened = 0
    by_source: dict[int, list[tuple[Cell, int, int]]] = {}
    for cell, n, attempts in cells:
        status = columns.statuses.words[cell.status]
        bucket = place(workflow, status, stale=cell.stale, records_open=cell.records_open, other_open=cell.other_open)
        buckets[bucket] += n
        statuses[status] += n
        by_source.setdefault(cell.source, []).append((cell, n, attempts))
        if workflow.is_final(status):
            reasons[columns.reasons.words[cell.reason]] += n
            continue
        opened += n
        unowned += n * cell.unowned
        ages[cell.age] += n
        stale_ages[cell.age] += n * cell.stale
    mask = (1 << SHIFT) - 1
    words = columns.statuses.words
    return Figures(
        leads=sum(statuses.values()),
        open=opened,
        buckets=dict(buckets),
        statuses=dict(sorted(statuses.items())),
        close_reasons={code: n for code, n in sorted(reasons.items()) if code},
        unowned=unowned,
        ages=_bands(ages, stale_ages),
        sources=_sources(columns, workflow, by_source),
        moves={(words[m >> SHIFT], words[m & mask]): n for m, n in totals.moves.items()} if history else None,
        received=totals.received if history else None,
        handoffs=totals.handoffs if history else None,
    )


def _bands(ages: Counter[int], stale: Counter[int]) -> tuple[AgeBand, ...]:
    edges = (0, *AGES)
    return tuple(
        AgeBand(from_days=low, to_days=AGES[i] if i < len(AGES) else None, count=ages[i], stale=stale[i])
        for i, low in enumerate(edges)
    )


def _sources(
    columns: Columns, workflow: Workflow, cells: dict[int, list[tuple[Cell, int, int]]]
) -> tuple[SourceRow, ...]:
    rows = [_source(columns, workflow, code, found) for code, found in cells.items()]
    return tuple(sorted(rows, key=lambda row: (-row.leads, row.source)))


def _source(columns: Columns, workflow: Workflow, code: int, found: list[tuple[Cell, int, int]]) -> SourceRow:
    reached = {name: sum(n for c, n, _ in found if c.reached >> i & 1) for i, name in enumerate(MILESTONES)}
    leads = sum(n for _, n, _ in found)
    attempts = sum(k for _, _, k in found)
    final = [(c, n) for c, n, _ in found if workflow.is_final(columns.statuses.words[c.status])]
    reasons = Counter[str]()
    for cell, n in final:
        reasons[columns.reasons.words[cell.reason]] += n
    name = columns.sources.words[code]
    passed = reached["contacted"]
    return SourceRow(
        source=name,
        category=columns.categories.get(name, ""),
        leads=leads,
        open=leads - sum(n for _, n in final),
        closed=sum(n for _, n in final),
        no_response=reasons["no_response"],
        attempts=attempts,
        drag=ratio(leads - passed, leads),
        attempts_per_pass=attempts / passed if passed else None,
        close_reasons={k: v for k, v in sorted(reasons.items()) if k},
        contacted=passed,
        prescreen_completed=reached["prescreen_completed"],
        reviewable=reached["reviewable"],
        scheduled=reached["scheduled"],
        attended=reached["attended"],
    )
