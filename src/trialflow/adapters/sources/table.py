"""The lines of a table file, streamed: CSV of any common kind, or one sheet of a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import attrs

from trialflow.adapters.sources.files import look_at
from trialflow.adapters.sources.header import field_of, find_header
from trialflow.model.errors import ImportRejected, Problem

__all__ = ["Line", "Lines", "Progress", "is_blank", "open_lines"]

_SAMPLE = 70
_DELIMITERS = (",", ";", "\t", "|")
_MOST_SPAN = 200
_MOST_COLUMNS = 512

Line = tuple[int, list[str]]
Progress = Callable[[int], None]


@attrs.frozen(kw_only=True)
class Lines:
    """A table whose lines can be read again and again: (line number from 1, cells as texts)."""

    path: Path
    kind: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    read: Callable[[Progress | None], Iterator[Line]]

    def head(self) -> list[Line]:
        """The first lines."""
        return list(islice(self.read(None), _SAMPLE))


def is_blank(cells: list[str]) -> bool:
    """Whether a line holds nothing but blanks."""
    return not (cells and cells[0] and not cells[0].isspace()) and not "".join(cells).strip()


def open_lines(path: Path, *, encoding: str = "", delimiter: str = "", sheet: str = "") -> Lines:
    """Open a table. Raises :class:`ImportRejected` when the file is no table, ``Unsupported`` without the extra."""
    kind = look_at(path, encoding=encoding)
    if kind.kind == "xlsx":
        from trialflow.adapters.sources.workbook import open_sheet_of

        name, rows = open_sheet_of(path, sheet)
        return Lines(path=path, kind="xlsx", sheet=name, read=lambda progress: _sheet_lines(path, rows(), progress))
    chosen = delimiter or _delimiter(path, kind.encoding)
    return Lines(
        path=path,
        kind="csv",
        encoding=kind.encoding,
        delimiter=chosen,
        read=lambda progress: _csv_lines(path, kind.encoding, chosen, progress),
    )


def _refused(path: Path, code: str, message: str, line: int = 0) -> ImportRejected:
    return ImportRejected((Problem(f"line {line}" if line else path.name, code, message),))


def _delimiter(path: Path, encoding: str) -> str:
    """The delimiter under which a header with most known headings is found; else the one that cuts the widest."""
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        sample = file.read(65536)
    scores = []
    for delimiter in _DELIMITERS:
        try:
            rows = list(islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), _SAMPLE))
        except csv.Error:
            continue
        found = find_header(rows)
        known = len({field_of(cell) for cell in rows[found]} - {None}) if found is not None else 0
        scores.append((known, max((len(row) for row in rows), default=0), delimiter))
    return max(scores, key=lambda s: s[:2])[2] if scores else ","


def _sheet_lines(path: Path, rows: Iterator[list[str]], progress: Progress | None) -> Iterator[Line]:
    for number, cells in enumerate(rows, start=1):
        if progress is not None and number % 5000 == 0:
            progress(number)
        if len(cells) > _MOST_COLUMNS:
            cells = _trimmed(path, number, cells)
        yield number, cells


def _csv_lines(path: Path, encoding: str, delimiter: str, progress: Progress | None) -> Iterator[Line]:
    before, width = 0, 3
    with path.open(encoding=encoding, newline="", errors="strict") as file:
        reader = csv.reader(file, delimiter=delimiter)
        try:
            for cells in reader:
                number = reader.line_num
                if number - before > 1 and _swallowed(number - before, cells, delimiter, width):
                    raise _refused(path, "quote_not_closed", _QUOTE, before + 1)
                if len(cells) > width:
                    width = len(cells)
                    if width > _MOST_COLUMNS:
                        cells = _trimmed(path, before + 1, cells)
                yield before + 1, cells
                if progress is not None and number % 5000 < number - before:
                    progress(number)
                start, before = before, number
        except csv.Error as error:
            raise _csv_refusal(path, error, before + 1) from None
        except UnicodeError:
            message = f"the text is not {encoding} from here on; save the file as UTF-8, or declare its encoding"
            raise _refused(path, "encoding_mixed", message, before + 1) from None
    if before and before - start > 1 and _left_open(path, encoding, delimiter, start):
        raise _refused(path, "quote_not_closed", _QUOTE, start + 1)


_QUOTE = "a quotation mark opened here is not closed and swallows the lines below; close it"


def _swallowed(span: int, cells: list[str], delimiter: str, width: int) -> bool:
    """Whether a cell over several lines holds what looks like rows of the table."""
    if span > _MOST_SPAN:
        return True
    lines = (line for cell in cells if "\n" in cell for line in cell.split("\n")[1:-1])
    return any(line.count(delimiter) >= max(3, width - 3) for line in lines)


def _left_open(path: Path, encoding: str, delimiter: str, start: int) -> bool:
    """Whether the last record, which begins after line ``start``, ends inside a quotation."""
    with path.open(encoding=encoding, newline="") as file:
        try:
            for _ in csv.reader(islice(file, start, None), delimiter=delimiter, strict=True):
                pass
        except csv.Error as error:
            return "end of data" in str(error)
    return False


def _csv_refusal(path: Path, error: csv.Error, line: int) -> ImportRejected:
    text = str(error)
    if "NUL" in text or "null" in text:
        return _refused(path, "file_is_binary", "the file holds NUL bytes; save it again as CSV", line)
    if "field limit" in text:
        message = "a quotation mark opened here is not closed, or one cell is far too long; correct it"
        return _refused(path, "quote_not_closed", message, line)
    return _refused(path, "file_damaged", "the line cannot be cut into cells; save the file again as CSV", line)


def _trimmed(path: Path, line: int, cells: list[str]) -> list[str]:
    """Trailing blank cells are nothing; hundreds of filled ones are no tracker."""
    if any(cell.strip() for cell in cells[_MOST_COLUMNS:]):
        message = f"this line has more than {_MOST_COLUMNS} cells; is the delimiter right?"
        raise _refused(path, "too_many_columns", message, line)
    return cells[:_MOST_COLUMNS]
