"""Errors of the example service: problem documents by trialflow's codes, whole, and without a value of the request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ledger_samples import Ticking
from service_site import ANA, BEN, Faulty, Running, lead_of, running
from trialflow import TrialflowError
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow_service.problems import STATUS, TITLES

CANARY = "Zebulon Canary"


@pytest.fixture(scope="module")
def service() -> Iterator[Running]:
    """One service for the tests that change nothing."""
    with running() as found:
        yield found


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer, as RFC 9457 has it."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.text
    found: dict[str, Any] = answer.json()
    assert (found["status"], found["code"]) == (status, code)
    assert found["title"]
    assert found["detail"]
    assert CANARY not in answer.text
    return found


def test_a_refusal_has_every_reason(service: Running) -> None:
    lead = lead_of(service.tracker, "LF-3")
    refused = service.http.post(f"/api/leads/{lead}/moves", json={"to": "contacted", "expected_version": 1})
    found = problem(refused, 409, "refused")
    assert [(one["code"], bool(one["fix"])) for one in found["refusals"]] == [
        ("owner_missing", True),
        ("contact_missing", True),
    ]
    assert found["detail"] == "move is refused while the status is new"


def test_words_in_place_of_codes_are_not_repeated(service: Running) -> None:
    lead = lead_of(service.tracker, "LF-1")
    path, version = f"/api/leads/{lead}", 1
    bodies = ({"to": CANARY}, {"to": "closed", "reason": CANARY}, {"to": "closed", "authority_ref": CANARY})
    for body in bodies:
        refused = service.http.post(f"{path}/moves", json={**body, "expected_version": version})
        assert problem(refused, 409, "refused")["refusals"]
    owner = service.http.post(f"{path}/owner", json={"owner": CANARY, "expected_version": version})
    assert problem(owner, 409, "refused")["refusals"]


@pytest.mark.parametrize("path", ["", "/options", "/history"])
@pytest.mark.parametrize("lead", ["no-such-lead", CANARY, "x" * 300, "%00", "..%2f.."])
def test_a_lead_that_is_not_there(service: Running, path: str, lead: str) -> None:
    answer = service.http.get(f"/api/leads/{lead}{path}")
    if answer.json()["code"] != "http_404":  # a slash in it leads to another path
        problem(answer, 404, "lead_not_found")


def test_a_key_that_stands_for_something_else() -> None:
    with running() as service:
        path, key = f"/api/leads/{lead_of(service.tracker, 'LF-1')}/contacts", {"Idempotency-Key": CANARY}
        first = {"outcome": "reached", "expected_version": 1}
        assert service.http.post(path, json=first, headers=key).is_success
        other = service.http.post(path, json={"outcome": "no_answer", "expected_version": 2}, headers=key)
        problem(other, 422, "key_reused")


@pytest.mark.parametrize(("fault", "outcome"), [("before", "not stored"), ("after", "unknown")])
def test_a_store_that_fails_says_whether_it_is_stored_and_when_to_come_again(fault: str, outcome: str) -> None:
    """The same click under the same key is carried out once, whatever the outcome was."""
    storage = Faulty(clock=Ticking())
    with running(storage) as service:
        lead = lead_of(service.tracker, "LF-1")
        path, body, key = f"/api/leads/{lead}/contacts", {"expected_version": 1}, {"Idempotency-Key": "click-1"}
        storage.fault = fault
        failed = service.http.post(path, json=body, headers=key)
        assert problem(failed, 503, "storage_failed")["outcome"] == outcome
        assert int(failed.headers["Retry-After"]) > 0
        for _ in range(2):
            again = service.http.post(path, json=body, headers=key)
            assert (again.status_code, again.json()["attempts"], again.json()["version"]) == (200, 1, 2)


@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        ({"to": "contacting"}, "body.expected_version", "missing"),
        ({"to": "contacting", "expected_version": "1"}, "body.expected_version", "int_type"),
        ({"to": "contacting", "expected_version": True}, "body.expected_version", "int_type"),
        ({"to": "contacting", "expected_version": 1.5}, "body.expected_version", "int_type"),
        ({"to": "contacting", "expected_version": 0}, "body.expected_version", "greater_than_equal"),
        ({"to": "contacting", "expected_version": 1, "at": "2026-03-02T09:00:00"}, "body.at", "timezone_aware"),
        ({"to": "contacting", "expected_version": 1, "at": "9999-12-31T23:59:59-23:00"}, "body.at", "value_error"),
        ({"to": "contacting", "expected_version": 1, "at": CANARY}, "body.at", "datetime_from_date_parsing"),
        ({"to": CANARY * 20, "expected_version": 1}, "body.to", "string_too_long"),
        ({"to": {"a": CANARY}, "expected_version": 1}, "body.to", "string_type"),
        ({"to": "contacting", "expected_version": 1, "force": CANARY}, "body.force", "extra_forbidden"),
    ],
)
def test_input_that_does_not_fit(service: Running, body: dict[str, Any], place: str, code: str) -> None:
    answer = service.http.post(f"/api/leads/{lead_of(service.tracker, 'LF-1')}/moves", json=body)
    found = problem(answer, 422, "input_invalid")
    assert [(one["path"], one["code"]) for one in found["problems"]] == [(place, code)]


def test_all_that_does_not_fit_is_named_together(service: Running) -> None:
    answer = service.http.post("/api/leads", json={"person": {"name": 5}, "at": "soon"})
    places = {one["path"] for one in problem(answer, 422, "input_invalid")["problems"]}
    assert places == {"body.source", "body.external_id", "body.person.name", "body.at"}


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"source":"\\ud800","external_id":"1"}', b"\xff\xfe", b"source=Radio"]
)
def test_what_is_no_json_object(service: Running, content: bytes) -> None:
    answer = service.http.post("/api/leads", content=content, headers={"Content-Type": "application/json"})
    problem(answer, 422, "input_invalid")


def test_a_form_of_another_site_is_not_taken(service: Running) -> None:
    """A page elsewhere can send a form or plain text without asking; only JSON is read here."""
    text = '{"source":"Radio","external_id":"1"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = service.http.post("/api/leads", content=text, headers={"Content-Type": kind})
        problem(answer, 422, "input_invalid")


@pytest.mark.parametrize("person", ["", "somebody", ANA + "x"])
@pytest.mark.parametrize("path", ["/api/worklist", "/api/board", "/api/sponsor-update", "/api/names", "/board"])
def test_nobody_known_gets_nothing(service: Running, person: str, path: str) -> None:
    with service.as_(person) as stranger:
        answer = stranger.get(path)
    problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"]


def test_nobody_known_changes_nothing() -> None:
    with running() as service, service.as_("") as stranger:
        lead, before = lead_of(service.tracker, "LF-1"), list(service.tracker.storage.scan())
        bodies: dict[str, dict[str, Any]] = {
            "/api/leads": {"source": "Radio", "external_id": "9"},
            f"/api/leads/{lead}/moves": {"to": "contacting", "expected_version": 1},
            f"/api/leads/{lead}/contacts": {"expected_version": 1},
            f"/api/leads/{lead}/owner": {"owner": BEN, "reason": "absence", "expected_version": 1},
            f"/api/leads/{lead}/visits": {"visit_at": "2026-03-20T15:00:00Z", "expected_version": 1},
            "/api/sponsor-update": {"release": "week-10"},
        }
        for path, body in bodies.items():
            problem(stranger.post(path, json=body), 401, "unauthenticated")
        assert list(service.tracker.storage.scan()) == before
        for path, body in bodies.items():  # negative control: known, the same requests reach the rules
            assert service.http.post(path, json=body).status_code in (200, 201, 409)


def test_the_role_is_the_servers_to_say(service: Running) -> None:
    """No header, query or body makes a coordinator an investigator."""
    lead = lead_of(service.tracker, "LF-1")
    headers = {"X-Role": "investigator", "Role": "investigator"}
    answer = service.http.get(f"/api/leads/{lead}/options", params={"role": "investigator"}, headers=headers)
    assert answer.json() == service.http.get(f"/api/leads/{lead}/options").json()


def test_no_path_and_no_method_are_problems_too(service: Running) -> None:
    problem(service.http.get("/api/nothing"), 404, "http_404")
    answer = service.http.delete("/api/worklist")
    problem(answer, 405, "http_405")
    assert answer.headers["Allow"] == "GET"


def test_a_fault_of_the_service_says_nothing_of_itself() -> None:
    class Broken(MemoryStorage):
        def read(self, stream: str) -> Any:
            raise RuntimeError(f"{CANARY} in {stream}")

    with running() as service:
        service.tracker.storage = Broken()
        found = problem(service.http.get("/api/leads/broken"), 500, "internal")
        assert set(found) == {"type", "title", "status", "detail", "code"}


def test_another_name_of_this_machine_is_refused(service: Running) -> None:
    """A page elsewhere that points its own name at this machine does not get in."""
    assert service.http.get("/api/people", headers={"Host": "elsewhere.example.org"}).status_code == 400


def test_each_type_points_to_its_own_place(service: Running) -> None:
    page = service.http.get("/problems").text
    for code in TITLES:
        assert f'<dt id="{code}">' in page
    found = service.http.get("/api/leads/none").json()
    assert found["type"] == "/problems#lead_not_found"


def test_every_error_of_trialflow_has_a_status_or_is_a_fault() -> None:
    """A new error class must be given its status, or be one that no request can cause."""
    never = {"trialflow_error", "workflow_invalid", "import_rejected", "plugin_failed", "source_failed"}
    classes = _below(TrialflowError) | {TrialflowError}
    codes = {one.code for one in classes if one.__module__ == "trialflow.model.errors"}
    assert {one.code for one in STATUS} == codes - never
    assert {one.code for one in STATUS} <= set(TITLES)


def _below(kind: type[TrialflowError]) -> set[type[TrialflowError]]:
    return {one for sub in kind.__subclasses__() for one in {sub, *_below(sub)}}
