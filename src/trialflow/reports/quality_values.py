"""What the source report says, as values. Durations are microseconds, money minor units (cents)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from trialflow.reports.values import Ratio, SourceRow

__all__ = ["Cost", "GroupRow", "SourceQuality", "SourceReport"]


@attrs.frozen(kw_only=True)
class Cost:
    """Spend of one source in one currency, and the cost per step, rounded down; None where nobody reached it.

    ``cohort``: leads that arrived in the periods the money was spent in; ``immature``: how many of them are younger
    than the horizon, so that the cost per step may still fall. ``per_taking_part``: the study team recorded that the
    person takes part.
    """

    currency: str
    spend_minor: int
    per_scheduled: int | None
    per_attended: int | None
    immature: int
    per_taking_part: int | None = None
    cohort: int = 0


@attrs.frozen(kw_only=True)
class SourceReport:
    """One source. ``counts`` are over all its leads; ``within`` per milestone over its mature cohort, ``incidence``
    the share at the horizon with open leads as censored and closed ones as competing (None: not known yet).

    ``closed_within``: of the mature cohort, closed by then, per family of the reason.
    ``no_response``: met the contact policy's rule, out of those that could have; ``in_policy``: still being tried.
    ``first_contact`` and ``first_scheduled``: time from arrival by which half had it, None while half have not.
    ``undated``: leads first seen past the first contact. It counts on the day they were seen, so that shares are at
    least, and times at most, what they say.
    The site block (``site_...``) says more about the site than about the source: time to the first attempt, open leads
    without one, attempts per lead. ``rank_volume`` and ``rank_drag`` are None below the minimum number of leads.
    """

    counts: SourceRow
    mature: int
    immature: int
    within: tuple[tuple[str, Ratio], ...]
    no_response: Ratio
    site_first_attempt: int | None
    site_waiting: int
    site_attempts_per_lead: float | None
    rank_volume: int | None
    rank_drag: int | None
    costs: tuple[Cost, ...]
    incidence: tuple[tuple[str, float | None], ...] = ()
    undated: int = 0
    in_policy: int = 0
    close_families: Mapping[str, int] = attrs.field(factory=dict)
    closed_within: tuple[tuple[str, Ratio], ...] = ()
    first_contact: int | None = None
    first_scheduled: int | None = None


@attrs.frozen(kw_only=True)
class GroupRow:
    """Sources of one category, channel or campaign together; ``name`` is empty where none was given."""

    dimension: str
    name: str
    leads: int
    contacted: int
    prescreen_completed: int
    reviewable: int
    scheduled: int
    attended: int
    closed: int
    drag: Ratio


@attrs.frozen(kw_only=True)
class SourceQuality:
    """All sources at ``as_of``: cohort horizon in days, the minimum for a rank, and a note on what intervals mean.

    ``groups`` are empty for dimensions that no source carries. ``spend_without_leads`` names sources that money was
    recorded for and that sent nobody: a cost per step cannot be told. ``zone`` is the site's, for saying days.
    """

    as_of: datetime
    horizon_days: int
    min_leads: int
    sources: tuple[SourceReport, ...]
    note: str = "Intervals are Wilson 95 %. Where they overlap, the sources are not told apart by these counts."
    groups: tuple[GroupRow, ...] = ()
    spend_without_leads: tuple[str, ...] = ()
    zone: str = "UTC"
