"""Leads as values, for tests of the rules: a host's row, with whatever a test needs to be otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from trialflow.model.errors import Refused
from trialflow.model.facts import Blocker, ItemState, Permission, ReadinessItem, Visit
from trialflow.model.lead import Lead
from trialflow.model.parties import Actor, Source

__all__ = [
    "AT",
    "COORDINATOR",
    "DOCTOR",
    "LEADER",
    "ROBOT",
    "SHEET",
    "blocker",
    "codes_of",
    "item",
    "lead",
    "permission",
    "visit",
]

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
"""Monday, 9 o'clock in Chicago."""

COORDINATOR = Actor(id="u1", role="coordinator")
LEADER = Actor(id="lead1", role="site_lead")
DOCTOR = Actor(id="dr1", role="investigator")
ROBOT = Actor(id="robot", kind="system", role="system")
SHEET = Actor(id="tracker", kind="source", role="source")


def lead(**values: Any) -> Lead:
    """An owned lead that arrived on Monday morning."""
    return Lead(**{"id": "L1", "source": Source(id="Radio"), "received_at": AT, "owner": "u1", **values})


def item(code: str, state: ItemState, since: datetime = AT) -> dict[str, ReadinessItem]:
    """One readiness item, as ``Lead.items`` holds it."""
    return {code: ReadinessItem(item=code, state=state, since=since)}


def blocker(kind: str, since: datetime = AT) -> tuple[Blocker, ...]:
    """One blocker, as ``Lead.blockers`` holds it."""
    return (Blocker(kind=kind, since=since),)


def visit(days: float, state: Any = "scheduled") -> Visit:
    """A visit that many days after ``AT``."""
    return Visit(at=AT + timedelta(days=days), state=state, since=AT)


def permission(
    allowed: bool, hours: float = 0, *, channel: str = "*", purpose: str = "*", proof: str = ""
) -> Permission:
    """A permission or refusal given that many hours after ``AT``."""
    at = AT + timedelta(hours=hours)
    return Permission(channel=channel, purpose=purpose, allowed=allowed, at=at, evidence_ref=proof)


def codes_of(decide: Any, *args: Any, **given: Any) -> list[str]:
    """The codes of the refusals of a command, which must be refused; each says what is wrong and what would mend it."""
    with pytest.raises(Refused) as caught:
        decide(*args, **given)
    for refusal in caught.value.refusals:
        assert refusal.message
        assert refusal.fix
        assert "None" not in str(refusal)
    return [refusal.code for refusal in caught.value.refusals]
