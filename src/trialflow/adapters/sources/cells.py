"""Cells to values, column by column, each distinct spelling read once."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from trialflow.adapters.sources import words
from trialflow.adapters.sources.dates import DateOrder, Unreadable, read_date
from trialflow.adapters.sources.header import HeaderMatch
from trialflow.adapters.sources.mapping import Mapping
from trialflow.adapters.sources.spelling import match_key, normal_email, normal_name, normal_phone, tidy
from trialflow.adapters.sources.words import Meaning, lookup
from trialflow.model.errors import Problem

__all__ = ["Reader"]

_MOST_CACHED = 50_000
_STATUSES = {m.status for m in words.STATUS.values()}
_NOBODY = {"unassigned", "none", "n a", "na", "tbd", "nobody", "no owner", "not assigned", "open", "unowned", ""}
_TOTALS = {"total", "totals", "sum", "grand total", "subtotal", "count", "total leads"}
_NOTHING = ("", "", "", "", "", None, None, "", "", "", "", None, None, "", "", None, "", "", ())
_BLANK = {"n a", "na", "none", "tbd", "unknown", "unk", "not applicable", "nil", "tba", ""}


class _Told(NamedTuple):
    """What a cell says, and the problem when it says nothing readable."""

    value: Any
    problem: Problem | None = None


class Reader:
    """Reads the cells of one sheet; see :class:`trialflow.adapters.sources.sheet.Row` for the order of values."""

    def __init__(
        self,
        *,
        match: HeaderMatch,
        orders: dict[str, DateOrder],
        mapping: Mapping,
        sources: dict[str, str],
        owners: dict[str, str],
    ) -> None:
        self._index = dict(match.columns)
        self._width = len(match.headings)
        self._headings = [h.casefold() for h in match.headings]
        self._orders = orders
        self._mapping = mapping
        self._sources, self._owners = sources, owners
        self._statuses = {match_key(w): _declared(c) for w, c in mapping.aliases("status").items()}
        self._tables = {f: _words(f, mapping) for f in ("prescreen", "records", "reason")}
        self._steps = self._readers()
        self.unknown: dict[str, set[str]] = {f: set() for f in ("status", "prescreen", "records", "reason")}

    def read(self, cells: list[str]) -> tuple[Any, ...]:
        """Everything one line says, in the order of ``Row``'s fields after ``line``."""
        kind = self._kind(cells)
        if kind != "lead":
            return (kind, *_NOTHING)
        problems: list[Problem] = []
        if len(cells) > self._width and any(c.strip() for c in cells[self._width :]):
            problems.append(Problem("", "extra_cells", "the line has more cells than the header; the rest is left out"))
        told: dict[str, Any] = {}
        for field, index, cache, read in self._steps:
            text = cells[index] if index < len(cells) else ""
            if not text or text.isspace():
                continue
            found = cache.get(text)
            if found is None:
                if len(cache) >= _MOST_CACHED:
                    cache.clear()
                found = cache[text] = read(text)
            told[field] = found.value
            if found.problem is not None:
                problems.append(found.problem)
        get = told.get
        full = tidy(self._raw(cells, "name") or f"{self._raw(cells, 'first_name')} {self._raw(cells, 'last_name')}")
        status, unknown, reason, records = get("status") or ("", "", "", "")
        return (
            kind,
            tidy(self._raw(cells, "lead_id")),
            full,
            normal_name(full),
            normal_phone(self._raw(cells, "phone")),
            normal_email(self._raw(cells, "email")),
            get("birth_date"),
            get("received"),
            get("source") or "",
            get("owner") or "",
            status,
            unknown,
            get("attempts"),
            get("last_contact"),
            get("prescreen") or "",
            get("records") or records,
            get("visit"),
            get("reason") or reason,
            tidy(self._raw(cells, "note").replace("\x1f", " ")),
            tuple(problems),
        )

    def _readers(self) -> list[tuple[str, int, dict[str, _Told], Callable[[str], _Told]]]:
        readers: dict[str, Callable[[str], _Told]] = {
            "status": self._status,
            "birth_date": self._birth,
            "source": lambda text: _Told(self._sources.get(match_key(text), tidy(text))),
            "owner": self._owner,
            "attempts": _count,
        }
        for field in ("received", "last_contact", "visit"):
            readers[field] = partial(self._date, field=field)
        for field in ("prescreen", "records", "reason"):
            readers[field] = partial(self._word, field=field)
        return [(f, self._index[f], {}, read) for f, read in readers.items() if f in self._index]

    def _raw(self, cells: list[str], field: str) -> str:
        index = self._index.get(field)
        return cells[index] if index is not None and index < len(cells) else ""

    def _kind(self, cells: list[str]) -> str:
        if not self._like_header(cells):
            return "totals" if self._is_total(cells) else "lead"
        same = sum(cell.strip().casefold() == head for cell, head in zip(cells, self._headings, strict=False) if head)
        if same >= max(3, len([h for h in self._headings if h]) // 2):
            return "repeated_header"
        return "totals" if self._is_total(cells) else "lead"

    def _like_header(self, cells: list[str]) -> bool:
        """A cheap look at one cell before all are compared."""
        index = self._index.get("status", 0)
        return index < len(cells) and cells[index].strip().casefold() == self._headings[index]

    def _is_total(self, cells: list[str]) -> bool:
        named = match_key(self._raw(cells, "lead_id"))
        if (named and named not in _TOTALS) or any(self._raw(cells, f).strip() for f in ("phone", "email")):
            return False
        return any(match_key(cell) in _TOTALS for cell in cells if cell and len(cell) < 30)

    def _status(self, text: str) -> _Told:
        found = self._statuses.get(match_key(text)) or lookup(words.STATUS, text)
        if found is not None:
            return _Told((found.status, "", found.reason, found.records))
        if match_key(text) in _STATUSES:
            return _Told((match_key(text).replace(" ", "_"), "", "", ""))
        if match_key(text).replace(" ", "_") in _STATUSES:
            return _Told((match_key(text).replace(" ", "_"), "", "", ""))
        self.unknown["status"].add(tidy(text))
        return _Told(("", tidy(text), "", ""))

    def _owner(self, text: str) -> _Told:
        key = match_key(text)
        return _Told("" if key in _NOBODY else self._owners.get(key, tidy(text)))

    def _word(self, text: str, field: str) -> _Told:
        found = lookup(self._tables[field], text)
        if found is None:
            code = match_key(text).replace(" ", "_")
            found = code if code in self._tables[field].values() else None
        if found is None and field == "reason" and match_key(text) in _BLANK:
            return _Told("")
        if found is None and match_key(text) == "":
            return _Told("")
        if found is None:
            self.unknown[field].add(tidy(text))
            message = f"this {field} word is not known; give it a meaning in the mapping file"
            return _Told("", Problem(field, f"{field}_unknown", message))
        return _Told(found)

    def _date(self, text: str, field: str) -> _Told:
        if match_key(text) in _BLANK:
            return _Told(None)
        try:
            day = read_date(text, self._orders.get(field, "any"))
        except Unreadable as error:
            return _Told(None, Problem(field, error.code, str(error)))
        if not 1990 <= day.year <= 2100:
            return _Told(None, Problem(field, "date_far_off", "the year cannot be right; correct it"))
        return _Told(day)

    def _birth(self, text: str) -> _Told:
        try:
            return _Told(read_date(text, self._orders.get("birth_date", "any")))
        except Unreadable as error:
            return _Told(None, Problem("birth_date", error.code, str(error)))


def _declared(code: str) -> Meaning:
    """A mapping's word: a status code, or ``closed:reason``, or ``preparing:needed``."""
    status, _, extra = code.partition(":")
    return Meaning(status, reason=extra if status == "closed" else "", records=extra if status == "preparing" else "")


def _words(field: str, mapping: Mapping) -> dict[str, str]:
    built_in = {"prescreen": words.PRESCREEN, "records": words.RECORDS, "reason": words.REASON}[field]
    return {**built_in, **{match_key(w): c for w, c in mapping.aliases(field).items()}}


_NUMBER = re.compile(r"(?:x|#)?\s*(\d{1,3})(?:\.0+)?\s*(?:x|calls?|times?|attempts?)?", re.IGNORECASE)


def _count(text: str) -> _Told:
    found = _NUMBER.fullmatch(text.strip())
    if found is not None:
        return _Told(int(found[1]))
    if match_key(text) in _BLANK:
        return _Told(None)
    return _Told(None, Problem("attempts", "count_unreadable", "this is no whole number; write one"))
