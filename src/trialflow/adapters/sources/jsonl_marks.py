"""How far the files of an inbox were read. A file is known by its contents, not by its name: what was renamed, rotated
or copied away is not read again, and what took its name is read from its start.

A mark holds the offset behind the last line that was read, and a digest of the bytes before it: a whole line at least,
with the id of its inquiry, so that another file does not fit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import BinaryIO

import attrs

__all__ = ["LONGEST_LINE", "Mark", "mark_of", "read_cursor", "write_cursor"]

LONGEST_LINE = 64 * 1024
"""Bytes of the longest line that is read; no inquiry is longer."""
_WINDOW = 2 * LONGEST_LINE
_FORMAT = "jsonl/1"
_TYPES = [str, int, int, str]


@attrs.frozen
class Mark:
    """``offset`` bytes of a file, ``lines`` line ends in them, were read when it was called ``name``."""

    name: str
    offset: int
    lines: int
    digest: str

    @classmethod
    def at(cls, file: BinaryIO, name: str, offset: int, lines: int) -> Mark:
        """The mark of ``file`` at ``offset``."""
        return cls(name, offset, lines, _digest(file, offset))

    def fits(self, file: BinaryIO) -> bool:
        """Whether ``file`` begins with what was read when this mark was made."""
        return _digest(file, self.offset) == self.digest


def _digest(file: BinaryIO, offset: int) -> str:
    start = max(0, offset - _WINDOW)
    file.seek(start)
    window = file.read(offset - start)
    return hashlib.blake2b(window, digest_size=12).hexdigest()


def mark_of(file: BinaryIO, name: str, marks: Sequence[Mark]) -> Mark:
    """How far ``file`` was read, under whatever name it had then; the start where no mark fits."""
    own = (mark for mark in marks if mark.name == name and mark.fits(file))
    others = (mark for mark in marks if mark.name != name and mark.fits(file))
    best = next(own, None) or max(others, key=lambda mark: mark.offset, default=Mark(name, 0, 0, ""))
    return attrs.evolve(best, name=name)


def write_cursor(marks: Iterable[Mark]) -> str:
    """The cursor that stands for ``marks``."""
    return json.dumps([_FORMAT, *sorted(map(attrs.astuple, marks))], separators=(",", ":"))


def read_cursor(cursor: str | None) -> tuple[Mark, ...]:
    """The marks of a cursor. Raises ``ValueError`` for a text that is none of :func:`write_cursor`'s."""
    if cursor is None:
        return ()
    try:
        form, *rows = json.loads(cursor)
        marks = tuple(Mark(*row) for row in rows)
    except (TypeError, RecursionError) as error:
        raise ValueError("no cursor of an inbox") from error
    if form != _FORMAT or any([*map(type, attrs.astuple(mark))] != _TYPES or mark.offset < 0 for mark in marks):
        raise ValueError("no cursor of an inbox")
    return marks
