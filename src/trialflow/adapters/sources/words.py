"""Everyday words of coordinators, by meaning: the built-in synonyms a tracker's cells are matched through.

Matching is exact on the normalised word (a trailing count such as ``x2`` or ``#3`` set aside); nothing is guessed.
A mapping file adds a site's own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from trialflow.adapters.sources.lexicon import entries
from trialflow.adapters.sources.spelling import match_key

__all__ = ["PRESCREEN", "REASON", "RECORDS", "STATUS", "Meaning", "lookup"]

_T = TypeVar("_T")


class Meaning(NamedTuple):
    """What a status word means: the status, and what else it says when no other column does."""

    status: str
    reason: str = ""
    records: str = ""


def _table(name: str) -> dict[str, str]:
    return {match_key(word): code for code, words in entries(name) for word in words}


def _statuses() -> dict[str, Meaning]:
    table = {word: Meaning("closed", reason=reason) for word, reason in _table("close_reasons").items()}
    table |= {word: Meaning(status) for word, status in _table("status").items()}
    # These read as a reason where a status is asked for, whatever else the lists say.
    for word in ("lost", "ltfu", "dropped", "withdrew", "discontinued"):
        reason = {"lost": "no_response", "ltfu": "no_response", "withdrew": "withdrew"}.get(word, "")
        table[word] = Meaning("closed", reason=reason)
    for word in ("records", "scheduling", "schedule", "medication", "availability", "time", "work", "age", "labs"):
        table.pop(word, None)
    for meaning, words in entries("preparing"):
        for word in words:
            table[match_key(word)] = Meaning("preparing", records="" if meaning == "ready" else _stage(word))
    return table


def _stage(word: str) -> str:
    asked = ("requested", "sent", "req", "await", "wait", "pending", "outstanding")
    return "requested" if any(hint in word for hint in asked) else "needed"


STATUS: Mapping[str, Meaning] = _statuses()
"""Status words, by their matching key."""
REASON: Mapping[str, str] = _table("close_reasons")
"""Close reason words."""
PRESCREEN: Mapping[str, str] = _table("prescreen")
"""Prescreen words."""
RECORDS: Mapping[str, str] = _table("records")
"""Words for the state of the records."""

_COUNT = re.compile(r"\s*(?:(?:#\s*)?\b\d{1,2}|x\s*\d{1,2}|\d{1,2}\s*x|\b\d{1,2}\s\d{1,2}(?:\s\d{2,4})?)$")


def lookup(table: Mapping[str, _T], text: str) -> _T | None:
    """The meaning of ``text``: exact on its key, else without a trailing count (``LVM x2``) or date."""
    key = match_key(text)
    found = table.get(key)
    if found is None:
        shorter = _COUNT.sub("", key)
        found = table.get(shorter) if shorter != key else None
    if found is None and " " in key:
        first, _, rest = key.partition(" ")
        # "closed - not interested": the second half says why.
        found = table.get(rest) if first in ("closed", "out") else None
    return found
