"""Tables as plain text: columns that keep words whole, on as many tables as the width asks for.

A table that is too wide is first wrapped between words; where its longest words side by side still do not fit, it is
split into several tables, each with its first column again. Only what is wider than the whole line is broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from trialflow.adapters.renderers.clean import clean, columns_of, cut
from trialflow.adapters.renderers.document import Cell, Table

__all__ = ["SIGNS", "parts_of", "table_text", "widths_of", "wrap"]

SIGNS: Mapping[str, str] = {"overdue": "! ", "due_today": "* ", "attention": "! "}
"""What stands before a marked cell; its words say the same."""

_GAP = "  "
_WORD = 16
"""The longest word that keeps its column wide; longer ones are broken."""

Grid = list[list[tuple[str, ...]]]


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """``text`` broken into lines of at most ``width`` columns; lines after the first start with ``indent``."""
    lines: list[str] = []
    rest = text
    while rest:
        lead = indent if lines else ""
        line, rest = cut(rest, width - len(lead))
        lines.append(lead + line)
    return lines or [""]


def table_text(table: Table, width: int) -> list[str]:
    """A table in lines of at most ``width`` columns. A ``named`` one has the name of each row on a line of its own."""
    lines = wrap(clean(table.caption), width) if table.caption else []
    if not table.rows:
        return [*lines, *wrap(clean(table.empty), width)]
    for number, part in enumerate(parts_of(table, width)):
        lines += [""] if number else []
        lines += _one(part, width)
    return lines + (wrap(clean(table.more), width) if table.more else [])


def parts_of(table: Table, width: int, gap: int = len(_GAP)) -> list[Table]:
    """The table as one or several that fit ``width`` without breaking words, ``gap`` columns between two; each repeats
    the first column."""
    if table.named:
        return [table]
    needs = _longest(_grid(table, 0))
    groups: list[list[int]] = [[]]
    used = needs[0]
    for index in range(1, len(needs)):
        more = needs[index] + gap
        if groups[-1] and used + more > width:
            groups.append([])
            used = needs[0]
        groups[-1].append(index)
        used += more
    return [_columns(table, [0, *group]) for group in groups] if len(groups) > 1 else [table]


def widths_of(table: Table, width: int, gap: int = len(_GAP), skip: int = 0) -> list[int]:
    """How wide each column is, from the ``skip``-th on, so that all fit ``width``.

    As wide as the texts are; where that is too much, headings are wrapped first, then the widest cells give way, down
    to their longest words.
    """
    grid = _grid(table, skip)
    needs, words, cells = _widest(grid), _longest(grid), _widest(grid[1:])
    headed = [max(cell, word) for cell, word in zip(cells, _longest(grid[:1]), strict=True)]
    spare = width - gap * (len(needs) - 1)
    for floors in (headed, words, [1] * len(needs)):
        while sum(needs) > spare:
            above = [index for index, need in enumerate(needs) if need > floors[index]]
            if not above:
                break
            widest = max(above, key=lambda index: (needs[index], -index))
            needs[widest] -= 1
    return needs


def _columns(table: Table, indexes: Sequence[int]) -> Table:
    rows = tuple(attrs.evolve(row, cells=tuple(row.cells[i] for i in indexes)) for row in table.rows)
    return attrs.evolve(table, columns=tuple(table.columns[i] for i in indexes), rows=rows)


def _one(table: Table, width: int) -> Iterator[str]:
    skip = 1 if table.named else 0
    grid = _grid(table, skip)
    widths = widths_of(table, width, skip=skip)
    numeric = [column.numeric for column in table.columns[skip:]]
    head, *body = [_lines(row, widths, numeric) for row in grid]
    yield from head
    yield _GAP.join("-" * each for each in widths)
    loose = any(len(row) > 1 for row in body)
    for number, (row, cells) in enumerate(zip(table.rows, body, strict=True)):
        if (loose or skip) and number:
            yield ""
        if skip:
            yield from wrap(_title(row.cells[0]), width)
        yield from cells


def _title(cell: Cell) -> str:
    return f"{clean(cell.text)} ({clean(cell.note)})" if cell.note else clean(cell.text)


def _grid(table: Table, skip: int) -> Grid:
    head: list[tuple[str, ...]] = [(clean(column.label),) for column in table.columns[skip:]]
    return [head, *([_cell(cell) for cell in row.cells[skip:]] for row in table.rows)]


def _cell(cell: Cell) -> tuple[str, ...]:
    text = SIGNS.get(cell.mark, "") + clean(cell.text)
    return (text, clean(cell.note)) if cell.note else (text,)


def _widest(grid: Grid) -> list[int]:
    return [max(columns_of(part) for row in grid for part in row[index]) for index in range(len(grid[0]))]


def _longest(grid: Grid) -> list[int]:
    """For each column the width of its longest word, long ones counted as breakable."""
    words = [[word for row in grid for part in row[index] for word in part.split(" ")] for index in range(len(grid[0]))]
    return [min(max(columns_of(word) for word in column), _WORD) for column in words]


def _lines(row: Sequence[tuple[str, ...]], widths: Sequence[int], numeric: Sequence[bool]) -> list[str]:
    cells = [[line for part in cell for line in wrap(part, width)] for cell, width in zip(row, widths, strict=True)]
    lines = []
    for index in range(max(len(cell) for cell in cells)):
        parts = [cell[index] if index < len(cell) else "" for cell in cells]
        lines.append(_GAP.join(_pad(*each) for each in zip(parts, widths, numeric, strict=True)))
    return lines


def _pad(text: str, width: int, right: bool) -> str:
    fill = " " * (width - columns_of(text))
    return fill + text if right else text + fill
