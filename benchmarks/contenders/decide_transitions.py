"""Contender: transitions, with a condition per guard and the history that its users keep by hand."""

from __future__ import annotations

from typing import Any

from transitions import EventData, Machine

from steps import AT, BY, GUARDS, STEPS, Kept, measure


class Lead:
    """The model: the guards read it as trialflow's do."""

    def __init__(self) -> None:
        self.owner = "u1"
        self.attempts = 1
        self.prescreen = "completed"
        self.history: list[Kept] = []

    def owned(self, _event: EventData) -> bool:
        return self.owner != "UNASSIGNED"

    def attempted(self, _event: EventData) -> bool:
        return self.attempts > 0

    def prescreened(self, _event: EventData) -> bool:
        return self.prescreen == "completed"

    def remember(self, event: EventData) -> None:
        step: Any = event.transition
        self.history.append((event.kwargs["at"], event.kwargs["by"], step.source, step.dest))


LEAD: Any = Lead()
MACHINE = Machine(
    LEAD,
    states=["new", *STEPS],
    initial="new",
    auto_transitions=False,
    send_event=True,
    after_state_change="remember",
)
for _source, _to in zip(("new", *STEPS), STEPS, strict=False):
    MACHINE.add_transition(f"to_{_to}", _source, _to, conditions=list(GUARDS[_to]))
TRIGGERS = [getattr(LEAD, f"to_{to}") for to in STEPS]


def once() -> list[Kept]:
    """The five steps; the machine is made once, the model's state is set back each round."""
    MACHINE.set_state("new")
    history: list[Kept] = []
    LEAD.history = history
    for trigger in TRIGGERS:
        trigger(at=AT, by=BY)
    return history


def refused() -> str:
    """A lead that nobody owns."""
    MACHINE.set_state("new")
    LEAD.owner = "UNASSIGNED"
    TRIGGERS[0](at=AT, by=BY)
    return str(LEAD.state)


if __name__ == "__main__":
    measure(once, once, refused)
