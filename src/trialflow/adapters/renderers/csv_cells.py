"""CSV that no spreadsheet takes for a formula, and that gives back the values that went in.

A cell that a spreadsheet could read as a formula (CWE-1236) gets a leading apostrophe: its first character is one of
``= + - @``, tab or carriage return, also after spaces, quotes or invisible characters, and also in full width.
:func:`uncell` takes the apostrophe away again; a value that had one keeps it.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

__all__ = ["cell", "risky", "table_bytes", "uncell"]

_FORMULA = frozenset("=+-@")
_BREAKS = frozenset("\t\r\n\x00")
_QUOTES = frozenset("'\"`\u2018\u2019\u201c\u201d\u00b4\u00ab\u00bb,;|")


def risky(text: str) -> bool:
    """Whether a spreadsheet could take ``text`` for a formula."""
    for char in text:
        if char in _BREAKS:
            return True
        # NFKC folds full-width and small variants to the plain sign; minus signs have a category of their own.
        plain = unicodedata.normalize("NFKC", char)[:1]
        if plain in _FORMULA or char in "\u2212\u2010\u2011":
            return True
        if not (plain.isspace() or char in _QUOTES or unicodedata.category(char) in ("Cc", "Cf", "Zs", "Mn")):
            return False
    return False


def cell(value: object) -> str:
    """``value`` as the text of a cell: numbers and None plainly, risky text with a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    if isinstance(value, int | float):
        return text
    return "'" + text if risky(text) else text


def uncell(text: str) -> str:
    """The text that :func:`cell` was given."""
    return text[1:] if text.startswith("'") and risky(text[1:]) else text


def table_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file: comma, CRLF, quotes where needed, UTF-8.

    It starts with a byte order mark only where something is not ASCII: spreadsheets take the rest for another encoding.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([cell(name) for name in header])
    writer.writerows([cell(value) for value in row] for row in rows)
    text = out.getvalue()
    data = text.encode("utf-8", errors="backslashreplace")
    return data if text.isascii() else b"\xef\xbb\xbf" + data
