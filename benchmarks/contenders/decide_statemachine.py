"""Contender: python-statemachine, with a condition per guard and a history kept in a callback."""

from __future__ import annotations

import contextlib
from datetime import datetime

from statemachine import State, StateMachine
from statemachine.exceptions import TransitionNotAllowed

from steps import AT, BY, GUARDS, STEPS, Kept, measure


class LeadMachine(StateMachine):
    """The same five moves."""

    new = State(initial=True)
    contacting = State()
    contacted = State()
    awaiting_prescreen = State()
    in_review = State()
    preparing = State()
    to_contacting = new.to(contacting, cond=list(GUARDS["contacting"]))
    to_contacted = contacting.to(contacted, cond=list(GUARDS["contacted"]))
    to_awaiting_prescreen = contacted.to(awaiting_prescreen, cond=list(GUARDS["awaiting_prescreen"]))
    to_in_review = awaiting_prescreen.to(in_review, cond=list(GUARDS["in_review"]))
    to_preparing = in_review.to(preparing, cond=list(GUARDS["preparing"]))
    back = preparing.to(new)  # a machine may have no dead end that is not final; never taken

    def __init__(self) -> None:
        self.owner, self.attempts, self.prescreen = "u1", 1, "completed"
        self.history: list[Kept] = []
        super().__init__()

    def owned(self) -> bool:
        return self.owner != "UNASSIGNED"

    def attempted(self) -> bool:
        return self.attempts > 0

    def prescreened(self) -> bool:
        return self.prescreen == "completed"

    def after_transition(self, source: State, target: State, at: datetime, by: str) -> None:
        self.history.append((at, by, source.id, target.id))


MACHINE = LeadMachine()
TRIGGERS = [getattr(MACHINE, f"to_{to}") for to in STEPS]


def once() -> list[Kept]:
    """The five steps; the machine is made once and its state set back each round."""
    MACHINE.current_state_value = "new"
    history: list[Kept] = []
    MACHINE.history = history
    for trigger in TRIGGERS:
        trigger(at=AT, by=BY)
    return history


def refused() -> str:
    """A lead that nobody owns."""
    MACHINE.current_state_value = "new"
    MACHINE.owner = "UNASSIGNED"
    with contextlib.suppress(TransitionNotAllowed):
        TRIGGERS[0](at=AT, by=BY)
    return str(MACHINE.current_state_value)


if __name__ == "__main__":
    measure(once, once, refused, share=0.1)
