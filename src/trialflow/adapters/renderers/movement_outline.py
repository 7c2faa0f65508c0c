"""Movement as pictures and tables: between statuses, per week, and the ages of open leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

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
from trialflow.adapters.renderers.phrases import Calendar, count
from trialflow.reports.values import AgeBand, Movement, WeekRow

__all__ = ["ages_chart", "flow_chart", "movement_sections", "weeks_chart"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def movement_sections(
    movement: Movement | None, weeks: Sequence[WeekRow] | None, names: Names, calendar: Calendar
) -> tuple[Section, ...]:
    """Movement is always there: as zero, or as not known where there is no history."""
    if movement is None:
        said = Sentence("Not known: these leads came without a history, so there is nothing to compare them with.")
        return (Section(key="movement", title="Movement", blocks=(said,)),)
    lead = f"After {calendar.day(movement.since)}, up to {calendar.day(movement.until)}."
    flow = Section(key="movement", title="Movement", lead=lead, blocks=(flow_chart(movement, names),), wide=False)
    if weeks is None:
        return (flow,)
    pace = Section(
        key="weeks", title="Pace", lead="Week by week, from Monday on.", blocks=(weeks_chart(weeks),), wide=False
    )
    return (flow, pace)


def flow_chart(movement: Movement, names: Names) -> Flow:
    """Every kind of move, as a stream from one status to another."""
    codes = list(names.statuses)
    streams = [_stream(move, number, codes, names) for move, number in movement.moves.items()]
    summary = (
        f"{count(movement.received, 'lead')} arrived, {count(movement.forward, 'move')} forward, {movement.backward} "
        f"back, {movement.closed} closed, {count(movement.handoffs, 'handoff')}."
    )
    if movement.irregular:
        summary += f" {count(movement.irregular, 'move')} the workflow does not foresee."
    columns = (Column("from", "From"), Column("to", "To"), Column("way", "Way"), Column("leads", "Leads", True))
    rows = tuple(
        Row((Cell(s.origin), Cell(s.target), Cell("back" if s.back else "on"), Cell(str(s.count)))) for s in streams
    )
    return Flow(
        key="flow",
        title="From status to status",
        summary=summary,
        order=tuple(names.status(code) for code in codes),
        streams=tuple(streams),
        table=Table(
            key="flow-list", caption="Moves between statuses", columns=columns, rows=rows, empty="No lead moved."
        ),
    )


def _stream(move: str, number: int, codes: list[str], names: Names) -> Stream:
    origin, _, target = move.partition(" -> ")
    back = origin in codes and target in codes and codes.index(target) < codes.index(origin)
    return Stream(names.status(origin), names.status(target), number, back)


def weeks_chart(weeks: Sequence[WeekRow]) -> Bars:
    """Moves per week; closing is set apart, because it ends work instead of bringing it on."""
    bars = tuple(Bar(_day(w.week), (("moved on", max(w.moves - w.closed, 0)), ("closed", w.closed))) for w in weeks)
    latest = f"{count(weeks[-1].moves, 'move')} in the latest week." if weeks else "No week yet."
    if len(weeks) > 1:
        latest = f"{latest[:-1]}, {weeks[-2].moves} in the one before."
    columns = (
        Column("week", "Week from"), Column("received", "Arrived", True), Column("moves", "Moves", True),
        Column("closed", "Of them closed", True),
    )  # fmt: skip
    rows = tuple(
        Row((Cell(_day(w.week)), Cell(str(w.received)), Cell(str(w.moves)), Cell(str(w.closed)))) for w in weeks
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


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"
