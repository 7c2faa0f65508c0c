"""The lines of a table file, streamed: CSV of any common kind, or one sheet of a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

import attrs

from trialflow.adapters.sources.files import look_at
from trialflow.adapters.sources.header import find_header
from trialflow.model.errors import ImportRejected, Problem, Unsupported

__all__ = ["Lines", "open_lines"]

_SAMPLE = 60
_DELIMITERS = (",", ";", "\t", "|")
_MOST_CELL = 32_000
_MOST_SPAN = 200

Line = tuple[int, list[str]]


@attrs.frozen(kw_only=True)
class Lines:
    """A table whose lines can be read again and again: (line number from 1, cells as texts)."""

    path: Path
    kind: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    read: Callable[[Callable[[int], None] | None], Iterator[Line]]
    size: int

    def head(self) -> list[Line]:
        """The first lines."""
        return list(islice(self.read(None), _SAMPLE))


def open_lines(path: Path, *, encoding: str = "", delimiter: str = "", sheet: str = "") -> Lines:
    """Open a table. Raises :class:`ImportRejected` when the file is no table, ``Unsupported`` without the extra."""
    kind = look_at(path, encoding=encoding)
    if kind.kind == "xlsx":
        return _workbook(path, sheet)
    chosen = delimiter or _delimiter(path, kind.encoding)

    def read(progress: Callable[[int], None] | None) -> Iterator[Line]:
        return _csv_lines(path, kind.encoding, chosen, progress)

    return Lines(path=path, kind="csv", encoding=kind.encoding, delimiter=chosen, read=read, size=path.stat().st_size)


def _refused(path: Path, code: str, message: str, place: str = "") -> ImportRejected:
    return ImportRejected((Problem(place or path.name, code, message),))


def _delimiter(path: Path, encoding: str) -> str:
    """The delimiter under which a header is found; else the one that cuts most lines into equally many cells."""
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        sample = file.read(65536)
    scores = []
    for delimiter in _DELIMITERS:
        try:
            rows = list(islice(csv.reader(io.StringIO(sample), delimiter=delimiter), _SAMPLE))
        except csv.Error:
            continue
        found = find_header(rows)
        width = len(rows[found]) if found is not None else max((len(row) for row in rows), default=0)
        scores.append((found is not None, width, delimiter))
    return max(scores, key=lambda s: s[:2])[2] if scores else ","


def _csv_lines(path: Path, encoding: str, delimiter: str, progress: Callable[[int], None] | None) -> Iterator[Line]:
    csv.field_size_limit(_MOST_CELL * 8)
    with path.open(encoding=encoding, newline="", errors="strict") as file:
        reader = csv.reader(file, delimiter=delimiter)
        before = 0
        try:
            for cells in reader:
                number = reader.line_num
                if number - before > _MOST_SPAN:
                    raise _refused(path, "quote_not_closed", _quote(before + 1), f"line {before + 1}")
                yield before + 1, cells
                if progress is not None and number % 5000 < number - before:
                    progress(number)
                before = number
        except csv.Error as error:
            if "NUL" in str(error) or "null" in str(error):
                raise _refused(path, "file_is_binary", "the file holds NUL bytes; save it again as CSV") from None
            raise _refused(path, "quote_not_closed", _quote(before + 1), f"line {before + 1}") from None
        except UnicodeDecodeError:
            message = f"the text is not {encoding} from here on; save the file as UTF-8, or declare its encoding"
            raise _refused(path, "encoding_mixed", message, f"line {before + 1}") from None


def _quote(line: int) -> str:
    return f"a quotation mark opened on line {line} is not closed, or one cell is far too long; close it"


def _workbook(path: Path, wanted: str) -> Lines:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise Unsupported("reading workbooks", "pip install trialflow[xlsx], or save the tracker as CSV") from None
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            names = list(book.sheet_names)
            tables = {name: _texts(book, name) for name in names if not wanted or name == wanted}
    except CalamineError as error:
        if "assword" in str(error) or "ncrypt" in str(error):
            raise _refused(path, "file_password_protected", "the workbook is protected; save it without one") from None
        raise _refused(path, "file_damaged", "the workbook cannot be read; save it again") from None
    except Exception:
        raise _refused(path, "file_damaged", "the workbook cannot be read; save it again") from None
    if wanted and wanted not in tables:
        raise _refused(path, "sheet_missing", f"there is no sheet {wanted!r}; the workbook has: {', '.join(names)}")
    chosen = max(tables, key=lambda name: _weight(tables[name]), default="")
    rows = tables.get(chosen, [])

    def read(progress: Callable[[int], None] | None) -> Iterator[Line]:
        for number, cells in enumerate(rows, start=1):
            if progress is not None and number % 5000 == 0:
                progress(number)
            yield number, cells

    return Lines(path=path, kind="xlsx", sheet=chosen, read=read, size=len(rows))


def _weight(rows: list[list[str]]) -> tuple[int, int]:
    """The sheet with the log: where a header with most headings stands, then the longest."""
    found = find_header(rows[:_SAMPLE])
    return (len([c for c in rows[found] if c]) if found is not None else 0, len(rows))


def _texts(book: Any, name: str) -> list[list[str]]:
    return [[_text(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)
