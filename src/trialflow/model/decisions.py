"""Decisions of the study team, asked for and quoted: of a lead, or of a whole site or study."""

from __future__ import annotations

from typing import Any, Protocol

from trialflow.model import events as e
from trialflow.model.facts import Decision, OpenDecision

__all__ = ["Deciding", "decision_recorded", "decision_requested"]


class Deciding(Protocol):
    """Whatever has decisions, open and recorded: a lead, a site."""

    @property
    def open_decisions(self) -> tuple[OpenDecision, ...]: ...

    @property
    def decisions(self) -> tuple[Decision, ...]: ...


def decision_requested(state: Deciding, event: e.DecisionRequested, position: int) -> dict[str, Any]:
    """A question stands open: for a lead, or for a whole site or study."""
    opened = OpenDecision(
        decision=event.decision, since=event.at, due_at=event.due_at, role=event.role, position=position
    )
    others = tuple(d for d in state.open_decisions if d.decision != event.decision)
    return {"open_decisions": (*others, opened)}


def decision_recorded(state: Deciding, event: e.DecisionRecorded, position: int) -> dict[str, Any]:
    """The answer is quoted, and the question open no more."""
    decided = Decision(
        decision=event.decision,
        outcome=event.outcome,
        at=event.at,
        by=event.by.id,
        role=event.by.role,
        authority_ref=event.authority_ref,
        position=position,
    )
    return {
        "decisions": (*state.decisions, decided),
        "open_decisions": tuple(d for d in state.open_decisions if d.decision != event.decision),
    }
