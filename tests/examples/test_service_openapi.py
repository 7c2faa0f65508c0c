"""The OpenAPI document of the example service: valid, and it says what really happens, errors included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from service_site import Running, lead_of, running
from trialflow_service.people import HEADER
from trialflow_service.problems import MEDIA_TYPE


@pytest.fixture(scope="module")
def service() -> Iterator[Running]:
    with running() as found:
        yield found


@pytest.fixture(scope="module")
def document(service: Running) -> dict[str, Any]:
    found: dict[str, Any] = service.http.get("/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def schema_of(document: dict[str, Any], operation: dict[str, Any], status: int, media: str) -> dict[str, Any]:
    """The schema of one answer, with the components it refers to."""
    found = operation["responses"][str(status)]["content"][media]["schema"]
    return {**found, "components": document["components"]}


def fits(answer: httpx.Response, schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(schema).validate(answer.json())


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_an_invalid_document_would_be_found(document: dict[str, Any]) -> None:
    broken = {**document, "paths": {"/x": {"get": {"responses": {"200": {"content": {}}}}}}}
    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


def test_every_operation_documents_its_errors(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        errors = {status for status in operation["responses"] if status >= "400"}
        expected = {"401", "422", "503"} | ({"404"} if "{lead_id}" in path else set())
        assert errors == expected | ({"409"} if method == "post" else set()), (path, method)
        for status in errors:
            assert list(operation["responses"][status]["content"]) == [MEDIA_TYPE], (path, method, status)
        assert operation["description"], (path, method)


def test_only_the_list_of_people_is_open(document: dict[str, Any]) -> None:
    unguarded = {path for path, _, operation in operations(document) if not operation.get("security")}
    assert unguarded == {"/api/people"}


def test_every_command_takes_a_key_and_a_version(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if method == "post" and "{lead_id}" in path:
            headers = {one["name"] for one in operation["parameters"] if one["in"] == "header"}
            assert headers == {"Idempotency-Key"}
            reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            body = document["components"]["schemas"][reference.rpartition("/")[2]]
            assert "expected_version" in body["required"]


def test_real_answers_fit(service: Running, document: dict[str, Any]) -> None:
    """Every reading operation, and each kind of error, as it really answers."""
    lead = lead_of(service.tracker, "LF-2")
    for path, method, operation in operations(document):
        if method == "get":
            answer = service.http.get(path.replace("{lead_id}", lead))
            assert answer.status_code == 200, path
            jsonschema.Draft202012Validator(schema_of(document, operation, 200, "application/json")).validate(
                answer.json()
            )
    moves = f"/api/leads/{lead}/moves"
    operation = document["paths"]["/api/leads/{lead_id}/moves"]["post"]
    problems = {
        409: service.http.post(moves, json={"to": "contacting", "expected_version": 1}),
        422: service.http.post(moves, json={}),
        404: service.http.post("/api/leads/none/moves", json={"to": "contacting", "expected_version": 1}),
        401: service.http.post(moves, json={"to": "contacting", "expected_version": 1}, headers={HEADER: "stranger"}),
    }
    for status, answer in problems.items():
        assert answer.status_code == status
        fits(answer, schema_of(document, operation, status, MEDIA_TYPE))


def test_the_document_draws_nothing_from_elsewhere(service: Running) -> None:
    """The pages that FastAPI would draw it with fetch scripts from another server: they are off."""
    assert {service.http.get(path).status_code for path in ("/docs", "/redoc")} == {404}
