"""What can happen to a lead: one frozen class per kind, never a name, a phone number or free text.

Every event has ``at`` (when it happened, UTC, may be backdated), ``by`` (who), ``reason`` (a code) where a rule asks
one, and ``idempotency_key``: an append repeated with the same key is stored once. Changes carry the value before and
after. ``kind`` and ``v`` are stable strings and numbers of the wire format; renaming a class changes nothing stored.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import attrs

from trialflow.model.facts import ItemState, PrescreenState, VisitState
from trialflow.model.moments import validate_utc
from trialflow.model.parties import UNASSIGNED, Actor, Source

__all__ = [
    "Acknowledged",
    "ActionDone",
    "ActionSet",
    "Assigned",
    "Blocked",
    "ContactAttempted",
    "Corrected",
    "DecisionRecorded",
    "DecisionRequested",
    "Erased",
    "Event",
    "HandoffAccepted",
    "ItemSet",
    "Merged",
    "Moved",
    "Noted",
    "PermissionSet",
    "Prescreened",
    "ProposalClosed",
    "Proposed",
    "Received",
    "SourceSet",
    "Unblocked",
    "Unknown",
    "Unmerged",
    "VisitSet",
]


@attrs.frozen(kw_only=True, slots=False)
class Event:
    """What all events share. Raises ``ValueError`` when ``at`` is naive or not in UTC."""

    kind: ClassVar[str] = ""
    v: ClassVar[int] = 1

    at: datetime = attrs.field(validator=validate_utc)
    by: Actor
    reason: str = ""
    idempotency_key: str = ""


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


@attrs.frozen(kw_only=True, slots=False)
class DecisionRequested(Event):
    """A question was put to the study team."""

    kind: ClassVar[str] = "decision_requested"

    decision: str
    due_at: datetime | None = attrs.field(default=None, validator=validate_utc)
    role: str = ""


@attrs.frozen(kw_only=True, slots=False)
class DecisionRecorded(Event):
    """What the study team decided, with the authority it rests on. trialflow records; it never decides."""

    kind: ClassVar[str] = "decision_recorded"

    decision: str
    outcome: str
    authority_ref: str


@attrs.frozen(kw_only=True, slots=False)
class PermissionSet(Event):
    """The person allowed or forbade contact, by channel and purpose; ``text_version`` and evidence prove it."""

    kind: ClassVar[str] = "permission_set"

    channel: str = "*"
    purpose: str = "*"
    allowed: bool
    text_version: str = ""
    evidence_ref: str = ""


@attrs.frozen(kw_only=True, slots=False)
class Noted(Event):
    """Somebody wrote a note; its text lies in the vault under ``ref``. Not a movement."""

    kind: ClassVar[str] = "noted"

    ref: str


@attrs.frozen(kw_only=True, slots=False)
class SourceSet(Event):
    """The source was corrected; the earlier one stays readable."""

    kind: ClassVar[str] = "source_set"

    from_source: Source
    to_source: Source


@attrs.frozen(kw_only=True, slots=False)
class Merged(Event):
    """A person decided that this lead is the same as ``into``."""

    kind: ClassVar[str] = "merged"

    into: str


@attrs.frozen(kw_only=True, slots=False)
class Unmerged(Event):
    """A merge was taken back."""

    kind: ClassVar[str] = "unmerged"

    into: str


@attrs.frozen(kw_only=True, slots=False)
class Corrected(Event):
    """The event at ``position`` was recorded by mistake; ``reason`` says why. The fold leaves it out from here on."""

    kind: ClassVar[str] = "corrected"

    position: int


@attrs.frozen(kw_only=True, slots=False)
class Erased(Event):
    """Identity and notes of this lead were erased from the vault; the ledger keeps codes alone."""

    kind: ClassVar[str] = "erased"


@attrs.frozen(kw_only=True, slots=False)
class Proposed(Event):
    """Automation suggests a command; it changes nothing by itself."""

    kind: ClassVar[str] = "proposed"

    proposal: str
    command: str
    target: str = ""
    expires_at: datetime | None = attrs.field(default=None, validator=validate_utc)


@attrs.frozen(kw_only=True, slots=False)
class ProposalClosed(Event):
    """A person accepted or declined a proposal, or it expired."""

    kind: ClassVar[str] = "proposal_closed"

    proposal: str
    outcome: str


@attrs.frozen(kw_only=True, slots=False)
class Unknown(Event):
    """An event of a kind this version does not know: kept verbatim, written back, ignored by the fold."""

    unknown_kind: str
    unknown_v: int = 1
    payload: dict[str, Any] = attrs.field(factory=dict)
