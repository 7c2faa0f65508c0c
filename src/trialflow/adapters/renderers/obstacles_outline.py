"""What holds leads up: staleness, gaps, blockers, readiness and handoffs, each as a section of the board."""

from __future__ import annotations

from trialflow.adapters.renderers.document import Column, Section, Sentence, Table, plain_rows
from trialflow.adapters.renderers.names import Names
from trialflow.adapters.renderers.phrases import Calendar, count, span
from trialflow.reports.values import Dashboard

__all__ = ["obstacle_sections"]


def obstacle_sections(report: Dashboard, names: Names, calendar: Calendar) -> tuple[Section, ...]:
    """The five sections, always all of them."""
    return (
        _stale(report, names),
        _gaps(report, names),
        _blockers(report, calendar),
        _readiness(report),
        _handoffs(report),
    )


def _stale(report: Dashboard, names: Names) -> Section:
    rows = sorted(report.stale_causes.items(), key=lambda pair: (-pair[1], pair[0]))
    table = Table(
        key="stale-causes",
        caption="Stale leads by what they wait for",
        columns=(Column("cause", "Cause"), Column("leads", "Leads", True)),
        rows=plain_rows([(names.cause(cause), number) for cause, number in rows]),
        empty="No lead is stale.",
    )
    stale = count(report.stale, "lead is", "leads are")
    lead = (
        f"{stale} stale; {report.at_risk} more will be before long. "
        "Recover each with an action, plan it for a date, or close it."
    )
    return Section(key="stale", title="Stale and at risk", short="Stale", lead=lead, blocks=(table,), wide=False)


def _gaps(report: Dashboard, names: Names) -> Section:
    table = Table(
        key="gap-list",
        caption="The usual gaps; a lead may be in several",
        columns=(Column("gap", "Gap"), Column("leads", "Open leads", True)),
        rows=plain_rows([(names.gap(row.gap), row.count) for row in report.gaps]),
    )
    return Section(key="gaps", title="Gaps", blocks=(table,), wide=False)


def _blockers(report: Dashboard, calendar: Calendar) -> Section:
    rows = [
        (row.label, row.count, calendar.day(row.oldest_since) if row.oldest_since else "-", row.action_label)
        for row in report.blockers
        if row.count
    ]
    columns = (
        Column("blocker", "Blocker"), Column("leads", "Leads", True), Column("since", "Oldest since"),
        Column("action", "What removes it"),
    )  # fmt: skip
    table = Table(
        key="blocker-list", caption="What stops open leads", columns=columns, rows=plain_rows(rows),
        empty="Nothing is blocked.",
    )  # fmt: skip
    return Section(key="blockers", title="Blockers", blocks=(table,), wide=False)


def _readiness(report: Dashboard) -> Section:
    rows = [
        (row.label, row.needed, row.requested, row.received, row.reviewed)
        for row in report.readiness
        if row.needed or row.requested or row.received or row.reviewed
    ]
    columns = (
        Column("item", "Item"), Column("needed", "Needed", True), Column("requested", "Requested", True),
        Column("received", "Received", True), Column("reviewed", "Reviewed", True),
    )  # fmt: skip
    table = Table(
        key="readiness-list", caption="What the next step needs, over the open leads", columns=columns,
        rows=plain_rows(rows), empty="Nothing is asked for.",
    )  # fmt: skip
    return Section(key="readiness", title="Readiness", blocks=(table,), wide=False)


def _handoffs(report: Dashboard) -> Section:
    found = report.handoffs
    if found.total is None or found.waiting is None or found.without_context is None:
        unknown = Sentence("Not known: these leads came without a history of who handed them over.")
        return Section(key="handoffs", title="Handoffs", blocks=(unknown,), wide=False)
    said = [
        f"{count(found.total, 'handoff')} in all; {found.waiting} not taken over yet.",
        f"{count(found.without_context, 'lead')} changed hands without a reason or context.",
    ]
    if found.median_accept is not None:
        said.append(f"Half of all handoffs were taken over within {span(found.median_accept)}.")
    blocks = (Sentence(said[0], strong=found.waiting > 0), *(Sentence(text) for text in said[1:]))
    return Section(key="handoffs", title="Handoffs", blocks=blocks, wide=False)
