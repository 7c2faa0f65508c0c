"""Make docs/images/dashboard.png anew: the top of the page that `trialflow demo` writes, as a browser shows it.

`make picture` runs it. It needs Chromium (Debian's by default; $CHROMIUM names another).
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from trialflow.cli import main as trialflow

__all__ = ["main"]

_WIDTH, _HEIGHT = 1280, 1240
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--hide-scrollbars"]


def main() -> int:
    """Write the picture; say where it is."""
    target = Path(__file__).parents[1] / "docs" / "images" / "dashboard.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as out, sync_playwright() as engine:
        if trialflow(["demo", "--out", out]):
            return 1
        browser = engine.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=_FLAGS)
        page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT}, color_scheme="light")
        page.goto((Path(out) / "dashboard.html").as_uri())
        page.screenshot(path=target)
        browser.close()
    print(
        f"written: {target.relative_to(Path.cwd()) if target.is_relative_to(Path.cwd()) else target}", file=sys.stderr
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
