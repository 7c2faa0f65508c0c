"""What is read: every report, as of past moments, with and without names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from trialflow.adapters.renderers.formats import FORMATS
from trialflow.rules.loading import default_workflow

from .conftest import MORNING, Run

REPORTS = {
    "board": "trialflow.dashboard/1",
    "worklist": "trialflow.worklist/1",
    "sponsor": "trialflow.sponsor/1",
    "sources": "trialflow.sources/1",
    "diagnose": "trialflow.diagnosis/1",
}
LISTS = {"gaps": "trialflow.gaps/1", "stale": "trialflow.stale/1", "proposals": "trialflow.proposals/1"}
NAMES = re.compile(r"LF-\d{4}|Mockridge|Sampleton|Draftman|Fictor|Notreal|Hold for cohort")


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_prints_in_every_format(run: Run, site: Path, tmp_path: Path, name: str) -> None:
    plain = run(name, "--as-of", MORNING)
    assert plain.code == 0
    assert len(plain.out.splitlines()) > 10
    assert run(name, "--as-of", MORNING, "--json").json["format"] == REPORTS[name]
    for kind in FORMATS:
        assert run(name, "--as-of", MORNING, "--format", kind).out
    page = tmp_path / "page.html"
    ran = run(name, "--as-of", MORNING, "--html", page)
    assert ran.out == f"page written to {page}\n"
    assert page.read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize("name", LISTS)
def test_every_list_prints_as_words_and_as_a_document(run: Run, site: Path, name: str) -> None:
    assert run(name, "--as-of", MORNING).out
    assert run(name, "--as-of", MORNING, "--json").json["format"] == LISTS[name]


def test_the_page_does_not_disturb_the_document(run: Run, site: Path, tmp_path: Path) -> None:
    ran = run("board", "--as-of", MORNING, "--json", "--html", tmp_path / "page.html")
    assert ran.json["format"] == "trialflow.dashboard/1"
    assert "page written to" in ran.err


@pytest.mark.parametrize("name", ["board", "worklist", "gaps", "stale"])
def test_no_names_means_none(run: Run, site: Path, name: str) -> None:
    named, bare = run(name, "--as-of", MORNING), run(name, "--as-of", MORNING, "--no-names")
    assert NAMES.search(named.out)
    assert not NAMES.search(bare.out)
    assert len(bare.out.splitlines()) > 10


def test_one_lead_without_names(run: Run, site: Path) -> None:
    run("note", "LF-0352", "canary text", "--at", MORNING)
    named, bare = run("lead", "LF-0352"), run("lead", "LF-0352", "--no-names")
    assert "canary text" in named.out
    assert NAMES.search(named.out)
    for text in (bare.out, run("lead", "LF-0352", "--no-names", "--json").out):
        assert "canary" not in text
        assert not NAMES.search(text)


def test_the_board_of_a_past_morning_is_the_one_it_was(run: Run, site: Path, demo: Path) -> None:
    then = run("board", "--as-of", MORNING, "--json").json
    assert then == json.loads((demo / "dashboard.json").read_text("utf-8"))
    run("contact", "LF-0352", "--at", "2026-05-19T10:00:00-05:00")
    assert run("board", "--as-of", MORNING, "--json").json == then


def test_since_says_from_when_movement_counts(run: Run, site: Path) -> None:
    def moves(*more: str) -> int:
        movement = run("board", "--as-of", MORNING, "--json", *more).json["movement"]["moves"]
        return sum(movement.values())

    assert moves("--since", "2026-05-04") > moves() > moves("--since", MORNING) == 0


def test_one_owners_queue_is_part_of_the_whole(run: Run, site: Path) -> None:
    def ids(*more: str) -> set[str]:
        return {row["lead_id"] for row in run("worklist", "--as-of", MORNING, "--json", *more).json["rows"]}

    everything, mine = ids(), ids("--owner", "Dev Fictor")
    assert mine
    assert mine < everything
    assert ids("--owner", "dev fictor") == mine
    assert ids("--owner", "UNASSIGNED") & mine == set()
    assert ids("--owner", "Eva Notreal") == set()  # away: her leads are nobody's


def test_the_queue_says_why_each_row_stands_where_it_stands(run: Run, site: Path) -> None:
    rows = run("worklist", "--as-of", MORNING, "--json").json["rows"]
    assert [row["rank"] for row in rows] == sorted(row["rank"] for row in rows)
    order = ["overdue", "due_today", "later", "none"]
    keys = [(order.index(due), int(before.removeprefix("open_"))) for due, before, _ in (r["ranked_by"] for r in rows)]
    assert keys == sorted(keys)
    assert all(row["ranked_by"][0] == row["due"] for row in rows)


def test_releases_chain_and_a_name_is_used_once(run: Run, site: Path) -> None:
    later = "2026-05-19T09:00:00-05:00"
    run("contact", "LF-0352", "--at", "2026-05-18T15:00:00-05:00")
    first = run("sponsor", "--as-of", later, "--release", "may-update", "--role", "site_lead", "--json")
    assert first.code == 0
    assert "released as may-update" in first.err
    twice = run("sponsor", "--as-of", later, "--release", "may-update", "--role", "site_lead")
    assert twice.code == 1
    assert "went out already" in twice.err
    second = run("sponsor", "--as-of", "2026-05-20T09:00:00-05:00", "--json").json
    assert second["since"] == first.json["as_of"]


def test_a_release_is_somebodys(run: Run, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRIALFLOW_BY")
    ran = run("sponsor", "--release", "may-update")
    assert ran.code == 2
    assert "--by ID" in ran.err


def lead(run: Run, *more: str) -> dict[str, Any]:
    document: dict[str, Any] = run("lead", *more, "--as-of", MORNING, "--json").json
    return document


def test_a_lead_is_found_by_each_of_its_ids(run: Run, site: Path) -> None:
    found = lead(run, "LF-0352")
    assert found["format"] == "trialflow.lead/1"
    assert lead(run, found["lead"]) == found
    assert lead(run, "lf-0352") == found
    assert lead(run, found["lead"][:8]) == found


def test_a_lead_says_what_is_possible_and_why_the_rest_is_not(run: Run, site: Path) -> None:
    waiting = next(
        row for row in run("worklist", "--as-of", MORNING, "--json").json["rows"] if row["records"] == "requested"
    )
    page = run("lead", waiting["lead_id"], "--as-of", MORNING).out
    for heading in ("next action", "What the next step needs", "Service levels", "Moves", "History"):
        assert heading in page
    options = {option["move"]: option for option in lead(run, waiting["lead_id"])["options"]}
    assert not options["schedule"]["allowed"]
    assert "not_ready" in {refusal["code"] for refusal in options["schedule"]["refusals"]}
    assert "not yet" in page


def test_a_planned_visit_comes_with_its_checklist(run: Run, site: Path) -> None:
    rows = run("worklist", "--as-of", MORNING, "--json").json["rows"]
    booked, early = (next(r["lead_id"] for r in rows if r["status"] == code) for code in ("scheduled", "new"))
    run("item", booked, "confirmation", "requested", "--at", "2026-05-18T08:00:00-05:00", "--due", "2026-05-19")
    page = run("lead", booked, "--as-of", MORNING).out
    assert "To prepare for the visit of " in page
    assert "[x] Medical records: reviewed" in page
    assert "[ ] Confirmation by the person: requested, by Tue 19 May" in page
    assert "[ ] Travel and logistics: not said yet" in page
    steps = lead(run, booked)["visit_preparation"]["steps"]
    assert [step["item"] for step in steps] == [item.code for item in default_workflow().items]
    assert "To prepare" not in run("lead", early, "--as-of", MORNING).out
    assert lead(run, early)["visit_preparation"] is None


def test_service_levels_are_told_in_the_words_of_the_diagnosis(run: Run, site: Path) -> None:
    said = run("lead", "LF-0057", "--as-of", MORNING).out
    assert "First attempt after arrival: met late, due Mon 23 Feb" in said
    assert "Review after the prescreen: missed and open, due Mon 13 Apr" in said


def test_the_moves_of_a_decider_differ(run: Run, site: Path) -> None:
    attended = next(
        row for row in run("worklist", "--as-of", MORNING, "--json").json["rows"] if row["status"] == "attended"
    )["lead_id"]  # fmt: skip

    def codes(role: str) -> set[str]:
        option = next(o for o in lead(run, attended, "--role", role)["options"] if o["to"] == "in_screening")
        return {refusal["code"] for refusal in option["refusals"]}

    assert "decider_required" in codes("coordinator")
    assert codes("investigator") == {"authority_missing"}


def test_a_lead_as_of_a_past_day_is_the_one_it_was(run: Run, site: Path) -> None:
    early = run("lead", "LF-0052", "--as-of", "2026-05-05", "--json").json
    late = run("lead", "LF-0052", "--as-of", MORNING, "--json").json
    assert len(early["history"]) <= len(late["history"])
    assert run("lead", "LF-0404", "--as-of", "2026-05-05").code == 1  # not here yet


def test_proposals_wait_for_a_person(run: Run, site: Path) -> None:
    from trialflow.model.parties import SYSTEM
    from trialflow.tracker import Tracker

    known = lead(run, "LF-0352")["lead"]
    with Tracker.open(site) as tracker:
        at = tracker.instant(None).replace(2026, 5, 18, 15)
        tracker.propose(known, "close-1", "move", by=SYSTEM, target="closed", at=at)
        tracker.propose(known, "call-1", "action", by=SYSTEM, target="call_again", at=at)
    assert "LF-0352  close-1: move to closed" in run("proposals").out
    assert run("resolve", "LF-0352", "call-1", "declined", "--at", "2026-05-19").code == 0
    assert [p["proposal"] for p in run("proposals", "--json").json["proposals"]] == ["close-1"]
    assert run("resolve", "LF-0352", "call-1", "declined", "--at", "2026-05-19").code == 1


def test_what_the_rules_suggest_is_recorded_once_and_waits_for_a_person(run: Run, site: Path) -> None:
    def listed(*more: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = run("proposals", "--as-of", *more, "--json").json["proposals"]
        return found

    before = run("board", "--as-of", MORNING, "--json").json["statuses"]
    assert listed(MORNING) == []
    found = listed(MORNING, "--suggest")
    assert {p["proposal"] for p in found} > {"close_no_response", "ask_records"}
    assert listed(MORNING, "--suggest") == found == listed(MORNING)
    assert run("board", "--as-of", MORNING, "--json").json["statuses"] == before
    closing = next(p for p in found if p["proposal"] == "close_no_response")
    assert run("resolve", closing["lead"], "close_no_response", "accepted", "--at", MORNING).code == 0
    assert len(listed(MORNING, "--suggest")) == len(found) - 1
    month = "2026-06-18T09:00:00-05:00"
    assert all(p["expired"] for p in listed(month))
    assert run("proposals", "--as-of", month).out.startswith("0 open proposals")
    assert "expired Mon 25 May" in run("proposals", "--as-of", month).out


@pytest.mark.parametrize("command", [["lead", "LF-0352"], ["gaps"], ["stale"], ["worklist"]])
def test_an_absence_told_later_changes_no_earlier_morning(run: Run, site: Path, command: list[str]) -> None:
    """It covers that morning, yet nobody knew of it then: every command answers as the board does."""
    then = run(*command, "--as-of", MORNING, "--json").json
    told = ["--since", "2026-05-01", "--at", "2026-05-19T10:00:00-05:00"]
    for owner in ("Dev Fictor", "Ben Sampleton", "Ana Mockridge", "Cleo Draftman"):
        assert run("absence", owner, *told).code == 0
    assert run(*command, "--as-of", MORNING, "--json").json == then
