"""The course of one invented lead, day by day: what a coordinator would have written into the sheet, and when."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import attrs

from trialflow.cli.demo.people import Channel, Coordinator, Person

__all__ = ["Course", "State", "working_days_later"]


@attrs.frozen(kw_only=True)
class State:
    """One row of the sheet, as far as it can change."""

    status: str = "new"
    owner: str = ""
    last_contact: date | None = None
    attempts: int = 0
    prescreen: str = ""
    records: str = ""
    visit: date | None = None
    reason: str = ""
    note: str = ""


def working_days_later(day: date, days: int) -> date:
    """``day`` and so many working days; a weekend's day counts from the Monday after it."""
    while day.weekday() > 4:
        day += timedelta(days=1)
    for _ in range(days):
        day += timedelta(days=3 if day.weekday() == 4 else 1)
    return day


@attrs.define
class Course:
    """A lead and everything that happens to it. ``states`` are dated, the last one on or before a day counts."""

    number: int
    person: Person
    source: Channel
    received: date
    coordinator: Coordinator
    rng: random.Random
    states: list[tuple[date, State]] = attrs.field(factory=list)
    _day: date = date.min

    def on(self, day: date) -> State | None:
        """What the sheet says on the morning of ``day``; None before the lead arrived."""
        return next((state for when, state in reversed(self.states) if when < day), None)

    def live(self) -> None:
        """Let everything happen."""
        unowned = self.rng.random() < 0.06
        self._day = self.received
        self._put(status="new", owner="" if unowned else self.coordinator.name)
        self._later(self.rng.choice(self.coordinator.first_attempt) + (5 if unowned else 0))
        if self._reach() and self._prescreen() and self._review() and self._collect_records():
            self._visit()

    def _reach(self) -> bool:
        for attempt in range(1, self.rng.choice((3, 4, 4, 5)) + 1):
            self._put(
                status="contacting", owner=self.coordinator.name, last_contact=self._day, attempts=attempt
            )  # fmt: skip
            if self.rng.random() < self.source.reached:
                return self._talk()
            self._later(self.rng.choice((1, 2, 2, 3)))
        self._later(self.rng.choice((1, 2, 3)))
        return self._end(("no_answer", "no_reply"), slips=2)

    def _talk(self) -> bool:
        self._put(status="contacted", note=self.rng.choice(("", "", "", "call after 5 pm", "prefers e-mail")))
        if self.rng.random() > self.source.goes_on:
            self._later(self.rng.choice((0, 1, 2, 4)))
            return self._end(("no_interest", "no_interest", "too_far", "schedule", "do_not_contact"))
        return self._goes_on(1, 2, 3)

    def _prescreen(self) -> bool:
        self._put(
            status="awaiting_prescreen", prescreen="started", last_contact=self._day, attempts=self._last.attempts + 1
        )
        if self.rng.random() < 0.16:
            self._later(6)
            return self._end(("no_reply", "no_interest"))
        if not self._goes_on(1, 2, 3, 4):
            return False
        self._put(status="in_review", prescreen="completed")
        return self._goes_on(2, 3, 4, 5)

    def _review(self) -> bool:
        if self.rng.random() > self.source.fits:
            return self._end(("prescreen",), slips=0)
        self._put(status="preparing", records="needed")
        return self._goes_on(0, 1, 2)

    def _collect_records(self) -> bool:
        for state, days in (("requested", (3, 5, 6, 9)), ("received", (1, 1, 2)), ("reviewed", (0, 1, 2, 3))):
            self._put(records=state)
            if state == "requested" and self.rng.random() < 0.06:
                self._later(15)
                return self._end(("records",), slips=3)
            if not self._goes_on(*days):
                return False
        return True

    def _visit(self) -> None:
        self._book(self.rng.choice((3, 4, 5, 6, 8)))
        if self.rng.random() < self.source.attends:
            self._study_team()
            return
        self._later(1)
        if self.rng.random() < 0.3:
            self._end(("no_interest", "no_reply"), slips=0)
            return
        self._put(status="preparing", visit=None, note="did not come, book again")
        self._later(self.rng.choice((2, 3, 4)))
        self._book(5)
        if self.rng.random() < 0.8:
            self._study_team()
        else:
            self._end(("no_interest",), slips=0)

    def _book(self, days: int) -> None:
        slot = working_days_later(self._day, days)
        self._put(status="scheduled", visit=slot)
        if self.rng.random() < 0.1:
            self._later(1)
            slot = working_days_later(slot, 3)
            self._put(visit=slot)
        self._day = slot

    def _study_team(self) -> None:
        self._put(status="attended")
        self._later(self.rng.choice((3, 4, 6)))
        if self.rng.random() < 0.1:
            return
        self._put(status="in_screening")
        self._later(self.rng.choice((12, 15, 18, 20)))
        if self.rng.random() < 0.6:
            self._put(status="enrolled")
        else:
            self._put(status="screen_failed", reason="study_team")

    @property
    def _last(self) -> State:
        return self.states[-1][1]

    def _later(self, days: int) -> None:
        self._day = working_days_later(self._day, days)

    def _put(self, **changes: Any) -> None:
        if self._day >= self.coordinator.away_from and self.states:
            return
        before = self._last if self.states else State()
        self.states.append((self._day, attrs.evolve(before, **changes)))

    def _goes_on(self, *days: int) -> bool:
        """Some days pass; False where the coordinator lets the lead slip and nothing happens any more."""
        self._later(self.rng.choice(days))
        return self.rng.random() >= self.coordinator.slips

    def _end(self, reasons: tuple[str, ...], *, slips: int = 1) -> bool:
        if self.rng.random() >= self.coordinator.slips * slips:
            self._put(status="closed", reason=self.rng.choice(reasons))
        return False
