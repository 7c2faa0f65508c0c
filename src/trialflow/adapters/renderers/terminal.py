"""Reports on a terminal: with colour and lines where rich is installed, plain text everywhere else.

A pipe, a file, ``TERM=dumb`` and ``NO_COLOR`` get the plain text, byte for byte what :class:`TextRenderer` gives.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO

from trialflow.adapters.renderers.clean import clean
from trialflow.adapters.renderers.document import Block, Cell, Document, Sentence, Steps, Table
from trialflow.adapters.renderers.outline import NO_LABELS, outline
from trialflow.adapters.renderers.text import SIGNS, document_text

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

__all__ = ["show", "show_document"]

_STYLES = {
    "overdue": "bold red",
    "due_today": "bold yellow",
    "later": "",
    "none": "dim",
    "attention": "bold red",
    "": "",
}


def show(
    report: Any,
    *,
    labels: Mapping[str, str] = NO_LABELS,
    file: TextIO | None = None,
    width: int | None = None,
    rows: int = 20,
) -> None:
    """Print ``report`` to ``file`` (standard output by default), ``width`` columns wide (the terminal's by default).

    A queue ends after ``rows`` rows, and says so. Raises ``Unsupported`` for a value that is no report.
    """
    out = file if file is not None else sys.stdout
    columns = max(width or shutil.get_terminal_size((100, 24)).columns, 60)
    document = outline(report, labels, rows=rows)
    if not show_document(document, out, columns):
        out.write(document_text(document, columns))


def show_document(document: Document, file: TextIO, width: int) -> bool:
    """Draw with rich; False, with nothing written, where rich is missing or ``file`` is no colour terminal."""
    if not file.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    try:
        from rich.console import Console
    except ImportError:
        return False
    # No markup, no emoji codes, no highlighting: what a person typed is text and nothing else.
    console = Console(file=file, width=width, markup=False, emoji=False, highlight=False)
    _draw(document, console)
    return True


def _draw(document: Document, console: Console) -> None:
    console.print(_text(document.title, "bold"))
    for fact in (document.eyebrow, *document.facts):
        console.print(_text(fact, "dim"))
    for section in document.sections:
        console.print()
        console.rule(_text(section.title, "bold"), align="left", style="dim")
        if section.lead:
            console.print(_text(section.lead, "dim"))
        for block in section.blocks:
            console.print(_block(block))
    console.print()
    for sentence in document.footer:
        console.print(_text(sentence, "dim"))


def _text(text: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(clean(text), style=style)


def _block(block: Block) -> RenderableType:
    if isinstance(block, Sentence):
        return _text(block.text, "bold" if block.strong else "")
    if isinstance(block, Steps):
        return _steps(block)
    return _table(block if isinstance(block, Table) else block.table)


def _steps(block: Steps) -> RenderableType:
    from rich.table import Table as Grid

    if not block.steps:
        return _text(block.empty)
    grid = Grid.grid(padding=(0, 2))
    for number, step in enumerate(block.steps, start=1):
        what = _text(step.action, "bold").append(f"  {clean(step.lead)}\n", "dim").append(clean(step.why), "dim")
        due = _text(SIGNS.get(step.mark, "") + step.due, _STYLES[step.mark])
        grid.add_row(_text(f"{number}."), what, due, _text(step.owner))
    return grid


def _table(table: Table) -> RenderableType:
    from rich import box
    from rich.console import Group
    from rich.table import Table as Grid

    if not table.rows:
        return _text(table.empty, "dim")
    grid = Grid(box=box.SIMPLE_HEAD, title=None, pad_edge=False, header_style="dim")
    for column in table.columns:
        grid.add_column(_text(column.label), justify="right" if column.numeric else "left", overflow="fold")
    for row in table.rows:
        grid.add_row(*(_cell(cell) for cell in row.cells))
    return Group(grid, _text(table.more, "dim")) if table.more else grid


def _cell(cell: Cell) -> Text:
    shown = _text(SIGNS.get(cell.mark, "") + clean(cell.text), _STYLES[cell.mark])
    return shown.append(f"\n{clean(cell.note)}", "dim") if cell.note else shown
