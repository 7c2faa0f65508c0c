"""Events, clocks and small ledgers for the tests of stores and trackers: those of the kit, and days."""

from __future__ import annotations

from datetime import datetime, timedelta

from trialflow.adapters.checks.samples import ANNA, MONDAY, Ticking, contacted, later_kind, moved, noted, received

__all__ = ["ANNA", "MONDAY", "Ticking", "contacted", "day", "later_kind", "moved", "noted", "received"]


def day(number: float) -> datetime:
    """An instant ``number`` days after Monday, 2 March 2026."""
    return MONDAY + timedelta(days=number)
