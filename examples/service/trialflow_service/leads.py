"""One lead: receive it, look at it, move it, hand it over, record a contact or a visit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response

from trialflow import Lead
from trialflow_service.bodies import Contact, HistoryView, Inquiry, LeadView, Move, OptionsView, Owner, Visit
from trialflow_service.desk import Desk, desk_of
from trialflow_service.people import LOGGED_IN, Acting
from trialflow_service.problems import responses
from trialflow_service.views import history_view, lead_view, options_view

__all__ = ["router"]

router = APIRouter(prefix="/api/leads", tags=["leads"], dependencies=[LOGGED_IN])

At = Annotated[Desk, Depends(desk_of)]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        description="A text of your own for this one click: sent again with it, the command is carried out once.",
    ),
]
_READ = responses(404)
_COMMAND = responses(404, 409)
_RECEIVED: dict[int | str, dict[str, Any]] = {
    200: {"model": LeadView, "description": "known already"},
    **responses(409),
}


@router.post(
    "", status_code=201, responses={200: {"model": LeadView, "description": "known already"}, **responses(409)}
)
async def receive(asked: Inquiry, desk: At, by: Acting, response: Response) -> LeadView:
    """An inquiry becomes a lead. Sent again it is the same lead, and the answer is 200."""
    receipt = await desk.run(
        desk.tracker.receive,
        asked.source,
        asked.external_id,
        by=by,
        at=asked.at,
        person=asked.person,
        study=asked.study,
    )
    response.status_code = 201 if receipt.created else 200
    response.headers["Location"] = f"/api/leads/{receipt.lead.id}"
    return await desk.run(lead_view, desk.tracker, receipt.lead)


@router.get("/{lead_id}", responses=_READ)
async def lead(lead_id: str, desk: At) -> LeadView:
    """The lead as it is now, and what to do next."""
    return await desk.run(lambda: lead_view(desk.tracker, desk.tracker.lead(lead_id)))


@router.get("/{lead_id}/options", responses=_READ)
async def options(lead_id: str, desk: At, by: Acting) -> OptionsView:
    """Every move out of the present status for whoever asks, each with what stands in its way: the buttons."""
    return await desk.run(options_view, desk.tracker, lead_id, by)


@router.get("/{lead_id}/history", responses=_READ)
async def history(lead_id: str, desk: At) -> list[HistoryView]:
    """Everything recorded of the lead, a sentence each, the oldest first."""
    return await desk.run(lambda: history_view(desk.tracker, desk.tracker.history(lead_id)))


@router.post("/{lead_id}/moves", responses=_COMMAND)
async def move(lead_id: str, asked: Move, desk: At, by: Acting, key: Key = "") -> LeadView:
    """Move to another status."""
    return await _carried_out(desk, desk.tracker.move, lead_id, by=by, key=key, **asked.model_dump())


@router.post("/{lead_id}/visits", responses=_COMMAND)
async def schedule(lead_id: str, asked: Visit, desk: At, by: Acting, key: Key = "") -> LeadView:
    """Give the visit a slot, and move to the status for it."""
    return await _carried_out(desk, desk.tracker.schedule, lead_id, by=by, key=key, **asked.model_dump())


@router.post("/{lead_id}/contacts", responses=_COMMAND)
async def contact(lead_id: str, asked: Contact, desk: At, by: Acting, key: Key = "") -> LeadView:
    """Record one attempt to reach the person."""
    return await _carried_out(desk, desk.tracker.contact, lead_id, by=by, key=key, **asked.model_dump())


@router.post("/{lead_id}/owner", responses=_COMMAND)
async def assign(lead_id: str, asked: Owner, desk: At, by: Acting, key: Key = "") -> LeadView:
    """Hand over to somebody, or to ``UNASSIGNED``."""
    return await _carried_out(desk, desk.tracker.assign, lead_id, by=by, key=key, **asked.model_dump())


async def _carried_out(desk: Desk, command: Callable[..., Lead], lead_id: str, **how: Any) -> LeadView:
    """Read, decide and append in one worker thread; then the lead as it is."""
    return await desk.run(lambda: lead_view(desk.tracker, command(lead_id, **how)))
