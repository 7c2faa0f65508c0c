"""The sponsor update as a document: four parts, five sections, the boundary first. It never takes labels."""

from __future__ import annotations

from datetime import date

from trialflow.adapters.renderers.document import Cell, Column, Document, Row, Section, Sentence, Table, plain_rows
from trialflow.adapters.renderers.movement_outline import flow_of
from trialflow.adapters.renderers.phrases import Calendar, count, full_date
from trialflow.adapters.renderers.sources_outline import ratio_cell
from trialflow.reports.sponsor_values import SponsorUpdate

__all__ = ["sponsor_document"]


def sponsor_document(report: SponsorUpdate) -> Document:
    """``report`` as a document."""
    calendar = Calendar(report.zone, report.as_of)
    since = f"Since the release of {calendar.day(report.since)}" if report.since else "The first update: all so far"
    return Document(
        kind="sponsor",
        title=f"Recruitment update, {calendar.long(report.as_of)}",
        eyebrow="For the sponsor",
        facts=(since, f"As of {calendar.moment(report.as_of)} ({report.zone})"),
        sections=(
            Section(key="boundary", title="What this is", short="What this is", blocks=(Sentence(report.boundary),)),
            _changed(report),
            _stalled(report),
            _why(report),
            _next(report),
            _movement(report),
            _sources(report),
            _blockers(report),
            _visits(report),
            _decisions(report),
            _standing(report),
        ),
        footer=(report.boundary,),
        audience="sponsor",
    )


def _changed(report: SponsorUpdate) -> Section:
    found = report.movement
    summary = f"{count(found.moves, 'move')}: {found.forward} forward, {found.backward} back, {found.closed} closed."
    flow = flow_of([(row.from_status, row.to_status, row.count) for row in report.changed], summary)
    return Section(key="changed", title="What changed", short="Changed", blocks=(flow,))


def _stalled(report: SponsorUpdate) -> Section:
    table = Table(
        key="stalled-list",
        caption="Leads without movement for longer than planned, by cause",
        columns=(
            Column("cause", "Cause"), Column("leads", "Leads", True), Column("step", "Next step"),
            Column("role", "By"), Column("planned", "Planned by"),
        ),
        rows=plain_rows([(g.cause, g.count, g.next_step, g.role, full_date(g.planned_by)) for g in report.stalled]),
        empty="No lead is stalled.",
    )  # fmt: skip
    return Section(key="stalled", title="What stalled", short="Stalled", blocks=(table,))


def _why(report: SponsorUpdate) -> Section:
    table = Table(
        key="why-list",
        caption="Causes behind stalled leads, and behind leads closed in the period",
        columns=(Column("cause", "Cause"), Column("stalled", "Stalled", True), Column("closed", "Closed", True)),
        rows=plain_rows([(row.cause, row.stalled, row.closed) for row in report.why]),
        empty="Nothing stalled or closed.",
    )
    return Section(key="why", title="Why", blocks=(table,), wide=False)


def _next(report: SponsorUpdate) -> Section:
    table = Table(
        key="next-list",
        caption="Steps the site plans for the open leads",
        columns=(
            Column("step", "Step"), Column("leads", "Leads", True), Column("role", "By"),
            Column("planned", "Planned by"),
        ),
        rows=plain_rows([(row.step, row.count, row.role, _planned(row.planned_by)) for row in report.next]),
        empty="No open lead.",
    )  # fmt: skip
    return Section(key="next", title="What the site will do next", short="Next", blocks=(table,), wide=False)


def _planned(day: date | None) -> str:
    return full_date(day) if day is not None else "on the day of the visit"


def _movement(report: SponsorUpdate) -> Section:
    found = report.movement
    table = Table(
        key="movement-list",
        caption="Counts in the period",
        columns=(Column("what", "Movement"), Column("count", "Count", True)),
        rows=plain_rows(
            [
                ("Leads received", found.received),
                ("Moves forward", found.forward),
                ("Moves back", found.backward),
                ("Leads closed", found.closed),
                ("Restated: recorded now, dated before the last release", found.restated),
                ("Withdrawn: in an earlier release, taken back since as a mistake", found.withdrawn),
            ]
        ),
    )
    return Section(
        key="movement", title="Movement since the last report", short="Movement", blocks=(table,), wide=False
    )


def _sources(report: SponsorUpdate) -> Section:
    figures = ("Leads", "Contacted", "Prescreen completed", "Reviewable", "Scheduled", "Attended", "Closed")
    rows = tuple(
        Row(
            (
                Cell(s.source), Cell(str(s.leads)), Cell(str(s.contacted)), Cell(str(s.prescreen_completed)),
                Cell(str(s.reviewable)), Cell(str(s.scheduled)), Cell(str(s.attended)), Cell(str(s.closed)),
                ratio_cell(s.drag),
            )
        )
        for s in report.sources
    )  # fmt: skip
    columns = (
        Column("source", "Source"),
        *(Column(label.lower().replace(" ", "_"), label, True) for label in figures),
        Column("drag", "Drag", True),
    )
    table = Table(key="source-list", caption="Leads that ever got that far", columns=columns, rows=rows)
    lead = (
        "Drag is the share of leads still at the first step, or closed from it, with its 95 % interval. "
        "Where intervals overlap, these counts do not tell the sources apart."
    )
    return Section(key="sources", title="Source quality", short="Sources", lead=lead, blocks=(table,))


def _blockers(report: SponsorUpdate) -> Section:
    table = Table(
        key="blocker-list",
        caption="On open leads; a lead may have several",
        columns=(Column("blocker", "Blocker or open item"), Column("leads", "Leads", True)),
        rows=plain_rows([(row.blocker, row.count) for row in report.blockers]),
        empty="Nothing is blocked.",
    )
    return Section(key="blockers", title="Blockers", blocks=(table,), wide=False)


def _visits(report: SponsorUpdate) -> Section:
    found = report.visits
    table = Table(
        key="visit-list",
        caption="Visits by what is recorded of them",
        columns=(Column("what", "Visits"), Column("count", "Count", True)),
        rows=plain_rows(
            [
                ("Scheduled ahead", found.planned),
                ("Date passed, outcome not recorded", found.outcome_open),
                ("Attended", found.attended),
                ("Not attended", found.missed),
                ("Cancelled", found.cancelled),
            ]
        ),
    )
    return Section(key="visits", title="Scheduled visits", short="Visits", blocks=(table,), wide=False)


def _decisions(report: SponsorUpdate) -> Section:
    table = Table(
        key="decision-list",
        caption="Questions that wait for an answer, by the role asked",
        columns=(Column("role", "Asked of"), Column("open", "Open", True), Column("overdue", "Overdue", True)),
        rows=plain_rows([(row.role, row.count, row.overdue) for row in report.decisions]),
        empty="No question is open.",
    )
    return Section(key="decisions", title="Open decisions", short="Decisions", blocks=(table,), wide=False)


def _standing(report: SponsorUpdate) -> Section:
    rows = [*report.statuses.items(), *([("Status not known", report.unmapped)] if report.unmapped else [])]
    table = Table(
        key="status-list",
        caption=f"{count(report.leads, 'lead')} in all, {report.open} of them open",
        columns=(Column("status", "Status"), Column("leads", "Leads", True)),
        rows=plain_rows(rows),
        empty="No lead.",
    )
    return Section(key="statuses", title="Where all leads stand", short="Statuses", blocks=(table,), wide=False)
