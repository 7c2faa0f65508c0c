"""What trialflow finds through the entry point. XlsxWriter itself is imported when a report is rendered."""

from __future__ import annotations

from collections.abc import Iterator

from trialflow.adapters.hooks import hookimpl
from trialflow.adapters.ports import Renderer
from trialflow.adapters.provider import Provider

__all__ = ["trialflow_renderers"]


@hookimpl
def trialflow_renderers() -> Iterator[Provider[Renderer]]:
    """Workbooks."""
    yield Provider("xlsx", "a workbook, one sheet a table", _renderer)


def _renderer() -> Renderer:
    from trialflow_xlsx.renderer import XlsxRenderer

    return XlsxRenderer()
