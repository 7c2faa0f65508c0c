"""Plain text, as wide as it is told: for a terminal, a pipe, an e-mail or a printer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from trialflow.adapters.renderers.clean import clean, columns_of, cut
from trialflow.adapters.renderers.document import (
    Bars,
    Block,
    Cards,
    Cell,
    Document,
    Flow,
    Section,
    Sentence,
    Steps,
    Table,
)
from trialflow.adapters.renderers.outline import NO_LABELS, outline

__all__ = ["SIGNS", "TextRenderer", "document_text", "wrap"]

SIGNS: Mapping[str, str] = {"overdue": "! ", "due_today": "* ", "attention": "! "}
"""What stands before a marked cell; its words say the same."""

_GAP = "  "
_NARROWEST = 6


@attrs.define
class TextRenderer:
    """Reports as UTF-8 text, ``width`` columns wide (60 at least); a queue ends after ``rows`` rows, and says so."""

    width: int = 100
    rows: int = 500
    media_type: str = "text/plain; charset=utf-8"

    def render(self, report: Any, *, labels: Mapping[str, str] = NO_LABELS) -> bytes:
        """The report as text. Raises ``Unsupported`` for a value that is no report."""
        return document_text(outline(report, labels, rows=self.rows), max(self.width, 60)).encode()


def document_text(document: Document, width: int) -> str:
    """``document`` in lines of at most ``width`` columns."""
    lines = [clean(document.title), "=" * min(columns_of(clean(document.title)), width)]
    for fact in (document.eyebrow, *document.facts):
        lines += wrap(clean(fact), width)
    for section in document.sections:
        lines += ["", *_section(section, width)]
    lines += ["", "-" * width]
    for sentence in document.footer:
        lines += wrap(clean(sentence), width)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """``text`` broken into lines of at most ``width`` columns; lines after the first start with ``indent``."""
    lines: list[str] = []
    rest = text
    while rest:
        lead = indent if lines else ""
        line, rest = cut(rest, width - len(lead))
        lines.append(lead + line)
    return lines or [""]


def _section(section: Section, width: int) -> Iterator[str]:
    title = clean(section.title)
    yield title
    yield "-" * min(columns_of(title), width)
    if section.lead:
        yield from wrap(clean(section.lead), width)
    for block in section.blocks:
        yield from _block(block, width)


def _block(block: Block, width: int) -> list[str]:
    if isinstance(block, Sentence):
        return wrap(("! " if block.strong else "") + clean(block.text), width)
    if isinstance(block, Steps):
        return _steps(block, width)
    if isinstance(block, Table):
        return table_text(block, width)
    return [*wrap(clean(_heading(block)), width), *table_text(block.table, width)]


def _heading(block: Cards | Flow | Bars) -> str:
    return "" if isinstance(block, Cards) else f"{block.title}: {block.summary}"


def _steps(block: Steps, width: int) -> list[str]:
    if not block.steps:
        return wrap(clean(block.empty), width)
    lines: list[str] = []
    for number, step in enumerate(block.steps, start=1):
        head = f"{number:>2}. {SIGNS.get(step.mark, '')}{clean(step.action)} - {clean(step.lead)}, {clean(step.owner)}"
        lines += wrap(f"{head} - {clean(step.due)}", width, " " * 4)
        lines += [" " * 4 + line for line in wrap(clean(step.why), width - 4)]
    return lines


def table_text(table: Table, width: int) -> list[str]:
    """A table with columns as wide as they need to be, the widest ones wrapped until all fit ``width``."""
    lines = wrap(clean(table.caption), width) if table.caption else []
    if not table.rows:
        return [*lines, *wrap(clean(table.empty), width)]
    grid: list[list[tuple[str, ...]]] = [[(column.label,) for column in table.columns]]
    grid += [[_cell(cell) for cell in row.cells] for row in table.rows]
    widths = _widths(grid, width)
    numeric = [column.numeric for column in table.columns]
    body = [_lines(row, widths, numeric) for row in grid]
    lines += [*body[0], _GAP.join("-" * each for each in widths)]
    loose = any(len(row) > 1 for row in body[1:])
    for number, row in enumerate(body[1:]):
        if loose and number:
            lines.append("")
        lines += row
    return lines + (wrap(clean(table.more), width) if table.more else [])


def _cell(cell: Cell) -> tuple[str, ...]:
    text = SIGNS.get(cell.mark, "") + clean(cell.text)
    return (text, clean(cell.note)) if cell.note else (text,)


def _widths(grid: list[list[tuple[str, ...]]], width: int) -> list[int]:
    needs = [max(columns_of(part) for row in grid for part in row[index]) for index in range(len(grid[0]))]
    spare = width - len(_GAP) * (len(needs) - 1)
    while sum(needs) > spare:
        widest = max(range(len(needs)), key=lambda index: (needs[index], -index))
        if needs[widest] <= _NARROWEST:
            break
        needs[widest] -= 1
    return needs


def _lines(row: list[tuple[str, ...]], widths: list[int], numeric: list[bool]) -> list[str]:
    cells = [[line for part in cell for line in wrap(part, width)] for cell, width in zip(row, widths, strict=True)]
    lines = []
    for index in range(max(len(cell) for cell in cells)):
        parts = [cell[index] if index < len(cell) else "" for cell in cells]
        lines.append(_GAP.join(_pad(*each) for each in zip(parts, widths, numeric, strict=True)))
    return lines


def _pad(text: str, width: int, right: bool) -> str:
    fill = " " * (width - columns_of(text))
    return fill + text if right else text + fill
