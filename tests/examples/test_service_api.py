"""The example service over HTTP: leads, their buttons, commands that name the version they were decided on, reports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from service_site import ANA, BEN, Running, lead_of, running, walk_through_the_visit, walk_to_the_visit
from trialflow import Refusal

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"


@pytest.fixture(scope="module")
def service() -> Iterator[Running]:
    """One service for all tests of this module; each takes a lead of its own."""
    with running() as found:
        yield found


@pytest.fixture
def lead(service: Running, request: pytest.FixtureRequest) -> str:
    """A new lead of Ana's."""
    body = {"source": "Website", "external_id": request.node.name, "person": {"name": "Ann Example"}}
    made = service.http.post("/api/leads", json=body)
    assert made.status_code == 201
    lead = str(made.json()["id"])
    assert service.http.post(f"/api/leads/{lead}/owner", json={"owner": ANA, "expected_version": 1}).status_code == 200
    return lead


def test_an_inquiry_is_one_lead_however_often_it_comes(service: Running) -> None:
    body = {"source": "Website", "external_id": "form-1", "person": {"name": "Ann Example", "phone": "+1 212 555 0101"}}
    first, again = (service.http.post("/api/leads", json=body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["Location"] == again.headers["Location"] == f"/api/leads/{first.json()['id']}"
    assert first.json() == again.json() == service.http.get(first.headers["Location"]).json()
    assert first.json()["called"] == "form-1"
    assert service.tracker.identity(first.json()["id"])["phone"] == "+1 212 555 0101"


def test_a_lead_says_what_to_do_next(service: Running) -> None:
    found = service.http.get(f"/api/leads/{lead_of(service.tracker, 'LF-2')}").json()
    assert (found["called"], found["version"], found["status"]) == ("LF-2", 2, "contacting")
    assert (found["status_label"], found["owner_called"]) == ("Trying to reach", "Ana Example")
    assert found["next"]["label"]
    assert found["next"]["due_at"].endswith("Z")


def test_options_are_the_trackers_own(service: Running, lead: str) -> None:
    """Each move with exactly the refusals that the command gives, and the fields that would mend them."""
    found = service.http.get(f"/api/leads/{lead}/options").json()
    assert (found["lead"], found["version"]) == (lead, 2)
    moves = {option["move"]: option for option in found["options"]}
    assert moves["try_to_reach"]["allowed"]
    assert (moves["close"]["allowed"], moves["close"]["asks"]) == (False, ["reason"])
    assert {"code": "declined", "label": "Person declined"} in moves["close"]["reasons"]
    assert [r["code"] for r in moves["reach"]["refusals"]] == ["contact_missing"]
    assert moves["reach"]["asks"] == []
    grey = [option for option in found["options"] if not option["allowed"]]
    assert {option["move"] for option in grey} == {"reach", "close"}
    for option in grey:
        moved = service.http.post(f"/api/leads/{lead}/moves", json={"to": option["move"], "expected_version": 2})
        assert moved.json()["refusals"] == option["refusals"]


def test_options_depend_on_who_asks() -> None:
    """What a study team decides is grey for a coordinator; an investigator is asked for the authority."""
    with running() as service, service.as_("investigator-1") as doctor:
        lead = lead_of(service.tracker, "LF-1")
        walk_through_the_visit(service, lead)
        mine, theirs = (_option(http, lead, "record_screening") for http in (service.http, doctor))
    assert [one["code"] for one in mine["refusals"]] == ["decider_required", "authority_missing"]
    assert (theirs["asks"], [one["code"] for one in theirs["refusals"]]) == (["authority_ref"], ["authority_missing"])


def test_options_ask_the_sites_own_guards() -> None:
    """A guard that a plugin brings makes the button grey, as it refuses the move."""
    own = Refusal("own_rule", "the site says no", "ask the site")
    with running() as service:
        service.tracker.guards = {**service.tracker.guards, "owner": lambda _attempt: own}
        option = _option(service.http, lead_of(service.tracker, "LF-1"), "try_to_reach")
    assert option["refusals"] == [{"code": own.code, "message": own.message, "fix": own.fix}]


def test_a_move_names_its_version(service: Running, lead: str) -> None:
    moved = service.http.post(f"/api/leads/{lead}/moves", json={"to": "contacting", "expected_version": 2})
    assert moved.status_code == 200
    assert (moved.json()["status"], moved.json()["version"]) == ("contacting", 3)
    assert moved.json() == service.http.get(f"/api/leads/{lead}").json()


def test_a_stale_view_is_a_conflict_that_tells_what_happened(service: Running, lead: str) -> None:
    with service.as_(BEN) as ben:
        assert ben.post(f"/api/leads/{lead}/contacts", json={"outcome": "reached", "expected_version": 2}).is_success
    stale = service.http.post(f"/api/leads/{lead}/moves", json={"to": "contacting", "expected_version": 2})
    assert (stale.status_code, stale.headers["Content-Type"]) == (409, "application/problem+json")
    problem = stale.json()
    assert (problem["code"], problem["expected"], problem["actual"]) == ("conflict", 2, 3)
    assert [(one["version"], one["by_called"], one["said"]) for one in problem["meanwhile"]] == [
        (3, "Ben Sampleton", "contact attempt no. 1: reached")
    ]
    assert service.http.get(f"/api/leads/{lead}").json()["status"] == "new"


def test_a_visit_is_a_slot_and_a_move(service: Running, lead: str) -> None:
    path = f"/api/leads/{lead}"
    refused = service.http.post(f"{path}/visits", json={"visit_at": "2026-03-20T15:00:00Z", "expected_version": 2})
    assert (refused.status_code, refused.json()["code"]) == (409, "refused")
    walk_to_the_visit(service, lead)
    version = service.tracker.lead(lead).version
    option = _option(service.http, lead, "schedule")
    assert option["asks"] == ["visit_at"], option
    done = service.http.post(f"{path}/visits", json={"visit_at": "2026-03-20T15:00:00Z", "expected_version": version})
    assert (done.json()["status"], done.json()["visit_at"]) == ("scheduled", "2026-03-20T15:00:00Z")


def test_a_handover_needs_its_reason(service: Running, lead: str) -> None:
    path, body = f"/api/leads/{lead}/owner", {"owner": BEN, "expected_version": 2}
    assert [r["code"] for r in service.http.post(path, json=body).json()["refusals"]] == ["context_missing"]
    assert service.http.post(path, json={**body, "reason": "absence"}).json()["owner_called"] == "Ben Sampleton"


def test_the_history_in_sentences(service: Running) -> None:
    rows = service.http.get(f"/api/leads/{lead_of(service.tracker, 'LF-2')}/history").json()
    assert [(row["version"], row["said"]) for row in rows] == [
        (1, "arrived from Radio; owner Ana Example"),
        (2, "moved from New inquiry to Trying to reach"),
    ]


@pytest.mark.parametrize(
    ("path", "schema"), [("board", "dashboard"), ("worklist", "worklist"), ("sponsor-update", "sponsor")]
)
def test_reports_are_trialflows_own_documents(service: Running, path: str, schema: str) -> None:
    found = service.http.get(f"/api/{path}", params={"as_of": "2026-03-02T15:00:00Z"})
    assert found.status_code == 200
    text = (SCHEMAS / f"{schema}-1.schema.json").read_text("utf-8")
    jsonschema.Draft202012Validator(json.loads(text)).validate(found.json())
    assert found.json()["format"] == f"trialflow.{schema}/1"


def test_one_owners_queue(service: Running) -> None:
    everybody = service.http.get("/api/worklist").json()
    nobodys = service.http.get("/api/worklist", params={"owner": "UNASSIGNED"}).json()
    assert {row["owner"] for row in nobodys["rows"]} == {"UNASSIGNED"}
    assert 0 < len(nobodys["rows"]) < len(everybody["rows"])
    names = service.http.get("/api/names").json()
    assert {names[row["lead_id"]] for row in nobodys["rows"]} >= {"LF-3"}


def test_a_released_update_is_the_same_when_asked_again() -> None:
    with running() as service:
        looked = service.http.get("/api/sponsor-update").json()
        first, again = (service.http.post("/api/sponsor-update", json={"release": "week-10"}) for _ in range(2))
        assert first.json() == again.json() == looked
        assert [one.release for one in service.tracker.site_state().releases] == ["week-10"]


def test_the_sponsor_gets_no_lead_and_no_name(service: Running) -> None:
    text = service.http.get("/api/sponsor-update").text
    for lead in service.tracker.leads():
        assert lead.id not in text
    assert "Example" not in text
    assert ANA not in text


def test_the_board_as_a_page(service: Running) -> None:
    page = service.http.get("/board")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.text.startswith("<!doctype html>")
    assert "LF-2" in page.text
    assert "Ana Example" in page.text


def _option(http: httpx.Client, lead: str, move: str) -> dict[str, Any]:
    options: list[dict[str, Any]] = http.get(f"/api/leads/{lead}/options").json()["options"]
    return next(option for option in options if option["move"] == move)
