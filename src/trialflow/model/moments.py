"""Moments and durations: aware UTC datetimes, exact integer microseconds.

Two datetimes of one zone are never subtracted as wall clock: everything is UTC first.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

__all__ = [
    "DAY",
    "HOUR",
    "MINUTE",
    "SECOND",
    "from_micros",
    "iso",
    "micros",
    "parse_iso",
    "utc",
    "validate_utc",
]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


def utc(value: datetime) -> datetime:
    """The same instant in UTC. Raises ``ValueError`` for a naive datetime: which zone was meant?"""
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None or value.utcoffset() is None:
        raise ValueError("a datetime without a zone was given; attach one, e.g. datetime(..., tzinfo=UTC)")
    return value.astimezone(UTC)


def validate_utc(_instance: Any, attribute: Any, value: Any) -> None:
    """An attrs validator: ``None`` or an aware datetime in UTC itself; London in winter is not UTC, its sums differ."""
    if value is None or value.tzinfo is UTC:
        return
    if value.tzinfo is None:
        raise ValueError(f"{attribute.name}: a datetime without a zone; attach one, e.g. tzinfo=UTC")
    raise ValueError(f"{attribute.name}: not in UTC; pass it through trialflow.utc() first")


def micros(value: datetime) -> int:
    """Microseconds since 1970-01-01 UTC, exact. ``value`` must be aware."""
    return (value - _EPOCH) // _MICRO


def from_micros(value: int) -> datetime:
    """The UTC instant ``value`` microseconds after 1970-01-01."""
    # A timedelta is multiplied in half of the time in which one is made.
    return _EPOCH + _MICRO * value


def iso(value: datetime) -> str:
    """``2026-03-02T09:00:00Z``: one spelling for one instant, microseconds only when there are some."""
    text = value.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else iso(utc(value))


def parse_iso(text: str) -> datetime:
    """Read what :func:`iso` wrote, or any ISO 8601 instant with an offset. Raises ``ValueError`` without one."""
    return utc(datetime.fromisoformat(text))
