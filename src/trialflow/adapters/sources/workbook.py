"""The sheet of a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods) that holds the tracker, its cells as texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

import attrs

from trialflow.adapters.sources.header import field_of, find_header
from trialflow.model.errors import ImportRejected, Problem, Unsupported

__all__ = ["open_sheet_of"]

_SAMPLE = 70

Rows = Callable[[], Iterator[list[str]]]


@attrs.frozen
class _Candidate:
    """A sheet and how well its header fits: how many fields it names, and whether rows stand below it."""

    name: str
    fields: int
    rows: Rows
    filled: bool


def open_sheet_of(path: Path, wanted: str) -> tuple[str, Rows]:
    """The name and the rows of the sheet to import: ``wanted``, else the visible one whose header names most fields.

    Raises :class:`ImportRejected` when two fit equally well, when there is no such sheet, when the workbook is
    damaged or protected; ``Unsupported`` without the extra ``xlsx``.
    """
    sheets = _sheets(path, wanted)
    if wanted:
        return sheets[0][0], sheets[0][1]
    candidates = sorted((_candidate(*sheet) for sheet in sheets), key=lambda c: -c.fields)
    best = candidates[0]
    same = [c.name for c in candidates if c.fields == best.fields and c.filled] if best.fields else []
    if len(same) > 1:
        message = f"the sheets {', '.join(map(repr, same))} fit equally well; choose one with --sheet or in the mapping"
        raise ImportRejected((Problem(path.name, "sheet_ambiguous", message),))
    return best.name, best.rows


def _candidate(name: str, rows: Rows) -> _Candidate:
    head = list(islice(rows(), _SAMPLE))
    found = find_header(head)
    if found is None:
        return _Candidate(name, 0, rows, bool(head))
    fields = len({field_of(cell) for cell in head[found]} - {None})
    below = any(cell.strip() for row in head[found + 1 :] for cell in row)
    return _Candidate(name, fields if below else 1, rows, below)


def _sheets(path: Path, wanted: str) -> list[tuple[str, Rows]]:
    try:
        import python_calamine as calamine
    except ImportError:
        raise Unsupported("reading workbooks", "pip install trialflow[xlsx], or save the tracker as CSV") from None
    try:
        # From the open file: by its path, the reader would trust the name.
        with path.open("rb") as file, calamine.CalamineWorkbook.from_filelike(file) as book:
            names = list(book.sheet_names)
            shown = [m.name for m in book.sheets_metadata if _is_shown(m)]
            chosen = [wanted] if wanted else shown or names
            found = [(name, _rows(book.get_sheet_by_name(name))) for name in chosen if name in names]
    except calamine.PasswordError:
        message = "the workbook is protected by a password; save it without one and import it again"
        raise ImportRejected((Problem(path.name, "file_password_protected", message),)) from None
    except BaseException as error:
        # Whatever the reader stumbles over (its own errors, a damaged part, a panic), the person does the same.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        message = "the workbook cannot be read; open it in the spreadsheet program and save it again"
        raise ImportRejected((Problem(path.name, "file_damaged", message),)) from None
    if not found:
        message = (
            f"there is no sheet {wanted!r}; the workbook has: {', '.join(names)}" if wanted else "no sheet is here"
        )
        raise ImportRejected((Problem(path.name, "sheet_missing", message),))
    return found


def _is_shown(sheet: Any) -> bool:
    return str(sheet.visible).endswith(".Visible") and str(sheet.typ).endswith(".WorkSheet")


def _rows(sheet: Any) -> Rows:
    """Every row from the first line of the sheet on, so that line numbers are the spreadsheet's."""

    def read() -> Iterator[list[str]]:
        for row in sheet.iter_rows():
            yield [_text(cell) for cell in row]

    return read


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
