"""The pages on any width and on paper: nothing cut off, dark ink, no controls, enough contrast in grey."""

from __future__ import annotations

import re

import pytest
from browsing import PAGES, Open

pytestmark = pytest.mark.browser

KINDS = pytest.mark.parametrize("name", list(PAGES))
OVERFLOW = """() => {
    const edge = document.documentElement.clientWidth + 1;
    return [...document.querySelectorAll("body *")]
        .filter(e => e.getClientRects().length && getComputedStyle(e).position !== "absolute")
        .filter(e => !e.closest(".skip") && e.getBoundingClientRect().right > edge)
        .map(e => e.outerHTML.slice(0, 120));
}"""
GREYS = """() => [...new Set([...document.querySelectorAll("body *")]
    .filter(e => e.getClientRects().length && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => getComputedStyle(e).color + " on " + getComputedStyle(document.body).backgroundColor))]"""


@pytest.mark.parametrize("script", [True, False])
@KINDS
def test_nothing_reaches_beyond_the_screen(open_page: Open, name: str, script: bool) -> None:
    page = open_page(name, script=script).page
    for width in (320, 390, 640, 820, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        box = page.locator("html").bounding_box()
        assert box is not None
        assert box["width"] <= width
        if script:
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(OVERFLOW) == []


@KINDS
def test_no_column_is_cut_off_on_paper(open_page: Open, name: str) -> None:
    # A4 less its margins, in CSS pixels: upright for the report, across for the queue.
    for paper, part in ((688, "section:not(#queue)"), (1031, "#queue")):
        page = open_page(name, size={"width": paper, "height": 1000}).page
        page.emulate_media(media="print")
        cut = page.evaluate(OVERFLOW.replace('"body *"', f'"{part}, {part} *"'))
        assert cut == []


def test_the_check_finds_a_column_that_is_cut_off(open_page: Open) -> None:
    page = open_page("board", size={"width": 688, "height": 1000}).page
    page.emulate_media(media="print")
    page.evaluate("document.querySelector('#sources table').style.setProperty('width', '140%')")
    assert page.evaluate(OVERFLOW)


def test_print_has_no_controls_and_dark_ink(open_page: Open) -> None:
    page = open_page("board", scheme="dark").page
    page.emulate_media(media="print")
    controls = "form:visible, nav:visible, [role=status]:visible, summary:visible, .more-rows:visible"
    assert page.locator(controls).count() == 0
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.querySelector('#queue thead')).display") == "table-header-group"


def test_a_filtered_queue_says_so_on_paper(open_page: Open) -> None:
    page = open_page("board").page
    print_note = "getComputedStyle(document.querySelector('.count'), '::after').content"
    page.emulate_media(media="print")
    assert page.locator(".count:visible").count() == 0
    page.emulate_media(media="screen")
    page.locator("#queue-owner").select_option("Maya Osei")
    rows = page.locator("#queue tbody tr")
    total, found = rows.count(), page.locator("#queue tbody tr:not([hidden])").count()
    page.emulate_media(media="print")
    assert page.evaluate(print_note) == f'"Filtered: {found} of {total} leads. Owner: Maya Osei."'
    assert page.locator("#queue tbody tr:visible").count() == found


@KINDS
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_on_paper_is_dark_grey_or_black(open_page: Open, name: str, scheme: str) -> None:
    page = open_page(name, scheme=scheme).page
    page.emulate_media(media="print")
    for pair in page.evaluate(GREYS):
        ink, paper = ([int(n) for n in re.findall(r"\d+", side)[:3]] for side in pair.split(" on "))
        assert len(set(ink)) == 1, f"colour on paper: {pair}"
        assert paper == [255, 255, 255]
        assert ink[0] <= 0x59, f"too pale for a printer: {pair}"  # 7:1 on white


def pages_of(printed: bytes) -> list[tuple[float, float]]:
    """(width, height) of each page of a PDF, in points."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", printed)
    return [(float(width), float(height)) for width, height in boxes]


def test_the_queue_is_printed_across_and_the_rest_upright(open_page: Open) -> None:
    pages = pages_of(open_page("board").page.pdf(format="A4", prefer_css_page_size=True))
    across = [width > height for width, height in pages]
    assert across.index(True) > 0
    assert not across[0]


def test_the_sponsor_page_prints_on_four_pages_at_most(open_page: Open) -> None:
    pages = pages_of(open_page("sponsor").page.pdf(format="A4", prefer_css_page_size=True))
    assert 1 <= len(pages) <= 4
    assert all(width < height for width, height in pages)
