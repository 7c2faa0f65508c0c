"""What a store writes to its tables of leads when events are appended: for every store the same, SQL apart."""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from trialflow.adapters.storages.lead_state import LeadState, followed, packed, unpacked
from trialflow.adapters.storages.lead_words import LeadWords
from trialflow.model.lead import Lead
from trialflow.model.lead_text import lead_text, parse_lead
from trialflow.model.recorded import Recorded
from trialflow.reports.contribution import Contribution
from trialflow.reports.handoffs import accepting

__all__ = ["Count", "HandoffRow", "LeadChanges", "LeadRow", "key_text", "parse_key", "spells_of", "state_of"]

Below = Callable[[str, int], Sequence[Recorded]]
"""The records of a stream below a version."""


class LeadRow(NamedTuple):
    """One lead as a store keeps it, filled; words are numbers. ``status`` and ``owner`` are None where the lead did not
    arrive, ``acting`` where nobody was given its planned action."""

    version: int
    status: int | None
    owner: int | None
    acting: int | None
    plain: int
    filled: int
    latest: int
    merged: int
    lead: str | None
    rows: bytes
    withdrawn: str | None


class HandoffRow(NamedTuple):
    """The spells of one lead's handoffs as they are once it has ended, for the case that it has."""

    status: int | None
    latest: int
    spells: bytes


Count = dict[tuple[str, tuple[int, ...]], list[int]]
"""Leads, attempts, handoffs by what is counted and its key."""


class LeadChanges:
    """Collects what changes; the store writes it. ``below`` gives what was recorded before."""

    def __init__(self, words: LeadWords, below: Below) -> None:
        self.words, self._below = words, below
        self.rows: dict[str, LeadRow] = {}
        self.handoffs: dict[str, HandoffRow | None] = {}
        self.counts: Count = {}

    def take(self, stream: str, before: LeadState | None, fresh: Sequence[Recorded]) -> LeadState:
        """One lead's new records, all of them at once."""
        first = fresh[0].version
        after = followed(before, fresh, lambda name: self._below(name, first), self.words)
        self.put(stream, after, had_handoffs=before is not None and bool(before.lead and before.lead.handoffs))
        if before is not None:
            self._count(before.counts, -1)
        return after

    def put(self, stream: str, state: LeadState, *, had_handoffs: bool = False) -> None:
        """One lead as it stands, as if there had been nothing of it."""
        self.rows[stream] = row = row_of(state, self.words)
        if state.lead is not None and state.lead.handoffs:
            self.handoffs[stream] = HandoffRow(row.status, state.latest, _spells(state.lead))
        elif had_handoffs:
            self.handoffs[stream] = None
        self._count(state.counts, 1)

    def _count(self, found: Contribution | None, leads: int) -> None:
        for what, key in found.counted() if found is not None else ():
            sums = self.counts.setdefault((what, key), [0, 0, 0])
            sums[0] += leads
            if what == "end" and found is not None:
                sums[1] += leads * found.attempts
                sums[2] += leads * found.handoffs

    def changed_counts(self) -> Iterator[tuple[str, str, int, int, int]]:
        """The counts that really change: what, key, and what to add."""
        for (what, key), (leads, attempts, handoffs) in sorted(self.counts.items()):
            if leads or attempts or handoffs:
                yield what, key_text(key), leads, attempts, handoffs


def row_of(state: LeadState, words: LeadWords) -> LeadRow:
    """The row of a lead's state."""
    lead, columns = state.lead, words.columns
    acting = lead.action.owner if lead is not None and lead.action is not None else ""
    return LeadRow(
        version=state.version,
        status=columns.statuses.code(lead.status) if lead is not None else None,
        owner=columns.owners.code(lead.owner) if lead is not None else None,
        acting=columns.owners.code(acting) if acting else None,
        plain=int(state.plain),
        filled=state.version,
        latest=state.latest,
        merged=int(bool(lead is not None and lead.merged_into)),
        lead=lead_text(lead) if lead is not None else None,
        rows=packed(state.rows),
        withdrawn=json.dumps(state.withdrawn) if state.withdrawn else None,
    )


def state_of(filled: int, latest: int, plain: int, lead: str | None, rows: bytes, taken: str | None) -> LeadState:
    """The state that a filled row holds. Raises ``ValueError`` and the like where somebody worked on it by hand."""
    return LeadState(
        version=filled,
        latest=latest,
        plain=bool(plain),
        lead=parse_lead(lead) if lead is not None else None,
        rows=unpacked(rows),
        withdrawn=tuple((by, gone) for by, gone in json.loads(taken)) if taken else (),
    )


def _spells(lead: Lead) -> bytes:
    """Duration and cause of each, in one number."""
    if lead.merged_into:
        return b""
    return little(array("q", (d << 2 | cause for d, cause in accepting(lead, lead.status_since, lead.status_since))))


def spells_of(data: bytes) -> Sequence[tuple[int, int]]:
    """(duration, cause) of each spell in the joined bytes of many leads."""
    found = array("q")
    found.frombytes(data)
    return [(number >> 2, number & 3) for number in turned(found)]


def little(numbers: array[int]) -> bytes:
    """The bytes of these numbers, the lowest first on every machine."""
    return turned(numbers).tobytes()


def turned(numbers: array[int]) -> array[int]:
    """The same numbers in the order of bytes of a file, or back."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers


def key_text(key: Sequence[int]) -> str:
    """A key as it is stored."""
    return ",".join(map(str, key))


def parse_key(text: str) -> tuple[int, ...]:
    """The key of a stored text."""
    return tuple(map(int, text.split(",")))
