"""The pages: the queue and one lead (static files that ask the JSON API), the board, and what each problem means.

The static pages may run their own scripts and styles and ask this service, nothing else. The board is trialflow's own
page: it names the hashes of its one style sheet and its one script itself.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.middleware.base import RequestResponseEndpoint

from trialflow.adapters.renderers.formats import render
from trialflow_service.desk import Desk, desk_of
from trialflow_service.people import LOGGED_IN
from trialflow_service.problems import TITLES

__all__ = ["FOLDER", "POLICY", "guarded", "router"]

FOLDER = Path(__file__).parent / "static"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_OWN_POLICY = "frame-ancestors 'none'"

router = APIRouter(include_in_schema=False)


@router.get("/")
async def queue() -> FileResponse:
    """The queue."""
    return FileResponse(FOLDER / "queue.html")


@router.get("/leads/{lead_id}")
async def lead() -> FileResponse:
    """One lead; which one, the page reads from its address."""
    return FileResponse(FOLDER / "lead.html")


@router.get("/board", dependencies=[LOGGED_IN])
async def board(desk: Annotated[Desk, Depends(desk_of)]) -> HTMLResponse:
    """The coordinators' board as one self-contained page, with the site's own names."""
    content = await desk.run(lambda: render(desk.tracker.dashboard(), "html", labels=desk.tracker.labels()))
    return HTMLResponse(content, headers={"Content-Security-Policy": _OWN_POLICY})


@router.get("/problems")
async def problems() -> HTMLResponse:
    """What the ``type`` of a problem points to."""
    rows = (f'<dt id="{escape(code)}">{escape(code)}</dt><dd>{escape(title)}.</dd>' for code, title in TITLES.items())
    return HTMLResponse((FOLDER / "problems.html").read_text("utf-8").replace("<!-- rows -->", "".join(rows)))


async def guarded(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Headers of every answer: no foreign code, no guessing of types, nothing of a person in a cache or a referrer."""
    response = await call_next(request)
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
