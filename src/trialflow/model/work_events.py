"""The daily work on a lead as events: arrival, moves, owners, contacts, prescreen, readiness, blockers, visits.

Changes carry the value before and after. Nothing here holds a name, a phone number or free text.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import attrs

from trialflow.model.event import Event
from trialflow.model.facts import ItemState, PrescreenState, VisitState
from trialflow.model.moments import validate_utc
from trialflow.model.parties import UNASSIGNED, Source

__all__ = [
    "Acknowledged",
    "ActionDone",
    "ActionSet",
    "Assigned",
    "Blocked",
    "ContactAttempted",
    "HandoffAccepted",
    "ItemSet",
    "Moved",
    "Prescreened",
    "Received",
    "Unblocked",
    "VisitSet",
]


@attrs.frozen(kw_only=True, slots=False)
class Received(Event):
    """A lead arrived. ``status`` is where it was first seen (a sheet may show it mid-way), ``owner`` who had it."""

    kind: ClassVar[str] = "received"
    v: ClassVar[int] = 2

    source: Source
    external_ref: str = ""
    person_ref: str = ""
    study: str = ""
    site: str = ""
    status: str = "new"
    owner: str = UNASSIGNED
    workflow: str = ""
    seen_at: datetime | None = attrs.field(default=None, validator=validate_utc)


@attrs.frozen(kw_only=True, slots=False)
class Acknowledged(Event):
    """The site confirmed to the referrer that it has the lead; not yet a contact."""

    kind: ClassVar[str] = "acknowledged"


@attrs.frozen(kw_only=True, slots=False)
class Moved(Event):
    """The status changed. ``irregular``: the workflow has no such move, but it happened.

    ``observed_after``: the change was seen between this instant and ``at`` (two copies of a sheet).
    ``episode``: the number of the episode this move opens, 0 when it opens none.
    """

    kind: ClassVar[str] = "moved"

    from_status: str
    to_status: str
    move: str = ""
    workflow: str = ""
    irregular: bool = False
    episode: int = 0
    authority_ref: str = ""
    observed_after: datetime | None = attrs.field(default=None, validator=validate_utc)


@attrs.frozen(kw_only=True, slots=False)
class Assigned(Event):
    """The owner changed: a handoff, with ``reason`` as its context code."""

    kind: ClassVar[str] = "assigned"

    from_owner: str
    to_owner: str
    observed_after: datetime | None = attrs.field(default=None, validator=validate_utc)


@attrs.frozen(kw_only=True, slots=False)
class HandoffAccepted(Event):
    """The new owner took the lead over."""

    kind: ClassVar[str] = "handoff_accepted"

    owner: str


@attrs.frozen(kw_only=True, slots=False)
class ContactAttempted(Event):
    """One or more tries to reach the person; the running count before and after."""

    kind: ClassVar[str] = "contact_attempted"

    channel: str = "phone"
    outcome: str = "unknown"
    before: int = 0
    after: int = 1

    @property
    def automated(self) -> bool:
        """Whether automation sent it and nobody answered: it is an attempt, yet no movement."""
        return self.by.kind == "system" and self.outcome != "reached"


@attrs.frozen(kw_only=True, slots=False)
class Prescreened(Event):
    """The prescreen questions were started or completed. Not a decision."""

    kind: ClassVar[str] = "prescreened"

    from_state: PrescreenState = "none"
    to_state: PrescreenState


@attrs.frozen(kw_only=True, slots=False)
class ItemSet(Event):
    """A readiness item changed its state."""

    kind: ClassVar[str] = "item_set"

    item: str
    from_state: ItemState = "unknown"
    to_state: ItemState
    due_at: datetime | None = attrs.field(default=None, validator=validate_utc)
    owner: str = ""


@attrs.frozen(kw_only=True, slots=False)
class Blocked(Event):
    """Progress stopped for a named reason. ``ref`` points into the vault."""

    kind: ClassVar[str] = "blocked"

    blocker: str
    owner: str = ""
    due_at: datetime | None = attrs.field(default=None, validator=validate_utc)
    ref: str = ""


@attrs.frozen(kw_only=True, slots=False)
class Unblocked(Event):
    """A blocker was cleared."""

    kind: ClassVar[str] = "unblocked"

    blocker: str


@attrs.frozen(kw_only=True, slots=False)
class ActionSet(Event):
    """Somebody planned the next action for a date; staleness waits until then."""

    kind: ClassVar[str] = "action_set"

    action: str
    due_at: datetime = attrs.field(validator=validate_utc)
    owner: str = ""


@attrs.frozen(kw_only=True, slots=False)
class ActionDone(Event):
    """The planned action was done."""

    kind: ClassVar[str] = "action_done"

    action: str


@attrs.frozen(kw_only=True, slots=False)
class VisitSet(Event):
    """A visit was scheduled, rescheduled, cancelled, attended or missed; slot before and after."""

    kind: ClassVar[str] = "visit_set"

    from_state: VisitState = "none"
    to_state: VisitState
    from_visit_at: datetime | None = attrs.field(default=None, validator=validate_utc)
    visit_at: datetime | None = attrs.field(default=None, validator=validate_utc)
