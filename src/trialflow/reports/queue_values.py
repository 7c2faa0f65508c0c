"""What the queue says, as values: one row per lead, its seven columns first. Times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import attrs

from trialflow.rules.reasons import Reason

__all__ = ["Due", "QueueRow", "Worklist"]

Due = Literal["overdue", "due_today", "later", "none"]


@attrs.frozen(kw_only=True)
class QueueRow:
    """One row of the queue: the seven columns source, status, owner, blockers, prescreen, records, action; then the
    rest a screen needs. ``since`` is when the lead entered its status, ``ranked_by`` says why it stands at this
    place: how it is due, how much stands before its next milestone, and since when it waits."""

    rank: int
    lead_id: str
    source: str
    status: str
    status_label: str
    owner: str
    blockers: tuple[str, ...]
    prescreen: str
    records: str
    action: str
    action_label: str
    role: str
    due_at: datetime | None
    due: Due
    bucket: str
    stale: str
    flags: tuple[str, ...]
    reasons: tuple[Reason, ...]
    since: datetime
    last_movement: datetime
    last_movement_kind: str
    ranked_by: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Worklist:
    """The queue alone, as of one moment, of one owner or of all; with the workflow's labels for the codes in it."""

    as_of: datetime
    zone: str
    owner: str | None
    rows: tuple[QueueRow, ...]
    bucket_labels: Mapping[str, str] = attrs.field(factory=dict)
    blocker_labels: Mapping[str, str] = attrs.field(factory=dict)
    item_labels: Mapping[str, str] = attrs.field(factory=dict)
