"""No page has a fault for axe, asks for anything, or complains, in any colour scheme and on any screen."""

from __future__ import annotations

from pathlib import Path

import pytest
import samples
from axe_playwright_python.sync_playwright import Axe
from browsing import DESK, PAGES, PHONE, Open
from playwright.sync_api import Page

from trialflow.adapters.renderers.formats import render

pytestmark = pytest.mark.browser

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
KINDS = pytest.mark.parametrize("name", list(PAGES))

FAULTY = """<!doctype html><html><head><title></title></head><body>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><input type="text"><button></button>
<p style="color:#bbb;background:#fff">pale</p><table><tr><th scope="col" aria-sort="up">x</th></tr></table>
</body></html>"""
PLANTED = {
    "document-title",
    "html-has-lang",
    "image-alt",
    "label",
    "button-name",
    "color-contrast",
    "aria-valid-attr-value",
}


def faults(page: Page) -> dict[str, list[str]]:
    """The rules of axe that the page breaks, each with the elements that break it."""
    found = Axe().run(page).response["violations"]
    return {rule["id"]: [node["html"][:160] for node in rule["nodes"]] for rule in found}


@KINDS
@SCHEMES
@SIZES
def test_axe_finds_nothing(open_page: Open, name: str, scheme: str, size: dict[str, int]) -> None:
    assert faults(open_page(name, scheme=scheme, size=size).page) == {}


@KINDS
@SCHEMES
def test_axe_finds_nothing_in_print(open_page: Open, name: str, scheme: str) -> None:
    page = open_page(name, scheme=scheme).page
    page.emulate_media(media="print")
    assert faults(page) == {}


def test_axe_finds_planted_faults(open_page: Open, tmp_path: Path) -> None:
    path = tmp_path / "faulty.html"
    path.write_text(FAULTY)
    assert set(faults(open_page(path).page)) >= PLANTED


def test_axe_finds_a_fault_planted_in_a_real_page(open_page: Open) -> None:
    page = open_page("board").page
    page.evaluate("document.querySelectorAll('label').forEach(label => label.remove())")
    assert {"label", "select-name"} <= set(faults(page))


@KINDS
@SIZES
def test_nothing_is_fetched_and_nothing_complained_about(
    open_page: Open, files: dict[str, Path], name: str, size: dict[str, int]
) -> None:
    found = open_page(name, size=size)
    found.page.wait_for_load_state("networkidle")
    assert found.complaints == []
    assert {url for url in found.requests if not url.startswith("data:")} == {files[name].as_uri()}


def test_the_policy_stops_a_planted_script_and_a_request(
    open_page: Open, files: dict[str, Path], tmp_path: Path
) -> None:
    planted = "<script>window.ran = 1</script><img src='https://example.org/x' onerror='window.ran = 2'></body>"
    path = tmp_path / "planted.html"
    path.write_text(files["board"].read_text(encoding="utf-8").replace("</body>", planted), encoding="utf-8")
    found = open_page(path)
    assert found.page.evaluate("window.ran") is None
    assert len([text for text in found.complaints if "content security policy" in text.lower()]) >= 2


def test_hostile_labels_stay_text_in_a_browser(open_page: Open, tmp_path: Path) -> None:
    evil = "<img src=x onerror=window.ran=1>"
    labels = {key: evil + key for key in samples.LABELS}
    path = tmp_path / "hostile.html"
    path.write_bytes(render(samples.site_report(), "html", labels=labels))
    found = open_page(path)
    assert found.page.evaluate("window.ran") is None
    assert found.page.locator("img").count() == 0
    link = found.page.locator("#owners a", has_text="own-1")
    link.click()
    assert found.page.locator("#queue-owner").input_value() == evil + "own-1"
    assert found.complaints == []
