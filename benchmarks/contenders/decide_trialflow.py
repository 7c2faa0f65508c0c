"""Contender: trialflow, decide + evolve along one path of the default workflow.

Each step asks the guards and the role, makes a complete event and folds it into a new lead.
"""

from __future__ import annotations

from typing import Any

import attrs

from steps import AT, BY, START, STEPS, Kept, measure
from trialflow.model.errors import Refused
from trialflow.model.evolve import evolve
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED, Actor, Source
from trialflow.rules.loading import default_workflow
from trialflow.rules.moves import move

WORKFLOW = default_workflow()
COORDINATOR = Actor(id=BY, role="coordinator")
LEAD = Lead(
    id="x",
    source=Source(id="Radio"),
    received_at=START,
    owner="u1",
    attempts=1,
    last_contact_at=START,
    prescreen="completed",
)


def once() -> list[Any]:
    """The five steps; the events are the history."""
    lead: Any = LEAD
    history = []
    for to in STEPS:
        (event,) = move(WORKFLOW, lead, to, at=AT, by=COORDINATOR)
        lead = evolve(lead, event)
        history.append(event)
    return history


def kept() -> list[Kept]:
    """The history in the common form."""
    return [(event.at, event.by.id, event.from_status, event.to_status) for event in once()]


def refused() -> str:
    """A lead that nobody owns."""
    lead = attrs.evolve(LEAD, owner=UNASSIGNED)
    try:
        move(WORKFLOW, lead, STEPS[0], at=AT, by=COORDINATOR)
    except Refused:
        return lead.status
    return STEPS[0]


if __name__ == "__main__":
    measure(once, kept, refused)
