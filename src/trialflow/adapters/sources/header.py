"""Which line is the header, and which column holds what: everyday headings, matched on their normalised words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from trialflow.adapters.sources.lexicon import entries
from trialflow.adapters.sources.spelling import match_key, tidy
from trialflow.model.errors import Problem

__all__ = ["FIELDS", "HeaderMatch", "find_header", "match_header"]

_HEADINGS = entries("headings")


def _headings() -> dict[str, str]:
    table: dict[str, str] = {}
    for field, headings in _HEADINGS:
        for heading in headings:
            table.setdefault(match_key(heading), field)
    return table


_TABLE = _headings()

FIELDS: tuple[str, ...] = tuple(field for field, _ in _HEADINGS)
"""The fields a column may hold."""

_WEIGHTY = {"status", "source", "owner", "received", "phone", "email", "lead_id", "name", "reason", "last_contact"}
_LOOK = 40
"""How many lines may stand above the header."""
_VAGUE = {
    "lead_id": ("no", "number", "code", "key", "lead"),
    "received": ("date", "timestamp"),
    "status": ("progress",),
}


@attrs.frozen(kw_only=True)
class HeaderMatch:
    """Fields to column indexes, headings nobody knows, and what is unclear."""

    columns: Mapping[str, int]
    headings: tuple[str, ...]
    ignored: tuple[str, ...]
    problems: tuple[Problem, ...]


def field_of(heading: str) -> str | None:
    """The field a heading names, or None."""
    key = match_key(heading)
    found = _TABLE.get(key)
    if found is None and key.startswith(("the ", "pt ", "patient ", "lead ")):
        found = _TABLE.get(key.partition(" ")[2])
    if found is None and "(" in heading:
        found = _TABLE.get(match_key(heading.partition("(")[0]))
    return found


def find_header(rows: Sequence[Sequence[str]]) -> int | None:
    """The index of the header among the first lines: the one with most known headings, at least three, one weighty."""
    best, best_score = None, 0.0
    for index, cells in enumerate(rows[:_LOOK]):
        named = {field for cell in cells if cell and (field := field_of(cell)) is not None}
        filled = sum(1 for cell in cells if cell.strip())
        if len(named) < min(3, max(2, filled)) or not named & _WEIGHTY:
            continue
        score = len(named) + len(named) / max(1, filled)
        if score > best_score:
            best, best_score = index, score
    return best


def match_header(headings: Sequence[str], declared: Mapping[str, str] | None = None) -> HeaderMatch:
    """Match headings to fields. ``declared`` (heading to field, or ``ignore``) from a mapping file wins.

    Two headings for one field: the more specific one is taken, the other is listed.
    """
    said = {match_key(heading): field for heading, field in (declared or {}).items()}
    columns: dict[str, int] = {}
    ignored: list[str] = []
    problems: list[Problem] = []
    for index, heading in enumerate(headings):
        if not heading.strip():
            continue
        spoken = match_key(heading)
        field = said.get(spoken) or (field_of(heading) if spoken not in said else None)
        if field is None or field == "ignore":
            ignored.append(tidy(heading))
            continue
        if field in columns:
            kept = columns[field]
            if _better(field, headings[index], headings[kept], said):
                columns[field], index = index, kept
            ignored.append(tidy(headings[index]))
            message = (
                f"the columns {tidy(headings[columns[field]])!r} and {tidy(headings[index])!r} both look like {field}; "
                "the first is used: say otherwise in the mapping file"
            )
            problems.append(Problem(tidy(headings[index]), "column_twice", message))
            continue
        columns[field] = index
    return HeaderMatch(
        columns=columns, headings=tuple(tidy(h) for h in headings), ignored=tuple(ignored), problems=tuple(problems)
    )


def _better(field: str, new: str, old: str, said: Mapping[str, str]) -> bool:
    if match_key(old) in said:
        return False
    if match_key(new) in said:
        return True
    vague = _VAGUE.get(field, ())
    return match_key(old) in vague and match_key(new) not in vague
