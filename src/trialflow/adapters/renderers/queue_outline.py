"""The queue: seven columns in a fixed order (R4), and what to do first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from trialflow.adapters.renderers.document import Cell, Column, Mark, Row, Section, Step, Steps, Table
from trialflow.adapters.renderers.names import DUE_WORDS, Names
from trialflow.adapters.renderers.phrases import Calendar, count, reasons, short_ids, span
from trialflow.model.moments import micros
from trialflow.reports.values import QueueRow

__all__ = ["COLUMNS", "is_open", "queue_section", "start_section"]

COLUMNS = (
    Column("source", "Source"),
    Column("status", "Status"),
    Column("owner", "Owner"),
    Column("blockers", "Blockers"),
    Column("prescreen", "Prescreen progress"),
    Column("records", "Records readiness"),
    Column("action", "Sponsor-ready next action"),
)
"""The columns of the queue. Their order is part of the promise."""

_FILTERS = (("bucket", "Bucket"), ("owner", "Owner"), ("due", "Due"))
_FIRST = 7
_URGENCY = {"overdue": "0", "due_today": "1", "later": "2", "none": "3"}
_MARKS: dict[str, Mark] = {"overdue": "overdue", "due_today": "due_today", "later": "later", "none": "none"}


def is_open(row: QueueRow) -> bool:
    """Whether there is anything left to do."""
    return row.bucket != "closed"


def start_section(rows: Sequence[QueueRow], names: Names, calendar: Calendar, as_of: datetime) -> Section:
    """The first things to do: what is overdue or due today, in the order of work, else what comes next."""
    ids = short_ids(row.lead_id for row in rows)
    urgent = [row for row in rows if row.due in ("overdue", "due_today")]
    chosen = (urgent or [row for row in rows if row.due == "later"])[:_FIRST]
    overdue = sum(row.due == "overdue" for row in urgent)
    today = len(urgent) - overdue
    if urgent:
        rest = "" if len(urgent) <= _FIRST else f" The other {len(urgent) - _FIRST} come next in the queue below."
        lead = f"{count(overdue, 'lead is', 'leads are')} overdue, {today} due today. Work from the top.{rest}"
    else:
        lead = "Nothing is overdue or due today. These come next."
    return Section(
        key="start",
        title="Start here today",
        short="Start here",
        lead=lead,
        blocks=(
            Steps(
                steps=tuple(_step(row, ids[row.lead_id], names, calendar, as_of) for row in chosen),
                empty="No open lead has an action: nothing to do today.",
            ),
        ),
    )


def _step(row: QueueRow, short: str, names: Names, calendar: Calendar, as_of: datetime) -> Step:
    return Step(
        lead=names.labels.get(row.lead_id, short),
        action=row.action_label,
        why=_why(row, names, calendar, as_of),
        due=_sentence(calendar.due(row.due_at, row.due)),
        mark=_MARKS[row.due],
        owner=names.owner(row.owner),
    )


def _why(row: QueueRow, names: Names, calendar: Calendar, as_of: datetime) -> str:
    said = reasons((reason.code for reason in row.reasons), names.things)
    where = f"{names.status(row.status, row.status_label)} since {calendar.day(row.since)}"
    because = f"{where}; {said}" if said else where
    age = span(micros(as_of) - micros(row.last_movement))
    moved = f"Last movement {age} ago ({names.kind(row.last_movement_kind)})"
    return f"{because}. {moved}."


def queue_section(rows: Sequence[QueueRow], names: Names, calendar: Calendar, most: int, *, closed: int = 0) -> Section:
    """The open leads in the order of work, at most ``most`` of them; ``closed`` more are only counted."""
    ids = short_ids(row.lead_id for row in rows)
    opened = [row for row in rows if is_open(row)]
    table = Table(
        key="queue",
        caption="Open leads in the order of work",
        columns=COLUMNS,
        rows=tuple(_row(row, ids[row.lead_id], names, calendar) for row in opened[:most]),
        empty="No open lead.",
        more=_left_out(len(opened) - most, closed),
        filters=_FILTERS,
    )
    return Section(
        key="queue",
        title="The queue",
        lead="Overdue first, then what has least in its way, then the longest known.",
        blocks=(table,),
    )


def _left_out(cut: int, closed: int) -> str:
    said = []
    if cut > 0:
        said.append(f"{count(cut, 'more open lead')} did not fit: the CSV and JSON of this report list every lead.")
    if closed > 0:
        said.append(f"{count(closed, 'closed lead is', 'closed leads are')} not listed here.")
    return " ".join(said)


def _row(row: QueueRow, short: str, names: Names, calendar: Calendar) -> Row:
    bucket = names.bucket(row.bucket)
    owner = names.owner(row.owner)
    blockers = "; ".join(names.thing(kind) for kind in row.blockers) or "None"
    hidden = [names.flag(flag) for flag in row.flags if flag not in (row.bucket, "blocked")]
    status = ", ".join([bucket, *(flag for flag in hidden if flag)])
    due = _sentence(calendar.due(row.due_at, row.due))
    order = _URGENCY[row.due] + (row.due_at.isoformat() if row.due_at else "")
    return Row(
        (
            Cell(names.source(row.source), note=names.labels.get(row.lead_id, short)),
            Cell(names.status(row.status, row.status_label), note=status),
            Cell(owner, mark=names.owner_mark(row.owner)),
            Cell(blockers),
            Cell(names.prescreen(row.prescreen)),
            Cell(names.records(row.records)),
            Cell(row.action_label, note=due, mark=_MARKS[row.due], order=order),
        ),
        (("bucket", bucket), ("owner", owner), ("due", DUE_WORDS[row.due])),
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
