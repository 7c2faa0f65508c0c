"""From a report value to the document that text, Markdown and HTML draw: one outline per kind of report."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from trialflow.adapters.renderers.dashboard_outline import dashboard_document
from trialflow.adapters.renderers.document import Document
from trialflow.adapters.renderers.worklist_outline import worklist_document
from trialflow.model.errors import Unsupported
from trialflow.reports.values import Dashboard, Worklist

__all__ = ["NO_LABELS", "outline"]

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
    raise Unsupported(
        f"a picture of {type(report).__name__}",
        "pass a Dashboard, Worklist, SourceQuality, SponsorUpdate or Diagnosis",
    )
