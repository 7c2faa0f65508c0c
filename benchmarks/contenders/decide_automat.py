"""Contender: Automat. It has no conditions: the guards are asked before an input is given."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from automat import MethodicalMachine

from steps import AT, BY, GUARDS, STEPS, Kept, measure

_MACHINE: Any = MethodicalMachine


class Lead:
    """A fresh machine per round: Automat cannot be set back."""

    _machine = _MACHINE()

    def __init__(self, owner: str = "u1") -> None:
        self.owner, self.attempts, self.prescreen = owner, 1, "completed"
        self.status = "new"
        self.history: list[Kept] = []

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
    def advance(self, to: str, at: datetime, by: str) -> None: ...

    @_machine.output()
    def remember(self, to: str, at: datetime, by: str) -> None:
        self.history.append((at, by, self.status, to))
        self.status = to

    new.upon(advance, enter=contacting, outputs=[remember])
    contacting.upon(advance, enter=contacted, outputs=[remember])
    contacted.upon(advance, enter=awaiting_prescreen, outputs=[remember])
    awaiting_prescreen.upon(advance, enter=in_review, outputs=[remember])
    in_review.upon(advance, enter=preparing, outputs=[remember])

    def owned(self) -> bool:
        return self.owner != "UNASSIGNED"

    def attempted(self) -> bool:
        return self.attempts > 0

    def prescreened(self) -> bool:
        return self.prescreen == "completed"

    def guarded(self, to: str) -> None:
        """Ask the guards, then move."""
        if all(getattr(self, guard)() for guard in GUARDS[to]):
            self.advance(to, AT, BY)


def once() -> list[Kept]:
    """The five steps."""
    lead = Lead()
    for to in STEPS:
        lead.guarded(to)
    return lead.history


def refused() -> str:
    """A lead that nobody owns."""
    lead = Lead("UNASSIGNED")
    lead.guarded(STEPS[0])
    return lead.status


if __name__ == "__main__":
    measure(once, once, refused)
