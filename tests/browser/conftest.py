"""The browser: Debian's Chromium, headless, driven by its path; and the pages it opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import CHROMIUM, DESK, FLAGS, LONG, PAGES, Open, Opened, missing_browser, required
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    if reason := missing_browser():
        if required():
            pytest.fail(reason + ", and TRIALFLOW_REQUIRE_BROWSER=1 asks for it")
        pytest.skip(reason)
    with sync_playwright() as engine:
        running = engine.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every kind of page as a file."""
    folder = tmp_path_factory.mktemp("pages")
    for name, make in (PAGES | LONG).items():
        (folder / f"{name}.html").write_bytes(make())
    return {path.stem: path for path in folder.iterdir()}


@pytest.fixture
def open_page(browser: Browser, files: dict[str, Path]) -> Iterator[Open]:
    """Opens pages: ``size`` of the window, colour ``scheme``, with or without ``script``, in ``forced`` colours."""
    contexts = []

    def opened(
        name: str | Path,
        *,
        size: dict[str, int] = DESK,
        scheme: str = "light",
        script: bool = True,
        forced: bool = False,
    ) -> Opened:
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=script,
            forced_colors="active" if forced else "none",
        )
        contexts.append(context)
        found = Opened(context.new_page())
        found.page.goto((name if isinstance(name, Path) else files[name]).as_uri())
        return found

    yield opened
    for context in contexts:
        context.close()
