"""Contender: trialflow, decide + evolve along one path of the default workflow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from steps import ROUNDS, STEPS, measure

from trialflow.model.evolve import evolve
from trialflow.model.lead import Lead
from trialflow.model.parties import Actor, Source
from trialflow.rules.loading import default_workflow
from trialflow.rules.moves import move

BY = Actor(id="u1", role="coordinator")
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def main() -> None:
    """Walk the path ROUNDS times; every step is guarded, recorded as an event and folded."""
    workflow = default_workflow()
    lead = Lead(
        id="x",
        source=Source(id="Radio"),
        received_at=START,
        owner="u1",
        attempts=1,
        last_contact_at=START,
        prescreen="completed",
    )
    at = START + timedelta(hours=1)

    def once() -> str:
        current = lead
        for to in STEPS:
            for event in move(workflow, current, to, at=at, by=BY):
                current = evolve(current, event) or current
        return current.status

    measure(once, ROUNDS, len(STEPS))


if __name__ == "__main__":
    main()
