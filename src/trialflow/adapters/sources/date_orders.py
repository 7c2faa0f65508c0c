"""Which order a column's dates are written in: proven, remembered or declared, never guessed.

``03/04/2026`` is March or April. What proves it is another value of the column whose day exceeds 12; else what the
earlier copies of this sheet proved; else the other date columns of the same sheet (one hand wrote them), if they
agree. A column that still reads both ways is refused with both readings.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from datetime import date

import attrs

from trialflow.adapters.sources.dates import DateOrder, numeric_parts, read_date
from trialflow.model.errors import Problem

__all__ = ["DATE_FIELDS", "Evidence", "dates_among", "prove_orders"]

DATE_FIELDS = ("received", "last_contact", "visit", "birth_date")
"""The fields that hold dates."""


@attrs.define
class Evidence:
    """What the all-numeric dates of one column prove. ``private``: its values are never shown (birth dates)."""

    heading: str
    private: bool = False
    open: str = ""
    """A value that reads two ways, as an example."""
    open_line: int = 0
    proofs: dict[DateOrder, tuple[str, int]] = attrs.field(factory=dict)
    """A value that reads one way, and its line, per order."""

    def take(self, text: str, line: int) -> None:
        """Look at one value."""
        parts = numeric_parts(text)
        if parts is None:
            return
        first, second, _ = parts
        if first > 12 >= second:
            self.proofs.setdefault("DMY", (text.strip(), line))
        elif second > 12 >= first:
            self.proofs.setdefault("MDY", (text.strip(), line))
        elif first != second and first <= 12 and second <= 12 and not self.open:
            self.open, self.open_line = text.strip(), line

    @property
    def proof(self) -> DateOrder | None:
        """The one order its values prove."""
        return next(iter(self.proofs)) if len(self.proofs) == 1 else None


def dates_among(fields: Iterable[str]) -> tuple[str, ...]:
    """Which of these fields hold dates."""
    return tuple(field for field in fields if field in DATE_FIELDS)


def prove_orders(
    columns: Mapping[str, Evidence], declared: Mapping[str, DateOrder], remembered: Mapping[str, DateOrder]
) -> tuple[dict[str, DateOrder], tuple[Problem, ...]]:
    """The order of each date column, and a problem for every column that cannot be read for sure.

    ``declared`` and ``remembered`` are orders by field; ``*`` declares all.
    """
    proven = {evidence.proof for evidence in columns.values()} - {None}
    shared = next(iter(proven)) if len(proven) == 1 else None
    orders: dict[str, DateOrder] = {}
    problems: list[Problem] = []
    for field, evidence in columns.items():
        said = declared.get(field) or declared.get("*")
        if said is not None:
            orders[field] = said
        elif len(evidence.proofs) > 1:
            problems.append(_contradiction(evidence))
        elif (order := evidence.proof or remembered.get(field) or shared) is not None:
            orders[field] = order
        elif not evidence.open:
            orders[field] = "any"
        else:
            problems.append(_ambiguous(evidence))
    return orders, tuple(problems)


_DECLARE = "declare it with --date-order DMY or MDY, or in the mapping file"


def _contradiction(evidence: Evidence) -> Problem:
    told = []
    for order, words in (("DMY", "day first"), ("MDY", "month first")):
        text, line = evidence.proofs[order]  # type: ignore[index]
        told.append(f"line {line} ({words})" if evidence.private else f"{text} on line {line} ({words})")
    message = f"this column holds {' and '.join(told)}; correct one of them, or {_DECLARE}"
    return Problem(evidence.heading, "date_order_mixed", message)


def _ambiguous(evidence: Evidence) -> Problem:
    text, line = evidence.open, evidence.open_line
    if evidence.private:
        message = f"the date on line {line} reads as day first or as month first and nothing in the file proves which"
    else:
        day, month = read_date(text, "DMY"), read_date(text, "MDY")
        message = (
            f"{text} on line {line} reads as {_said(day)} (day first) or {_said(month)} (month first) and nothing in "
            "the file proves which"
        )
    return Problem(evidence.heading, "date_order_ambiguous", f"{message}; {_DECLARE}")


def _said(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"
