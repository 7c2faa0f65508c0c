"""The queue: one row per open lead, named, with seven columns in a fixed order; stale leads first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trialflow.adapters.renderers.document import Cell, Column, Field, Filter, Row, Section, Table
from trialflow.adapters.renderers.names import DUE_WORDS, MARKS, NOW, Names
from trialflow.adapters.renderers.phrases import Calendar, capital, count, short_ids
from trialflow.model.parties import UNASSIGNED
from trialflow.reports.queue_values import QueueRow

__all__ = ["COLUMNS", "is_away", "is_open", "queue_section"]

COLUMNS = (
    Column("source", "Source"),
    Column("status", "Status"),
    Column("owner", "Owner"),
    Column("blockers", "Blockers"),
    Column("prescreen", "Prescreen progress"),
    Column("records", "Records readiness"),
    Column("action", "Sponsor-ready next action"),
)
"""The columns of the queue, after the name of the lead. Their order is part of the promise."""

_NAME = Column("lead", "Lead")
_FACETS = (("owner", "Owner"), ("bucket", "Bucket"), ("action", "Next action"), ("due", "Due"), ("source", "Source"))
_URGENCY = {"overdue": "0", "due_today": "1", "later": "2", "none": "3"}
_KEY = "queue"


def is_open(row: QueueRow) -> bool:
    """Whether there is anything left to do."""
    return row.bucket != "closed"


def is_away(row: QueueRow) -> bool:
    """Whether the lead has an owner who is not there: nobody works on it now."""
    return "unowned" in row.flags and row.owner not in (UNASSIGNED, "")


def queue_section(rows: Sequence[QueueRow], names: Names, calendar: Calendar, most: int, *, closed: int = 0) -> Section:
    """The open leads in the order of work, the stale ones before the others, at most ``most`` rows in all; ``closed``
    more are only counted."""
    ids = short_ids(row.lead_id for row in rows)
    opened = [row for row in rows if is_open(row)]
    stale = [row for row in opened if row.bucket == "stale"]
    active = [row for row in opened if row.bucket != "stale"]
    room = max(most - len(stale), 0)
    shown = [
        [_row(row, names.lead(row.lead_id, ids), names, calendar) for row in part]
        for part in (stale[:most], active[:room])
    ]
    tables = (
        _table("stale-queue", "Stale leads", shown[0], _cut(len(stale) - most), "No lead is stale."),
        _table("active-queue", "Active leads", shown[1], _cut(len(active) - room), "No active lead."),
    )
    lead = (
        "Stale leads first, then the active ones. In each part: overdue first, then what has least in its way, then "
        "the longest known; the number is the place in the whole order of work."
    )
    if closed > 0:
        lead += f" {count(closed, 'closed lead is', 'closed leads are')} not listed."
    return Section(
        key=_KEY,
        title="The queue",
        short="Queue",
        lead=lead,
        blocks=(_filter([*shown[0], *shown[1]], names.buckets), *tables),
    )


def _cut(left: int) -> str:
    if left <= 0:
        return ""
    said = count(left, "more lead is", "more leads are")
    return f"{said} not shown here: the CSV and the JSON of this report list every lead."


def _table(key: str, caption: str, rows: Sequence[Row], more: str, empty: str) -> Table:
    columns = (_NAME, *COLUMNS)
    named = caption if not rows else f"{caption}: {len(rows)}"
    return Table(
        key=key, caption=named, columns=columns, rows=tuple(rows), empty=empty, more=more, named=True, filter=_KEY
    )


def _filter(rows: Sequence[Row], buckets: Mapping[str, str]) -> Filter:
    found: dict[str, dict[str, None]] = {facet: {} for facet, _ in _FACETS}
    for row in rows:
        for facet, value in row.facets:
            found[facet][value] = None
    order = {"due": [NOW, *DUE_WORDS.values()], "bucket": list(buckets.values())}
    fields = tuple(
        Field(facet=facet, label=label, choices=_sorted(found[facet], order.get(facet, []))) for facet, label in _FACETS
    )
    return Filter(
        key=_KEY, label="Filter and sort the queue", fields=fields, columns=(Column("lead", "Lead"), *COLUMNS)
    )


def _sorted(values: dict[str, None], order: Sequence[str]) -> tuple[str, ...]:
    known = {value: place for place, value in enumerate(order)}
    return tuple(sorted(values, key=lambda value: (known.get(value, len(known)), value.casefold(), value)))


def _row(row: QueueRow, lead: str, names: Names, calendar: Calendar) -> Row:
    bucket = names.bucket(row.bucket)
    owner = names.owner(row.owner)
    source = names.source(row.source)
    blockers = "; ".join(names.blocker(kind) for kind in row.blockers) or "None"
    # What another column or the bucket says already is not said again: stale is longer than expected.
    known = (row.bucket, "blocked", "over_expected" if row.bucket == "stale" else "")
    hidden = [names.flag(flag) for flag in row.flags if flag not in known]
    status = ", ".join([bucket, *(flag for flag in hidden if flag)])
    due = capital(calendar.due(row.due_at, row.due))
    order = _URGENCY[row.due] + (row.due_at.isoformat() if row.due_at else "")
    urgent = (("due", NOW),) if row.due in ("overdue", "due_today") else ()
    return Row(
        (
            Cell(lead, note=f"No. {row.rank}", order=lead),
            Cell(source),
            Cell(names.status(row.status, row.status_label), note=status),
            Cell(owner, note="away" if is_away(row) else "", mark="attention" if "unowned" in row.flags else ""),
            Cell(blockers),
            Cell(names.prescreen(row.prescreen)),
            Cell(names.records(row.records)),
            Cell(row.action_label, note=due, mark=MARKS[row.due], order=order),
        ),
        (
            ("bucket", bucket), ("owner", owner), ("source", source), ("action", row.action_label),
            ("due", DUE_WORDS[row.due]), *urgent,
        ),
    )  # fmt: skip
