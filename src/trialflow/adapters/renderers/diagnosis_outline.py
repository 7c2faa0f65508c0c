"""The diagnosis as a document: where the work gets stuck, and the checklist for the review."""

from __future__ import annotations

from trialflow.adapters.renderers.document import Cell, Column, Document, Row, Section, Sentence, Table
from trialflow.adapters.renderers.phrases import Calendar, count, day_and_month, percent, span
from trialflow.reports.diagnosis import Diagnosis

__all__ = ["diagnosis_document"]


def diagnosis_document(report: Diagnosis) -> Document:
    """``report`` as a document."""
    calendar = Calendar("UTC", report.as_of)
    return Document(
        kind="diagnosis",
        title=f"Where the work gets stuck, {calendar.long(report.as_of)}",
        eyebrow="Review · for the site only",
        facts=(f"As of {calendar.moment(report.as_of)} (UTC)",),
        sections=(_checklist(report), _times(report), _records(report), _owner(report), _follow_up(report)),
        footer=("Medians: half of the leads lie at or below. What still waits may take longer than it shows.",),
    )


def _checklist(report: Diagnosis) -> Section:
    rows = tuple(
        Row((Cell(check.text), Cell(str(check.count)), Cell("open" if check.count else "done")))
        for check in report.checklist
    )
    columns = (Column("point", "Point"), Column("leads", "Leads", True), Column("state", "State"))
    table = Table(key="check-list", caption="What to settle in the review", columns=columns, rows=rows)
    return Section(key="checklist", title="Review checklist", short="Checklist", blocks=(table,))


def _times(report: Diagnosis) -> Section:
    columns = (
        Column("status", "Status"), Column("waiting", "Waiting now", True),
        Column("median_waiting", "Half have waited", True), Column("ended", "Left it", True),
        Column("median_ended", "Half left within", True),
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                Cell(s.label), Cell(str(s.waiting)), Cell(span(s.median_waiting)), Cell(str(s.ended)),
                Cell(span(s.median_ended)),
            )
        )
        for s in report.statuses
    )  # fmt: skip
    table = Table(key="time-list", caption="Time in each status", columns=columns, rows=rows, empty="No lead.")
    return Section(key="times", title="Where leads wait", short="Waiting", blocks=(table,))


def _records(report: Diagnosis) -> Section:
    found = report.records
    said = (
        f"{count(found.needed, 'lead needs', 'leads need')} records nobody has asked for; "
        f"{count(found.requested, 'request is', 'requests are')} unanswered."
    )
    blocks = [Sentence(said)]
    if found.median_requested is not None:
        blocks.append(Sentence(f"Half of these requests are {span(found.median_requested)} old, or older."))
    return Section(key="records", title="Where records get lost", short="Records", blocks=tuple(blocks), wide=False)


def _owner(report: Diagnosis) -> Section:
    found = report.unowned_time
    share = percent(found.value)
    said = f"Share of open lead-time without an owner: {share}."
    if found.denominator:
        said = f"{said[:-1]} ({found.numerator} of {found.denominator} hours)."
    return Section(key="owner", title="What needs an owner", short="Owner", blocks=(Sentence(said),), wide=False)


def _follow_up(report: Diagnosis) -> Section:
    columns = (
        Column("week", "Arrived in the week of"), Column("received", "Leads", True),
        Column("first", "Half had a first attempt within", True), Column("waiting", "No attempt yet", True),
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                Cell(day_and_month(w.week)), Cell(str(w.received)), Cell(span(w.median_first_attempt)),
                Cell(str(w.waiting)),
            )
        )
        for w in report.follow_up
    )  # fmt: skip
    table = Table(key="follow-list", caption="First attempts, week by week", columns=columns, rows=rows)
    return Section(key="follow-up", title="Where follow-up slows", short="Follow-up", blocks=(table,))
