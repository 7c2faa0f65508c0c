"""Plain text, as wide as it is told: for a terminal, a pipe, an e-mail or a printer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from trialflow.adapters.renderers.clean import clean, columns_of
from trialflow.adapters.renderers.document import (
    Block,
    Cards,
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
from trialflow.adapters.renderers.text_table import SIGNS, table_text, wrap

__all__ = ["TextRenderer", "document_text"]


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
    if isinstance(block, Filter):
        return []
    if isinstance(block, Cards):
        return table_text(block.table, width)
    return [*wrap(clean(f"{block.title}: {block.summary}"), width), *table_text(block.table, width)]


def _steps(block: Steps, width: int) -> list[str]:
    if not block.steps:
        return wrap(clean(block.empty), width)
    lines: list[str] = []
    for number, step in enumerate(block.steps, start=1):
        lines += _step(number, step, width)
    return lines + (wrap(clean(block.more), width) if block.more else [])


def _step(number: int, step: Step, width: int) -> Iterator[str]:
    indent = " " * 4
    yield from wrap(f"{number:>2}. {clean(step.action)} ({clean(step.size)})", width, indent)
    if step.why:
        yield from (indent + line for line in wrap(clean(step.why), width - 4))
    for one in step.leads:
        said = f"{SIGNS.get(one.mark, '- ')}{clean(one.lead)}, {clean(one.owner)}: {clean(one.due)}. {clean(one.why)}"
        yield from (indent + line for line in wrap(said, width - 4, "  "))
    if step.rest:
        said = clean(rest_of(step.rest, step.owners))
        yield from (indent + "  " + line for line in wrap(said, width - 6))
