"""What stands in rendered bytes: the structure of a page, live formulas, hidden characters, the words."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from html.parser import HTMLParser
from typing import Any

from trialflow.adapters.renderers.csv_cells import risky

__all__ = ["formulas_in", "hidden_in", "html_structure", "is_text", "kind_of", "readable", "text_of"]

_MEDIA_TYPE = re.compile(r"([a-z]+/[a-z0-9][a-z0-9.+-]*)\s*(;.*)?", re.IGNORECASE)
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TABLES = {"text/csv": ",", "text/tab-separated-values": "\t"}
_WRITTEN = ("json", "xml", "yaml", "javascript")
_OUTSIDE = re.compile(r"<(style|script)\b.*?</\1>|<!--.*?-->", re.DOTALL | re.IGNORECASE)


def kind_of(media_type: str) -> str:
    """``type/subtype`` in lower case without parameters; empty when it is none."""
    found = _MEDIA_TYPE.fullmatch(media_type.strip())
    return found[1].lower() if found else ""


def is_text(media_type: str) -> bool:
    """Whether the bytes are a text."""
    kind = kind_of(media_type)
    return kind.startswith("text/") or any(kind.endswith(end) for end in _WRITTEN)


def readable(media_type: str) -> bool:
    """Whether people read the text itself: not data that a program takes in, as JSON and tables are."""
    return kind_of(media_type).startswith("text/") and kind_of(media_type) not in _TABLES


class _Structure(HTMLParser):
    """Tags and the names of attributes; what is called a link and where it leads."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, ...]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        links = [value or "" for name, value in attrs if name in ("href", "src", "action", "formaction")]
        outside = [link for link in links if ":" in link.partition("/")[0]]
        self.found.append((tag, *(name for name, _ in attrs), *outside))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}",))

    def handle_comment(self, data: str) -> None:  # noqa: ARG002
        self.found.append(("!--",))


def html_structure(data: bytes) -> list[tuple[str, ...]]:
    """The elements of a page in their order, without its text."""
    parser = _Structure()
    parser.feed(data.decode("utf-8", errors="replace"))
    parser.close()
    return parser.found


def formulas_in(media_type: str, data: bytes) -> list[str] | None:
    """The cells that a spreadsheet would take for formulas; None where the bytes are no table for one."""
    kind = kind_of(media_type)
    if kind == _SHEET:
        return _sheet_formulas(data) if data else []
    if kind not in _TABLES:
        return None
    rows = csv.reader(io.StringIO(data.decode("utf-8-sig", errors="replace"), newline=""), delimiter=_TABLES[kind])
    return [cell for row in rows for cell in row if risky(cell) and not cell.startswith("'") and not _number(cell)]


def _number(cell: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None


def _sheet_formulas(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/")]
    return [found for sheet in sheets for found in re.findall(r"<f[ >/][^<]*", sheet)]


def hidden_in(data: bytes) -> list[str]:
    """Characters that are not seen, or change how others are seen."""
    return _HIDDEN.findall(data.decode("utf-8-sig", errors="replace"))


def text_of(media_type: str, data: bytes) -> str | None:
    """The words in rendered bytes on one line: of a page without its markup, of a workbook those of all its parts. None
    where they are neither a text nor parts in a zip, so that nobody can tell."""
    kind, zipped = kind_of(media_type), data[:4] == b"PK\x03\x04"
    if not is_text(media_type) and not zipped:
        return None
    if zipped:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            text = "\n".join(book.read(name).decode("utf-8", errors="replace") for name in book.namelist())
    else:
        text = data.decode("utf-8-sig", errors="replace")
    if kind.endswith("json"):
        text = "\n".join(_strings(json.loads(text)))
    elif "html" in kind or "xml" in kind or zipped:
        text = html.unescape(re.sub(r"<[^>]*>", " ", _OUTSIDE.sub(" ", text)))
    return " ".join(text.split())


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, one in value.items() for text in (key, *_strings(one))]
    if isinstance(value, list):
        return [text for one in value for text in _strings(one)]
    return [value] if isinstance(value, str) else []
