"""What holds the next milestone back: readiness items and blockers, beside the status, never folded into one note."""

from __future__ import annotations

from functools import lru_cache

import attrs

from trialflow.model.facts import Blocker, ReadinessItem
from trialflow.model.lead import Lead
from trialflow.rules.workflow import Workflow

__all__ = ["FIRST_GATE", "Readiness", "blocker_item", "next_milestone", "readiness"]

_RECORDS = "records"

FIRST_GATE = "scheduled"
"""The milestone that readiness is about unless another is named."""


@attrs.frozen(kw_only=True)
class Readiness:
    """What is satisfied and what is open before ``milestone``; each item and blocker says since when, whose turn it is
    and until when."""

    milestone: str
    satisfied: tuple[ReadinessItem, ...]
    open: tuple[ReadinessItem, ...]
    blockers: tuple[Blocker, ...]
    records_open: bool
    """The records item is not reviewed yet, or a blocker about records stands."""
    other_open: int
    """How many other items and blockers stand."""

    @property
    def ready(self) -> bool:
        """Nothing stands in the way."""
        return not self.open and not self.blockers


def blocker_item(workflow: Workflow, kind: str) -> str:
    """The readiness item a blocker kind is about, or an empty text."""
    found = workflow.blocker(kind)
    return (found.item or "") if found is not None else ""


def next_milestone(lead: Lead, workflow: Workflow) -> str:
    """The next milestone that items gate and the present status has not reached; the first of them by default."""
    return _next_gate(workflow, lead.status)


def readiness(lead: Lead, workflow: Workflow, *, milestone: str = FIRST_GATE) -> Readiness:
    """The readiness of ``lead`` for ``milestone``: items that gate it, in the workflow's order, and all blockers."""
    if not lead.items and not lead.blockers:
        return _nothing(milestone)
    gating, known = _gating(workflow, milestone)
    codes = [*gating, *(code for code in lead.items if code not in known)]
    items = [_owned(lead, lead.items[code]) for code in codes if code in lead.items]
    opened = tuple(item for item in items if item.open)
    about_records = sum(blocker_item(workflow, b.kind) == _RECORDS for b in lead.blockers)
    records = sum(item.item == _RECORDS for item in opened)
    return Readiness(
        milestone=milestone,
        satisfied=tuple(item for item in items if not item.open),
        open=opened,
        blockers=lead.blockers,
        records_open=bool(records or about_records),
        other_open=len(opened) - records + len(lead.blockers) - about_records,
    )


@lru_cache(maxsize=64)
def _nothing(milestone: str) -> Readiness:
    """Nothing asked for and nothing in the way, as for most leads of a long list: one value for all of them."""
    return Readiness(milestone=milestone, satisfied=(), open=(), blockers=(), records_open=False, other_open=0)


@lru_cache(maxsize=64)
def _gating(workflow: Workflow, milestone: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The items that gate this milestone, in the workflow's order; and all items it knows."""
    return tuple(i.code for i in workflow.items if i.gates == milestone), frozenset(i.code for i in workflow.items)


@lru_cache(maxsize=4096)
def _next_gate(workflow: Workflow, status: str) -> str:
    """The first milestone that items gate, in the workflow's order, and a status has not reached."""
    known = workflow.status(status)
    reached = known.reaches if known is not None else ()
    return next((item.gates for item in workflow.items if item.gates not in reached), FIRST_GATE)


def _owned(lead: Lead, item: ReadinessItem) -> ReadinessItem:
    """The item with whose turn it is: its own owner, else the lead's."""
    if item.owner:
        return item
    return ReadinessItem(  # attrs.evolve would take three times as long, for every open item of a board
        item=item.item,
        state=item.state,
        since=item.since,
        due_at=item.due_at,
        owner=lead.owner,
        position=item.position,
    )
