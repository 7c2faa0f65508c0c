"""History as flat columns: whole numbers in arrays, words as codes, one lead's rows side by side.

An object per event costs ten times more than a number in an array; every metric that looks at whole histories is
folded from these columns (:mod:`trialflow.reports.fold`). A row is not an event: what needs no figure has none, and an
event with a second date has two rows. Voided events and merged leads have none
(:mod:`trialflow.reports.column_rows` makes them).
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Generic, TypeVar

import attrs

from trialflow.model.parties import UNASSIGNED, Source
from trialflow.rules.workflow import Workflow

__all__ = ["Columns", "Row", "Words", "without"]

RECEIVED, MOVED, CONTACT, PRESCREENED, ITEM, VISIT, OWNER, HANDOFF = range(8)
SLOT, ACTION, BLOCKED, UNBLOCKED, TOUCH, SEEN, SOURCE, MERGED, AUTOMATED = range(8, 17)
"""Row kinds. A lead's rows start with RECEIVED."""

CODE = (1 << 30) - 1
"""Codes lie in these bits; the bit above is a mark."""
EPISODE = CODE + 1
"""Set in MOVED's ``a`` when the move opens an episode: it is a move even into the same status."""
CORRECTION = CODE + 1
"""Set in MOVED's ``b`` when the event says that the status stayed: only the reason was corrected."""

PRESCREENS = ("none", "started", "completed")
VISITS = ("none", "scheduled", "rescheduled", "cancelled", "attended", "missed")
"""States by code."""

Row = tuple[int, int, int, int, int]
"""kind, at, a, b, position."""

_Word = TypeVar("_Word", bound=Hashable)


class Words(Generic[_Word]):
    """A dictionary of codes: words to small numbers and back."""

    def __init__(self, words: Iterable[_Word] = (), also: Mapping[_Word, _Word] = MappingProxyType({})) -> None:
        """``also``: other words for some of them, which share their numbers."""
        self.words: list[_Word] = []
        self._codes: dict[_Word, int] = {}
        for word in words:
            self.code(word)
        for other, word in also.items():
            self._codes[other] = self.code(word)

    def code(self, word: _Word) -> int:
        """The number of a word, a new one when it is new."""
        found = self._codes.get(word)
        if found is None:
            found = self._codes[word] = len(self.words)
            self.words.append(word)
        return found

    def __len__(self) -> int:
        return len(self.words)


@attrs.define
class Columns:
    """Rows of all leads, clustered by lead. ``at`` is microseconds UTC, ``position`` the recording order.

    ``a`` and ``b`` depend on ``kind``: RECEIVED status, source; SEEN -, reason; MOVED status entered, reason; CONTACT
    attempts so far, reached; PRESCREENED state; ITEM thing, open; BLOCKED and UNBLOCKED thing; VISIT state; SLOT the
    planned time in ``at``; ACTION action, set (its due time in ``at``) or done; OWNER owner; HANDOFF owner now, has a
    context code; SOURCE -, source. TOUCH only counts as movement; AUTOMATED is a CONTACT that does not.
    """

    statuses: Words[str]
    sources: Words[Source]
    owners: Words[str]
    reasons: Words[str]
    things: Words[tuple[str, str]]
    """Readiness items and blocker kinds, as ("item", code) and ("blocker", code)."""
    actions: Words[str]
    leads: list[str] = attrs.field(factory=list)
    lead: array[int] = attrs.field(factory=lambda: array("i"))
    kind: array[int] = attrs.field(factory=lambda: array("b"))
    at: array[int] = attrs.field(factory=lambda: array("q"))
    a: array[int] = attrs.field(factory=lambda: array("i"))
    b: array[int] = attrs.field(factory=lambda: array("i"))
    position: array[int] = attrs.field(factory=lambda: array("q"))
    withdrawn: list[tuple[int, int]] = attrs.field(factory=list)
    """Arrivals and moves taken back: (position of the correction, position of what it voids)."""

    def __len__(self) -> int:
        return len(self.kind)

    @classmethod
    def empty(cls, workflow: Workflow) -> Columns:
        """No rows; the workflow's own words have the first codes, UNASSIGNED and "no reason" are 0."""
        return cls(
            statuses=Words((s.code for s in workflow.statuses), workflow.successors),
            sources=Words(),
            owners=Words([UNASSIGNED]),
            reasons=Words(["", *(r.code for r in workflow.close_reasons)]),
            things=Words([("item", i.code) for i in workflow.items] + [("blocker", b.code) for b in workflow.blockers]),
            actions=Words(),
        )

    def add(self, lead: int, row: Row) -> None:
        """One more row."""
        kind, at, a, b, position = row
        self.lead.append(lead)
        self.kind.append(kind)
        self.at.append(at)
        self.a.append(a)
        self.b.append(b)
        self.position.append(position)

    def rows(self, start: int = 0, end: int | None = None) -> Iterator[Row]:
        """The rows [start, end)."""
        part = slice(start, end)
        columns = (self.kind[part], self.at[part], self.a[part], self.b[part], self.position[part])
        return zip(*columns, strict=True)

    def row(self, k: int) -> Row:
        """One row."""
        return self.kind[k], self.at[k], self.a[k], self.b[k], self.position[k]

    def empty_like(self) -> Columns:
        """No rows, the same words and leads."""
        return attrs.evolve(
            self, lead=array("i"), kind=array("b"), at=array("q"), a=array("i"), b=array("i"), position=array("q")
        )

    def copy(self) -> Columns:
        """The same rows, to add others to; words and leads are shared."""
        return self.without([])

    def without(self, cuts: Sequence[tuple[int, int]]) -> Columns:
        """All rows but those in these ranges [begin, end), which are ascending and disjoint; a copy."""
        return attrs.evolve(
            self,
            lead=without(self.lead, cuts),
            kind=without(self.kind, cuts),
            at=without(self.at, cuts),
            a=without(self.a, cuts),
            b=without(self.b, cuts),
            position=without(self.position, cuts),
            withdrawn=self.withdrawn[:],
        )

    def pick(self, order: Iterable[int]) -> Columns:
        """These rows, in this order, over the same words."""
        wanted = order if isinstance(order, array | range) else array("q", order)
        return attrs.evolve(
            self,
            lead=array("i", map(self.lead.__getitem__, wanted)),
            kind=array("b", map(self.kind.__getitem__, wanted)),
            at=array("q", map(self.at.__getitem__, wanted)),
            a=array("i", map(self.a.__getitem__, wanted)),
            b=array("i", map(self.b.__getitem__, wanted)),
            position=array("q", map(self.position.__getitem__, wanted)),
            withdrawn=self.withdrawn[:],
        )


def without(column: array[int], cuts: Sequence[tuple[int, int]]) -> array[int]:
    """One column without these ranges [begin, end), which are ascending and disjoint; a copy."""
    kept, at = array(column.typecode), 0
    for begin, end in cuts:
        kept.extend(column[at:begin])
        at = end
    kept.extend(column[at:])
    return kept
