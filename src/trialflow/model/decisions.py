"""Decisions of the study team, asked for and quoted: of a lead, or of a whole site or study."""

from __future__ import annotations

from typing import Any, Protocol

from trialflow.model import events as e
from trialflow.model.facts import Decision, OpenDecision

__all__ = ["Deciding", "decided"]


class Deciding(Protocol):
    """Whatever has decisions, open and recorded: a lead, a site."""

    @property
    def open_decisions(self) -> tuple[OpenDecision, ...]: ...

    @property
    def decisions(self) -> tuple[Decision, ...]: ...


def decided(state: Deciding, event: e.DecisionRequested | e.DecisionRecorded, position: int) -> dict[str, Any]:
    """What changes in the decisions of ``state``: a question stands open, or its answer is quoted and it is closed."""
    others = tuple(d for d in state.open_decisions if d.decision != event.decision)
    if isinstance(event, e.DecisionRequested):
        asked = OpenDecision(
            decision=event.decision, since=event.at, due_at=event.due_at, role=event.role, position=position
        )
        return {"open_decisions": (*others, asked)}
    quoted = Decision(
        decision=event.decision,
        outcome=event.outcome,
        at=event.at,
        by=event.by.id,
        role=event.by.role,
        authority_ref=event.authority_ref,
        position=position,
    )
    return {"decisions": (*state.decisions, quoted), "open_decisions": others}
