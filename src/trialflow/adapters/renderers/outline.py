"""From a report value to the document that text, Markdown and HTML draw: one outline per kind of report."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from trialflow.adapters.renderers.document import Document

__all__ = ["NO_LABELS", "outline"]

NO_LABELS: Mapping[str, str] = MappingProxyType({})
"""No names for opaque ids: they are shown as they are."""


def outline(report: Any, labels: Mapping[str, str] = NO_LABELS, *, rows: int = 500) -> Document:
    raise NotImplementedError
