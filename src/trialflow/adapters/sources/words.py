"""Everyday words of coordinators, by meaning: the built-in synonyms a tracker's cells are matched through.

A word stands in a list only where it means the same thing at every site. What could mean two things ("pending",
"active", "passed", "unable to reach" as a status) is in none: such a word stays unmapped and visible, and a person
says in the mapping file what it means. A mapping file adds a site's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trialflow.adapters.sources.lexicon import entries
from trialflow.adapters.sources.spelling import match_key

__all__ = ["PRESCREEN", "REASON", "RECORDS", "SOURCE", "STATUS", "Meaning"]


class Meaning(NamedTuple):
    """What a status word means: the status, and what else it says when no other column does."""

    status: str
    reason: str = ""
    records: str = ""


def _table(name: str) -> dict[str, str]:
    return {match_key(word): code for code, words in entries(name) for word in words}


def _statuses() -> dict[str, Meaning]:
    table = {word: Meaning("closed", reason=reason) for word, reason in _table("closing").items()}
    for word, status in _table("status").items():
        table[word] = Meaning(status, reason="screen_failure" if status == "screen_failed" else "")
    for word, stage in _table("preparing").items():
        table[word] = Meaning("preparing", records=stage if stage in ("needed", "requested") else "")
    return table


STATUS: Mapping[str, Meaning] = _statuses()
"""Status words, by their matching key."""
REASON: Mapping[str, str] = _table("close_reasons")
"""Close reason words."""
PRESCREEN: Mapping[str, str] = _table("prescreen")
"""Prescreen words."""
RECORDS: Mapping[str, str] = _table("records")
"""Words for the state of the records."""
SOURCE: Mapping[str, str] = _table("sources")
"""Abbreviations of sources: spellings of one code are one source."""
