"""Values in words: days, spans of time, counts, ratios, reasons, short ids. English, and the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from trialflow.model.moments import DAY, HOUR

__all__ = [
    "SITE_ONLY",
    "Calendar",
    "capital",
    "count",
    "day_and_month",
    "full_date",
    "human",
    "percent",
    "reasons",
    "rest_of",
    "short_ids",
    "span",
    "within",
]

SITE_ONLY = "For the site only: this page lists single leads and may name coordinators."
"""Stands at the end of every report that is not for sponsors."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONG_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_REASONS = {
    "planned": "planned by hand",
    "unowned": "nobody works on it now",
    "handoff_waiting": "a handoff waits to be taken over",
    "visit_passed": "the visit's date has passed",
    "visit_soon": "the visit is near",
    "no_response_limit": "the agreed attempts are used up",
    "waiting": "the waiting time after the last attempt runs",
    "stale": "no movement for too long",
}
_STATES = {
    "needed": "needed",
    "requested": "requested, not here yet",
    "received": "received, not reviewed yet",
}


class Calendar:
    """Instants as days at the site. ``zone`` is its IANA name, ``as_of`` the moment that decides what needs a year."""

    def __init__(self, zone: str, as_of: datetime) -> None:
        self._zone = ZoneInfo(zone)
        self._year = as_of.astimezone(self._zone).year

    def long(self, at: datetime) -> str:
        """``Monday 2 March 2026``."""
        local = at.astimezone(self._zone)
        return f"{_LONG_DAYS[local.weekday()]} {local.day} {_LONG_MONTHS[local.month - 1]} {local.year}"

    def day(self, at: datetime) -> str:
        """``Mon 2 Mar``, with the year where it is another one."""
        local = at.astimezone(self._zone)
        year = "" if local.year == self._year else f" {local.year}"
        return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}{year}"

    def moment(self, at: datetime) -> str:
        """``Mon 2 Mar, 09:30``."""
        local = at.astimezone(self._zone)
        return f"{self.day(at)}, {local.hour:02}:{local.minute:02}"

    def due(self, due_at: datetime | None, due: str) -> str:
        """When something is due, in words that say how urgent it is."""
        if due_at is None or due == "none":
            return "no date"
        return (
            "due today"
            if due == "due_today"
            else f"{'overdue since' if due == 'overdue' else 'due'} {self.day(due_at)}"
        )


def day_and_month(day: date) -> str:
    """``2 Mar``."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


def full_date(day: date) -> str:
    """``Mon 2 Mar 2026``."""
    return f"{_DAYS[day.weekday()]} {day_and_month(day)} {day.year}"


def capital(text: str) -> str:
    """``text`` as the start of a sentence; the rest of it stays as it is."""
    return text[:1].upper() + text[1:]


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 lead``, ``3 leads``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def span(micros: int | None) -> str:
    """A length of time, rounded down: ``4 days``, ``5 hours``, ``under an hour``; ``not known`` for None."""
    if micros is None:
        return "not known"
    if micros >= DAY:
        return count(micros // DAY, "day")
    return count(micros // HOUR, "hour") if micros >= HOUR else "under an hour"


def within(micros: int | None) -> str:
    """The time by which half were there; where half are not, that is said."""
    return "not yet half" if micros is None else span(micros)


def percent(value: float | None) -> str:
    """``40 %``; ``not known`` for None."""
    return "not known" if value is None else f"{value * 100:.0f} %"


@lru_cache(maxsize=4096)
def human(code: str) -> str:
    """A code as words: ``missing_records`` becomes ``Missing records``; what is no code stays as it is."""
    if code.isascii() and code.replace("_", "").isalnum() and code == code.lower():
        words = code.replace("_", " ").strip()
        return words[:1].upper() + words[1:]
    return code


def reasons(codes: Iterable[str], items: Mapping[str, str], blockers: Mapping[str, str]) -> str:
    """Why something is to be done, in a few words; with the labels of items and of kinds of blockers, by code."""
    said: dict[str, None] = {}
    for code in codes:
        said[_reason(code, items, blockers)] = None
    said.pop("", None)
    return "; ".join(said)


def _reason(code: str, items: Mapping[str, str], blockers: Mapping[str, str]) -> str:
    if code in _REASONS:
        return _REASONS[code]
    kind, _, rest = code.partition("_")
    if kind in ("blocked", "escalated"):
        said = blockers.get(rest, human(rest)).lower()
        return said if kind == "blocked" else f"{said}, for so long that it goes up"
    if kind == "open":
        item, _, state = rest.rpartition("_")
        return f"{items.get(item, human(item)).lower()}: {_STATES.get(state, state)}"
    return "" if kind == "bucket" else human(code).lower()


def rest_of(number: int, owners: Iterable[tuple[str, int, object]]) -> str:
    """What a list of leads leaves to the queue, and whose all of them are; the third part of an owner is left out."""
    said = f"and {number} more in the queue"
    shares = ", ".join(f"{name} {count}" for name, count, _ in owners)
    return f"{said}; all by owner: {shares}" if shares else said


def short_ids(ids: Iterable[str], least: int = 8) -> dict[str, str]:
    """Each id, shortened to as few characters (at least ``least``) as keep all of them apart; short ones stay whole."""
    known = set(ids)
    length = least
    longest = max((len(each) for each in known), default=0)
    while length < longest and len({each[:length] for each in known}) < len(known):
        length += 2
    return {each: each if len(each) <= length + 4 else each[:length].rstrip("-") for each in known}
