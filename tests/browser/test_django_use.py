"""The Django example in a browser, as its one command starts it: a refused move, two tabs, nothing for axe to find."""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import DESK, PHONE
from playwright.sync_api import Browser, BrowserContext, Page, expect

from serving import HOST

pytestmark = pytest.mark.browser

MANAGE = Path(__file__).parents[2] / "examples" / "django_site" / "manage.py"
_SECONDS = 90


@attrs.frozen
class Site:
    """The running site: where, and the password of its people."""

    address: str
    password: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`manage.py demo` over a database of its own."""
    folder = tmp_path_factory.mktemp("clinic")
    with socket.socket() as found:
        found.bind((HOST, 0))
        port = int(found.getsockname()[1])
    running = Site(f"http://{HOST}:{port}", secrets.token_urlsafe())
    command = [sys.executable, str(MANAGE), "demo", "--port", str(port), "--password", running.password]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CLINIC_", "DJANGO_"))}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**environment, "CLINIC_DB": str(folder / "clinic.sqlite3")}, stdout=log, stderr=log
        )
        try:
            _wait(running.address, process, folder / "log")
            yield running
        finally:
            process.terminate()
            process.wait(_SECONDS)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + _SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            direct.open(f"{address}/admin/login/", timeout=_SECONDS).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text("utf-8"))


def window(
    browser: Browser, site: Site, person: str, *, size: dict[str, int] = DESK, scheme: str = "light"
) -> BrowserContext:
    """A window in which ``person`` is logged in."""
    context = browser.new_context(viewport=size, color_scheme=scheme, base_url=site.address)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/admin/login/?next=/admin/recruiting/enquiry/")
    page.get_by_label("Username").fill(person)
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#result_list")).to_be_visible()
    page.close()
    return context


@pytest.fixture(scope="module")
def anna(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """Anna's window."""
    context = window(browser, site, "anna")
    yield context
    context.close()


def opened(context: BrowserContext, number: str) -> Page:
    """A tab that shows an enquiry, found in the list as a person finds it."""
    page = context.new_page()
    page.goto("/admin/recruiting/enquiry/")
    page.locator("#result_list tbody a", has_text=number).click()
    expect(page.get_by_role("heading", name="Moves")).to_be_visible()
    return page


def shown(page: Page) -> int:
    """The version that the page shows."""
    return int(page.locator("dt:text-is('Version') + dd").inner_text())


def told(page: Page) -> list[str]:
    """What happened, as the page lists it, the latest first."""
    return page.locator(".history li").all_inner_texts()


def test_a_refused_move_shows_why(anna: BrowserContext) -> None:
    """Of an enquiry that nobody owns: the button says it before, and the answer says it after."""
    page = opened(anna, "CL-002")
    before = told(page)
    move = page.locator(".moves li", has=page.get_by_role("button", name="Trying to reach", exact=True)).first
    expect(move).to_contain_text("nobody owns this lead; assign an owner first")
    move.get_by_role("button").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Nothing was recorded: the move is refused")
    expect(alert.locator("li")).to_have_text(["nobody owns this lead; assign an owner first"])
    assert told(page) == before


def test_two_tabs_on_one_enquiry_show_the_conflict_in_words(browser: Browser, site: Site, anna: BrowserContext) -> None:
    """Two people look at one enquiry; the slower one reads who was faster, and decides again."""
    lee = window(browser, site, "lee")
    try:
        hers, his = opened(anna, "CL-003"), opened(lee, "CL-003")
        seen = shown(hers)
        assert seen == shown(his)
        his.get_by_role("button", name="Awaiting prescreen").click()
        expect(his.locator(".messagelist .success")).to_contain_text("Awaiting prescreen")
        hers.get_by_role("button", name="Awaiting prescreen").click()
        alert = hers.get_by_role("alert")
        expect(alert).to_contain_text("Nothing was recorded: somebody was faster")
        expect(alert).to_contain_text(f"showed version {seen} of this enquiry; it is at version {seen + 1} now")
        expect(alert.locator("li")).to_have_text(
            [re.compile(r"Lee Sample: moved from Trying to reach to Awaiting prescreen")]
        )
        assert shown(hers) == seen + 1, "below, the page shows the enquiry as it is"
        assert len(told(hers)) == seen + 1
    finally:
        lee.close()


def test_two_tabs_of_one_person(anna: BrowserContext) -> None:
    first, second = opened(anna, "CL-012"), opened(anna, "CL-012")
    first.get_by_role("button", name="Awaiting prescreen").click()
    expect(first.locator(".messagelist .success")).to_be_visible()
    second.get_by_label("Reason").select_option("Person declined")
    second.get_by_role("button", name="Closed").click()
    expect(second.get_by_role("alert")).to_contain_text(
        "Anna Example: moved from Trying to reach to Awaiting prescreen"
    )
    expect(second.locator(".facts")).to_contain_text("Awaiting prescreen, since")
    second.get_by_label("Reason").select_option("Person declined")
    second.get_by_role("button", name="Closed").click()
    expect(second.locator(".messagelist .success")).to_contain_text("Closed")


def test_the_owner_in_the_tracker_is_the_person_who_is_logged_in(anna: BrowserContext) -> None:
    """What the tracker says is Anna's is hers: nothing to take over, and one row for her on the board."""
    page = opened(anna, "CL-004")
    owner = page.locator("dt:text-is('Owner') + dd")
    expect(owner).to_contain_text("Lee Sample")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_role("alert")).to_contain_text("a handoff says why")
    page.get_by_label("Why").select_option("Absence")
    page.get_by_role("button", name="Take over").click()
    expect(owner).to_have_text("Anna Example")
    assert "Anna Example: handed over from Lee Sample to Anna Example" in told(page)[0]
    page.goto("/")
    owners = page.frame_locator("iframe[title='The board']").locator("#owners tbody th")
    assert [name for name in owners.all_inner_texts() if "Anna" in name] == ["Anna Example"]


def test_what_was_handed_over_is_accepted_by_its_new_owner(browser: Browser, site: Site) -> None:
    lee = window(browser, site, "lee")
    try:
        page = opened(lee, "CL-022")
        owner = page.locator("dt:text-is('Owner') + dd")
        expect(owner).to_contain_text("Lee Sample")
        page.get_by_role("button", name="Accept the handoff").click()
        expect(owner).to_have_text("Lee Sample")
        assert "Lee Sample" in told(page)[0]
    finally:
        lee.close()


def test_the_board_is_in_the_admin(anna: BrowserContext) -> None:
    page = anna.new_page()
    page.goto("/")
    board = page.frame_locator("iframe[title='The board']")
    expect(board.get_by_role("heading", level=1)).to_be_visible()
    expect(board.locator("#buckets")).to_contain_text("New inquiries")


@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", PHONE)], ids=["light desk", "dark phone"])
def test_axe_finds_nothing(browser: Browser, site: Site, scheme: str, size: dict[str, int]) -> None:
    """On the pages of the example, with a refusal and with a conflict on them; and nothing breaks their policy."""
    context = window(browser, site, "lee", size=size, scheme=scheme)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda message: complaints.append(message.text))
    try:
        number = "CL-011" if scheme == "light" else "CL-020"
        listed, board, refused = context.new_page(), context.new_page(), opened(context, number)
        listed.goto("/admin/recruiting/enquiry/")
        board.goto("/admin/recruiting/enquiry/board/")
        stale = opened(context, "CL-004" if scheme == "light" else "CL-021")
        faster = context.new_page()
        faster.goto(stale.url)
        for tab in (faster, stale):
            tab.get_by_role("button", name="Awaiting prescreen").click()
        expect(stale.get_by_role("alert")).to_contain_text("somebody was faster")
        refused.locator("button.blocked").first.click()
        expect(refused.get_by_role("alert")).to_contain_text("the move is refused")
        for page in (listed, board, refused, stale):
            found = Axe().run(page).response["violations"]
            assert [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found] == []
        assert [text for text in complaints if "Content Security Policy" in text or "Error" in text] == []
    finally:
        context.close()
