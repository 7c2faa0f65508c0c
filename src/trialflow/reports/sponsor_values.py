"""What a sponsor may read: counts, shares, codes of a closed vocabulary and planned dates.

No type here has a field that could hold a lead, a person, an owner's name or free text; a test walks the fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NewType

import attrs

from trialflow.reports.values import Ratio

__all__ = [
    "BOUNDARY",
    "ChangedRow",
    "DecisionRow",
    "Label",
    "NextStep",
    "SponsorBlocker",
    "SponsorMovement",
    "SponsorSource",
    "SponsorUpdate",
    "StalledGroup",
    "VisitCounts",
    "WhyRow",
]

Label = NewType("Label", str)
"""A label of the workflow or of this library; never a text that somebody typed about a person."""

BOUNDARY = Label(
    "Operational counts only. Eligibility, enrolment, treatment and medical decisions are made and recorded by the "
    "authorised study team."
)
"""Stands in every sponsor report."""


@attrs.frozen(kw_only=True)
class ChangedRow:
    """Leads that went from one status to another."""

    from_status: Label
    to_status: Label
    count: int


@attrs.frozen(kw_only=True)
class StalledGroup:
    """Leads that stalled for one cause, and what the site does about it: step, role, planned date."""

    cause: Label
    count: int
    next_step: Label
    role: Label
    planned_by: date


@attrs.frozen(kw_only=True)
class WhyRow:
    """A cause behind stalls or closings, and how many leads it concerns."""

    cause: Label
    stalled: int
    closed: int


@attrs.frozen(kw_only=True)
class NextStep:
    """What the site will do next, for how many leads, by which role, until when it plans to. ``planned_by`` None: on
    the day of each lead's visit, which is in no sponsor report."""

    step: Label
    count: int
    role: Label
    planned_by: date | None


@attrs.frozen(kw_only=True)
class SponsorMovement:
    """Movement since the last release. ``restated``: recorded since, but dated before that release. ``withdrawn``:
    counted in an earlier release, and taken back since as recorded by mistake."""

    received: int
    moves: int
    forward: int
    backward: int
    closed: int
    restated: int
    withdrawn: int = 0


@attrs.frozen(kw_only=True)
class SponsorSource:
    """One source over all its leads. Sources with very few leads are shown together."""

    source: Label
    leads: int
    contacted: int
    prescreen_completed: int
    reviewable: int
    scheduled: int
    attended: int
    closed: int
    drag: Ratio


@attrs.frozen(kw_only=True)
class SponsorBlocker:
    """A kind of blocker or open readiness item, and on how many open leads it stands."""

    blocker: Label
    count: int


@attrs.frozen(kw_only=True)
class VisitCounts:
    """Visits: planned ahead, past without a recorded outcome, and attended, missed, cancelled so far."""

    planned: int
    outcome_open: int
    attended: int
    missed: int
    cancelled: int


@attrs.frozen(kw_only=True)
class DecisionRow:
    """Open questions to the study team, by the role asked."""

    role: Label
    count: int
    overdue: int


@attrs.frozen(kw_only=True)
class SponsorUpdate:
    """What changed, what stalled, why, and what the site will do next, since the last release.

    The period is (after_position, position] in recording order; ``since`` is the last release's date (None: first).
    ``statuses`` are counts by label; leads in a status the workflow does not know are only counted (``unmapped``).
    """

    as_of: datetime
    since: datetime | None
    after_position: int
    position: int
    zone: Label
    boundary: Label
    changed: tuple[ChangedRow, ...]
    stalled: tuple[StalledGroup, ...]
    why: tuple[WhyRow, ...]
    next: tuple[NextStep, ...]
    movement: SponsorMovement
    sources: tuple[SponsorSource, ...]
    blockers: tuple[SponsorBlocker, ...]
    visits: VisitCounts
    decisions: tuple[DecisionRow, ...]
    statuses: Mapping[Label, int]
    unmapped: int
    leads: int
    open: int
