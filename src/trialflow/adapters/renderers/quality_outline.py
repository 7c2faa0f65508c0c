"""Source quality as a document: what depends on the source apart from what depends on the site."""

from __future__ import annotations

from collections.abc import Mapping

from trialflow.adapters.renderers.document import Cell, Column, Document, Row, Section, Table
from trialflow.adapters.renderers.names import Names
from trialflow.adapters.renderers.phrases import Calendar, human, span
from trialflow.adapters.renderers.sources_outline import ratio_cell, source_table
from trialflow.reports.source_quality import Cost, SourceQuality, SourceReport

__all__ = ["quality_document"]


def quality_document(report: SourceQuality, labels: Mapping[str, str]) -> Document:
    """``report`` as a document."""
    calendar = Calendar("UTC", report.as_of)
    names = Names(labels=labels)
    return Document(
        kind="sources",
        title=f"Source quality, {calendar.long(report.as_of)}",
        eyebrow="What happened after the inquiry",
        facts=(f"As of {calendar.moment(report.as_of)} (UTC)",),
        sections=(
            _volume(report, names),
            _within(report, names),
            Section(
                key="counts",
                title="All leads so far",
                short="Counts",
                lead="Young leads included: they had less time to get on.",
                blocks=(source_table([s.counts for s in report.sources], names),),
            ),
            _site(report, names),
            *_costs(report, names),
        ),
        footer=(report.note,),
    )


def _volume(report: SourceQuality, names: Names) -> Section:
    columns = (
        Column("source", "Source"), Column("leads", "Leads", True), Column("by_volume", "Place by volume", True),
        Column("drag", "Drag", True), Column("by_drag", "Place by drag", True),
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                Cell(names.source(s.counts.source)), Cell(str(s.counts.leads)), _place(s.rank_volume),
                ratio_cell(s.counts.drag), _place(s.rank_drag),
            )
        )
        for s in report.sources
    )  # fmt: skip
    lead = (
        "Drag is the share of leads still at the first step, or closed from it; place 1 has least of it. "
        f"Sources with fewer than {report.min_leads} leads get no place. {report.note}"
    )
    table = Table(key="volume-list", caption="Volume beside drag", columns=columns, rows=rows, empty="No source.")
    return Section(key="volume", title="Volume and drag", short="Drag", lead=lead, blocks=(table,))


def _place(rank: int | None) -> Cell:
    return Cell("too few", order="999") if rank is None else Cell(str(rank))


def _within(report: SourceQuality, names: Names) -> Section:
    steps = [name for name, _ in report.sources[0].within] if report.sources else []
    columns = (
        Column("source", "Source"), Column("mature", "Old enough", True), Column("immature", "Too young", True),
        *(Column(step, human(step), True) for step in steps), Column("no_response", "No response, of closed", True),
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                Cell(names.source(s.counts.source)), Cell(str(s.mature)), Cell(str(s.immature)),
                *(ratio_cell(ratio) for _, ratio in s.within), ratio_cell(s.no_response),
            )
        )
        for s in report.sources
    )  # fmt: skip
    days = report.horizon_days
    lead = f"Only leads that arrived at least {days} days ago count; younger ones are listed as too young, not as lost."
    table = Table(
        key="within-list", caption=f"Reached within {days} days", columns=columns, rows=rows, empty="No source."
    )
    return Section(key="within", title=f"Within {days} days of arrival", short="Cohorts", lead=lead, blocks=(table,))


def _site(report: SourceQuality, names: Names) -> Section:
    columns = (
        Column("source", "Source"), Column("first", "Half had a first attempt within", True),
        Column("waiting", "No attempt yet", True), Column("attempts", "Attempts per lead", True),
    )  # fmt: skip
    table = Table(
        key="site-list", caption="Speed and effort of the site, by source", columns=columns,
        rows=tuple(_site_row(s, names) for s in report.sources), empty="No source.",
    )  # fmt: skip
    lead = "These say more about the site than about the source."
    return Section(key="site", title="What depends on the site", short="Site", lead=lead, blocks=(table,))


def _site_row(row: SourceReport, names: Names) -> Row:
    attempts = "not known" if row.site_attempts_per_lead is None else f"{row.site_attempts_per_lead:.1f}"
    return Row(
        (
            Cell(names.source(row.counts.source)), Cell(span(row.site_first_attempt)), Cell(str(row.site_waiting)),
            Cell(attempts),
        )
    )  # fmt: skip


def _costs(report: SourceQuality, names: Names) -> tuple[Section, ...]:
    rows = tuple(_cost_row(names.source(s.counts.source), cost) for s in report.sources for cost in s.costs)
    if not rows:
        return ()
    columns = (
        Column("source", "Source"), Column("spend", "Spend", True), Column("scheduled", "Per scheduled visit", True),
        Column("attended", "Per attended visit", True), Column("immature", "Leads too young", True),
    )  # fmt: skip
    table = Table(key="cost-list", caption="Spend and cost per step", columns=columns, rows=rows)
    return (Section(key="costs", title="Cost", blocks=(table,)),)


def _cost_row(source: str, cost: Cost) -> Row:
    def money(minor: int | None) -> str:
        return "not known" if minor is None else f"{minor // 100}.{minor % 100:02} {cost.currency}"

    return Row(
        (
            Cell(source), Cell(money(cost.spend_minor)), Cell(money(cost.per_scheduled)),
            Cell(money(cost.per_attended)), Cell(str(cost.immature)),
        )
    )  # fmt: skip
