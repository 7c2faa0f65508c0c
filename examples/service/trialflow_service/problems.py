"""Errors as ``application/problem+json`` (RFC 9457): one status for each of trialflow's codes, with all it knows.

No value of the request is repeated in an answer: a body may hold a name or a telephone number.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from trialflow import (
    Conflict,
    DecodeError,
    KeyReused,
    LeadNotFound,
    Refused,
    StorageError,
    TrialflowError,
    Unsupported,
)
from trialflow.reports.json import plain
from trialflow_service.bodies import Problem
from trialflow_service.desk import desk_of
from trialflow_service.views import meanwhile

__all__ = ["MEDIA_TYPE", "RETRY_AFTER", "STATUS", "TITLES", "install", "problem", "responses"]

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 1
"""Seconds to wait after a store failed."""

STATUS: Mapping[type[TrialflowError], HTTPStatus] = {
    Refused: HTTPStatus.CONFLICT,
    Conflict: HTTPStatus.CONFLICT,
    LeadNotFound: HTTPStatus.NOT_FOUND,
    KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    DecodeError: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unsupported: HTTPStatus.NOT_IMPLEMENTED,
    StorageError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The status of each error; any other of trialflow's is a fault of the service."""

TITLES: Mapping[str, str] = {
    "refused": "A rule says no",
    "conflict": "Somebody else changed the lead",
    "lead_not_found": "There is no such lead",
    "key_reused": "The key was used for something else",
    "decode_failed": "A value has the wrong type",
    "unsupported": "Something optional is not installed",
    "storage_failed": "The store failed",
    "input_invalid": "The request does not fit",
    "unauthenticated": "Nobody is logged in",
    "internal": "The service failed",
}
"""What each code means in a few words; the page ``/problems`` lists them."""


def problem(
    code: str, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """One problem document."""
    title = TITLES.get(code)
    known = f"/problems#{code}" if title is not None else "about:blank"
    found = Problem(
        type=known, title=title or HTTPStatus(status).phrase, status=status, detail=detail, code=code, **more
    )
    content = found.model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of an endpoint, for its OpenAPI. Everybody may get 401, 422 and 503."""
    said = {401: "nobody is logged in", 404: "no such lead", 409: "refused by a rule, or a conflict with somebody else"}
    said |= {422: "the request does not fit", 501: "an extra is missing", 503: "the store failed; a retry is safe"}
    return {status: {"model": Problem, "description": said[status]} for status in {401, 422, 503, *statuses}}


def install(app: FastAPI) -> None:
    """Let every error of ``app`` go out as a problem."""
    app.add_exception_handler(TrialflowError, _trialflow)
    app.add_exception_handler(RequestValidationError, _input)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


async def _trialflow(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TrialflowError)
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), None)
    if status is None:
        return await _unforeseen(request, error)
    headers = {"Retry-After": str(RETRY_AFTER)} if isinstance(error, StorageError) else None
    detail = str(error).partition("\n")[0].rstrip(":")  # further lines are the refusals or problems, told apart below
    return problem(error.code, status, detail, headers=headers, **await _more(request, error))


async def _more(request: Request, error: TrialflowError) -> dict[str, Any]:
    match error:
        case Refused():
            return {"refusals": plain(error.refusals)}
        case Conflict():
            desk = desk_of(request)
            lead = error.stream.removeprefix("lead:")
            since = [] if lead == error.stream else await desk.run(meanwhile, desk.tracker, lead, error.expected)
            return {"expected": error.expected, "actual": error.actual, "meanwhile": since}
        case StorageError():
            return {"outcome": error.outcome}
        case DecodeError():
            return {"problems": plain(error.problems)}
    return {}


async def _input(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    places = [
        {"path": ".".join(map(str, one["loc"])), "code": one["type"], "message": one["msg"]} for one in error.errors()
    ]
    detail = f"{len(places)} value(s) of the request do not fit; `problems` names each"
    return problem("input_invalid", HTTPStatus.UNPROCESSABLE_ENTITY, detail, problems=places)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = "unauthenticated" if error.status_code == HTTPStatus.UNAUTHORIZED else f"http_{error.status_code}"
    return problem(code, error.status_code, error.detail, headers=error.headers)


async def _unforeseen(_request: Request, _error: Exception) -> JSONResponse:
    """A fault of the service: the log has the traceback, the answer has nothing of it."""
    return problem("internal", HTTPStatus.INTERNAL_SERVER_ERROR, "the service failed; nothing is known of the outcome")
