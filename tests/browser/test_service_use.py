"""The example service in a browser: buttons that say why they are grey, a refused move, two tabs on one lead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import DESK, PHONE
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ledger_samples import Ticking
from service_site import BEN, Faulty, Running, lead_of, running, walk_through_the_visit, walk_to_the_visit
from trialflow_service.people import COOKIE

pytestmark = pytest.mark.browser


@pytest.fixture
def storage() -> Faulty:
    """A store that fails when told to."""
    return Faulty(clock=Ticking())


@pytest.fixture
def service(storage: Faulty) -> Iterator[Running]:
    with running(storage) as found:
        yield found


@pytest.fixture
def context(browser: Browser, service: Running) -> Iterator[BrowserContext]:
    """A window of Ana's, at the site."""
    found = browser.new_context(viewport=DESK, timezone_id="America/Chicago", base_url=service.address)  # type: ignore[arg-type]
    yield found
    found.close()


def opened(context: BrowserContext, service: Running, called: str = "LF-1") -> Page:
    """A tab that shows a lead."""
    page = context.new_page()
    page.goto(f"/leads/{lead_of(service.tracker, called)}")
    expect(page.locator("#moves button").first).to_be_visible()
    return page


def press(page: Page, name: str) -> None:
    """Press a button as a person does, a grey one too."""
    page.get_by_role("button", name=name, exact=True).dispatch_event("click")


def test_a_narrow_queue_shows_the_same_columns_in_head_and_rows(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/")
    expect(page.locator("#queue")).to_be_visible()
    for size, columns in ((DESK, 5), (PHONE, 4)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        head, first = (
            [box["x"] for cell in page.locator(f"#queue {row} > :visible").all() if (box := cell.bounding_box())]
            for row in ("thead tr", "tbody tr:first-child")
        )
        assert head == first
        assert len(head) == columns


def test_from_the_queue_to_a_lead(context: BrowserContext, service: Running) -> None:
    page = context.new_page()
    page.goto("/")
    expect(page.get_by_role("status")).to_have_text("3 open leads")
    page.get_by_label("Whose").select_option("UNASSIGNED")
    expect(page.get_by_role("status")).to_have_text("1 open lead")
    page.get_by_role("link", name="LF-3").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("LF-3")
    expect(page.locator("#facts")).to_contain_text("nobody")


def test_a_grey_button_says_why_beside_it_and_when_pressed(context: BrowserContext, service: Running) -> None:
    page = opened(context, service, "LF-3")
    grey = page.get_by_role("button", name="Reached", exact=True).first
    why = "nobody owns this lead – assign an owner first; no contact attempt is recorded – record the contact first"
    expect(grey).to_have_attribute("aria-disabled", "true")
    expect(grey).to_have_accessible_description(why)
    before = len(service.tracker.history(lead_of(service.tracker, "LF-3")))
    grey.dispatch_event("click")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("“Reached” is not possible now:")
    expect(alert.locator("li")).to_have_text(why.split("; "))
    assert len(service.tracker.history(lead_of(service.tracker, "LF-3"))) == before


def test_a_move_that_the_server_refuses_shows_why(context: BrowserContext, service: Running) -> None:
    """The reason is asked for; sent without one, the refusal is shown, and then the reason is taken."""
    page, lead = opened(context, service), lead_of(service.tracker, "LF-1")
    press(page, "Closed")
    expect(page.get_by_label("Reason")).to_be_focused()
    press(page, "Record")
    expect(page.get_by_role("alert")).to_contain_text("this move needs a reason")
    assert service.tracker.lead(lead).status == "new"
    page.get_by_label("Reason").select_option("Person declined")
    press(page, "Record")
    expect(page.get_by_role("alert")).to_have_text("Recorded.")
    expect(page.locator("#facts")).to_contain_text("Closed, since 2 Mar 2026")
    assert service.tracker.lead(lead).close_reason == "declined"


def test_two_tabs_on_one_lead_show_the_conflict_in_words(context: BrowserContext, service: Running) -> None:
    first, second = opened(context, service), opened(context, service)
    press(first, "Trying to reach")
    expect(first.get_by_role("alert")).to_have_text("Recorded.")
    press(second, "No answer")
    alert = second.get_by_role("alert")
    expect(alert).to_contain_text("Nothing was recorded: this lead changed while you looked at it.")
    expect(alert).to_contain_text("You saw version 1, it is at version 2 now.")
    expect(alert.locator("li")).to_have_text(
        ["2 Mar 2026, 09:00, Ana Example: moved from New inquiry to Trying to reach"]
    )
    expect(alert).to_be_focused()
    lead = lead_of(service.tracker, "LF-1")
    assert [record.event.kind for record in service.tracker.history(lead)] == ["received", "moved"]
    press(second, "Show the lead as it is now")
    expect(second.locator("#facts")).to_contain_text("Trying to reach")
    press(second, "No answer")
    expect(second.get_by_role("alert")).to_have_text("Recorded.")
    assert service.tracker.lead(lead).attempts == 1


def test_two_people_on_one_lead(browser: Browser, context: BrowserContext, service: Running) -> None:
    """Each in a window of their own: the one who was slower reads who was faster."""
    other = browser.new_context(base_url=service.address)
    other.add_cookies([{"name": COOKIE, "value": BEN, "url": service.address}])
    try:
        mine, bens = opened(context, service), opened(other, service)
        expect(bens.get_by_label("You are")).to_have_value(BEN)
        press(bens, "Voicemail left")
        expect(bens.get_by_role("alert")).to_have_text("Recorded.")
        press(mine, "Trying to reach")
        expect(mine.get_by_role("alert")).to_contain_text("Ben Sampleton: contact attempt no. 1: voicemail")
    finally:
        other.close()


def test_a_click_twice_is_one_click(context: BrowserContext, service: Running) -> None:
    page = opened(context, service)
    page.evaluate("[1, 2, 3].forEach(() => document.querySelector('[data-outcome=reached]').click())")
    expect(page.get_by_role("alert")).to_have_text("Recorded.")
    assert service.tracker.lead(lead_of(service.tracker, "LF-1")).attempts == 1


@pytest.mark.parametrize("fault", ["before", "after"])
def test_a_click_while_the_store_fails_is_sent_again_and_recorded_once(
    context: BrowserContext, service: Running, storage: Faulty, fault: str
) -> None:
    page = opened(context, service)
    storage.fault = fault
    press(page, "No answer")
    expect(page.get_by_role("alert")).to_have_text("Recorded.", timeout=15_000)
    assert service.tracker.lead(lead_of(service.tracker, "LF-1")).attempts == 1


def test_a_service_that_is_gone_is_said(context: BrowserContext, service: Running) -> None:
    page = opened(context, service)
    context.set_offline(True)
    press(page, "No answer")
    expect(page.get_by_role("alert")).to_contain_text("The service cannot be reached.", timeout=15_000)
    context.set_offline(False)
    assert service.tracker.lead(lead_of(service.tracker, "LF-1")).attempts == 0


def test_what_a_study_team_decides_asks_for_its_authority(context: BrowserContext, service: Running) -> None:
    """Grey for a coordinator; of an investigator it asks where the decision was recorded."""
    lead = lead_of(service.tracker, "LF-1")
    walk_through_the_visit(service, lead)
    page, name = opened(context, service), "Study team: screening visit recorded"
    expect(page.get_by_role("button", name=name)).to_have_attribute("aria-disabled", "true")
    page.get_by_label("You are").select_option("Investigator")
    expect(page.get_by_role("button", name=name)).not_to_have_attribute("aria-disabled", "true")
    press(page, name)
    page.get_by_label("Recorded where").fill("log-17")
    press(page, "Record")
    expect(page.get_by_role("alert")).to_have_text("Recorded.")
    found = service.tracker.lead(lead)
    assert found.status == "in_screening"
    assert service.tracker.history(lead)[-1].event.by.role == "investigator"


def test_a_visit_is_scheduled(context: BrowserContext, service: Running) -> None:
    lead = lead_of(service.tracker, "LF-1")
    walk_to_the_visit(service, lead)
    page = opened(context, service)
    press(page, "Visit scheduled")
    page.get_by_label("Visit on").fill("2026-03-20T10:30")
    press(page, "Record")
    expect(page.get_by_role("alert")).to_have_text("Recorded.")
    expect(page.locator("#facts")).to_contain_text("20 Mar 2026, 10:30")
    assert service.tracker.lead(lead).status == "scheduled"


def test_markup_in_a_name_stays_text(context: BrowserContext, service: Running) -> None:
    body = {"source": "<b>Radio</b>", "external_id": "<img src=x onerror=alert(1)>"}
    assert service.http.post("/api/leads", json=body).status_code == 201
    page = opened(context, service, body["external_id"])
    expect(page.get_by_role("heading", level=1)).to_have_text(body["external_id"])
    expect(page.locator("#facts")).to_contain_text("<b>Radio</b>")
    assert page.locator("main img, main b").count() == 0


@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", PHONE)], ids=["light desk", "dark phone"])
def test_axe_finds_nothing(browser: Browser, service: Running, scheme: str, size: dict[str, int]) -> None:
    """On every page, with a question, a refusal and a conflict on the screen; and no page complains."""
    context = browser.new_context(viewport=size, color_scheme=scheme, base_url=service.address)  # type: ignore[arg-type]
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda message: complaints.append(message.text))
    try:
        queue = context.new_page()
        queue.goto("/")
        expect(queue.locator("#queue")).to_be_visible()
        refused, stale = opened(context, service, "LF-3"), opened(context, service)
        problems = context.new_page()
        problems.goto("/problems")
        assert complaints == []
        press(refused, "Closed")
        press(refused, "Record")
        expect(refused.get_by_role("alert")).to_contain_text("needs a reason")
        assert service.http.post(
            f"/api/leads/{lead_of(service.tracker, 'LF-1')}/contacts", json={"expected_version": 1}
        )
        press(stale, "No answer")
        expect(stale.get_by_role("alert")).to_contain_text("Meanwhile")
        for page in (queue, refused, stale, problems):
            found = Axe().run(page).response["violations"]
            assert [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found] == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off"
        assert all("409 (Conflict)" in text for text in complaints)
    finally:
        context.close()


def test_the_keyboard_reaches_every_button(context: BrowserContext, service: Running) -> None:
    """A grey one, too: who cannot see its colour hears why it does not work."""
    page = opened(context, service, "LF-3")
    reached: set[str] = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("document.activeElement.dataset.move || document.activeElement.dataset.outcome || ''")
        )
    assert reached >= {"try_to_reach", "reach", "close", "reached", "no_answer", "voicemail"}


def test_nothing_of_another_server_is_asked(context: BrowserContext, service: Running) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    opened(context, service)
    page = context.new_page()
    page.goto("/board")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert asked
    assert all(url.startswith((service.address, "data:")) for url in asked)


def test_the_policy_stops_a_planted_script(context: BrowserContext, service: Running) -> None:
    """Negative control of the policy: code that got into the page does not run."""
    page = opened(context, service)
    page.evaluate("""() => {
        const planted = document.createElement('script');
        planted.textContent = 'window.ran = true';
        document.body.append(planted);
    }""")
    assert page.evaluate("window.ran") is None
