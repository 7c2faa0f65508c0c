"""Contender: transitions, with a condition per guard and the history its users keep by hand."""

from __future__ import annotations

from datetime import UTC, datetime

from steps import ROUNDS, STEPS, measure
from transitions import Machine


class Lead:
    """The model: the guards read it as trialflow's do."""

    def __init__(self) -> None:
        self.owner = "u1"
        self.attempts = 1
        self.prescreen = "completed"
        self.history: list[tuple[str, datetime]] = []

    def has_owner(self) -> bool:
        return self.owner != "UNASSIGNED"

    def was_contacted(self) -> bool:
        return self.attempts > 0

    def prescreen_completed(self) -> bool:
        return self.prescreen == "completed"

    def remember(self) -> None:
        self.history.append((self.state, datetime.now(UTC)))  # type: ignore[attr-defined]


GUARDS = {"contacted": ["has_owner", "was_contacted"], "in_review": ["prescreen_completed"]}


def main() -> None:
    """Walk the same path; the machine is made once, the model's state is set back each round."""
    lead = Lead()
    machine = Machine(
        lead, states=["new", *STEPS], initial="new", auto_transitions=False, after_state_change="remember"
    )
    for source, to in zip(("new", *STEPS), STEPS, strict=False):
        machine.add_transition(f"to_{to}", source, to, conditions=GUARDS.get(to, ["has_owner"]))
    triggers = [getattr(lead, f"to_{to}") for to in STEPS]

    def once() -> str:
        machine.set_state("new")
        lead.history = []
        for trigger in triggers:
            trigger()
        return str(lead.state)  # type: ignore[attr-defined]

    measure(once, ROUNDS, len(STEPS))


if __name__ == "__main__":
    main()
