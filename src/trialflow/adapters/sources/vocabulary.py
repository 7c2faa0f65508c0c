"""What the words of one sheet mean: the mapping file's first, then the built-in ones; and which are not known."""

from __future__ import annotations

from typing import TypeVar

from trialflow.adapters.sources import words
from trialflow.adapters.sources.mapping import Mapping
from trialflow.adapters.sources.phrases import Phrases
from trialflow.adapters.sources.spelling import match_key, tidy
from trialflow.adapters.sources.words import Meaning

__all__ = ["Vocabulary"]

T = TypeVar("T")

_STATUSES = {meaning.status for meaning in words.STATUS.values()}
_CODED = {"prescreen": words.PRESCREEN, "records": words.RECORDS, "reason": words.REASON}
_MOST_GUESSES = 1000
"""How many unknown words are compared for a slip of the pen: a column with more of them holds free text."""
_MOST_LISTED = 500


class Vocabulary:
    """Looks up status words and the codes of the other columns. ``unknown`` collects what has no
    meaning, per field."""

    def __init__(self, mapping: Mapping) -> None:
        self._said = {match_key(w): declared(c) for w, c in mapping.aliases("status").items()}
        reasons = {key: Meaning("closed", reason=code) for key, code in words.REASON.items()}
        table = {status.replace("_", " "): Meaning(status) for status in _STATUSES} | dict(words.STATUS) | self._said
        self._status: Phrases[Meaning] = Phrases(
            table, join_statuses, details=reasons, settled=lambda m: m.status in _ENDED
        )
        self._codes: dict[str, Phrases[str]] = {}
        for field, built_in in _CODED.items():
            codes = {code.replace("_", " "): code for code in built_in.values()}
            said = {match_key(w): c for w, c in mapping.aliases(field).items()}
            join = _first if field == "reason" else _same
            self._codes[field] = Phrases({**codes, **built_in, **said}, join, settled=lambda _: False)
        self._guesses = 0
        self.unknown: dict[str, set[str]] = {f: set() for f in ("status", *_CODED)}

    def knows(self, field: str, text: str) -> bool:
        """Whether the whole text is a known word."""
        phrases = self._status if field == "status" else self._codes[field]
        return match_key(text) in phrases

    def status(self, text: str) -> tuple[Meaning | None, bool]:
        """The meaning of a status word, or None; and whether it was misspelt."""
        found = self._look_up(self._status, text)
        return self._noted("status", text, *found)

    def code(self, field: str, text: str) -> tuple[str | None, bool]:
        """The code of a word in the column of ``field``, or None; and whether it was misspelt."""
        found = self._look_up(self._codes[field], text)
        return self._noted(field, text, *found)

    def _look_up(self, phrases: Phrases[T], text: str) -> tuple[T | None, bool]:
        found = phrases.look_up(text)
        if found is not None or self._guesses >= _MOST_GUESSES:
            return found, False
        self._guesses += 1
        return phrases.nearly(text), True

    def _noted(self, field: str, text: str, found: T | None, slip: bool) -> tuple[T | None, bool]:
        if found is None and match_key(text) and len(self.unknown[field]) < _MOST_LISTED:
            self.unknown[field].add(tidy(text))
        return found, slip


_ENDED = ("closed", "screen_failed")


def declared(code: str) -> Meaning:
    """A mapping's word: a status code, or ``closed:reason``, or ``preparing:needed``."""
    status, _, extra = code.partition(":")
    ended = status in _ENDED
    return Meaning(status, reason=extra if ended else "", records="" if ended else extra)


def join_statuses(one: Meaning, other: Meaning) -> Meaning | None:
    """Two words of one cell: they agree on the status, and what only one of them says is added."""
    if one.status != other.status:
        return None
    return Meaning(one.status, one.reason or other.reason, one.records or other.records)


def _first(one: str, _other: str) -> str:
    """Of two reasons in one cell the first named counts."""
    return one


def _same(one: str, other: str) -> str | None:
    return one if one == other else None
