"""Lines below the header that are no leads: totals, the header again, units, numbers filled in beforehand."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trialflow.adapters.sources.header import HeaderMatch
from trialflow.adapters.sources.spelling import match_key

__all__ = ["LineKinds"]

_TOTALS = re.compile(
    r"(?:(?:grand|sub|running|overall|page|monthly|weekly) ?)?"
    r"(?:totals?|subtotals?|sum|count|# of leads|number of leads)"
    r"(?: (?:#|no|number|of|leads?|rows?|referrals?|patients?|pts?|inquir(?:y|ies)|records?|contacts?|for|all))*"
    r"(?: [\d ]+)?"
)
_HINT = re.compile(r"\(.*\)|\[.*\]|<.*>|[mdy]{1,4}([/.\- ])[mdy]{1,4}\1[mdy]{1,4}|y ?/ ?n|yes ?/ ?no", re.IGNORECASE)
_MARKS = ("total", "sum", "count", "number", "# of")
_SHORTEST_CONTACT = 7


class LineKinds:
    """Tells the kind of each line of one sheet."""

    def __init__(self, match: HeaderMatch) -> None:
        self._headings = [h.casefold() for h in match.headings]
        self._shown = sum(1 for h in self._headings if h)
        self._status = match.columns.get("status", 0)
        self._id = match.columns.get("lead_id", -1)
        self._contacts = [i for f in ("phone", "email") for i in match.all_of(f)]
        self._known = sorted({i for f in match.columns for i in match.all_of(f)} - {self._id})

    def of(self, cells: Sequence[str]) -> str:
        """``lead``, ``totals``, ``repeated_header``, ``units`` or ``only_an_id``."""
        width = len(cells)
        if self._status < width and cells[self._status].strip().casefold() == self._headings[self._status]:
            same = sum(c.strip().casefold() == h for c, h in zip(cells, self._headings, strict=False) if h)
            if same >= max(3, self._shown // 2):
                return "repeated_header"
        for i in self._contacts:
            if i < width and len(cells[i]) >= _SHORTEST_CONTACT:
                return "units" if cells[0][:1] in "([<" and self._is_units(cells) else "lead"
        return self._without_contact(cells)

    def _without_contact(self, cells: Sequence[str]) -> str:
        """A line without phone and e-mail: it is about somebody by its id or name, or it is none."""
        named = cells[self._id] if 0 <= self._id < len(cells) else ""
        if not named or named.isspace() or _is_total(named):
            if any(map(_is_total, cells)):
                return "totals"
            return "units" if self._is_units(cells) else "lead"
        if named.rstrip().endswith(":"):
            return "units"  # "Key:", "Legend:": what stands beside it explains the sheet
        filled = any(i < len(cells) and cells[i] and not cells[i].isspace() for i in self._known)
        return ("units" if named[0] in "([<" and self._is_units(cells) else "lead") if filled else "only_an_id"

    def _is_units(self, cells: Sequence[str]) -> bool:
        filled = [c.strip() for c in cells if c.strip()]
        hints = sum(_HINT.fullmatch(c) is not None for c in filled)
        return hints > 0 and hints * 2 >= len(filled)


def _is_total(cell: str) -> bool:
    if not cell or len(cell) > 40:
        return False
    folded = cell.casefold()
    return any(mark in folded for mark in _MARKS) and _TOTALS.fullmatch(match_key(cell)) is not None
