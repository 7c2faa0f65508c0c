"""Cells to values, column by column, each distinct spelling read once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from trialflow.adapters.sources.dates import DateOrder, Unreadable, read_date
from trialflow.adapters.sources.header import HeaderMatch
from trialflow.adapters.sources.line_kinds import LineKinds
from trialflow.adapters.sources.mapping import Mapping
from trialflow.adapters.sources.record_columns import furthest, records_reader
from trialflow.adapters.sources.rows import NOBODY, NOTHING, Facts, Row, Values
from trialflow.adapters.sources.spelling import match_key, normal_email, normal_id, normal_name, normal_phone, tidy
from trialflow.adapters.sources.vocabulary import Vocabulary
from trialflow.model.errors import Problem
from trialflow.rules.refusals import holds_contact

__all__ = ["Reader", "owner_key"]

_tuple = tuple.__new__
_MOST_CACHED = 50_000
_MOST_NOTE = 32_000
_TOLD = ("status", "source", "owner", "attempts", "received", "last_contact", "visit", "birth_date")
_FIELDS = (*_TOLD, "prescreen", "reason", "records")
_UNSTATED = ("", "", "", "", "")
_UNTOLD = [_UNSTATED, *[""] * (len(_FIELDS) - 1)]
"""What a line with nothing but blanks says, in the order of the fields."""
_RECORDS = _FIELDS.index("records")
_NOBODY = {"unassigned", "none", "n a", "#n a", "na", "tbd", "tba", "nobody", "no owner", "no one", "not assigned"}
_NOBODY |= {"unowned", "not yet assigned", "to be assigned", "unknown", "vacant", "open", ""}
_BLANK = {"n a", "#n a", "na", "none", "tbd", "tba", "unknown", "unk", "not applicable", "nil", "null", "not set", ""}
_NO_STATUS = _BLANK - {"n a", "na"}
"""Beside a telephone, n/a says "no answer" as often as "not applicable": nobody but the site can tell."""
_DATE_WORDS = _BLANK | {"never", "not yet", "no", "pending", "not scheduled", "to schedule", "not done"}


class Told(NamedTuple):
    """What a cell says (None: nothing), and the problem when it says nothing readable."""

    value: Any
    problem: Problem | None = None


_NO_WORD = Told(None)
"""A cell of blanks alone."""


class Reader:
    """Reads the cells of one sheet."""

    def __init__(
        self,
        *,
        match: HeaderMatch,
        orders: dict[str, DateOrder],
        mapping: Mapping,
        sources: dict[str, str],
        owners: dict[str, str],
        zone: ZoneInfo | None = None,
        kinds: dict[int, str] | None = None,
    ) -> None:
        """``kinds``: what lines are that are no leads, by number, where a first pass has told."""
        self._index = dict(match.columns)
        self._id, self._full, self._first, self._last, self._remark = (
            self._index.get(f, -1) for f in ("lead_id", "name", "first_name", "last_name", "note")
        )
        self._many = {f: match.all_of(f) for f in ("phone", "email")}
        self._headings = match.headings
        self._width = len(match.headings)
        # Behind every line: a short line, and a column that is not there (-1), then read as blank.
        self._blanks = [""] * (self._width + 1)
        self._kinds, self._told_kinds = LineKinds(match), kinds
        self._orders, self._zone = orders, zone
        self._sources, self._owners = sources, owners
        self.words = Vocabulary(mapping)
        self._steps = list(self._readers(match))

    def read(self, line: int, cells: list[str]) -> Row:
        """Everything one line says."""
        kind = self._kinds.of(cells) if self._told_kinds is None else self._told_kinds.get(line, "lead")
        if kind != "lead":
            return Row(line, kind, "", "", "", NOBODY, NOTHING, "", "", "", ())
        problems: list[Problem] = []
        if len(cells) > self._width and any(c.strip() for c in cells[self._width :]):
            problems.append(Problem("", "extra_cells", "the line has more cells than the header; the rest is left out"))
        cells = cells + self._blanks
        standing, source, owner, attempts, received, touched, visit, born, prescreen, reason, records = self._told(
            cells, problems
        )
        status, stated, unknown, implied_reason, implied_records = standing
        full = self._name(cells)
        phone = self._contact(cells, "phone", normal_phone, problems)
        email = self._contact(cells, "email", normal_email, problems)
        # The order of the fields; made as plain tuples, for three constructors per row take a tenth of the time.
        facts = _tuple(Facts, (phone, email, normal_name(full), source, received, born))
        values = _tuple(
            Values,
            (
                status or (f"?{unknown}" if unknown else ""),
                owner,
                attempts,
                touched,
                prescreen,
                records or implied_records,
                visit,
                reason or implied_reason,
                self._note(cells, problems),
            ),
        )
        shown = cells[self._id]
        lead_id, own_id = (tidy(shown), normal_id(shown)) if shown else ("", "")
        return _tuple(Row, (line, kind, lead_id, own_id, full, facts, values, status, stated, unknown, tuple(problems)))

    def _name(self, cells: list[str]) -> str:
        return tidy(cells[self._full]) or tidy(f"{cells[self._first]} {cells[self._last]}")

    def _told(self, cells: list[str], problems: list[Problem]) -> list[Any]:
        """What the cells say, in the order of the fields."""
        told: list[Any] = _UNTOLD.copy()
        for place, index, cache, read in self._steps:
            text = cells[index]
            if not text:
                continue
            found = cache.get(text)
            if found is None:
                if len(cache) >= _MOST_CACHED:
                    cache.clear()
                found = cache[text] = _NO_WORD if text.isspace() else read(text)
            value, problem = found
            if value:
                # Only columns about records may be several.
                told[place] = furthest(told[place], value) if place == _RECORDS else value
            if problem is not None:
                problems.append(problem)
        return told

    def _readers(self, match: HeaderMatch) -> Iterator[tuple[int, int, dict[str, Told], Callable[[str], Told]]]:
        readers: dict[str, Callable[[str], Told]] = {
            "status": self._status,
            "source": self._source,
            "owner": self._owner,
            "attempts": _count,
        }
        readers |= {f: partial(self._date, field=f) for f in ("received", "last_contact", "visit", "birth_date")}
        readers |= {f: partial(self._word, field=f) for f in ("prescreen", "reason")}
        for field, read in readers.items():
            if field in self._index:
                yield _FIELDS.index(field), self._index[field], {}, read
        for index in match.all_of("records"):
            plain = partial(self._word, field="records")
            yield _RECORDS, index, {}, records_reader(match.headings[index], plain, self._is_date)

    def _contact(self, cells: list[str], field: str, normal: Callable[[str], str], problems: list[Problem]) -> str:
        """The first usable of a person's numbers or addresses."""
        unusable = False
        for index in self._many[field]:
            text = cells[index]
            if text and (found := normal(text)):
                return found
            unusable = unusable or (not text.isspace() and match_key(text) not in _BLANK)
        if unusable:
            what = "phone number" if field == "phone" else "e-mail address"
            problems.append(Problem(field, f"{field}_unreadable", f"this is no {what}; correct it"))
        return ""

    def _note(self, cells: list[str], problems: list[Problem]) -> str:
        text = tidy(cells[self._remark])
        if not text:
            return ""
        if len(text) > _MOST_NOTE:
            problems.append(Problem("note", "note_too_long", f"longer than {_MOST_NOTE:,} characters; shorten it"))
            return ""
        return "" if len(text) < 12 and match_key(text) in _BLANK else text

    def _status(self, text: str) -> Told:
        if match_key(text) in _NO_STATUS and not self.words.knows("status", text):
            return Told(None)
        found, slip = self.words.status(text)
        if found is not None:
            problem = _slip("status", found.status) if slip else None
            return Told((found.status, tidy(text), "", found.reason, found.records), problem)
        return Told(("", "", tidy(text), "", ""))

    def _source(self, text: str) -> Told:
        name = self._sources.get(match_key(text), tidy(text))
        if holds_contact(name):
            return Told("", Problem("source", "source_is_contact", "this is an address or a number; name the source"))
        return Told(name)

    def _owner(self, text: str) -> Told:
        key = owner_key(text)
        return Told("" if key in _NOBODY else self._owners.get(key, tidy(text)))

    def _word(self, text: str, field: str) -> Told:
        if match_key(text) in _BLANK and not self.words.knows(field, text):
            return Told("")
        found, slip = self.words.code(field, text)
        if found is not None:
            return Told("" if (field, found) == ("prescreen", "none") else found, _slip(field, found) if slip else None)
        message = f"this {field} word is not known; give it a meaning in the mapping file"
        return Told("", Problem(field, f"{field}_unknown", message))

    def _is_date(self, text: str) -> bool:
        try:
            read_date(text, "DMY")
        except Unreadable as error:
            return error.code == "date_impossible"
        return True

    def _date(self, text: str, field: str) -> Told:
        if match_key(text) in _DATE_WORDS:
            return Told(None)
        try:
            day = read_date(text, self._orders.get(field, "any"), self._zone)
        except Unreadable as error:
            return Told(None, Problem(field, error.code, str(error)))
        if field != "birth_date" and not 1990 <= day.year <= 2100:
            return Told(None, Problem(field, "date_far_off", "the year cannot be right; correct it"))
        return Told(day.isoformat())


def owner_key(text: str) -> str:
    """What two spellings of one owner share: ``Osei, Maya``, ``maya osei`` and ``maya.osei@example.org``."""
    name, at, _ = text.partition("@")
    return normal_name(name.replace(".", " ").replace("_", " ").replace("-", " ")) if at else normal_name(text)


def _slip(field: str, code: str) -> Problem:
    return Problem(
        field, "word_misspelt", f"a misspelt word was read as {code}; correct it, or say otherwise in the mapping file"
    )


_NUMBER = re.compile(
    r"(?:x|#|att(?:empt)?s?)?\s*(\d{1,3})(?:[.,]0+)?\s*(?:x|calls?|times?|attempts?|vms?|tries)?", re.IGNORECASE
)
_OF_WHAT = re.compile(r" (?:calls?|times?|attempts?|tries)$")
_COUNTED = {"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_COUNTED |= {"nine": 9, "ten": 10, "once": 1, "twice": 2}


def _count(text: str) -> Told:
    found = _NUMBER.fullmatch(text.strip())
    if found is not None:
        return Told(str(int(found[1])))
    key = match_key(text)
    if key in _BLANK or key == "no":
        return Told(None)
    counted = _COUNTED.get(_OF_WHAT.sub("", key))
    if counted is not None:
        return Told(str(counted))
    return Told(None, Problem("attempts", "count_unreadable", "this is no whole number; write one"))
