"""Reports as JSON documents with a version. Keys are stable; times are ISO 8601 in UTC; durations microseconds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import attrs

from trialflow.model.moments import iso
from trialflow.reports.diagnosis import Diagnosis
from trialflow.reports.queue_values import Worklist
from trialflow.reports.source_quality import SourceQuality
from trialflow.reports.sponsor_values import SponsorUpdate
from trialflow.reports.values import Dashboard

__all__ = ["FORMATS", "plain", "to_json"]

FORMATS: Mapping[type, str] = {
    Dashboard: "trialflow.dashboard/1",
    Worklist: "trialflow.worklist/1",
    SourceQuality: "trialflow.sources/1",
    SponsorUpdate: "trialflow.sponsor/1",
    Diagnosis: "trialflow.diagnosis/1",
}
"""The ``format`` of each report's document."""


def to_json(report: Any) -> dict[str, Any]:
    """The document of a report value: ``format`` first, then its fields in their order.

    Raises ``KeyError`` for a value that is no report.
    """
    return {"format": FORMATS[type(report)], **plain(report)}


def plain(value: Any) -> Any:
    """Any value of a report, or of the rules, as what JSON knows."""
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    names = _names(kind)
    if names is not None:
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    return value


_PLAIN = frozenset((str, int, float, bool, type(None)))


@lru_cache(maxsize=256)
def _names(kind: Any) -> tuple[str, ...] | None:
    """The fields of a class of values, None for any other: looked up once, not for every row of a large board."""
    return tuple(field.name for field in attrs.fields(kind)) if attrs.has(kind) else None
