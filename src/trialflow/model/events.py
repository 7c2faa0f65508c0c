"""What can happen to a lead: one frozen class per kind, never a name, a phone number or free text.

One namespace for the kinds of :mod:`~trialflow.model.work_events` and :mod:`~trialflow.model.record_events`;
:mod:`~trialflow.model.event` says what all of them share, ``docs/events.md`` shows each as JSON.
"""

from __future__ import annotations

from trialflow.model.event import (
    Event,
    Unknown,
)
from trialflow.model.record_events import (
    Corrected,
    DecisionRecorded,
    DecisionRequested,
    Erased,
    Merged,
    Noted,
    PermissionSet,
    ProposalClosed,
    Proposed,
    SourceSet,
    Unmerged,
)
from trialflow.model.work_events import (
    Acknowledged,
    ActionDone,
    ActionSet,
    Assigned,
    Blocked,
    ContactAttempted,
    HandoffAccepted,
    ItemSet,
    Moved,
    Prescreened,
    Received,
    Unblocked,
    VisitSet,
)

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
