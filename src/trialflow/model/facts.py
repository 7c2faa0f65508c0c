"""The facts a lead carries: readiness items, blockers, visits, contacts, permissions, handoffs, episodes."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, NamedTuple

import attrs

__all__ = [
    "PLANNED",
    "Blocker",
    "ContactAttempt",
    "Decision",
    "Episode",
    "Handoff",
    "ItemState",
    "Mark",
    "OpenDecision",
    "Permission",
    "PlannedAction",
    "PrescreenState",
    "Proposal",
    "ReadinessItem",
    "Stay",
    "Visit",
    "VisitState",
]

ItemState = Literal["unknown", "needed", "requested", "received", "reviewed", "not_needed"]
PrescreenState = Literal["none", "started", "completed"]
VisitState = Literal["none", "scheduled", "rescheduled", "cancelled", "attended", "missed"]

PLANNED: Final = ("scheduled", "rescheduled")
"""States of a visit of which nothing became yet."""


class Mark(NamedTuple):
    """When something last happened, and the position of the event that says so (0: not from a ledger)."""

    at: datetime
    position: int = 0


class Stay(NamedTuple):
    """One stay in a status: entered at ``since`` by the event at ``position``, for a reason where one was given."""

    status: str
    since: datetime
    position: int = 0
    reason: str = ""


@attrs.frozen(kw_only=True)
class ReadinessItem:
    """One thing the next milestone requires: records go needed, requested, received, reviewed.

    ``owner`` is whose turn it is; an empty text means the lead's owner.
    """

    item: str
    state: ItemState
    since: datetime
    due_at: datetime | None = None
    owner: str = ""
    position: int = 0

    @property
    def open(self) -> bool:
        """Whether it still holds the milestone back. ``unknown`` does not: nobody said it is needed."""
        return self.state in ("needed", "requested", "received")


@attrs.frozen(kw_only=True)
class Blocker:
    """A named reason why progress cannot continue, with since when, whose it is and until when."""

    kind: str
    since: datetime
    owner: str = ""
    due_at: datetime | None = None
    ref: str = ""
    position: int = 0


@attrs.frozen(kw_only=True)
class Visit:
    """A visit slot: ``at`` is the planned time, ``state`` what became of it."""

    at: datetime | None
    state: VisitState
    since: datetime
    position: int = 0

    @property
    def planned(self) -> bool:
        """Whether it has a date and nothing became of it yet."""
        return self.at is not None and self.state in PLANNED


@attrs.frozen(kw_only=True)
class ContactAttempt:
    """One try to reach the person. ``outcome`` ``reached`` means two-way contact."""

    at: datetime
    channel: str = "phone"
    outcome: str = "unknown"
    count: int = 1
    position: int = 0


@attrs.frozen(kw_only=True)
class Permission:
    """What the person allowed or forbade: per channel (``*``: all) and purpose (``*``: all), dated, with evidence."""

    channel: str
    purpose: str
    allowed: bool
    at: datetime
    text_version: str = ""
    evidence_ref: str = ""
    position: int = 0


@attrs.frozen(kw_only=True)
class Handoff:
    """Work that changed hands: from whom, to whom, when, in which context, and whether it was accepted."""

    from_owner: str
    to_owner: str
    at: datetime
    reason: str = ""
    accepted_at: datetime | None = None
    position: int = 0


@attrs.frozen(kw_only=True)
class PlannedAction:
    """The one open next action somebody set by hand; its date pauses staleness until then."""

    action: str
    due_at: datetime
    owner: str = ""
    set_at: datetime
    position: int = 0


@attrs.frozen(kw_only=True)
class OpenDecision:
    """A question that waits for the study team: which, since when, until when, who should answer."""

    decision: str
    since: datetime
    due_at: datetime | None = None
    role: str = ""
    position: int = 0


@attrs.frozen(kw_only=True)
class Decision:
    """What an authorised person of the study team decided, quoted: by whom, in which role, on which authority."""

    decision: str
    outcome: str
    at: datetime
    by: str
    role: str
    authority_ref: str
    position: int = 0


@attrs.frozen(kw_only=True)
class Episode:
    """One pass through recruitment that has ended; a re-screen opens the next one of the same lead."""

    number: int
    opened_at: datetime
    ended_at: datetime
    status: str
    reason: str


@attrs.frozen(kw_only=True)
class Proposal:
    """What automation suggests; nothing changes until a person accepts it before ``expires_at``.

    ``command`` and ``target`` say what would be done, ``reason`` why. ``outcome`` (accepted, declined, expired),
    ``closed_at`` and ``closed_by`` (an actor's id) are set once it is closed.
    """

    proposal: str
    command: str
    target: str
    at: datetime
    reason: str = ""
    expires_at: datetime | None = None
    position: int = 0
    outcome: str = ""
    closed_at: datetime | None = None
    closed_by: str = ""
