"""From a report value to the document that text, Markdown and HTML draw: one outline per kind of report."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from trialflow.adapters.renderers.dashboard_outline import dashboard_document
from trialflow.adapters.renderers.diagnosis_outline import diagnosis_document
from trialflow.adapters.renderers.document import Document
from trialflow.adapters.renderers.quality_outline import quality_document
from trialflow.adapters.renderers.sponsor_outline import sponsor_document
from trialflow.adapters.renderers.worklist_outline import worklist_document
from trialflow.model.errors import Unsupported
from trialflow.reports.diagnosis_values import Diagnosis
from trialflow.reports.quality_values import SourceQuality
from trialflow.reports.queue_values import Worklist
from trialflow.reports.sponsor_values import SponsorUpdate
from trialflow.reports.values import Dashboard

__all__ = ["NO_LABELS", "no_report", "outline"]

NO_LABELS: Mapping[str, str] = MappingProxyType({})
"""No names for opaque ids: they are shown as they are."""


def outline(report: Any, labels: Mapping[str, str] = NO_LABELS, *, rows: int = 500) -> Document:
    """``report`` as a document. ``labels`` name opaque ids; reports for sponsors get none, whatever is passed.

    Raises ``Unsupported`` for a value that is no report.
    """
    if isinstance(report, Dashboard):
        return dashboard_document(report, labels, rows)
    if isinstance(report, Worklist):
        return worklist_document(report, labels, rows)
    if isinstance(report, SponsorUpdate):
        return sponsor_document(report)
    if isinstance(report, SourceQuality):
        return quality_document(report, labels)
    if isinstance(report, Diagnosis):
        return diagnosis_document(report)
    raise no_report(report)


def no_report(value: object) -> Unsupported:
    """The error for a value that is no report."""
    kinds = "a Dashboard, Worklist, SourceQuality, SponsorUpdate or Diagnosis"
    return Unsupported(f"a rendering of {type(value).__name__}", f"pass {kinds}")
