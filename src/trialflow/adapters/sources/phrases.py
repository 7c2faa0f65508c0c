"""How a cell's words are looked up in a table of known words: exactly, and no further than is certain.

In this order: the whole text; without counts, dates and times (``LVM x2 3/4``); its parts around a dash, colon, slash
or bracket, where all known parts must agree (``Closed - not interested``); known phrases that cover every word
(``called 3x left vm``); one slip of the pen in a long word (``Schedueld``). What is left is not known.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Generic, TypeVar

from trialflow.adapters.sources.spelling import match_key, visible

__all__ = ["Phrases", "one_slip"]

T = TypeVar("T")

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
_DATE = (
    rf"(?:\d{{4}}-\d{{1,2}}-\d{{1,2}}|\d{{1,2}}[/.-]\d{{1,2}}(?:[/.-]\d{{2,4}})?"
    rf"|\d{{1,2}}[ -]?{_MONTH}(?:[ -,]*\d{{4}})?|{_MONTH} ?\d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?)"
)
_TIME = r"(?:\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]\.?m\.?)?|\d{1,2} ?[ap]\.?m\.?)"
_COUNT = r"(?:x ?\d{1,2}|\d{1,2} ?x|# ?\d{1,2}|\(\d{1,2}\)|\d{1,2} times?|\d{1,2})"
_NOISE = re.compile(
    rf"(?<![\w/.-])(?:(?:on|at|for|@|by|dated?) ?)?(?:{_DATE}|{_TIME}|{_COUNT})(?![\w/])", re.IGNORECASE
)
_STUCK = re.compile(r"(?<=[a-z])[x#]?(\d{1,2})x?$", re.IGNORECASE)
_ENUMERATED = re.compile(
    rf"\s*(?:stage|step|phase|status)?\s*#?\d{{1,2}}[a-z]?\s*[:.)=–—-]+\s*(?!{_MONTH}(?!\w))(?=[^\W\d])", re.IGNORECASE
)
"""The number of a list of words (``Stage 5b: ...``, ``2. ...``), which orders them and means nothing."""
_PARTS = re.compile(r"\s+[-–—]+\s*|\s*[-–—]+\s+|[–—]|\s*[:;/,(\[)\]>+&]+\s*|\s+->\s+")
_FILLERS = frozenset(
    (
        "pt",
        "pts",
        "patient",
        "the",
        "a",
        "an",
        "on",
        "at",
        "w",
        "with",
        "and",
        "to",
        "her",
        "him",
        "them",
        "again",
        "today",
        "yesterday",
        "by",
        "phone",
        "via",
        "for",
        "of",
        "in",
        "am",
        "pm",
        "mon",
        "tue",
        "tues",
        "wed",
        "thu",
        "thur",
        "thurs",
        "fri",
        "sat",
        "sun",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "weekend",
        "call",
        "calls",
        "time",
        "times",
        "x",
        "status",
        "lead",
        "still",
        "also",
        "then",
    )
)
_TURNING = frozenset(
    (
        "not",
        "no",
        "never",
        "without",
        "cancel",
        "cancelled",
        "canceled",
        "cancels",
        "un",
        "missed",
        "miss",
        "noshow",
        "ns",
        "dns",
        "postponed",
        "declined",
        "declines",
        "refused",
        "lost",
        "failed",
        "fail",
        "except",
        "until",
        "if",
        "unless",
        "awaiting",
        "pending",
        "need",
        "needs",
        "to",
        "wait",
        "waiting",
    )
)
_WITH = re.compile(r"\bw/\s*", re.IGNORECASE)
_LONGEST = 8
_MOST_TEXT = 120
_LONG_WORD = 5


class Phrases(Generic[T]):
    """A table of known words with its ways of reading.

    ``join`` gives what two words of one cell mean together, or None where they contradict each other. After a
    ``settled`` meaning (a closed lead) the other parts may be ``details`` (why it was closed) or any comment.
    """

    def __init__(
        self,
        table: Mapping[str, T],
        join: Callable[[T, T], T | None],
        *,
        settled: Callable[[T], bool],
        details: Mapping[str, T] = MappingProxyType({}),
    ) -> None:
        self._table = table
        self._join, self._settled = join, settled
        self._details = details
        self._by_length: dict[int, list[list[str]]] = {}
        for key in table:
            words = key.split()
            self._by_length.setdefault(len(words), []).append(words)

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def look_up(self, text: str) -> T | None:
        """The meaning of ``text``, or None."""
        key = match_key(text)
        found = self._table.get(key)
        if found is not None or not key or len(text) > _MOST_TEXT:
            return found
        plain = _without_noise(text)
        key = match_key(plain)
        return self._table.get(key) or self._parts(plain) or self._covered(key)

    def nearly(self, text: str) -> T | None:
        """The meaning of the known phrases that differ from ``text`` by one slip of the pen in a long word, if they
        all agree."""
        words = match_key(_without_noise(text[:_MOST_TEXT])).split()
        if not words or len(words) > _LONGEST:
            return None
        near = [known for known in self._by_length.get(len(words), ()) if one_slip(words, known)]
        meanings = [self._table[" ".join(known)] for known in near]
        return meanings[0] if meanings and all(m == meanings[0] for m in meanings) else None

    def _parts(self, text: str) -> T | None:
        parts = [key for part in _PARTS.split(text) if (key := match_key(part))]
        if len(parts) < 2:
            return None
        joined = self._exact(parts[0])
        for part in parts[1:]:
            if joined is None:
                return None
            said = self._exact(part)
            if said is not None and not (self._settled(joined) and part in self._details):
                joined = self._join(joined, said)
            elif self._settled(joined):
                joined = self._explained(joined, part)
            elif _TURNING & set(part.split()):
                return None
        return joined

    def _explained(self, settled: T, part: str) -> T:
        detail = self._details.get(part)
        return settled if detail is None else self._join(settled, detail) or settled

    def _exact(self, key: str) -> T | None:
        return self._table.get(key) or self._covered(key)

    def _covered(self, key: str) -> T | None:
        """Known phrases, longest first, that leave nothing but fillers uncovered and agree."""
        words = key.split()
        if not 1 < len(words) <= 12:
            return None
        joined: T | None = None
        at = 0
        while at < len(words):
            said, length = self._longest(words, at)
            if said is None:
                if words[at] not in _FILLERS and not words[at].isdigit():
                    return None
                at += 1
                continue
            joined = said if joined is None else self._join(joined, said)
            if joined is None:
                return None
            at += length
        return joined

    def _longest(self, words: list[str], at: int) -> tuple[T | None, int]:
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            phrase = " ".join(words[at : at + length])
            said = self._table.get(phrase) if len(phrase) > 1 else None
            if said is not None:
                return said, length
        return None, 0


def one_slip(words: list[str], known: list[str]) -> bool:
    """Whether two phrases of as many words differ in one long word, and there by one letter or two swapped ones."""
    if len(words) != len(known):
        return False
    differing = [(one, other) for one, other in zip(words, known, strict=True) if one != other]
    if len(differing) != 1:
        return False
    one, other = differing[0]
    longest = max(len(one), len(other))
    if min(len(one), len(other)) < _LONG_WORD or one[0] != other[0] or abs(len(one) - len(other)) > 1:
        return False
    blocks = difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= longest - 1


def _without_noise(text: str) -> str:
    plain = _ENUMERATED.sub("", _WITH.sub("with ", visible(text)), count=1)
    plain = _NOISE.sub(" ", plain)
    return _STUCK.sub("", plain.strip(" -–—:;,.@"))
