"""The board in use: by keyboard and screen reader, filtered and sorted, with and without its script, large."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
import samples
from browsing import DESK, PHONE, Open, missing_browser, required

from trialflow.adapters.renderers.html import HtmlRenderer

pytestmark = pytest.mark.browser

BUCKETS = "rows => [...new Set(rows.map(row => row.dataset.bucket))]"


def test_what_to_do_first_is_on_the_first_screen(open_page: Open) -> None:
    for size, part in ((DESK, ".step >> nth=1"), (PHONE, "#start h2")):
        box = open_page("long_board", size=size).page.locator(part).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= size["height"], f"{part} starts below the first screen"


def test_stale_leads_come_before_active_ones(open_page: Open) -> None:
    page = open_page("long_board").page
    captions = page.locator("#queue caption").all_inner_texts()
    assert [text.split(":")[0] for text in captions] == ["Stale leads", "Active leads"]
    assert page.locator("#queue table >> nth=0 >> tbody tr").evaluate_all(BUCKETS) == ["Stale"]
    assert "Stale" not in page.locator("#queue table >> nth=1 >> tbody tr").evaluate_all(BUCKETS)


def test_filter_by_keyboard(open_page: Open) -> None:
    found = open_page("long_board")
    page = found.page
    total = page.locator("#queue tbody tr").count()
    page.locator("#queue-find").focus()
    page.keyboard.type("google")
    matching = page.locator("#queue tbody tr:not([hidden])").count()
    assert 0 < matching < total
    assert f"of {matching} that match, out of {total}" in found.status()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "queue-owner"
    page.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('#queue tbody tr[hidden]').length === 0")
    assert f"out of {total}" in found.status()


def test_filters_work_together_on_both_queues(open_page: Open) -> None:
    found = open_page("long_board")
    found.page.locator("#queue-owner").select_option("Maya Osei")
    found.page.locator("#queue-due").select_option("Overdue or due today")
    rows = found.page.locator("#queue tbody tr:not([hidden])")
    assert set(rows.evaluate_all("rows => rows.map(row => row.dataset.owner)")) == {"Maya Osei"}
    assert len(rows.evaluate_all(BUCKETS)) > 1  # both queues
    found.page.locator("#queue-bucket").select_option("Stale")
    assert found.page.locator("#queue table:visible").count() == 1


def test_a_search_that_finds_nothing_says_so(open_page: Open) -> None:
    found = open_page("long_board")
    found.page.locator("#queue-find").fill("nobody has this name")
    assert found.status().startswith("Showing 0 of 0 that match")
    assert found.page.locator("#queue table:visible").count() == 0


def test_sort_by_keyboard(open_page: Open) -> None:
    page = open_page("long_board").page
    head = page.locator("#queue table >> nth=0").get_by_role("columnheader", name="Owner")
    before = page.locator("#queue tbody tr").first.inner_text()

    def owners(table: int) -> list[str]:
        return page.locator(f"#queue table >> nth={table} >> tbody tr td:nth-child(4) .value").all_inner_texts()

    page.locator("#queue table >> nth=0").get_by_role("button", name="Owner").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    ascending = owners(0)
    assert ascending == sorted(ascending, key=str.casefold) or "Łukasz Żak" in ascending
    assert owners(1)[0] == ascending[0]  # the other queue follows
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "descending"
    assert ascending[0] != owners(0)[0]
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") is None
    assert page.locator("#queue tbody tr").first.inner_text() == before


def test_what_can_be_sorted_has_a_name_without_its_arrow(open_page: Open) -> None:
    page = open_page("long_board").page
    names = [button.inner_text() for button in page.locator("#queue table >> nth=0 >> thead button").all()]
    assert names[:3] == ["Lead", "Source", "Status"]
    assert page.locator("#queue").get_by_role("button", name="Lead", exact=True).count() == 2


def test_more_rows_come_on_demand_and_print_has_all(open_page: Open) -> None:
    found = open_page("long_board")
    total = found.page.locator("#queue tbody tr").count()
    assert found.shown() == 50 < total  # 25 in each queue
    assert "more leads are not shown here" in found.page.locator("#queue").inner_text()
    found.page.get_by_role("button", name="more of").first.press("Enter")
    assert found.shown() > 50
    found.page.emulate_media(media="print")
    assert found.shown() == total


def test_a_bucket_an_owner_and_a_step_lead_to_their_leads(open_page: Open) -> None:
    found = open_page("long_board")
    page = found.page
    page.locator(".card-label a", has_text="Contacted").press("Enter")
    assert page.locator("#queue-bucket").input_value() == "Contacted"
    assert page.locator("#queue tbody tr:not([hidden])").evaluate_all(BUCKETS) == ["Contacted"]
    page.locator("#owners a", has_text="Tom Berg").press("Enter")
    assert (page.locator("#queue-bucket").input_value(), page.locator("#queue-owner").input_value()) == ("", "Tom Berg")
    step = page.locator(".step", has_text="in the queue").first
    wanted = step.locator(".rest > a").inner_text().split()[1]
    step.locator(".rest > a").press("Enter")
    assert f"of {wanted} that match" in found.status()
    owner = step.locator(".owners a").first
    owner.press("Enter")
    assert page.locator("#queue-owner").input_value() == owner.inner_text()
    assert page.locator("#queue-action").input_value() == step.locator("h3").inner_text()


def test_the_skip_link_comes_first_and_leads_to_the_content(open_page: Open) -> None:
    page = open_page("long_board").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("forced", [False, True])
def test_focus_can_be_seen_and_is_not_covered_everywhere(open_page: Open, forced: bool) -> None:
    page = open_page("long_board", forced=forced).page
    seen = set()
    for _ in range(70):
        page.keyboard.press("Tab")
        width, on_top = page.evaluate("""() => {
            const it = document.activeElement, box = it.getBoundingClientRect();
            const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 8));
            const free = top !== null && (it.contains(top) || top.contains(it));
            return [parseFloat(getComputedStyle(it).outlineWidth), free];
        }""")
        what = page.evaluate("document.activeElement.outerHTML.slice(0, 160)")
        assert width >= 2, what
        assert on_top, f"something lies on top of {what}"
        seen.add(what)
    assert len(seen) > 60


def test_without_a_script_everything_is_there(open_page: Open) -> None:
    found = open_page("long_board", script=False)
    assert found.shown() == found.page.locator("#queue tbody tr").count() > 100
    assert found.page.locator("form:visible, button:visible").count() == 0
    found.page.locator(".rest > a").first.click()
    assert found.page.url.endswith("#queue")


def test_on_a_phone_each_value_has_its_column_and_sorting_its_menu(open_page: Open) -> None:
    found = open_page("long_board", size=PHONE)
    cell = found.page.locator("#queue tbody tr td").first
    assert found.page.evaluate("c => getComputedStyle(c, '::before').content", cell.element_handle()) == '"Source"'
    found.page.locator("#queue-sort").select_option(label="Owner")
    assert "by Owner, ascending" in found.status()


def test_a_queue_of_thousands_filters_and_sorts(open_page: Open, tmp_path: Path) -> None:
    report = samples.site_report()
    many = tuple(attrs.evolve(row, rank=n, lead_id=f"{n:08}") for n, row in enumerate(report.queue * 28, start=1))
    path = tmp_path / "many.html"
    path.write_bytes(HtmlRenderer(rows=5000).render(attrs.evolve(report, queue=many), labels=samples.LABELS))
    found = open_page(path)
    assert found.page.locator("#queue tbody tr").count() == 5000
    found.page.locator("#queue-find").fill("00004321")
    assert found.status().startswith("Showing 1 of 1 that match, out of 5000")
    found.page.locator("#queue-find").fill("")
    found.page.locator("#queue-sort").evaluate(
        "s => { s.value = '3'; s.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    assert found.status().endswith("by Owner, ascending.")
    assert len(many) > 5000
    assert "more leads are not shown here" in found.page.locator("#queue").inner_text()


def test_a_missing_browser_is_told_apart_from_an_unwanted_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("browsing.CHROMIUM", Path("/nowhere/chromium"))
    assert "apt-get install chromium" in missing_browser()
    monkeypatch.setenv("TRIALFLOW_REQUIRE_BROWSER", "1")
    assert required()
    monkeypatch.setenv("TRIALFLOW_REQUIRE_BROWSER", "")
    assert not required()
