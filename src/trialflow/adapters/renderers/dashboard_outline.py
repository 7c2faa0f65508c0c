"""The coordinator's board as a document: buckets first, then what to do today, then why; totals come last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trialflow.adapters.renderers.document import (
    Card,
    Cards,
    Cell,
    Column,
    Document,
    Mark,
    Row,
    Section,
    Table,
    plain_rows,
)
from trialflow.adapters.renderers.movement_outline import movement_sections
from trialflow.adapters.renderers.names import NOBODY, Names
from trialflow.adapters.renderers.obstacles_outline import obstacle_sections
from trialflow.adapters.renderers.phrases import SITE_ONLY, Calendar, count, human
from trialflow.adapters.renderers.queue_outline import is_open, queue_section
from trialflow.adapters.renderers.sources_outline import source_table
from trialflow.adapters.renderers.start_outline import start_section
from trialflow.reports.values import BucketRow, Dashboard, OwnerRow

__all__ = ["bucket_cards", "dashboard_document"]


def dashboard_document(report: Dashboard, labels: Mapping[str, str], rows: int) -> Document:
    """``report`` as a document; ``labels`` name owners and unknown words, the queue ends after ``rows`` rows."""
    calendar = Calendar(report.zone, report.as_of)
    names = _names(report, labels)
    opened = [row for row in report.queue if is_open(row)]
    return Document(
        kind="dashboard",
        title=f"What to do on {calendar.long(report.as_of)}",
        eyebrow="Recruitment dashboard · for the site only",
        facts=(
            f"As of {calendar.moment(report.as_of)} ({report.zone})",
            f"Movement since {calendar.day(report.movement.since)}" if report.movement else "Movement not known",
            f"Workflow {report.workflow}",
        ),
        sections=(
            Section(
                key="buckets", title="Where the leads are", short="Buckets", blocks=(bucket_cards(report.buckets),)
            ),
            start_section(opened, names, calendar, report.as_of),
            _owners(report, names),
            _focus(report),
            *obstacle_sections(report, names, calendar),
            *_unmapped(report, names),
            _sources(report, names),
            *movement_sections(report.movement, report.weeks, report.ages, names, calendar),
            queue_section(report.queue, names, calendar, rows, closed=report.leads - report.open),
            _statuses(report, names),
            _reasons(report),
        ),
        footer=(SITE_ONLY,),
    )


def _names(report: Dashboard, labels: Mapping[str, str]) -> Names:
    items = {row.item: row.label for row in report.readiness}
    blockers = {row.kind: row.label for row in report.blockers}
    buckets = {row.bucket: row.label for row in report.buckets}
    return Names(labels=labels, statuses=report.status_labels, buckets=buckets, items=items, blockers=blockers)


def bucket_cards(buckets: Sequence[BucketRow]) -> Cards:
    """The bucket row, with its table."""
    columns = (
        Column("bucket", "Bucket"), Column("leads", "Leads", True), Column("overdue", "Overdue", True),
        Column("due_today", "Due today", True), Column("later", "Later", True), Column("none", "No date", True),
    )  # fmt: skip
    return Cards(
        cards=tuple(_card(row) for row in buckets),
        table=Table(
            key="bucket-row",
            caption="",
            columns=columns,
            rows=plain_rows([(b.label, b.count, b.overdue, b.due_today, b.later, b.no_action) for b in buckets]),
        ),
    )


def _card(row: BucketRow) -> Card:
    # Closed leads are counted, not listed: there is nothing to lead to.
    listed = row.count > 0 and row.bucket != "closed"
    return Card(
        code=row.bucket,
        label=row.label,
        count=row.count,
        overdue=row.overdue,
        due_today=row.due_today,
        later=row.later,
        pick=(("bucket", row.label),) if listed else (),
    )


def _focus(report: Dashboard) -> Section:
    rows = [(f.label, human(f.role), f.count, f.overdue, f.due_today) for f in report.focus]
    columns = (
        Column("action", "Action"), Column("role", "Who"), Column("leads", "Leads", True),
        Column("overdue", "Overdue", True), Column("due_today", "Due today", True),
    )  # fmt: skip
    table = Table(
        key="focus-list", caption="What is overdue or due today, the most first, at most five kinds", columns=columns,
        rows=plain_rows(rows),
        empty="Nothing is overdue or due today.",
    )  # fmt: skip
    return Section(key="focus", title="Next actions", short="Actions", blocks=(table,), wide=False)


def _owners(report: Dashboard, names: Names) -> Section:
    table = Table(
        key="owners",
        caption="Open leads by owner",
        columns=(
            Column("owner", "Owner"), Column("open", "Open", True), Column("overdue", "Overdue", True),
            Column("due_today", "Due today", True), Column("stale", "Stale", True),
            Column("handoffs", "Handoffs waiting", True),
        ),
        rows=tuple(_owner(row, names) for row in report.owners),
        empty="No open lead.",
    )  # fmt: skip
    lead = f"{count(report.unowned, 'open lead has', 'open leads have')} nobody who works on {_them(report.unowned)}."
    return Section(key="owners", title="Owners", lead=lead, blocks=(table,), wide=False)


def _them(number: int) -> str:
    return "it" if number == 1 else "them"


def _owner(row: OwnerRow, names: Names) -> Row:
    name = names.owner(row.owner)
    note = "away: the leads need someone else" if row.away else ""
    waiting = "not known" if row.handoffs_waiting is None else row.handoffs_waiting
    figures = (row.open, row.overdue, row.due_today, row.stale, waiting)
    mark: Mark = "attention" if row.away or name == NOBODY else ""
    named = Cell(name, note=note, mark=mark, pick=(("owner", name),))
    return Row((named, *(Cell(str(n)) for n in figures)))


def _unmapped(report: Dashboard, names: Names) -> tuple[Section, ...]:
    if not report.unmapped:
        return ()
    table = Table(
        key="unmapped-list",
        caption="Words for a status that the workflow does not know",
        columns=(Column("word", "Word"), Column("leads", "Leads", True)),
        rows=plain_rows([(names.labels.get(word, word), number) for word, number in report.unmapped.items()]),
    )
    lead = "Tell the mapping file which status each word means, then import the copy again."
    return (Section(key="unmapped", title="Words not known", short="Words", lead=lead, blocks=(table,), wide=False),)


def _sources(report: Dashboard, names: Names) -> Section:
    lead = (
        "What happened after the inquiry. Drag is the share of leads that are still at the first step, or were closed "
        "from it, with its 95 % interval: a large source can hide it."
    )
    return Section(key="sources", title="Sources", lead=lead, blocks=(source_table(report.sources, names),))


def _statuses(report: Dashboard, names: Names) -> Section:
    rows = [(names.status(code), number) for code, number in report.statuses.items()]
    table = Table(
        key="status-list",
        caption=f"{count(report.leads, 'lead')} in all, {report.open} of them open",
        columns=(Column("status", "Status"), Column("leads", "Leads", True)),
        rows=plain_rows(rows),
    )
    return Section(key="statuses", title="Statuses", blocks=(table,), wide=False)


def _reasons(report: Dashboard) -> Section:
    rows = sorted(report.close_reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    table = Table(
        key="reason-list",
        caption="Closed leads by reason",
        columns=(Column("reason", "Reason"), Column("leads", "Leads", True)),
        rows=plain_rows([(report.close_reason_labels.get(code) or human(code), number) for code, number in rows]),
        empty="No lead is closed.",
    )
    return Section(key="reasons", title="Close reasons", short="Reasons", blocks=(table,), wide=False)
