"""Care of the record as events: decisions quoted, permissions, notes, sources, merges, corrections, proposals.

Notes and evidence are references; what they point to lies in the vault or with the host.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import attrs

from trialflow.model.event import Event
from trialflow.model.moments import validate_utc
from trialflow.model.parties import Source

__all__ = [
    "Corrected",
    "DecisionRecorded",
    "DecisionRequested",
    "Erased",
    "Merged",
    "Noted",
    "PermissionSet",
    "ProposalClosed",
    "Proposed",
    "SourceSet",
    "Unmerged",
]


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
