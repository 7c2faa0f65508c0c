"""A progress bar on long files: rich's where it is installed, a plain counter otherwise, nothing when piped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["progress"]

_LONG = 2_000_000
"""Files below this many bytes are read before a bar could be seen."""


@contextmanager
def progress(path: Path) -> Iterator[Callable[[int], None] | None]:
    """A callback that takes the number of lines read, or None when nobody looks. It writes to standard error."""
    if not sys.stderr.isatty() or not path.is_file() or path.stat().st_size < _LONG:
        yield None
        return
    try:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    except ImportError:
        yield _plain
        print(file=sys.stderr)
        return
    from rich.console import Console

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading rows", total=_lines(path))
        yield lambda done: bar.update(task, completed=done)


def _plain(done: int) -> None:
    print(f"\r{done:,} lines read", end="", file=sys.stderr, flush=True)


def _lines(path: Path) -> int | None:
    """How many lines a text file has; a workbook is packed, and only reading it tells."""
    with path.open("rb") as file:
        if file.read(2) == b"PK":
            return None
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
