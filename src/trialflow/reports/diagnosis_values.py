"""What the diagnosis says, as values. Durations are microseconds."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from trialflow.reports.values import Ratio

__all__ = ["Check", "Diagnosis", "FollowUp", "RecordsWait", "SlaRow", "StatusTime"]


@attrs.frozen(kw_only=True)
class StatusTime:
    """Time in one status. ``median``: the time by which half left it, open spells taken as censored (None: half have
    not left). ``median_ended`` looks at ended spells alone and ``median_waiting`` at open ones, which may still grow.
    ``undated``: spells of leads first seen in this status, which began earlier than known."""

    status: str
    label: str
    ended: int
    median_ended: int | None
    waiting: int
    median_waiting: int | None
    median: int | None = None
    undated: int = 0


@attrs.frozen(kw_only=True)
class RecordsWait:
    """Records of open leads: not asked for yet, asked for and not here, the median age of these requests; and the time
    within which half of all requests were answered, unanswered ones taken as censored (None: half were not)."""

    needed: int
    requested: int
    median_requested: int | None
    median_answer: int | None = None


@attrs.frozen(kw_only=True)
class FollowUp:
    """Leads that arrived in one local week: the time within which half had a first attempt (None: half had not),
    the open ones that still wait for it, and those closed without one."""

    week: date
    received: int
    median_first_attempt: int | None
    waiting: int
    closed_before: int = 0


@attrs.frozen(kw_only=True)
class SlaRow:
    """One service level over all leads. ``attainment``: met out of met, late and breached; open ones not yet due,
    lapsed ones (the lead ended first) and those not known count on neither side."""

    code: str
    label: str
    met: int
    late: int
    breached: int
    open: int
    lapsed: int
    not_known: int
    attainment: Ratio


@attrs.frozen(kw_only=True)
class Check:
    """One point of the review checklist: what to look at, and on how many leads."""

    code: str
    text: str
    count: int


@attrs.frozen(kw_only=True)
class Diagnosis:
    """Where the work gets stuck at ``as_of``. ``unowned_time``: share of open lead-time without an owner who is
    there, in whole hours. ``zone`` is the site's, for saying days."""

    as_of: datetime
    statuses: tuple[StatusTime, ...]
    records: RecordsWait
    follow_up: tuple[FollowUp, ...]
    unowned_time: Ratio
    checklist: tuple[Check, ...]
    slas: tuple[SlaRow, ...] = ()
    zone: str = "UTC"
