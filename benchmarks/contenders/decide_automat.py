"""Contender: Automat, inputs with guards in the outputs and a history kept by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from automat import MethodicalMachine
from steps import ROUNDS, STEPS, measure


class Lead:
    """Automat has no conditions: the guards are asked before the input is given."""

    _machine = MethodicalMachine()

    def __init__(self) -> None:
        self.owner, self.attempts, self.prescreen = "u1", 1, "completed"
        self.status = "new"
        self.history: list[tuple[str, datetime]] = []

    @_machine.state(initial=True)
    def new(self) -> None: ...

    @_machine.state()
    def contacting(self) -> None: ...

    @_machine.state()
    def contacted(self) -> None: ...

    @_machine.state()
    def awaiting_prescreen(self) -> None: ...

    @_machine.state()
    def in_review(self) -> None: ...

    @_machine.state()
    def preparing(self) -> None: ...

    @_machine.input()
    def advance(self, to: str) -> None: ...

    @_machine.output()
    def remember(self, to: str) -> None:
        self.status = to
        self.history.append((to, datetime.now(UTC)))

    new.upon(advance, enter=contacting, outputs=[remember])
    contacting.upon(advance, enter=contacted, outputs=[remember])
    contacted.upon(advance, enter=awaiting_prescreen, outputs=[remember])
    awaiting_prescreen.upon(advance, enter=in_review, outputs=[remember])
    in_review.upon(advance, enter=preparing, outputs=[remember])

    def guarded(self, to: str) -> None:
        """Ask the guards, then move."""
        if self.owner == "UNASSIGNED" or (to == "contacted" and not self.attempts):
            raise ValueError(to)
        if to == "in_review" and self.prescreen != "completed":
            raise ValueError(to)
        self.advance(to)


def main() -> None:
    """A fresh machine per round: Automat cannot be set back."""

    def once() -> str:
        lead: Any = Lead()
        for to in STEPS:
            lead.guarded(to)
        return str(lead.status)

    measure(once, ROUNDS, len(STEPS))


if __name__ == "__main__":
    main()
