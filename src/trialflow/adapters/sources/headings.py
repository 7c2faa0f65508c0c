"""Which field a heading names: its words as they stand in the list of everyday headings, else what they surely share
with one of them.

Surely means: the same words in another order or abbreviation (``LAST_CONTACT_DT``, ``num_contact_attempts``), the name
of a date with the word *date* beside it, a plainer heading with an adjective that changes nothing, or two names of one
field around a slash. A heading that could so be read as two fields names none.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from trialflow.adapters.sources.lexicon import entries
from trialflow.adapters.sources.phrases import one_slip
from trialflow.adapters.sources.spelling import match_key

__all__ = ["FIELDS", "Named", "field_of", "named_by", "nearly"]

_HEADINGS = entries("headings")
FIELDS: tuple[str, ...] = tuple(field for field, _ in _HEADINGS)
"""The fields a column may hold."""
_DATES = {"received", "last_contact", "visit", "birth_date"}
_STATES = {"prescreen", "records"}
_PLAIN = {"phone", "email", "status", "owner", "source", "attempts", "note"}
_GIVEN = dict(entries("heading_words"))
_FILLERS, _PERSONS, _CHANGES_NOTHING = (frozenset(_GIVEN.pop(kind)) for kind in ("filler", "person", "adjective"))
_FIRST_WORDS = _PERSONS | {"the", "your", "caller"}
_SHORT = {short: word for word, shorts in _GIVEN.items() for short in shorts}
_TWO_WAYS = (frozenset({"number"}), frozenset({"contact", "number"}))
"""``# contact`` counts contacts or is a telephone number; a lone number or *no* is anything."""
_SLASH = re.compile(r"\s*[/\\|]\s*|\s+or\s+", re.IGNORECASE)
_LONGEST = 60


class Named(NamedTuple):
    """A field and whether the heading stands in the list (else it was concluded and gives way to one that does)."""

    field: str
    listed: bool


def _words(key: str) -> list[str]:
    return [_SHORT.get(word, word) for word in key.replace("#", " # ").split()]


def _bag(key: str) -> frozenset[str]:
    """A heading's words without order, fillers and person; ``date time`` is a date."""
    words = frozenset(word for word in _words(key) if word not in _FILLERS and word not in _PERSONS)
    return words - {"time"} if "date" in words else words


_TABLE: dict[str, str] = {}
_BAGS: dict[frozenset[str], str] = {}
"""Bags of words that one field alone has."""


def _fill() -> None:
    shared: dict[frozenset[str], set[str]] = {}
    for field, headings in _HEADINGS:
        for heading in headings:
            key = match_key(heading)
            _TABLE.setdefault(key, field)
            if bag := _bag(key):
                shared.setdefault(bag, set()).add(field)
    _BAGS.update((bag, fields.pop()) for bag, fields in shared.items() if len(fields) == 1 and bag not in _TWO_WAYS)


_fill()


def field_of(heading: str) -> str | None:
    """The field a heading names, or None."""
    named = named_by(heading)
    return named.field if named is not None else None


def named_by(heading: str) -> Named | None:
    """The field a heading names and how surely, or None."""
    key = match_key(heading)
    if not key or len(key) > _LONGEST:
        return None
    found = _TABLE.get(key) or _TABLE.get(" ".join(key.replace("#", " # ").split()))
    if found is None and (words := key.split())[0] in _FIRST_WORDS and len(words) > 1:
        found = _TABLE.get(" ".join(words[1:]))
    if found is None and any(mark in heading for mark in "([{*:\n"):
        heading = _before_mark(heading)
        key = match_key(heading)
        found = _TABLE.get(key)
    if found is not None:
        return Named(found, listed=True)
    found = _concluded(key) or _around_slash(heading)
    return Named(found, listed=False) if found is not None else None


def _before_mark(heading: str) -> str:
    for mark in "([{*:\n":
        heading = heading.partition(mark)[0] if heading.partition(mark)[0].strip() else heading
    return heading


def _concluded(key: str) -> str | None:
    bag = _bag(key)
    if len(key.split()) < 2 or not bag:
        return None
    found = _BAGS.get(bag)
    for extra, fields in ((frozenset({"date"}), _DATES), (frozenset({"status"}), _STATES), (_CHANGES_NOTHING, _PLAIN)):
        if found is None and bag & extra and (less := _BAGS.get(bag - extra)) in fields:
            found = less
    return found


def _around_slash(heading: str) -> str | None:
    """``Phone / cell``, ``Consent/screening appt``: every part names the field, alone or with the last word of all.

    A status beside its outcome or reason is the status: the words of one cell tell both."""
    split = _SLASH.split(heading)
    parts = [key for part in split if (key := match_key(part)) not in ("", "time")]
    if len(split) < 2 or not parts:
        return None
    last = parts[-1].split()[-1]
    fields = {_TABLE.get(part) or _concluded(part) or _TABLE.get(f"{part} {last}") for part in parts}
    if fields == {"status", "reason"}:
        return "status"
    return fields.pop() if len(fields) == 1 else None


def nearly(heading: str) -> str | None:
    """The field of a misspelt heading: one slip in a long word, and all that is near means the same."""
    key = match_key(heading)
    if not 6 <= len(key) <= 40:
        return None
    near = [known for known in _TABLE if one_slip(key.split(), known.split())]
    fields = {_TABLE[k] for k in near}
    return fields.pop() if len(fields) == 1 else None
