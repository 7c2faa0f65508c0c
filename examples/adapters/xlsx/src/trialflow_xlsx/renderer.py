"""A report as a workbook. It draws the document that text, Markdown and HTML draw, so that it says what they say."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from trialflow import Unsupported
from trialflow.adapters.renderers.document import Bars, Cards, Cell, Document, Flow, Sentence, Steps, Table
from trialflow.adapters.renderers.outline import NO_LABELS, outline

__all__ = ["XlsxRenderer"]

_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
"""Every workbook is as old: the same report must give the same bytes. The report itself says as of when it is."""
_LONGEST = 32_767
_MOST_ROWS = 1_000_000
_WIDEST = 60
_NUMBER = re.compile(r"-?[0-9]{1,15}")
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_NAME = 31
"""Characters that the name of a sheet may have."""


class XlsxRenderer:
    """Workbooks for Excel, LibreOffice and Numbers."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def render(self, report: Any, *, labels: Mapping[str, str] = NO_LABELS) -> bytes:
        """The report as a workbook. Raises ``Unsupported`` for a value that is no report, and for a text or a table
        that a sheet cannot hold."""
        document = outline(report, labels, rows=_MOST_ROWS)
        buffer = io.BytesIO()
        with xlsxwriter.Workbook(buffer, _PLAIN) as book:
            book.set_properties({"title": _text(document.title), "created": _CREATED})
            bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
            wrapped = book.add_format({"text_wrap": True, "valign": "top"})
            _words(book.add_worksheet("Summary"), document, bold, wrapped)
            for name, table in _named(document):
                _table(_sheet(book, name), table, bold, wrapped)
        return buffer.getvalue()


def _sheet(book: Workbook, name: str) -> Worksheet:
    sheet: Worksheet = book.add_worksheet(name)
    return sheet


def _words(sheet: Worksheet, document: Document, bold: Format, wrapped: Format) -> None:
    sheet.set_column(0, 0, 2 * _WIDEST)
    lines = [(document.title, bold), *((fact, wrapped) for fact in (document.eyebrow, *document.facts))]
    for section in document.sections:
        said = [line for block in section.blocks for line in _said(block)]
        lines += [(section.title, bold), *((line, wrapped) for line in (section.lead, *said))]
    lines += [(line, wrapped) for line in document.footer]
    for number, (line, form) in enumerate(line for line in lines if line[0]):
        sheet.write_string(number, 0, _text(line), form)


def _said(block: object) -> Iterator[str]:
    if isinstance(block, Sentence):
        yield block.text
    elif isinstance(block, Steps):
        for step in block.steps:
            yield f"{step.action}: {step.size}. {step.why}"
        yield block.more if block.steps else block.empty
    elif isinstance(block, Flow | Bars):
        yield block.summary


def _named(document: Document) -> Iterator[tuple[str, Table]]:
    """Every table of the document with a name that no other sheet has."""
    used = {"summary"}
    for section in document.sections:
        for block in section.blocks:
            table = block.table if isinstance(block, Cards | Flow | Bars) else block
            if isinstance(table, Table):
                yield _unused(table.caption or section.title, used), table


def _unused(title: str, used: set[str]) -> str:
    plain = _FORBIDDEN.sub(" ", _text(title)).strip() or "Table"
    name, number = plain[:_NAME].strip(), 1
    while name.casefold() in used:
        number += 1
        name = f"{plain[: _NAME - len(str(number)) - 1].strip()} {number}"
    used.add(name.casefold())
    return name


def _table(sheet: Worksheet, table: Table, bold: Format, wrapped: Format) -> None:
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, _text(column.label), bold)
        widest = max((len(_shown(row.cells[place])) for row in table.rows if place < len(row.cells)), default=0)
        sheet.set_column(place, place, min(max(widest, len(column.label)) + 2, _WIDEST))
    for line, row in enumerate(table.rows, start=1):
        for place, cell in enumerate(row.cells):
            _cell(sheet, line, place, cell, wrapped, numeric=table.columns[place].numeric)
    below = (table.more, "" if table.rows else table.empty)
    for number, text in enumerate(filter(None, below), start=len(table.rows) + 1):
        sheet.write_string(number, 0, _text(text), wrapped)
    sheet.freeze_panes(1, 0)


def _cell(sheet: Worksheet, line: int, place: int, cell: Cell, form: Format, *, numeric: bool) -> None:
    if numeric and not cell.note and _NUMBER.fullmatch(cell.text):
        sheet.write_number(line, place, int(cell.text), form)
    else:
        sheet.write_string(line, place, _text(_shown(cell)), form)


def _shown(cell: Cell) -> str:
    return f"{cell.text} ({cell.note})" if cell.note else cell.text


def _text(text: str) -> str:
    """``text`` as a sheet can hold it: half a character is written out, what is too long is refused."""
    if len(text) > _LONGEST:
        raise Unsupported("a text of more than 32,767 characters in a workbook", "use another format")
    return text.encode("utf-8", "backslashreplace").decode()
