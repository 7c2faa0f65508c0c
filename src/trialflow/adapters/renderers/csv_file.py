"""CSV: the queue as rows for a dashboard and a worklist, every figure as a row for the other reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from trialflow.adapters.renderers.csv_cells import table_bytes
from trialflow.adapters.renderers.document import Bars, Cards, Document, Flow, Sentence, Table
from trialflow.adapters.renderers.names import Names
from trialflow.adapters.renderers.outline import NO_LABELS, outline
from trialflow.model.moments import iso
from trialflow.reports.queue_values import QueueRow, Worklist
from trialflow.reports.values import Dashboard

__all__ = ["QUEUE_HEADER", "CsvRenderer"]

QUEUE_HEADER = (
    "rank", "lead", "lead_name", "source", "status", "owner", "blockers", "prescreen", "records", "next_action", "due",
    "due_at", "role", "bucket", "stale", "flags", "since", "last_movement", "last_movement_kind",
)  # fmt: skip
"""The columns of a queue; the seven of the printed one are among them, in its order. ``lead`` is the opaque id,
``lead_name`` what the site calls the lead (empty where nothing is known)."""

_FIGURES = ("section", "line", "row", "column", "value")


@attrs.define
class CsvRenderer:
    """Reports as CSV that no spreadsheet takes for formulas; the whole queue, never cut.

    A dashboard and a worklist give one row per open lead. The other reports give one row per figure: the section, the
    line in its table, the name of that line, the column and the value. Times are ISO 8601 in UTC. Owners and unknown
    words are shown by their label.
    """

    media_type: str = "text/csv; charset=utf-8"

    def render(self, report: Any, *, labels: Mapping[str, str] = NO_LABELS) -> bytes:
        """The report as CSV. Raises ``Unsupported`` for a value that is no report."""
        if isinstance(report, Dashboard):
            return table_bytes(QUEUE_HEADER, (_queue(row, Names(labels=labels)) for row in report.queue))
        if isinstance(report, Worklist):
            return table_bytes(QUEUE_HEADER, (_queue(row, Names(labels=labels)) for row in report.rows))
        return table_bytes(_FIGURES, _figures(outline(report, labels)))


def _queue(row: QueueRow, names: Names) -> tuple[object, ...]:
    known = names.labels
    return (
        row.rank, row.lead_id, known.get(row.lead_id), known.get(row.source, row.source),
        known.get(row.status, row.status), known.get(row.owner, row.owner), " ".join(row.blockers), row.prescreen,
        row.records, row.action_label, row.due, iso(row.due_at) if row.due_at else None, row.role, row.bucket,
        row.stale, " ".join(row.flags), iso(row.since), iso(row.last_movement), row.last_movement_kind,
    )  # fmt: skip


def _figures(document: Document) -> Iterator[tuple[object, ...]]:
    for section in document.sections:
        for number, block in enumerate(section.blocks, start=1):
            if isinstance(block, Sentence):
                yield (section.key, number, "", "text", block.text)
            elif isinstance(block, Table):
                yield from _cells(section.key, block)
            elif isinstance(block, Cards | Flow | Bars):
                yield from _cells(section.key, block.table)


def _cells(section: str, table: Table) -> Iterator[tuple[object, ...]]:
    for line, row in enumerate(table.rows, start=1):
        named = row.cells[0].text
        for column, cell in zip(table.columns[1:], row.cells[1:], strict=True):
            value = f"{cell.text} ({cell.note})" if cell.note else cell.text
            yield (section, line, named, column.key, value)
