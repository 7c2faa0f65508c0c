"""A document drawn with rich: the same words as plain text, with colour, weight and lines. Needs the extra ``rich``."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from trialflow.adapters.renderers.clean import clean
from trialflow.adapters.renderers.document import (
    Block,
    Cards,
    Cell,
    Document,
    Filter,
    Sentence,
    Step,
    Steps,
    Table,
)
from trialflow.adapters.renderers.phrases import rest_of
from trialflow.adapters.renderers.text_table import SIGNS, parts_of, table_text, widths_of

__all__ = ["draw"]

_STYLES = {
    "overdue": "bold red",
    "due_today": "bold yellow",
    "later": "",
    "none": "dim",
    "attention": "bold red",
    "": "",
}
_NARROW = 120
_GAP = 3


def draw(document: Document, console: Console) -> None:
    """Print ``document``; ``console`` must not interpret markup or emoji codes."""
    console.print(_text(document.title, "bold"))
    for fact in (document.eyebrow, *document.facts):
        console.print(_text(fact, "dim"))
    for section in document.sections:
        console.print()
        console.rule(_text(section.title, "bold"), align="left", style="dim")
        if section.lead:
            console.print(_text(section.lead, "dim"))
        for block in section.blocks:
            for part in _block(block, console.width):
                console.print(part)
    console.print()
    for sentence in document.footer:
        console.print(_text(sentence, "dim"))


def _text(text: str, style: str = "") -> Text:
    return Text(clean(text), style=style)


def _block(block: Block, width: int) -> Iterator[RenderableType]:
    if isinstance(block, Sentence):
        yield _text(block.text, "bold" if block.strong else "")
    elif isinstance(block, Steps):
        yield from _steps(block)
    elif isinstance(block, Table):
        yield from _table(block, width)
    elif not isinstance(block, Filter):
        if not isinstance(block, Cards):
            yield _text(f"{block.title}: {block.summary}")
        yield from _table(block.table, width)


def _line(*parts: tuple[str, str]) -> Text:
    """(text, style) parts on one line, two spaces between them."""
    return Text("  ").join([_text(*part) for part in parts])


def _steps(block: Steps) -> Iterator[RenderableType]:
    if not block.steps:
        yield _text(block.empty)
    for number, step in enumerate(block.steps, start=1):
        size = SIGNS.get(step.mark, "") + clean(step.size)
        yield _line((f"{number}.", "dim"), (step.action, "bold"), (size, _STYLES[step.mark]))
        yield Padding(_step(step), (0, 0, 0, 4))
    if block.more:
        yield _text(block.more, "dim")


def _step(step: Step) -> RenderableType:
    lines = [_text(step.why, "dim")] if step.why else []
    for one in step.leads:
        due = SIGNS.get(one.mark, "") + clean(one.due)
        lines.append(_line((one.lead, "bold"), (one.owner, ""), (due, _STYLES[one.mark]), (one.why, "dim")))
    if step.rest:
        lines.append(_text(rest_of(step.rest, step.owners), "dim"))
    return Group(*lines)


def _table(table: Table, width: int) -> Iterator[RenderableType]:
    if table.named and width < _NARROW:
        # Names on lines of their own: rich has no cell that spans a row.
        yield Text("\n".join(table_text(table, width)))
        return
    if table.caption:
        yield _text(table.caption, "dim")
    if not table.rows:
        yield _text(table.empty, "dim")
    else:
        for part in parts_of(table, width, _GAP):
            yield _grid(part, width)
    if table.more:
        yield _text(table.more, "dim")


def _grid(table: Table, width: int) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, title=None, show_edge=False, pad_edge=False, header_style="dim")
    for column, wide in zip(table.columns, widths_of(table, width, _GAP), strict=True):
        grid.add_column(_text(column.label), justify="right" if column.numeric else "left", overflow="fold", width=wide)
    for row in table.rows:
        grid.add_row(*(_cell(cell) for cell in row.cells))
    return grid


def _cell(cell: Cell) -> Text:
    shown = _text(SIGNS.get(cell.mark, "") + clean(cell.text), _STYLES[cell.mark])
    return Text("\n").join([shown, _text(cell.note, "dim")]) if cell.note else shown
