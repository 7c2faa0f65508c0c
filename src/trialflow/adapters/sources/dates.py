"""Dates of a sheet: read by a declared or proven order, never guessed.

``03/04/2026`` is March or April: what proves it is another value of the column whose day exceeds 12, else the other
date columns of the same sheet (one hand wrote them). A column that reads both ways is refused with both readings.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

import attrs

from trialflow.model.errors import Problem

__all__ = ["DateOrder", "Evidence", "Unreadable", "prove_orders", "read_date"]

DateOrder = Literal["DMY", "MDY", "YMD", "any"]

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_NUMERIC = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_SHORT = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}(?!\d)")
_WEEKDAY = r"(?:[^\W\d]+,?\s+)?"
_OF = r"(?:de\s+)?"
_DAY_MONTH = re.compile(
    _WEEKDAY + r"(\d{1,2})(?:st|nd|rd|th|\.)?[\s\-/]*" + _OF + r"([^\W\d]+)\.?,?[\s\-/]*" + _OF + r"(\d{4})"
)
_MONTH_DAY = re.compile(r"(?:[^\W\d]+,\s+)?([^\W\d]+)\.?\s*(\d{1,2})(?:st|nd|rd|th)?,?[\s\-/]+(\d{4})")
_TIME = re.compile(
    r"^(?:[T\s,]+(?:at\s+)?\d{1,2}(?::\d{2}){1,2}(?:\.\d+)?\s*(?:[ap]\.?m\.?)?"
    r"\s*(?:Z|[+-]\d{2}:?\d{2}|UTC)?)?\s*$",
    re.IGNORECASE,
)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janv janvier ene enero gennaio gen",
            "february feb februar fev fevr fevrier février févr febrero febbraio",
            "march mar marz märz maerz mrz mars marzo",
            "april apr avr avril abr abril aprile",
            "may mai mayo maggio mag",
            "june jun juni juin junio giugno giu",
            "july jul juli juil juillet julio luglio lug",
            "august aug aout août agosto ago",
            "september sep sept septembre septiembre settembre set",
            "october oct oktober okt octobre octubre ottobre ott",
            "november nov novembre noviembre",
            "december dec dezember dez decembre décembre dic diciembre dicembre",
        ),
        start=1,
    )
    for name in names.split()
}


class Unreadable(ValueError):
    """A text that is no date; ``code`` and the message say why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _made(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable("date_impossible", "there is no such day; correct it") from None


def read_date(text: str, order: DateOrder) -> date:
    """The day a text names under ``order`` (for all-numeric ones); a time of day is set aside.

    Raises :class:`Unreadable` for anything else: two-digit years, impossible days, words, serial numbers.
    """
    text = text.strip()
    for pattern, reading in ((_ISO, _iso), (_NUMERIC, None), (_DAY_MONTH, _day_month), (_MONTH_DAY, _month_day)):
        found = pattern.match(text)
        if found is None or not _TIME.match(text[found.end() :]):
            continue
        if reading is None:
            return _numeric(found, order)
        made = reading(found)
        if made is not None:
            return made
    compact = _COMPACT.match(text)
    if compact is not None:
        return _made(int(compact[1]), int(compact[2]), int(compact[3]))
    if _SHORT.match(text):
        raise Unreadable("date_short_year", "the year has two digits; write four")
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        raise Unreadable("date_serial", "a spreadsheet's day number, not a date; format the cell as a date")
    raise Unreadable("date_unreadable", "this is no date; write it like 2026-03-31")


def _iso(found: re.Match[str]) -> date:
    return _made(int(found[1]), int(found[2]), int(found[3]))


def _numeric(found: re.Match[str], order: DateOrder) -> date:
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    if order == "any":
        if first != second:
            raise Unreadable("date_order_unknown", "day and month cannot be told apart; declare the order")
        return _made(year, first, second)
    return _made(year, second, first) if order == "DMY" else _made(year, first, second)


def _day_month(found: re.Match[str]) -> date | None:
    month = _MONTHS.get(found[2].casefold())
    return _made(int(found[3]), month, int(found[1])) if month else None


def _month_day(found: re.Match[str]) -> date | None:
    month = _MONTHS.get(found[1].casefold())
    return _made(int(found[3]), month, int(found[2])) if month else None


@attrs.define
class Evidence:
    """What the all-numeric dates of one column prove."""

    heading: str
    day_first: bool = False
    month_first: bool = False
    open: str = ""
    """A value that reads two ways, as an example."""
    lines: dict[str, str] = attrs.field(factory=dict)

    def take(self, text: str) -> None:
        """Look at one value."""
        found = _NUMERIC.match(text.strip())
        if found is None or _ISO.match(text.strip()):
            return
        first, second = int(found[1]), int(found[2])
        if first > 12 >= second:
            self.day_first = True
            self.lines.setdefault("DMY", found[0])
        elif second > 12 >= first:
            self.month_first = True
            self.lines.setdefault("MDY", found[0])
        elif first != second and first <= 12 and second <= 12:
            self.open = self.open or found[0]


def prove_orders(
    columns: Mapping[str, Evidence], declared: Mapping[str, DateOrder]
) -> tuple[dict[str, DateOrder], tuple[Problem, ...]]:
    """The order of each date column, and every column that cannot be read for sure."""
    orders: dict[str, DateOrder] = {}
    problems: list[Problem] = []
    proofs = {_proof(e) for e in columns.values()} - {None}
    shared: DateOrder | None = next(iter(proofs)) if len(proofs) == 1 else None
    for field, evidence in columns.items():
        said = declared.get(field) or declared.get("*")
        if said is not None:
            orders[field] = said
        elif evidence.day_first and evidence.month_first:
            problems.append(_contradiction(evidence))
        elif (proof := _proof(evidence)) is not None:
            orders[field] = proof
        elif not evidence.open:
            orders[field] = shared or "any"
        elif shared is not None:
            orders[field] = shared
        else:
            problems.append(_ambiguous(evidence))
    return orders, tuple(problems)


def _proof(evidence: Evidence) -> DateOrder | None:
    if evidence.day_first == evidence.month_first:
        return None
    return "DMY" if evidence.day_first else "MDY"


def _contradiction(evidence: Evidence) -> Problem:
    message = (
        f"this column holds {evidence.lines['DMY']} (day first) and {evidence.lines['MDY']} (month first); "
        "correct it, or declare the order in the mapping file or with --date-order"
    )
    return Problem(evidence.heading, "date_order_mixed", message)


def _ambiguous(evidence: Evidence) -> Problem:
    text = evidence.open
    day, month = read_date(text, "DMY"), read_date(text, "MDY")
    message = (
        f"{text} reads as {_said(day)} (day first) or {_said(month)} (month first) and nothing in the file proves "
        "which; declare it with --date-order DMY or MDY, or in the mapping file"
    )
    return Problem(evidence.heading, "date_order_ambiguous", message)


def _said(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def fields_of_dates(fields: Iterable[str]) -> tuple[str, ...]:
    """Which of these fields hold dates."""
    return tuple(f for f in fields if f in ("received", "last_contact", "visit", "birth_date"))
