"""Events and clocks for the checks. Nobody in here exists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from trialflow.model.codec import decode
from trialflow.model.events import ContactAttempted, Event, Moved, Noted, Received
from trialflow.model.parties import Actor, Source

__all__ = ["ANNA", "MONDAY", "Ticking", "contacted", "later_kind", "moved", "noted", "received"]

MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)
ANNA = Actor(id="anna", role="coordinator")


class Ticking:
    """A clock that is set by hand and moves by ``step`` at every reading."""

    def __init__(self, now: datetime = MONDAY, step: timedelta = timedelta(seconds=1)) -> None:
        self.now, self.step = now, step

    def __call__(self) -> datetime:
        now, self.now = self.now, self.now + self.step
        return now


def received(at: datetime = MONDAY, *, key: str = "", source: str = "Radio") -> Received:
    """A lead arrived."""
    return Received(at=at, by=ANNA, source=Source(id=source), idempotency_key=key)


def contacted(number: int = 1, at: datetime = MONDAY, *, key: str = "") -> ContactAttempted:
    """The ``number``-th attempt to reach somebody."""
    return ContactAttempted(at=at, by=ANNA, outcome="no_answer", before=number - 1, after=number, idempotency_key=key)


def moved(to: str, at: datetime = MONDAY, *, before: str = "new") -> Moved:
    """The status changed."""
    return Moved(at=at, by=ANNA, from_status=before, to_status=to)


def noted(ref: str, at: datetime = MONDAY, *, key: str = "") -> Noted:
    """A note was written."""
    return Noted(at=at, by=ANNA, ref=ref, idempotency_key=key)


def later_kind(number: int = 1) -> Event:
    """An event of a kind that only a later version knows, with things in it that only that version understands."""
    wire: dict[str, Any] = {
        "kind": "telepathy_attempted",
        "v": 3,
        "at": "2026-03-02T15:00:00Z",
        "by": {"id": "anna", "shoe_size": 38},
        "nested": {"list": [1, 2.5, None, "ü"], "number": number},
    }
    return decode(wire)
