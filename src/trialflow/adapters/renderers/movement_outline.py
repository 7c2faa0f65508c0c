"""Movement as pictures and tables: between statuses, per week, and the ages of open leads."""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from trialflow.adapters.renderers.document import (
    Bar,
    Bars,
    Cell,
    Column,
    Flow,
    Row,
    Section,
    Sentence,
    Stream,
    Table,
)
from trialflow.adapters.renderers.names import Names
from trialflow.adapters.renderers.phrases import Calendar, count, day_and_month
from trialflow.reports.values import AgeBand, Movement, WeekRow

__all__ = ["ages_chart", "flow_of", "movement_flow", "movement_sections", "weeks_chart"]


def movement_sections(
    movement: Movement | None,
    weeks: Sequence[WeekRow] | None,
    ages: Sequence[AgeBand],
    names: Names,
    calendar: Calendar,
) -> tuple[Section, ...]:
    """Movement is always there: as zero, or as not known where there is no history."""
    if movement is None:
        said = Sentence("Not known: these leads came without a history, so there is nothing to compare them with.")
        return (Section(key="movement", title="Movement", blocks=(said,)), _pace((), ages))
    lead = f"After {calendar.day(movement.since)}, up to {calendar.day(movement.until)}."
    flow = Section(key="movement", title="Movement", lead=lead, blocks=(movement_flow(movement, names),), wide=False)
    return (flow, _pace(weeks or (), ages))


def _pace(weeks: Sequence[WeekRow], ages: Sequence[AgeBand]) -> Section:
    charts = ((weeks_chart(weeks),) if weeks else ()) + (ages_chart(ages),)
    lead = "How many moves there were, and how long open leads have been where they are."
    return Section(key="pace", title="Pace and age", short="Pace", lead=lead, blocks=charts, wide=False)


def movement_flow(movement: Movement, names: Names) -> Flow:
    """Every kind of move in the period, as a stream from one status to another."""
    summary = (
        f"{count(movement.received, 'lead')} arrived, {count(movement.forward, 'move')} forward, {movement.backward} "
        f"back, {movement.closed} closed, {count(movement.handoffs, 'handoff')}."
    )
    if movement.irregular:
        summary += f" {count(movement.irregular, 'move')} the workflow does not foresee."
    moves = [(*_ends(move, names), number) for move, number in movement.moves.items()]
    return flow_of(moves, summary)


def _ends(move: str, names: Names) -> tuple[str, str]:
    origin, _, target = move.partition(" -> ")
    return names.status(origin), names.status(target)


def flow_of(moves: Sequence[tuple[str, str, int]], summary: str) -> Flow:
    """(from, to, how many) by label, as a chart with its table. The moves must come in the order of work."""
    order = _order(moves)
    streams = tuple(
        Stream(origin, target, number, order.index(target) < order.index(origin)) for origin, target, number in moves
    )
    columns = (Column("from", "From"), Column("to", "To"), Column("way", "Way"), Column("leads", "Leads", True))
    rows = tuple(
        Row((Cell(s.origin), Cell(s.target), Cell("back" if s.back else "on"), Cell(str(s.count)))) for s in streams
    )
    table = Table(key="flow-list", caption="Moves between statuses", columns=columns, rows=rows, empty="No lead moved.")
    return Flow(
        key="flow", title="From status to status", summary=summary, order=tuple(order), streams=streams, table=table
    )


def _order(moves: Sequence[tuple[str, str, int]]) -> list[str]:
    """The statuses in the order of work. The moves come sorted by it, so each origin's targets are in order, too:
    merging these chains gives the order of all. Where they leave a choice, a status that leads move on from comes
    first, and the general exit, which leads take from the earliest steps on, comes last."""
    origins = list(dict.fromkeys(origin for origin, _, _ in moves))
    earliest: dict[str, int] = {}
    for origin, target, _ in moves:
        earliest.setdefault(target, origins.index(origin))
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for chain in [origins, *([t for o, t, _ in moves if o == origin] for origin in origins)]:
        for before, after in pairwise(chain):
            sorter.add(after, before)
        for label in chain:
            sorter.add(label)
    try:
        sorter.prepare()
    except CycleError:
        return sorted({label for origin, target, _ in moves for label in (origin, target)})
    order: list[str] = []
    ready: set[str] = set()
    while sorter.is_active():
        ready.update(sorter.get_ready())
        ahead = [label for label in origins if label in ready]
        chosen = ahead[0] if ahead else min(ready, key=lambda label: (-earliest[label], label))
        ready.remove(chosen)
        sorter.done(chosen)
        order.append(chosen)
    return order


def weeks_chart(weeks: Sequence[WeekRow]) -> Bars:
    """Moves per week; closing is set apart, because it ends work instead of bringing it on.

    The picture starts with the first week that has a move: before it there may have been nothing to compare with.
    """
    first = next((number for number, week in enumerate(weeks) if week.moves), 0)
    bars = tuple(
        Bar(day_and_month(w.week), (("moved on", max(w.moves - w.closed, 0)), ("closed", w.closed)))
        for w in weeks[first:]
    )
    latest = f"{count(weeks[-1].moves, 'move')} in the latest week." if weeks else "No week yet."
    if len(weeks) > 1:
        latest = f"{latest[:-1]}, {weeks[-2].moves} in the one before."
    columns = (
        Column("week", "Week from"), Column("received", "Arrived", True), Column("moves", "Moves", True),
        Column("closed", "Of them closed", True),
    )  # fmt: skip
    rows = tuple(
        Row((Cell(day_and_month(w.week)), Cell(str(w.received)), Cell(str(w.moves)), Cell(str(w.closed))))
        for w in weeks
    )
    return Bars(
        key="week-bars",
        title="Moves per week",
        summary=latest,
        axis="moves",
        bars=bars,
        table=Table(key="week-list", caption="Moves per week", columns=columns, rows=rows, empty="No week yet."),
    )


def ages_chart(ages: Sequence[AgeBand]) -> Bars:
    """Open leads by days in their status, the stale ones set apart."""
    labels = [_band(band) for band in ages]
    bars = tuple(
        Bar(label, (("not stale", band.count - band.stale), ("stale", band.stale)))
        for label, band in zip(labels, ages, strict=True)
    )
    columns = (Column("days", "Days in status"), Column("leads", "Open leads", True), Column("stale", "Stale", True))
    rows = tuple(
        Row((Cell(label), Cell(str(band.count)), Cell(str(band.stale))))
        for label, band in zip(labels, ages, strict=True)
    )
    total, stale = sum(band.count for band in ages), sum(band.stale for band in ages)
    return Bars(
        key="age-bars",
        title="Days in status",
        summary=f"{count(total, 'open lead')}, {stale} of them stale.",
        axis="open leads",
        bars=bars,
        table=Table(key="age-list", caption="Open leads by days in status", columns=columns, rows=rows),
    )


def _band(band: AgeBand) -> str:
    if band.to_days is None:
        return f"{band.from_days}+ d"
    last = band.to_days - 1
    return f"{band.from_days} d" if last <= band.from_days else f"{band.from_days}–{last} d"
