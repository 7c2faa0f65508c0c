"""The queue alone, of everybody or of one owner."""

from __future__ import annotations

from collections.abc import Mapping

from trialflow.adapters.renderers.document import Document
from trialflow.adapters.renderers.names import Names
from trialflow.adapters.renderers.phrases import SITE_ONLY, Calendar
from trialflow.adapters.renderers.queue_outline import is_open, queue_section
from trialflow.adapters.renderers.start_outline import start_section
from trialflow.reports.queue_values import Worklist

__all__ = ["worklist_document"]


def worklist_document(report: Worklist, labels: Mapping[str, str], rows: int) -> Document:
    """``report`` as a document; the queue ends after ``rows`` rows."""
    calendar = Calendar(report.zone, report.as_of)
    names = Names(
        labels=labels,
        buckets=report.bucket_labels,
        blockers=report.blocker_labels,
        items=report.item_labels,
    )
    opened = [row for row in report.rows if is_open(row)]
    whose = "everybody" if report.owner is None else names.owner(report.owner)
    return Document(
        kind="worklist",
        title=f"Worklist for {calendar.long(report.as_of)}",
        eyebrow=f"For {whose} · for the site only",
        facts=(f"As of {calendar.moment(report.as_of)} ({report.zone})",),
        sections=(
            start_section(opened, names, calendar, report.as_of),
            queue_section(report.rows, names, calendar, rows),
        ),
        footer=(SITE_ONLY,),
    )
