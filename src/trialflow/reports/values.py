"""What reports say, as values: first these, then renderers. Times are UTC, durations microseconds, counts exact.

Figures that only a history can give are ``None`` ("not known") for leads built from current state, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import attrs

from trialflow.reports.queue_values import QueueRow

__all__ = [
    "AgeBand",
    "BlockerRow",
    "BucketRow",
    "Dashboard",
    "Focus",
    "GapRow",
    "HandoffSummary",
    "Movement",
    "OwnerRow",
    "Ratio",
    "ReadinessRow",
    "SourceRow",
    "WeekRow",
]


@attrs.frozen(kw_only=True)
class Ratio:
    """``numerator / denominator`` with its Wilson 95 % interval; all three are None on an empty denominator."""

    numerator: int
    denominator: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


@attrs.frozen(kw_only=True)
class BucketRow:
    """One bucket: how many leads, split by when their next action is due; the parts and ``no_action`` sum to it."""

    bucket: str
    label: str
    count: int
    overdue: int
    due_today: int
    later: int
    no_action: int = 0


@attrs.frozen(kw_only=True)
class OwnerRow:
    """One owner's open leads. ``owner`` is an id or UNASSIGNED; ``away`` owners' leads count as unowned.
    ``handoffs_waiting`` is None where nobody told of handoffs (:class:`HandoffSummary`)."""

    owner: str
    open: int
    overdue: int
    due_today: int
    stale: int
    handoffs_waiting: int | None
    away: bool = False


@attrs.frozen(kw_only=True)
class Focus:
    """What to do first: an action, for how many leads, how many of them overdue, and who has most of them."""

    action: str
    label: str
    count: int
    overdue: int
    due_today: int
    role: str


@attrs.frozen(kw_only=True)
class BlockerRow:
    """A kind of blocker: on how many open leads, since when at the longest, and what removes it."""

    kind: str
    label: str
    count: int
    oldest_since: datetime | None
    action_label: str


@attrs.frozen(kw_only=True)
class ReadinessRow:
    """A readiness item over the open leads, by state."""

    item: str
    label: str
    needed: int
    requested: int
    received: int
    reviewed: int


@attrs.frozen(kw_only=True)
class HandoffSummary:
    """Handoffs: how many; how many open leads wait to be taken over; how many leads changed hands without a context
    code (a first owner is no handoff). All are None for leads without a history whose host gave no handoffs."""

    total: int | None
    waiting: int | None
    without_context: int | None
    median_accept: int | None
    """Microseconds within which half of all handoffs were taken over; waiting ones count as not yet, those that
    another handoff or the lead's end came before as never. None while half were not."""


@attrs.frozen(kw_only=True)
class SourceRow:
    """One source, all its leads: what became of them. Milestones count leads that ever reached them; without a history
    they are None (not known), and ``drag`` has no value.

    ``drag``: share of leads still at, or closed from, the first step. ``attempts_per_pass``: contact attempts spent
    per lead that passed the first step, None when none did.
    """

    source: str
    category: str
    leads: int
    open: int
    contacted: int | None
    prescreen_completed: int | None
    reviewable: int | None
    scheduled: int | None
    attended: int | None
    closed: int
    no_response: int
    attempts: int
    drag: Ratio
    attempts_per_pass: float | None
    close_reasons: Mapping[str, int]


@attrs.frozen(kw_only=True)
class Movement:
    """What moved after ``since``, up to and including ``until``. ``moves`` counts ``"from -> to"``."""

    since: datetime
    until: datetime
    moves: Mapping[str, int]
    received: int
    closed: int
    forward: int
    backward: int
    irregular: int
    handoffs: int


@attrs.frozen(kw_only=True)
class WeekRow:
    """Movement in the local week that starts on ``week`` (a Monday)."""

    week: date
    received: int
    moves: int
    closed: int


@attrs.frozen(kw_only=True)
class AgeBand:
    """Open leads by how many days they have been in their status: [from_days, to_days), None: no upper end."""

    from_days: int
    to_days: int | None
    count: int
    stale: int


@attrs.frozen(kw_only=True)
class GapRow:
    """One of the usual gaps, and on how many open leads."""

    gap: str
    count: int


@attrs.frozen(kw_only=True)
class Dashboard:
    """The coordinator's board. Buckets come first, totals last; all sections are always there.

    ``statuses`` and ``close_reasons`` count by code. ``movement`` and ``weeks`` are None without a history.
    """

    as_of: datetime
    zone: str
    workflow: str
    buckets: tuple[BucketRow, ...]
    focus: tuple[Focus, ...]
    owners: tuple[OwnerRow, ...]
    unowned: int
    queue: tuple[QueueRow, ...]
    stale: int
    at_risk: int
    stale_causes: Mapping[str, int]
    blockers: tuple[BlockerRow, ...]
    readiness: tuple[ReadinessRow, ...]
    handoffs: HandoffSummary
    sources: tuple[SourceRow, ...]
    movement: Movement | None
    weeks: tuple[WeekRow, ...] | None
    ages: tuple[AgeBand, ...]
    gaps: tuple[GapRow, ...]
    statuses: Mapping[str, int]
    status_labels: Mapping[str, str]
    close_reasons: Mapping[str, int]
    close_reason_labels: Mapping[str, str]
    unmapped: Mapping[str, int]
    leads: int
    open: int

    @property
    def rows(self) -> tuple[tuple[Any, ...], ...]:
        """The tables in the order they are read; ``rows[0]`` is the bucket row, and no setting changes that."""
        return (
            self.buckets,
            self.focus,
            self.owners,
            self.queue,
            self.blockers,
            self.readiness,
            self.gaps,
            self.sources,
        )
