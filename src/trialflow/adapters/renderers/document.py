"""What a report looks like before it has a format: sections of sentences, cards, steps, charts and tables.

An outline turns a report value into a :class:`Document`; text, Markdown and HTML each draw the same document, so that
no format says more or less than another. Every chart carries the table it was drawn from: a format without pictures
prints the table instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import attrs

__all__ = [
    "Audience", "Bar", "Bars", "Block", "Card", "Cards", "Cell", "Column", "Document", "Field", "Filter", "Flow",
    "Mark", "Pick", "Row", "Section", "Sentence", "Step", "StepLead", "Steps", "Stream", "Table", "plain_rows",
]  # fmt: skip

Mark = Literal["", "overdue", "due_today", "later", "none", "attention"]
"""How a cell is set off. The words of the cell always say the same: colour and symbol only repeat it."""

Audience = Literal["site", "sponsor"]

Pick = tuple[tuple[str, str], ...]
"""What to filter the queue by, as (facet, value): where a format can follow it, the text is a link to these leads."""


@attrs.frozen
class Column:
    """One column of a table. ``numeric`` aligns right and sorts as numbers."""

    key: str
    label: str
    numeric: bool = False


@attrs.frozen
class Cell:
    """One cell. ``note`` is a quieter second line; ``order`` is what sorting compares (the text when empty);
    ``span`` is (low, middle, high) of an interval between 0 and 1, for formats that can draw it; ``pick`` leads to
    the leads behind it."""

    text: str
    note: str = ""
    mark: Mark = ""
    order: str = ""
    span: tuple[float, float, float] | None = None
    pick: Pick = ()


@attrs.frozen
class Row:
    """One row; the first cell names it. ``facets`` are what a filter finds it by, as (facet, value); a facet may come
    more than once."""

    cells: tuple[Cell, ...]
    facets: tuple[tuple[str, str], ...] = ()


def plain_rows(rows: Iterable[Sequence[object]]) -> tuple[Row, ...]:
    """Rows of unmarked cells; None is said as "not known"."""
    return tuple(Row(tuple(Cell("not known" if value is None else str(value)) for value in row)) for row in rows)


@attrs.frozen(kw_only=True)
class Table:
    """A table. ``empty`` is the sentence instead of no rows; ``more`` says what was left out and where it is.

    ``named``: the first column only names the row, and stands on a line of its own where there is little room.
    ``filter`` is the key of the :class:`Filter` that works on it; tables of one key are filtered and sorted together.
    """

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: str = "Nothing here."
    more: str = ""
    named: bool = False
    filter: str = ""

    @property
    def intervals(self) -> int:
        """How many cells of a row have an interval to draw, at most: each needs the room of two columns."""
        return max((sum(cell.span is not None for cell in row.cells) for row in self.rows), default=0)


@attrs.frozen(kw_only=True)
class Field:
    """One thing to filter by, and the values there are."""

    facet: str
    label: str
    choices: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Filter:
    """What the tables of this ``key`` can be searched and sorted by, in formats that can; others leave it out."""

    key: str
    label: str
    fields: tuple[Field, ...]
    columns: tuple[Column, ...]


@attrs.frozen
class Sentence:
    """A plain sentence. ``strong`` ones must not be overlooked."""

    text: str
    strong: bool = False


@attrs.frozen(kw_only=True)
class Card:
    """One bucket: how many leads, how urgent they are, and where to find them."""

    code: str
    label: str
    count: int
    overdue: int
    due_today: int
    later: int
    pick: Pick = ()


@attrs.frozen(kw_only=True)
class Cards:
    """The bucket row, with the same figures as a table."""

    cards: tuple[Card, ...]
    table: Table


@attrs.frozen(kw_only=True)
class StepLead:
    """One lead to act on: whom, why this one, until when, whose it is."""

    lead: str
    why: str
    due: str
    mark: Mark
    owner: str


@attrs.frozen(kw_only=True)
class Step:
    """One thing to do, for one lead or for many: ``size`` says for how many and how urgent, ``why`` what they have in
    common. ``leads`` are the first of them, ``rest`` more wait in the queue. ``owners`` are those of all of them, as
    (owner, leads, where to find them); empty when it is one and the same."""

    action: str
    size: str
    mark: Mark
    why: str
    leads: tuple[StepLead, ...]
    rest: int = 0
    owners: tuple[tuple[str, int, Pick], ...] = ()
    pick: Pick = ()


@attrs.frozen(kw_only=True)
class Steps:
    """What to do first, in order; ``more`` says what comes after, ``empty`` stands instead of nothing."""

    steps: tuple[Step, ...]
    empty: str
    more: str = ""

    @property
    def longest_name(self) -> int:
        """The length of the longest name of a lead: ids are short, names of people are not."""
        return max((len(one.lead) for step in self.steps for one in step.leads), default=0)


@attrs.frozen
class Stream:
    """``count`` leads went from the status labelled ``origin`` to ``target``; ``back``: against the order of work."""

    origin: str
    target: str
    count: int
    back: bool = False


@attrs.frozen(kw_only=True)
class Flow:
    """Movement between statuses. ``order`` is the order in which the statuses are drawn, by label."""

    key: str
    title: str
    summary: str
    order: tuple[str, ...]
    streams: tuple[Stream, ...]
    table: Table


@attrs.frozen
class Bar:
    """One bar: ``parts`` are stacked, each as (name, count)."""

    label: str
    parts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """The height of the bar."""
        return sum(count for _, count in self.parts)


@attrs.frozen(kw_only=True)
class Bars:
    """Upright bars: movement per week, ages. ``axis`` names what is counted."""

    key: str
    title: str
    summary: str
    axis: str
    bars: tuple[Bar, ...]
    table: Table


Block = Sentence | Table | Cards | Steps | Filter | Flow | Bars


@attrs.frozen(kw_only=True)
class Section:
    """A part of the document: ``key`` is its anchor, ``short`` its name in the contents."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    short: str = ""
    lead: str = ""
    wide: bool = True
    """Whether it takes the whole width of a large page; the others stand side by side."""


@attrs.frozen(kw_only=True)
class Document:
    """A whole report, ready to be drawn. ``facts`` are the few things said right under the title."""

    kind: str
    title: str
    eyebrow: str
    facts: tuple[str, ...]
    sections: tuple[Section, ...]
    footer: tuple[str, ...]
    audience: Audience = "site"
