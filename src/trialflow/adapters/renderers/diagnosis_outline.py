"""The diagnosis as a document: where the work gets stuck, and the checklist for the review."""

from __future__ import annotations

from trialflow.adapters.renderers.document import Cell, Column, Document, Row, Section, Sentence, Table, plain_rows
from trialflow.adapters.renderers.phrases import SITE_ONLY, Calendar, count, day_and_month, percent, span, within
from trialflow.adapters.renderers.sources_outline import ratio_cell
from trialflow.model.moments import HOUR
from trialflow.reports.diagnosis_values import Diagnosis

__all__ = ["diagnosis_document"]

_MEDIANS = "Half: the median. Open leads count as not there yet, so that waiting is never taken for speed."


def diagnosis_document(report: Diagnosis) -> Document:
    """``report`` as a document."""
    calendar = Calendar(report.zone, report.as_of)
    return Document(
        kind="diagnosis",
        title=f"Where the work gets stuck, {calendar.long(report.as_of)}",
        eyebrow="Review · for the site only",
        facts=(f"As of {calendar.moment(report.as_of)} ({report.zone})",),
        sections=(
            _checklist(report),
            _times(report),
            _records(report),
            _owner(report),
            _follow_up(report),
            *_slas(report),
        ),
        footer=(_MEDIANS, SITE_ONLY),
    )


def _checklist(report: Diagnosis) -> Section:
    rows = [(check.text, check.count, "open" if check.count else "done") for check in report.checklist]
    columns = (Column("point", "Point"), Column("leads", "Leads", True), Column("state", "State"))
    table = Table(key="check-list", caption="What to settle in the review", columns=columns, rows=plain_rows(rows))
    return Section(key="checklist", title="Review checklist", short="Checklist", blocks=(table,))


def _times(report: Diagnosis) -> Section:
    columns = (
        Column("status", "Status"), Column("waiting", "Waiting now", True),
        Column("median_waiting", "Half have waited", True), Column("ended", "Left it", True),
        Column("median_ended", "Half of these left within", True), Column("median", "Half of all left within", True),
        Column("undated", "Began earlier than known", True),
    )  # fmt: skip
    rows = [
        (
            s.label, s.waiting, span(s.median_waiting), s.ended, span(s.median_ended), within(s.median), s.undated,
        )
        for s in report.statuses
    ]  # fmt: skip
    table = Table(
        key="time-list", caption="Time in each status", columns=columns, rows=plain_rows(rows), empty="No lead."
    )
    lead = "Half of all left within: those that still wait are counted, too, so this is the column to compare."
    return Section(key="times", title="Where leads wait", short="Waiting", lead=lead, blocks=(table,))


def _records(report: Diagnosis) -> Section:
    found = report.records
    said = [
        f"{count(found.needed, 'lead needs', 'leads need')} records nobody has asked for; "
        f"{count(found.requested, 'request is', 'requests are')} unanswered."
    ]
    if found.median_requested is not None and found.median_requested >= HOUR:
        said.append(f"Half of the unanswered requests are {span(found.median_requested)} old, or older.")
    if found.median_answer is not None:
        said.append(f"Half of all requests were answered within {span(found.median_answer)}.")
    elif found.requested:
        said.append("Fewer than half of all requests have been answered.")
    blocks = tuple(Sentence(text) for text in said)
    return Section(key="records", title="Where records get lost", short="Records", blocks=blocks, wide=False)


def _owner(report: Diagnosis) -> Section:
    found = report.unowned_time
    said = f"Share of open lead-time without an owner who is there: {percent(found.value)}"
    if found.denominator:
        said += f" ({found.numerator} of {found.denominator} hours)"
    return Section(key="owner", title="What needs an owner", short="Owner", blocks=(Sentence(said + "."),), wide=False)


def _follow_up(report: Diagnosis) -> Section:
    columns = (
        Column("week", "Arrived in the week of"), Column("received", "Leads", True),
        Column("first", "Half had a first attempt within", True), Column("waiting", "No attempt yet", True),
        Column("closed", "Closed without one", True),
    )  # fmt: skip
    rows = [
        (
            day_and_month(w.week), w.received, within(w.median_first_attempt) if w.received else "-", w.waiting,
            w.closed_before,
        )
        for w in report.follow_up
    ]  # fmt: skip
    table = Table(key="follow-list", caption="First attempts, week by week", columns=columns, rows=plain_rows(rows))
    return Section(key="follow-up", title="Where follow-up slows", short="Follow-up", blocks=(table,))


def _slas(report: Diagnosis) -> tuple[Section, ...]:
    if not report.slas:
        return ()
    columns = (
        Column("level", "Service level"), Column("kept", "Kept", True), Column("late", "Met late", True),
        Column("breached", "Missed and open", True), Column("open", "Not due yet", True),
        Column("lapsed", "Lead ended first", True), Column("not_known", "Not known", True),
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                Cell(s.label), ratio_cell(s.attainment),
                *(Cell(str(n)) for n in (s.late, s.breached, s.open, s.lapsed, s.not_known)),
            )
        )
        for s in report.slas
    )  # fmt: skip
    table = Table(key="sla-list", caption="Each with a clock of its own", columns=columns, rows=rows)
    lead = "Kept: met in time, of all that were met, met late or missed. What is not due yet counts on neither side."
    return (Section(key="slas", title="Service levels", short="Levels", lead=lead, blocks=(table,)),)
