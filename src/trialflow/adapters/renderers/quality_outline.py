"""Source quality as a document: what depends on the source apart from what depends on the site."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from trialflow.adapters.renderers.document import Cell, Column, Document, Row, Section, Sentence, Table, plain_rows
from trialflow.adapters.renderers.names import Names
from trialflow.adapters.renderers.phrases import SITE_ONLY, Calendar, human, percent, within
from trialflow.adapters.renderers.sources_outline import ratio_cell, source_table
from trialflow.reports.quality_values import Cost, GroupRow, SourceQuality, SourceReport
from trialflow.reports.statistics import ratio
from trialflow.reports.values import Ratio

__all__ = ["quality_document"]

_DIMENSIONS = {"category": "Category", "channel": "Channel", "campaign": "Campaign"}


def quality_document(report: SourceQuality, labels: Mapping[str, str]) -> Document:
    """``report`` as a document."""
    calendar = Calendar(report.zone, report.as_of)
    names = Names(labels=labels)
    counts = Section(
        key="counts",
        title="All leads so far",
        short="Counts",
        lead="Young leads included: they had less time to get on.",
        blocks=(source_table([s.counts for s in report.sources], names),),
    )
    return Document(
        kind="sources",
        title=f"Source quality, {calendar.long(report.as_of)}",
        eyebrow="What happened after the inquiry · for the site only",
        facts=(f"As of {calendar.moment(report.as_of)} ({report.zone})",),
        sections=(
            _volume(report, names),
            _within(report, names),
            counts,
            *_groups(report),
            _times(report, names),
            *_families(report, names),
            _site(report, names),
            *_costs(report, names),
        ),
        footer=(report.note, SITE_ONLY),
    )


def _table(
    report: SourceQuality,
    names: Names,
    key: str,
    caption: str,
    columns: Sequence[Column],
    cells: Callable[[SourceReport], Sequence[Cell]],
) -> Table:
    """One row per source, named by it."""
    rows = tuple(Row((Cell(names.source(s.counts.source)), *cells(s))) for s in report.sources)
    return Table(
        key=key, caption=caption, columns=(Column("source", "Source"), *columns), rows=rows, empty="No source."
    )


def _volume(report: SourceQuality, names: Names) -> Section:
    columns = (
        Column("leads", "Leads", True), Column("by_volume", "Place by volume", True), Column("drag", "Drag", True),
        Column("by_drag", "Place by drag", True),
    )  # fmt: skip

    def cells(s: SourceReport) -> Sequence[Cell]:
        return Cell(str(s.counts.leads)), _place(s.rank_volume), ratio_cell(s.counts.drag), _place(s.rank_drag)

    lead = (
        "Drag is the share of leads still at the first step, or closed from it; place 1 has least of it. "
        f"Sources with fewer than {report.min_leads} leads get no place. {report.note}"
    )
    table = _table(report, names, "volume-list", "Volume beside drag", columns, cells)
    return Section(key="volume", title="Volume and drag", short="Drag", lead=lead, blocks=(table,))


def _place(rank: int | None) -> Cell:
    return Cell("too few", order="999") if rank is None else Cell(str(rank))


def _within(report: SourceQuality, names: Names) -> Section:
    days = report.horizon_days
    steps = [name for name, _ in report.sources[0].within] if report.sources else []
    columns = (
        Column("mature", "Old enough", True), Column("immature", "Too young", True),
        *(Column(step, human(step), True) for step in steps), Column("no_response", "No response", True),
        Column("in_policy", "Still tried", True),
    )  # fmt: skip

    def cells(s: SourceReport) -> Sequence[Cell]:
        ratios = [ratio_cell(ratio) for _, ratio in s.within]
        return (
            Cell(str(s.mature)), Cell(str(s.immature)), *ratios, ratio_cell(s.no_response), Cell(str(s.in_policy)),
        )  # fmt: skip

    shares = tuple(Column(step, human(step), True) for step in steps)
    lead = (
        f"Only leads that arrived at least {days} days ago count; younger ones are listed as too young, not as lost. "
        "No response: those for whom the agreed attempts and the wait are over, of those for whom they could be."
    )
    tables = (
        _table(report, names, "within-list", f"Reached within {days} days", columns, cells),
        _table(
            report, names, "incidence-list",
            f"Estimated share within {days} days, young leads included as still open and closed ones as ended", shares,
            lambda s: [Cell(percent(value)) for _, value in s.incidence],
        ),
    )  # fmt: skip
    shown = tables if any(s.incidence for s in report.sources) else tables[:1]
    return Section(key="within", title=f"Within {days} days of arrival", short="Cohorts", lead=lead, blocks=shown)


def _groups(report: SourceQuality) -> tuple[Section, ...]:
    kinds = list(dict.fromkeys(group.dimension for group in report.groups))
    tables = tuple(_group(kind, [g for g in report.groups if g.dimension == kind]) for kind in kinds)
    if not tables:
        return ()
    return (Section(key="groups", title="By category, channel and campaign", short="Groups", blocks=tables),)


def _group(dimension: str, groups: Sequence[GroupRow]) -> Table:
    label = _DIMENSIONS.get(dimension) or human(dimension)
    figures = ("Leads", "Contacted", "Prescreen completed", "Reviewable", "Scheduled", "Attended", "Closed")
    rows = [
        (
            Cell(g.name or "None given"), *(Cell(str(n)) for n in (
                g.leads, g.contacted, g.prescreen_completed, g.reviewable, g.scheduled, g.attended, g.closed,
            )), ratio_cell(g.drag),
        )
        for g in groups
    ]  # fmt: skip
    columns = (
        Column(dimension, label),
        *(Column(figure.lower().replace(" ", "_"), figure, True) for figure in figures),
        Column("drag", "Drag", True),
    )
    return Table(key=f"{dimension}-list", caption=label, columns=columns, rows=tuple(Row(row) for row in rows))


def _times(report: SourceQuality, names: Names) -> Section:
    columns = (
        Column("contact", "Half were reached within", True), Column("visit", "Half had a visit scheduled within", True),
        Column("undated", "First seen past contact", True),
    )  # fmt: skip
    table = _table(
        report, names, "pace-list", "Time from arrival", columns,
        lambda s: [Cell(within(s.first_contact)), Cell(within(s.first_scheduled)), Cell(str(s.undated))],
    )  # fmt: skip
    lead = (
        "Open leads count as not there yet, leads closed before as never. A lead first seen past a step counts on the "
        "day it was seen, so that times are at most, and shares at least, what they say."
    )
    return Section(key="times", title="Time to the steps", short="Times", lead=lead, blocks=(table,))


def _families(report: SourceQuality, names: Names) -> tuple[Section, ...]:
    found = sorted({family for s in report.sources for family in s.close_families})
    if not found:
        return ()
    table = _table(
        report, names, "family-list", "Closed leads by the family of the reason",
        [Column(family, names.family(family), True) for family in found],
        lambda s: [Cell(str(s.close_families.get(family, 0))) for family in found],
    )  # fmt: skip
    cohort = _table(
        report, names, "closed-within-list", f"Closed within {report.horizon_days} days, of leads old enough",
        [Column("mature", "Old enough", True), *(Column(family, names.family(family), True) for family in found)],
        lambda s: [Cell(str(s.mature)), *(ratio_cell(ratio) for ratio in _each(s, found))],
    )  # fmt: skip
    shown = (table, cohort) if any(s.closed_within for s in report.sources) else (table,)
    return (Section(key="families", title="Why leads were closed", short="Reasons", blocks=shown),)


def _each(report: SourceReport, families: Sequence[str]) -> list[Ratio]:
    """The share closed within the horizon for each family, those of no lead included."""
    known = dict(report.closed_within)
    return [known.get(family) or ratio(0, report.mature) for family in families]


def _site(report: SourceQuality, names: Names) -> Section:
    columns = (
        Column("first", "Half had a first attempt within", True), Column("waiting", "No attempt yet", True),
        Column("attempts", "Attempts per lead", True),
    )  # fmt: skip

    def cells(s: SourceReport) -> Sequence[Cell]:
        each = s.site_attempts_per_lead
        attempts = "not known" if each is None else f"{each:.1f}"
        return Cell(within(s.site_first_attempt)), Cell(str(s.site_waiting)), Cell(attempts)

    table = _table(report, names, "site-list", "Speed and effort of the site, by source", columns, cells)
    lead = "These say more about the site than about the source."
    return Section(key="site", title="What depends on the site", short="Site", lead=lead, blocks=(table,))


def _costs(report: SourceQuality, names: Names) -> tuple[Section, ...]:
    rows = [_cost(names.source(s.counts.source), cost) for s in report.sources for cost in s.costs]
    if not rows and not report.spend_without_leads:
        return ()
    columns = (
        Column("source", "Source"), Column("spend", "Spend", True), Column("scheduled", "Per scheduled visit", True),
        Column("attended", "Per attended visit", True), Column("part", "Per person recorded as taking part", True),
        Column("cohort", "Leads of the period", True), Column("immature", "Of them too young", True),
    )  # fmt: skip
    table = Table(
        key="cost-list", caption="Spend and cost per step", columns=columns, rows=plain_rows(rows),
        empty="No spend is recorded for a source that sent leads.",
    )  # fmt: skip
    without = ", ".join(names.source(source) for source in report.spend_without_leads)
    said = (Sentence(f"Spend without a lead, so no cost per step can be told: {without}."),) if without else ()
    lead = "Leads that arrived in the periods the money was spent in. Too young ones may still get on."
    return (Section(key="costs", title="Cost", lead=lead, blocks=(table, *said)),)


def _cost(source: str, cost: Cost) -> tuple[object, ...]:
    def money(minor: int | None) -> str | None:
        return None if minor is None else f"{minor // 100}.{minor % 100:02} {cost.currency}"

    return (
        source, money(cost.spend_minor), money(cost.per_scheduled), money(cost.per_attended),
        money(cost.per_taking_part), cost.cohort, cost.immature,
    )  # fmt: skip
