"""A lead source without a network: files of JSON lines, one inquiry a line, as any form, script or export can write.

The inbox is a folder (every ``*.jsonl`` in it) or one file. Files may grow, be rotated (``web.jsonl.1``,
``web.jsonl-20260302``), renamed and taken away; :mod:`.jsonl_lines` gives the form of a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import attrs

from trialflow.adapters.lead_source import Batch, Inquiry
from trialflow.adapters.sources.jsonl_lines import json_object, read_inquiry
from trialflow.adapters.sources.jsonl_marks import LONGEST_LINE, Mark, mark_of, read_cursor, write_cursor
from trialflow.model.errors import Problem, SourceError

__all__ = ["JsonLinesInbox"]

_ROTATED = re.compile(r"[.-]\d[\d.-]*")
_BATCH = 500
_BOM = b"\xef\xbb\xbf"


class JsonLinesInbox:
    """The inquiries in the JSON lines under ``path``; ``source`` is the id of the source where a line names none.

    The clauses L1 to L9 hold while files only grow, are renamed or vanish. Files changed lately come last. A last line
    that its writer has not finished waits until it is.
    """

    def __init__(self, path: str | Path, source: str = "") -> None:
        self._path = Path(path)
        self._source = source

    def fetch(self, cursor: str | None) -> Batch:
        """Up to 500 inquiries after ``cursor``. Raises ``SourceError``: no such path, a file that cannot be read, a
        cursor of another source."""
        try:
            marks = read_cursor(cursor)
        except ValueError:
            raise SourceError("jsonl", "this cursor is none of a jsonl inbox; restart the pull") from None
        try:
            return self._batch(cursor, marks)
        except OSError as error:
            why = f"{error.filename or self._path} cannot be read: {error.strerror}"
            raise SourceError("jsonl", why) from None

    def _batch(self, cursor: str | None, marks: Sequence[Mark]) -> Batch:
        taken: list[Inquiry | Problem] = []
        reached: list[Mark] = []
        more = False
        for path in self._files():
            try:
                file = path.open("rb")
            except FileNotFoundError:
                continue  # renamed meanwhile: the next fetch finds it under its new name
            with file:
                mark = mark_of(file, path.name, marks)
                if not more:
                    mark, more = self._read(file, mark, taken)
            if mark.offset:
                reached.append(mark)
        if not taken:
            return Batch((), cursor)
        inquiries = tuple(one for one in taken if isinstance(one, Inquiry))
        problems = tuple(one for one in taken if isinstance(one, Problem))
        return Batch(inquiries, write_cursor(reached), more, problems)

    def _read(self, file: BinaryIO, mark: Mark, taken: list[Inquiry | Problem]) -> tuple[Mark, bool]:
        """Take what lies behind ``mark``: the mark reached, and whether there is more than a batch holds."""
        offset, lines, more = mark.offset, mark.lines, False
        for line in _lines(file, mark):
            if more := len(taken) == _BATCH:
                break
            where = f"{mark.name}, line {line.number}"
            taken.append(line.wrong(where) or read_inquiry(line.said or {}, where, self._source))
            offset, lines = line.offset, line.ends
        return Mark.at(file, mark.name, offset, lines), more

    def _files(self) -> Sequence[Path]:
        whole = self._path.is_dir()
        folder = self._path if whole else self._path.parent
        named = _is_inbox if whole else self._is_part
        found = [path for path in folder.iterdir() if named(path.name) and path.is_file()] if folder.is_dir() else []
        if not found and not whole:
            raise SourceError("jsonl", f"there is no inbox {self._path}; name a folder, or a file of JSON lines")
        return sorted(found, key=_changed)

    def _is_part(self, name: str) -> bool:
        own = self._path.name
        return name == own or (name.startswith(own) and _ROTATED.fullmatch(name[len(own) :]) is not None)


def _is_inbox(name: str) -> bool:
    stem, found, rest = name.partition(".jsonl")
    return bool(stem and found) and (not rest or _ROTATED.fullmatch(rest) is not None)


def _changed(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_mtime_ns, path.name
    except FileNotFoundError:
        return 0, path.name


@attrs.frozen
class _Line:
    """A line that is not blank: its number, what it says (None: no JSON object), and the place behind it."""

    number: int
    said: dict[str, Any] | None
    offset: int
    ends: int
    """Line ends up to this place."""
    too_long: bool

    def wrong(self, where: str) -> Problem | None:
        """Why this line cannot be looked at, or None."""
        if self.too_long:
            return Problem(where, "line_too_long", f"an inquiry has at most {LONGEST_LINE} bytes; shorten its message")
        if self.said is None:
            return Problem(where, "not_json", "this is no JSON object in UTF-8, or a key stands twice in it")
        return None


def _lines(file: BinaryIO, mark: Mark) -> Iterator[_Line]:
    offset, ends = mark.offset, mark.lines
    file.seek(offset)
    while raw := file.readline(LONGEST_LINE + 1):
        size, ended = len(raw), raw.endswith(b"\n")
        too_long = size > LONGEST_LINE and not ended
        while too_long and not ended:
            rest = file.readline(LONGEST_LINE)
            size, ended = size + len(rest), rest.endswith(b"\n")
            if not rest:
                return  # not finished yet, like a last line that says nothing whole
        text = raw.removeprefix(_BOM) if not offset else raw
        said = None if too_long else json_object(text)
        if not ended and said is None:
            return
        number, offset, ends = ends + 1, offset + size, ends + ended
        if text.strip():
            yield _Line(number, said, offset, ends, too_long)
