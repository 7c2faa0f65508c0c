"""Reports on a terminal: with colour and lines where rich is installed, plain text everywhere else.

A pipe, a file, ``TERM=dumb`` and ``NO_COLOR`` get the plain text, byte for byte what :class:`TextRenderer` gives.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Collection, Mapping
from typing import Any, TextIO

import attrs

from trialflow.adapters.renderers.document import Document
from trialflow.adapters.renderers.outline import NO_LABELS, outline
from trialflow.adapters.renderers.text import document_text

__all__ = ["show", "show_document"]


def show(
    report: Any,
    *,
    labels: Mapping[str, str] = NO_LABELS,
    file: TextIO | None = None,
    width: int | None = None,
    rows: int = 20,
    sections: Collection[str] = (),
) -> None:
    """Print ``report`` to ``file`` (standard output by default), ``width`` columns wide (the terminal's by default).

    A queue ends after ``rows`` rows, and says so. ``sections`` are the keys of those to print (all by default):
    ``("buckets", "start")`` is the first screen of a board. Raises ``Unsupported`` for a value that is no report.
    """
    out = file if file is not None else sys.stdout
    columns = max(width or shutil.get_terminal_size((100, 24)).columns, 60)
    document = outline(report, labels, rows=rows)
    if sections:
        kept = tuple(section for section in document.sections if section.key in sections)
        document = attrs.evolve(document, sections=kept)
    if not show_document(document, out, columns):
        out.write(document_text(document, columns))


def show_document(document: Document, file: TextIO, width: int) -> bool:
    """Draw with rich; False, with nothing written, where rich is missing or ``file`` is no colour terminal."""
    if not file.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    try:
        from rich.console import Console
    except ImportError:
        return False
    from trialflow.adapters.renderers.terminal_page import draw

    # No markup, no emoji codes, no highlighting: what a person typed is text and nothing else.
    console = Console(file=file, width=width, markup=False, emoji=False, highlight=False)
    draw(document, console)
    return True
