"""Markdown (CommonMark with tables), for a repository, a wiki or a chat."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from trialflow.adapters.renderers.clean import clean
from trialflow.adapters.renderers.document import (
    Block,
    Cards,
    Cell,
    Document,
    Filter,
    Section,
    Sentence,
    Step,
    Steps,
    Table,
)
from trialflow.adapters.renderers.outline import NO_LABELS, outline
from trialflow.adapters.renderers.phrases import rest_of

__all__ = ["MarkdownRenderer", "document_markdown", "escape"]

_INLINE = re.compile(r"([\\`*_\[\]<>|~&$@])")
_LINK = re.compile(r"(?i)(https?|ftp|mailto|javascript|data)(:)|(www)(\.)")
_START = re.compile(r"^([#+\-=]|\d+(?=[.)]))")


@attrs.define
class MarkdownRenderer:
    """Reports as Markdown; a queue ends after ``rows`` rows, and says so."""

    rows: int = 500
    media_type: str = "text/markdown; charset=utf-8"

    def render(self, report: Any, *, labels: Mapping[str, str] = NO_LABELS) -> bytes:
        """The report as Markdown. Raises ``Unsupported`` for a value that is no report."""
        return document_markdown(outline(report, labels, rows=self.rows)).encode()


def escape(text: str) -> str:
    """``text`` so that Markdown shows it as it is: no markup, no link, no cell border, no list or heading."""
    shown = _INLINE.sub(r"\\\1", clean(text))
    shown = _LINK.sub(lambda found: f"{found[1] or found[3]}\\{found[2] or found[4]}", shown)
    return _START.sub(_escape_start, shown)


def _escape_start(found: re.Match[str]) -> str:
    # "1." opens a list: the digits stay, the mark behind them is escaped by a character reference.
    return f"&#{ord(found[1][0])};{found[1][1:]}"


def document_markdown(document: Document) -> str:
    """``document`` as Markdown."""
    lines = [f"# {escape(document.title)}", "", escape(document.eyebrow), ""]
    lines += [f"- {escape(fact)}" for fact in document.facts]
    for section in document.sections:
        lines += ["", *_section(section)]
    lines += ["", "---", ""]
    for sentence in document.footer:
        lines += [escape(sentence), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(section: Section) -> Iterator[str]:
    yield f"## {escape(section.title)}"
    if section.lead:
        yield from ("", escape(section.lead))
    for block in section.blocks:
        if not isinstance(block, Filter):
            yield ""
        yield from _block(block)


def _block(block: Block) -> list[str]:
    if isinstance(block, Sentence):
        return [f"**{escape(block.text)}**" if block.strong else escape(block.text)]
    if isinstance(block, Steps):
        return _steps(block)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Cards):
        return _table(block.table)
    if isinstance(block, Filter):
        return []
    return [f"**{escape(block.title)}.** {escape(block.summary)}", "", *_table(block.table)]


def _steps(block: Steps) -> list[str]:
    lines = [line for number, step in enumerate(block.steps, start=1) for line in _step(number, step)]
    return lines + (["", escape(block.more)] if block.more else []) or [escape(block.empty)]


def _step(number: int, step: Step) -> Iterator[str]:
    indent = " " * len(f"{number}. ")
    why = f" {escape(step.why)}" if step.why else ""
    yield f"{number}. **{escape(step.action)}** ({escape(step.size)}).{why}"
    for one in step.leads:
        yield f"{indent}- **{escape(one.lead)}**, {escape(one.owner)}: {escape(one.due)}. {escape(one.why)}"
    if step.rest:
        yield f"{indent}- {escape(rest_of(step.rest, step.owners))}"


def _table(table: Table) -> list[str]:
    lines = [escape(table.caption), ""] if table.caption else []
    if not table.rows:
        return [*lines, escape(table.empty)]
    lines.append(_row(escape(column.label) for column in table.columns))
    lines.append(_row("--:" if column.numeric else "---" for column in table.columns))
    lines += [_row(_cell(cell) for cell in row.cells) for row in table.rows]
    return lines + (["", escape(table.more)] if table.more else [])


def _row(cells: Iterator[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(cell: Cell) -> str:
    text = escape(cell.text)
    shown = f"**{text}**" if text and cell.mark in ("overdue", "attention") else text
    return f"{shown} ({escape(cell.note)})" if cell.note else shown
