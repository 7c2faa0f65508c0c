"""What the tests in a browser share: the pages, the screens, and an opened page with all it asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import attrs
import samples
from playwright.sync_api import Page

from trialflow.adapters.renderers.formats import render
from trialflow.adapters.renderers.html import HtmlRenderer
from trialflow.reports.values import Dashboard

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}


def short_board() -> Dashboard:
    """The board with a short queue of every kind of row, stale and active: what axe looks at takes its time."""
    report = samples.site_report()
    return attrs.evolve(report, queue=report.queue[::5])


NAMED = samples.LABELS | {row.lead_id: "Wren Blankenship-Test" for row in samples.worklist_report().rows}
"""Labels of a site whose sheet has no ids: a lead is called by its name."""

PAGES: dict[str, Callable[[], bytes]] = {
    "board": lambda: HtmlRenderer(rows=100).render(short_board(), labels=samples.LABELS),
    "worklist": lambda: HtmlRenderer(rows=30).render(samples.worklist_report(), labels=NAMED),
    "sponsor": lambda: render(samples.sponsor_report(), "html"),
    "sources": lambda: render(samples.quality_report(), "html"),
    "diagnosis": lambda: render(samples.diagnosis_report(), "html"),
}
"""Every kind of page."""

LONG: dict[str, Callable[[], bytes]] = {
    "long_board": lambda: HtmlRenderer(rows=120).render(samples.site_report(), labels=samples.LABELS),
}
"""A queue that is cut, and longer than a screen shows at once."""


class Opened:
    """A page with everything it asked for and complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def status(self) -> str:
        """What the live region of the queue says."""
        return self.page.locator("[role=status]").inner_text()

    def shown(self) -> int:
        """How many rows of the queue can be seen."""
        return self.page.locator("#queue tbody tr:visible").count()


def missing_browser() -> str:
    """Why there is no browser, or nothing. A test fails where one is required, and is skipped elsewhere."""
    return "" if CHROMIUM.exists() else f"{CHROMIUM} is not installed (apt-get install chromium)"


def required() -> bool:
    """Whether the environment insists on a browser."""
    return os.environ.get("TRIALFLOW_REQUIRE_BROWSER") == "1"


class Open(Protocol):
    """Opens a page by its name or path."""

    def __call__(
        self,
        name: str | Path,
        *,
        size: dict[str, int] = ...,
        scheme: str = ...,
        script: bool = ...,
        forced: bool = ...,
    ) -> Opened: ...
