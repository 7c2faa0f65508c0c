"""What is read: the board, the queue, the sponsor update, as trialflow's own JSON."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from trialflow.reports.json import to_json
from trialflow.reports.queue import worklist_report
from trialflow.tracker import Tracker
from trialflow_service.bodies import Moment, PersonView, Release
from trialflow_service.desk import Desk, desk_of
from trialflow_service.people import LOGGED_IN, Acting, people
from trialflow_service.problems import responses
from trialflow_service.views import names

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["reports"])

At = Annotated[Desk, Depends(desk_of)]
AsOf = Annotated[Moment | None, Query(description="As it was at this instant; left out: now.")]


def _report(name: str, *statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI of a report: its format here, its whole schema in trialflow's documentation; and its errors."""
    schema = {"type": "object", "required": ["format"], "properties": {"format": {"const": f"trialflow.{name}/1"}}}
    where = f"trialflow.{name}/1; docs/schema/{name}-1.schema.json is its JSON Schema"
    return responses(*statuses) | {200: {"description": where, "content": {"application/json": {"schema": schema}}}}


@router.get("/people", responses=responses())
async def everybody(desk: At) -> list[PersonView]:
    """Who may say who they are. STAND-IN, as all of ``people.py``: your login has no such list."""
    found = await desk.run(people, desk.tracker)
    return [PersonView(id=one.id, name=one.name, role=one.role) for one in found.values()]


@router.get("/names", dependencies=[LOGGED_IN], responses=responses())
async def called(desk: At) -> dict[str, str]:
    """What the site calls the opaque ids of its reports: people, leads, its own status words."""
    return await desk.run(lambda: desk.tracker.labels() | names(desk.tracker))


@router.get("/board", dependencies=[LOGGED_IN], responses=_report("dashboard"))
async def board(desk: At, as_of: AsOf = None) -> JSONResponse:
    """The coordinators' board."""
    return JSONResponse(await desk.run(lambda: to_json(desk.tracker.dashboard(as_of=as_of))))


@router.get("/worklist", dependencies=[LOGGED_IN], responses=_report("worklist"))
async def worklist(
    desk: At, owner: Annotated[str | None, Query(max_length=200)] = None, as_of: AsOf = None
) -> JSONResponse:
    """The queue in the order of work, of all or of one owner (``UNASSIGNED``: of nobody)."""
    return JSONResponse(await desk.run(_queue, desk.tracker, owner, as_of))


def _queue(tracker: Tracker, owner: str | None, as_of: Any) -> dict[str, Any]:
    at = tracker.instant(as_of)
    items = tracker.worklist(as_of=at, owner=owner, ended=False)
    return to_json(worklist_report(items, tracker.workflow, at, owner=owner))


@router.get(
    "/sponsor-update",
    dependencies=[LOGGED_IN],
    responses=_report("sponsor"),
)
async def sponsor_update(desk: At, as_of: AsOf = None) -> JSONResponse:
    """What would go out to the sponsor now; nothing is recorded."""
    return JSONResponse(await desk.run(lambda: to_json(desk.tracker.sponsor_update(as_of=as_of))))


@router.post("/sponsor-update", responses=_report("sponsor", 409))
async def release(asked: Release, desk: At, by: Acting) -> JSONResponse:
    """Let it go out under a name; the next update starts where this one ends. Asked again, it is the same update."""
    return JSONResponse(await desk.run(lambda: to_json(desk.tracker.sponsor_update(release=asked.release, by=by))))
