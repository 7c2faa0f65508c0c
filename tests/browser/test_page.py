"""The pages in a real browser: no fault for axe, no request, no console error, usable by keyboard, phone and print."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from samples import site_page, sponsor_page

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
PAGES: dict[str, Callable[[], bytes]] = {"site": site_page, "sponsor": sponsor_page}

FAULTY = """<!doctype html><html><head><title></title></head><body>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><input type="text"><button></button>
<p style="color:#bbb;background:#fff">pale</p><table><tr><th scope="col" aria-sort="up">x</th></tr></table></body></html>"""
PLANTED = {
    "document-title",
    "html-has-lang",
    "image-alt",
    "label",
    "button-name",
    "color-contrast",
    "aria-valid-attr-value",
}


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
        return self.page.locator("[role=status]").inner_text()

    def shown(self) -> int:
        return self.page.locator("#queue tbody tr:visible").count()


Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name, make in PAGES.items():
        (folder / f"{name}.html").write_bytes(make())
    (folder / "faulty.html").write_text(FAULTY)
    return {path.stem: path for path in folder.iterdir()}


@pytest.fixture
def open_page(browser: Browser, files: dict[str, Path]) -> Iterator[Open]:
    contexts = []

    def opened(name: str, *, size: dict[str, int] = DESK, scheme: str = "light", script: bool = True) -> Opened:
        context = browser.new_context(viewport=size, color_scheme=scheme, java_script_enabled=script)  # type: ignore[arg-type]
        contexts.append(context)
        found = Opened(context.new_page())
        found.page.goto(files[name].as_uri())
        return found

    yield opened
    for context in contexts:
        context.close()


def faults(page: Page) -> dict[str, list[str]]:
    """The rules of axe that the page breaks, each with the elements that break it."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return {rule["id"]: [node["html"][:160] for node in rule["nodes"]] for rule in found}


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", list(PAGES))
def test_axe_finds_nothing(open_page: Open, name: str, scheme: str, size: dict[str, int]) -> None:
    assert faults(open_page(name, scheme=scheme, size=size).page) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", list(PAGES))
def test_axe_finds_nothing_in_print(open_page: Open, name: str, scheme: str) -> None:
    found = open_page(name, scheme=scheme)
    found.page.emulate_media(media="print")
    assert faults(found.page) == {}


def test_axe_finds_planted_faults(open_page: Open) -> None:
    assert set(faults(open_page("faulty").page)) >= PLANTED


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", list(PAGES))
def test_nothing_is_fetched_and_nothing_complained_about(
    open_page: Open, files: dict[str, Path], name: str, size: dict[str, int]
) -> None:
    found = open_page(name, size=size)
    found.page.wait_for_load_state("networkidle")
    assert found.complaints == []
    assert {url for url in found.requests if not url.startswith("data:")} == {files[name].as_uri()}


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [320, 390, 700, 1280])
@pytest.mark.parametrize("name", list(PAGES))
def test_no_page_is_wider_than_the_screen(open_page: Open, name: str, width: int, script: bool) -> None:
    found = open_page(name, size={"width": width, "height": 800}, script=script)
    box = found.page.locator("html").bounding_box()
    assert box is not None
    if script:
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
    assert box["width"] <= width


def test_what_to_do_first_is_on_the_first_screen(open_page: Open) -> None:
    for size, part in ((DESK, ".step >> nth=1"), (PHONE, "#start h2")):
        found = open_page("site", size=size)
        box = found.page.locator(part).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= size["height"], f"{part} starts below the first screen"


def test_the_policy_stops_a_planted_script_and_a_request(open_page: Open, files: dict[str, Path]) -> None:
    planted = (
        files["site"]
        .read_text(encoding="utf-8")
        .replace(
            "</body>",
            "<script>window.ran = 1</script><img src='https://example.org/x' onerror='window.ran = 2'></body>",
        )
    )
    path = files["site"].with_name("planted.html")
    path.write_text(planted, encoding="utf-8")
    found = open_page("site")
    found.page.goto(path.as_uri())
    assert found.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in text or "content security policy" in text for text in found.complaints)


def test_filter_by_keyboard(open_page: Open) -> None:
    found = open_page("site")
    page = found.page
    total = page.locator("#queue tbody tr").count()
    page.locator("#queue-find").focus()
    page.keyboard.type("google")
    matching = page.locator("#queue tbody tr:not([hidden])").count()
    assert 0 < matching < total
    assert f"of {matching} that match, out of {total}" in found.status()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "queue-bucket"
    page.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('#queue tbody tr[hidden]').length === 0")
    assert f"out of {total}" in found.status()


def test_sort_by_keyboard(open_page: Open) -> None:
    page = open_page("site").page
    head = page.locator("#queue").get_by_role("columnheader", name="Owner")
    before = page.locator("#queue tbody tr").first.inner_text()

    def owners() -> list[str]:
        return page.locator("#queue tbody tr td:nth-child(3) .value").all_inner_texts()

    page.locator("#queue").get_by_role("button", name="Owner").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    ascending = owners()
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "descending"
    assert ascending[0] != owners()[0]
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") is None
    assert page.locator("#queue tbody tr").first.inner_text() == before


def test_more_rows_come_on_demand_and_print_has_all(open_page: Open) -> None:
    found = open_page("site")
    total = found.page.locator("#queue tbody tr").count()
    assert found.shown() == 50 < total
    found.page.get_by_role("button", name="more rows").press("Enter")
    assert found.shown() == 100
    found.page.emulate_media(media="print")
    assert found.shown() == total


def test_a_bucket_leads_to_its_leads(open_page: Open) -> None:
    found = open_page("site")
    link = found.page.locator(".card-label a", has_text="Contacted")
    link.focus()
    found.page.keyboard.press("Enter")
    assert found.page.locator("#queue-bucket").input_value() == "Contacted"
    buckets = found.page.locator("#queue tbody tr:not([hidden])").evaluate_all(
        "rows => rows.map(row => row.dataset.bucket)"
    )
    assert set(buckets) == {"Contacted"}


def test_the_skip_link_comes_first_and_leads_to_the_content(open_page: Open) -> None:
    page = open_page("site").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_focus_can_be_seen_everywhere(open_page: Open) -> None:
    page = open_page("site").page
    for _ in range(25):
        page.keyboard.press("Tab")
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2, page.evaluate("document.activeElement.outerHTML")


def test_without_a_script_everything_is_there(open_page: Open) -> None:
    found = open_page("site", script=False)
    assert found.shown() == found.page.locator("#queue tbody tr").count() > 100
    assert found.page.locator("form:visible, button:visible").count() == 0


def test_on_a_phone_each_value_has_its_column_and_sorting_its_menu(open_page: Open) -> None:
    found = open_page("site", size=PHONE)
    cell = found.page.locator("#queue tbody tr td").first
    assert found.page.evaluate("c => getComputedStyle(c, '::before').content", cell.element_handle()) == '"Status"'
    found.page.locator("#queue-sort").select_option(label="Owner")
    assert "by Owner, ascending" in found.status()


def test_print_has_no_controls_and_dark_ink(open_page: Open) -> None:
    page = open_page("site", scheme="dark").page
    page.emulate_media(media="print")
    assert page.locator("form:visible, nav:visible, [role=status]:visible").count() == 0
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.querySelector('#queue thead')).display") == "table-header-group"


def test_the_sponsor_page_prints_on_three_pages_at_most(open_page: Open, tmp_path: Path) -> None:
    printed = open_page("sponsor").page.pdf(format="A4", prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page/") <= 3


def test_a_missing_browser_fails_where_one_is_required() -> None:
    assert os.environ.get("TRIALFLOW_REQUIRE_BROWSER") in (None, "", "0", "1")
