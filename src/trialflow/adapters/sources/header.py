"""Which line is the header, and which column holds what: everyday headings, matched on their normalised words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from trialflow.adapters.sources.headings import FIELDS, field_of, named_by, nearly
from trialflow.adapters.sources.spelling import match_key, tidy
from trialflow.model.errors import Problem

__all__ = ["FIELDS", "SEVERAL", "HeaderMatch", "field_of", "find_header", "match_header", "row_number_heading"]

_WEIGHTY = {"status", "source", "owner", "received", "phone", "email", "lead_id", "name", "reason", "last_contact"}
_LOOK = 60
"""How many lines may stand above the header."""
SEVERAL = ("phone", "email", "records")
"""Fields that several columns may hold: the first filled one counts, of records the furthest state."""
_ROW_NUMBERS = {
    match_key(w) for w in ("#", "no", "nr", "number", "row", "row #", "row no", "line", "line #", "line no")
}
_ROW_NUMBERS |= {match_key(w) for w in ("sr no", "s no", "sl no", "seq", "seq #")}
_VAGUE = {
    "lead_id": {*_ROW_NUMBERS, "lead", "ref", "reference"}
    | {
        match_key(w)
        for w in ("subject #", "subject id", "subject no", "subject number", "participant id", "screening #")
    }
    | {match_key(w) for w in ("screening id", "screening number", "screen #", "study subject id", "mrn", "chart #")}
    | {
        match_key(w) for w in ("chart no", "contact id", "uid", "unique id", "entry id", "entry #", "file #", "file no")
    },
    "received": {"date", "timestamp", "added", "created", "entered", "logged", "first contact", "first contact date"}
    | {"initial contact", "initial contact date", "date of first contact", "date of initial contact", "arrival"},
    "status": {"progress", "disposition", "dispo", "disp", "step", "where", "contact outcome", "call outcome"}
    | {"call result", "call status", "contact status", "screening status", "enrollment status", "enrolment status"},
    "source": {"referral", "ad", "advert", "marketing", "heard about", "referral type", "source type"},
    "name": {"patient", "pt", "participant", "subject", "candidate", "person", "prospect", "client", "contact name"},
    "owner": {"staff", "rep", "agent", "nurse", "screened by", "scheduler", "caller initials", "staff initials"},
    "last_contact": {
        "contacted",
        "last activity",
        "last update",
        "last updated",
        "updated",
        "updated on",
        "date updated",
    }
    | {"contact date", "call date", "date of contact", "last follow up", "last email", "last text"},
    "reason": {"outcome", "why", "dnq", "dq", "final outcome", "status reason", "outcome reason"},
    "visit": {"scheduled", "booked", "site visit", "site visit date", "next visit", "next visit date", "coming in"},
    "note": {"log", "history", "other", "other info", "more info", "follow up", "followup", "next step", "next steps"}
    | {"description", "details", "misc"},
}
"""Headings that give way to a more telling one for the same field, as do those concluded from another heading."""
_ELSE = {
    **dict.fromkeys(("disposition", "dispo", "disp", "call outcome", "contact outcome", "call result"), "reason"),
    **dict.fromkeys(("outcome", "final outcome"), "status"),
}
"""What a heading means when its field is taken by a more telling one (or, for an outcome, when no status is there)."""


@attrs.frozen(kw_only=True)
class HeaderMatch:
    """Fields to column indexes, more columns of the same field, headings nobody knows, and what is unclear."""

    columns: Mapping[str, int]
    headings: tuple[str, ...]
    ignored: tuple[str, ...]
    problems: tuple[Problem, ...]
    more: Mapping[str, tuple[int, ...]] = attrs.field(factory=dict)

    def all_of(self, field: str) -> tuple[int, ...]:
        """Every column of a field, the first choice first."""
        return (self.columns[field], *self.more.get(field, ())) if field in self.columns else ()


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


def row_number_heading(heading: str) -> bool:
    """Whether a heading may head a mere running number of the rows."""
    return match_key(heading) in _ROW_NUMBERS


def match_header(headings: Sequence[str], declared: Mapping[str, str] | None = None) -> HeaderMatch:
    """Match headings to fields. ``declared`` (heading to field, or ``ignore``) from a mapping file wins.

    Two headings for one field: the more telling one is taken, the other is listed.
    """
    said = {match_key(heading): field for heading, field in (declared or {}).items()}
    return _Matching(headings, said).run()


class _Matching:
    """One header on its way to a :class:`HeaderMatch`."""

    def __init__(self, headings: Sequence[str], said: Mapping[str, str]) -> None:
        self._headings = [tidy(h) for h in headings]
        self._said = said
        self._columns: dict[str, int] = {}
        self._more: dict[str, tuple[int, ...]] = {}
        self._ignored: list[int] = []
        self._problems: list[Problem] = []

    def run(self) -> HeaderMatch:
        for index, heading in enumerate(self._headings):
            if not heading:
                continue
            spoken = match_key(heading)
            field = self._said.get(spoken) or field_of(heading)
            if field is None or field == "ignore":
                self._ignored.append(index)
            else:
                self._take(field, index)
        self._second_thoughts()
        return HeaderMatch(
            columns=self._columns,
            headings=tuple(self._headings),
            ignored=tuple(self._headings[i] for i in sorted(self._ignored)),
            problems=tuple(self._problems),
            more=self._more,
        )

    def _take(self, field: str, index: int) -> None:
        kept = self._columns.get(field)
        if kept is None:
            self._columns[field] = index
        elif field in SEVERAL:
            self._more[field] = (*self._more.get(field, ()), index)
        else:
            if self._better(field, index, kept):
                self._columns[field], index, kept = index, kept, index
            self._spare(field, index, kept)

    def _better(self, field: str, new: int, old: int) -> bool:
        new_key, old_key = match_key(self._headings[new]), match_key(self._headings[old])
        if (old_key in self._said) != (new_key in self._said):
            return new_key in self._said
        return self._vague(field, old) and not self._vague(field, new)

    def _vague(self, field: str, index: int) -> bool:
        heading = self._headings[index]
        if match_key(heading) in _VAGUE.get(field, set()):
            return True
        named = named_by(heading)
        return named is not None and not named.listed

    def _spare(self, field: str, index: int, kept: int) -> None:
        """A second column for a field: it may hold something else, else it is listed."""
        other = _ELSE.get(match_key(self._headings[index]))
        if other is not None and other not in self._columns:
            self._columns[other] = index
            return
        self._ignored.append(index)
        message = (
            f"the columns {self._headings[kept]!r} and {self._headings[index]!r} both look like {field}; the first of "
            "these is used: say otherwise in the mapping file"
        )
        self._problems.append(Problem(self._headings[index], "column_twice", message))

    def _origin(self) -> None:
        """Where no column is called the source, the one campaign or channel column says where leads came from."""
        told = [f for f in ("campaign", "channel") if f in self._columns]
        if "source" in self._columns or len(told) != 1:
            return
        if match_key(self._headings[self._columns[told[0]]]) not in self._said:
            self._columns["source"] = self._columns.pop(told[0])

    def _second_thoughts(self) -> None:
        """An outcome is the status where nothing else is; misspelt headings are matched last, to free fields only."""
        reason = self._columns.get("reason")
        if "status" not in self._columns and reason is not None:
            heading = match_key(self._headings[reason])
            if heading not in self._said and _ELSE.get(heading) == "status":
                self._columns["status"] = self._columns.pop("reason")
        self._origin()
        for index in list(self._ignored):
            heading = self._headings[index]
            field = None if match_key(heading) in self._said else nearly(heading)
            if field is not None and field not in self._columns:
                self._columns[field] = index
                self._ignored.remove(index)
                self._problems.append(
                    Problem(
                        heading,
                        "heading_misspelt",
                        f"{heading!r} was read as {field}; say otherwise in the mapping file",
                    )
                )
