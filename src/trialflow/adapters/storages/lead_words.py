"""The words behind the codes that a store keeps: statuses, owners, sources, reasons, things, actions, marks.

A word gets its number when it is first recorded and keeps it. Numbers count from 0 in each kind; ``UNASSIGNED`` and "no
reason" are 0, as in :class:`~trialflow.reports.columns.Columns`.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from trialflow.adapters.queries import LeadQuery
from trialflow.model.parties import UNASSIGNED, Source
from trialflow.reports.columns import CODE, MOVED, RECEIVED, Columns, Words
from trialflow.rules.workflow import Workflow

__all__ = ["KINDS", "LeadWords", "Word", "query_statuses", "rename_statuses"]

KINDS = ("statuses", "sources", "owners", "reasons", "things", "actions", "marks")
"""What there are words for. ``marks`` are the event kinds that leave nothing but a mark in the columns."""

Word = tuple[str, int, str]
"""Kind, number, word: as it is stored."""


class LeadWords:
    """The words of one store; ``fresh`` gives those that came since they were read, of which it had ``stored``."""

    def __init__(self, stored: Iterable[Word] = ()) -> None:
        self.marks = Words[str]()
        self.columns = Columns(
            statuses=Words(),
            sources=Words(),
            owners=Words(),
            reasons=Words(),
            things=Words(),
            actions=Words(),
        )
        self._of: dict[str, Words[Any]] = {
            kind: self.marks if kind == "marks" else getattr(self.columns, kind) for kind in KINDS
        }
        for kind, number, text in sorted(stored):
            if self._of[kind].code(_read(kind, text)) != number:
                raise ValueError(f"the words of kind {kind} have a gap or a double")
        self._stored, self.stored = self._sizes()
        self.columns.owners.code(UNASSIGNED)
        self.columns.reasons.code("")

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    def _sizes(self) -> tuple[dict[str, int], int]:
        return {kind: len(words) for kind, words in self._of.items()}, len(self)

    def fresh(self) -> list[Word]:
        """The words that the store does not have yet."""
        if len(self) == self.stored:
            return []
        return [
            (kind, number, _text(kind, words.words[number]))
            for kind, words in self._of.items()
            for number in range(self._stored[kind], len(words))
        ]

    def saved(self) -> None:
        """All of them are stored now."""
        if len(self) != self.stored:
            self._stored, self.stored = self._sizes()

    def codes(self, kind: str, words: Iterable[str]) -> list[int]:
        """The numbers of those of these words that there are."""
        known = {word: number for number, word in enumerate(self._of[kind].words)}
        return [known[word] for word in words if word in known]

    def under(self, workflow: Workflow) -> Columns:
        """Empty columns over these words, in which a renamed status is known as its successor."""
        mine = self.columns
        return attrs.evolve(
            mine.empty_like(),
            statuses=Words(mine.statuses.words, workflow.successors),
            sources=Words(mine.sources.words),
            owners=Words(mine.owners.words),
            reasons=Words(mine.reasons.words),
            things=Words(mine.things.words),
            actions=Words(mine.actions.words),
            leads=[],
            withdrawn=[],
        )


def query_statuses(query: LeadQuery, words: LeadWords) -> list[int]:
    """The numbers of the statuses that a query takes."""
    return [
        number
        for number, word in enumerate(words.columns.statuses.words)
        if (query.statuses is None or word in query.statuses) and (query.without is None or word not in query.without)
    ]


def renamed(columns: Columns) -> Mapping[int, int]:
    """The numbers of statuses that are known under another number here, each with that number."""
    codes = ((number, columns.statuses.code(word)) for number, word in enumerate(list(columns.statuses.words)))
    return {number: code for number, code in codes if number != code}


def rename_statuses(columns: Columns) -> None:
    """Give rows with a renamed status the number of its successor."""
    numbers = renamed(columns)
    if numbers:
        columns.a = array("i", (_renamed(*pair, numbers) for pair in zip(columns.kind, columns.a, strict=True)))


def _renamed(kind: int, a: int, numbers: Mapping[int, int]) -> int:
    return numbers.get(a & CODE, a & CODE) | a & ~CODE if kind in (RECEIVED, MOVED) else a


def _text(kind: str, word: Any) -> str:
    if kind == "sources":
        return json.dumps([word.id, word.category, word.channel, word.campaign], ensure_ascii=False)
    return json.dumps(word, ensure_ascii=False)


def _read(kind: str, text: str) -> Any:
    word = json.loads(text)
    if kind == "sources":
        return Source(id=word[0], category=word[1], channel=word[2], campaign=word[3])
    return tuple(word) if kind == "things" else word
