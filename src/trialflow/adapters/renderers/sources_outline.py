"""Sources: what became of their leads, with intervals and what depends on the site set apart."""

from __future__ import annotations

from collections.abc import Sequence

from trialflow.adapters.renderers.document import Cell, Column, Row, Table
from trialflow.adapters.renderers.names import Names
from trialflow.adapters.renderers.phrases import percent
from trialflow.reports.values import Ratio, SourceRow

__all__ = ["ratio_cell", "source_table"]


def ratio_cell(ratio: Ratio) -> Cell:
    """``12 of 45`` with its interval; an empty denominator is "not known", never 0."""
    if ratio.value is None or ratio.low is None or ratio.high is None:
        return Cell("not known", order="-1")
    return Cell(
        f"{ratio.numerator} of {ratio.denominator}",
        note=f"{percent(ratio.low)[:-2]}–{percent(ratio.high)}",
        order=f"{ratio.value:.6f}",
        span=(ratio.low, ratio.value, ratio.high),
    )


def source_table(sources: Sequence[SourceRow], names: Names) -> Table:
    """All sources, milestone by milestone, with drag beside volume."""
    figures = (
        "Leads", "Contacted", "Prescreen completed", "Reviewable", "Scheduled", "Attended", "Closed", "No response",
        "Attempts per lead reached",
    )  # fmt: skip
    columns = (
        Column("source", "Source"),
        *(Column(label.lower().replace(" ", "_"), label, True) for label in figures),
        Column("drag", "Drag", True),
    )
    return Table(
        key="source-list", caption="Leads that ever got that far, by source", columns=columns,
        rows=tuple(_row(source, names) for source in sources), empty="No lead, no source.",
    )  # fmt: skip


def _row(row: SourceRow, names: Names) -> Row:
    counts = (
        row.leads, row.contacted, row.prescreen_completed, row.reviewable, row.scheduled, row.attended, row.closed,
        row.no_response,
    )  # fmt: skip
    each = row.attempts_per_pass
    effort = Cell("not known", order="-1") if each is None else Cell(f"{each:.1f}")
    named = Cell(names.source(row.source), note=row.category)
    shown = (Cell("not known", order="-1") if n is None else Cell(str(n)) for n in counts)
    return Row((named, *shown, effort, ratio_cell(row.drag)))
