"""The date of a copy, where its file's name says it: tracker-2026-03-02.csv."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from trialflow.adapters.sources.dates import DateOrder, Unreadable, read_date

__all__ = ["date_in_name"]

_ORDERS: tuple[DateOrder, ...] = ("DMY", "MDY")
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_IN_NAME = re.compile(
    r"(?<!\d)(?:\d{4}[-_. ]\d{1,2}[-_. ]\d{1,2}|(?:19|20)\d{6}|\d{1,2}[-_. ]\d{1,2}[-_. ]\d{4}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?[-_ .]?{_MONTH}[-_ .,]*\d{{4}}"
    rf"|{_MONTH}[-_ .]?\d{{1,2}}(?:st|nd|rd|th)?[-_ .,]+\d{{4}})"
    r"(?!\d)",
    re.IGNORECASE,
)


def date_in_name(name: str, orders: Iterable[DateOrder] = ()) -> date | None:
    """The date in a file's name, if exactly one day can be read from it.

    ``orders`` are those that the sheet's own columns prove: where they agree, who keeps the sheet named it likewise,
    and 01-06-2026 is one day.
    """
    proven = {order for order in orders if order in _ORDERS}
    readable = tuple(proven) if len(proven) == 1 else _ORDERS
    found: set[date] = set()
    for text in _IN_NAME.findall(Path(name).stem):
        readings = set()
        for order in readable:
            try:
                readings.add(read_date(re.sub(r"[_. ]", "-", text), order))
            except Unreadable:
                continue
        if len(readings) > 1:
            return None
        found |= {day for day in readings if 1990 <= day.year <= 2100}
    return found.pop() if len(found) == 1 else None
