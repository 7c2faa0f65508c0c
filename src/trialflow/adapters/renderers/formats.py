"""The built-in renderers by name, and the one call that uses them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from trialflow.adapters.ports import Renderer
from trialflow.adapters.renderers.csv_file import CsvRenderer
from trialflow.adapters.renderers.html import HtmlRenderer
from trialflow.adapters.renderers.json_file import JsonRenderer
from trialflow.adapters.renderers.markdown import MarkdownRenderer
from trialflow.adapters.renderers.outline import NO_LABELS
from trialflow.adapters.renderers.text import TextRenderer
from trialflow.model.errors import Unsupported

__all__ = ["FORMATS", "render"]

FORMATS: Mapping[str, Renderer] = MappingProxyType(
    {
        "text": TextRenderer(),
        "markdown": MarkdownRenderer(),
        "json": JsonRenderer(),
        "csv": CsvRenderer(),
        "html": HtmlRenderer(),
    }
)
"""Every built-in format, by the name that ``--format`` takes."""


def render(report: Any, format: str, *, labels: Mapping[str, str] = NO_LABELS) -> bytes:
    """``report`` (a dashboard, worklist, source quality, sponsor update or diagnosis) as the bytes of ``format``.

    ``labels`` are the site's names for opaque ids; a sponsor update never uses them. Raises ``Unsupported`` for an
    unknown format, for a value that is no report, and for HTML without its extra.
    """
    found = FORMATS.get(format)
    if found is None:
        raise Unsupported(f"the format {format!r}", f"use one of: {', '.join(FORMATS)}")
    return found.render(report, labels=labels)
