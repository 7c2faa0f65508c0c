"""The browser: Debian's Chromium, headless, driven by its path."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The sample reports are shared with the renderers' own tests.
sys.path.insert(0, str(Path(__file__).parents[1] / "adapters" / "renderers"))

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


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """One Chromium for all tests; where there is none the tests are skipped, or fail if one is required."""
    if not CHROMIUM.exists():
        reason = f"{CHROMIUM} is not installed (apt-get install chromium)"
        if os.environ.get("TRIALFLOW_REQUIRE_BROWSER") == "1":
            pytest.fail(reason + ", and TRIALFLOW_REQUIRE_BROWSER=1 asks for it")
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as engine:
        running = engine.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield running
        running.close()
