"""Dates of a sheet: read by a declared or proven order, never guessed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from trialflow.adapters.sources.spelling import visible

__all__ = ["DateOrder", "Unreadable", "numeric_parts", "read_date"]

DateOrder = Literal["DMY", "MDY", "YMD", "any"]

_REST = r"(?P<rest>(?![/.\-]?\d).*)$"
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _REST, re.DOTALL)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_NUMERIC = re.compile(r"(\d{1,2})\s?([-/. ])\s?(\d{1,2})\s?\2\s?(\d{4})" + _REST, re.DOTALL)
_SHORT = re.compile(
    r"\d{1,2}([-/. ])(?:\d{1,2}|[^\W\d]{3,9})\.?,?\1'?\d{2}(?!\d)|[^\W\d]{3,9}\.? \d{1,2},? '?\d{2}(?!\d)"
)
_OF = r"(?:de\s+|of\s+)?"
_DAY_MONTH = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?[\s\-/]*" + _OF + r"(?P<month>[^\W\d]{3,10})\.?,?[\s\-/]*" + _OF
    + r"(?P<year>\d{4})" + _REST,
    re.DOTALL,
)  # fmt: skip
_MONTH_DAY = re.compile(
    r"(?P<month>[^\W\d]{3,10})\.?[\s\-]*(?P<day>\d{1,2})(?:st|nd|rd|th)?,?[\s\-/,]+(?P<year>\d{4})" + _REST, re.DOTALL
)
_SERIAL = re.compile(r"(\d{4,5})(?:[.,]\d+)?$")
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s+(?=\w)", re.IGNORECASE)
_CLOCK = re.compile(
    r"[T\s,]*(?:at\s+|@\s*)?(\d{1,2})(?::(\d{2}))?(?::(\d{2})(?:[.,]\d+)?)?\s*([ap])?\.?m?\.?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
_EPOCH = date(1899, 12, 30)
"""Day 0 of a spreadsheet's day numbers (the 1900 system, from 1 March 1900 on)."""
_FIRST_SERIAL, _LAST_SERIAL = 3653, 73050
"""1 January 1910 and 31 December 2099."""

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


def _plain(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", visible(text))
    return _WEEKDAY.sub("", text.strip().lstrip("'"), count=1)


def numeric_parts(text: str) -> tuple[int, int, int] | None:
    """The three numbers of an all-numeric date whose year comes last, else None."""
    found = _NUMERIC.match(_plain(text))
    return (int(found[1]), int(found[3]), int(found[4])) if found is not None else None


def read_date(text: str, order: DateOrder, zone: ZoneInfo | None = None) -> date:
    """The day a text names under ``order`` (for all-numeric ones). A time of day is set aside, a comment after the
    date too; where the time has an offset, the day is that of ``zone`` (the site's). A spreadsheet's day number is
    read in the 1900 system.

    Raises :class:`Unreadable` for anything else: two-digit years, impossible days, several dates, words.
    """
    text = _plain(text)
    day, rest = _found(text, order)
    if day is None:
        raise _refusal(text)
    if not rest or rest.isspace():
        return day
    clock = _CLOCK.match(rest)
    if clock is not None:
        return _in_zone(day, clock, zone) if clock[5] and zone is not None else day
    if any(c.isdigit() for c in rest) or rest[0].isalpha():
        raise Unreadable("date_unreadable", "more than a date stands here; write one date like 2026-03-31")
    return day


def _found(text: str, order: DateOrder) -> tuple[date | None, str]:
    if (found := _ISO.match(text)) is not None:
        return _made(int(found[1]), int(found[3]), int(found[4])), found["rest"]
    if (found := _NUMERIC.match(text)) is not None:
        return _numeric(int(found[1]), int(found[3]), int(found[4]), order), found["rest"]
    for pattern in (_DAY_MONTH, _MONTH_DAY):
        found = pattern.match(text)
        if found is not None and (month := _MONTHS.get(found["month"].casefold())) is not None:
            return _made(int(found["year"]), month, int(found["day"])), found["rest"]
    if (found := _COMPACT.match(text)) is not None:
        return _made(int(found[1]), int(found[2]), int(found[3])), ""
    if (found := _SERIAL.match(text)) is not None and _FIRST_SERIAL <= int(found[1]) <= _LAST_SERIAL:
        return _EPOCH + timedelta(days=int(found[1])), ""
    return None, ""


def _refusal(text: str) -> Unreadable:
    if _SHORT.match(text):
        return Unreadable("date_short_year", "the year has two digits; write four")
    return Unreadable("date_unreadable", "this is no date; write it like 2026-03-31")


def _numeric(first: int, second: int, year: int, order: DateOrder) -> date:
    if order in ("any", "YMD") and first != second:
        raise Unreadable("date_order_unknown", "day and month cannot be told apart; declare the order")
    return _made(year, second, first) if order == "DMY" else _made(year, first, second)


def _in_zone(day: date, clock: re.Match[str], zone: ZoneInfo) -> date:
    hour, minute, offset = int(clock[1]), int(clock[2] or 0), clock[5].upper()
    if clock[4]:
        hour = hour % 12 + (12 if clock[4].lower() == "p" else 0)
    if hour > 23 or minute > 59:
        raise Unreadable("date_impossible", "there is no such time of day; correct it")
    sign = offset if offset[0] in "+-" else "+00:00"
    try:
        moment = datetime.fromisoformat(f"{day.isoformat()}T{hour:02}:{minute:02}{sign}")
    except ValueError:
        raise Unreadable("date_impossible", "there is no such offset; correct it") from None
    return moment.astimezone(zone).date()
