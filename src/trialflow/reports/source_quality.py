"""Source quality: what became of each source's leads. What depends on the site (speed, attempts) is kept apart from
what depends on the source (response, fit). Nothing is ranked below a minimum number of leads.

Cohort rule: ratios "within the horizon" look at leads that arrived at least that long ago; younger ones are counted as
immature, never as failures (FIELD 3.2-3.4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import attrs

from trialflow.model.moments import DAY, micros
from trialflow.model.site_events import SpendRecorded
from trialflow.reports.columns import CONTACT, MOVED, PRESCREENED, RECEIVED, SHIFT, VISIT, Columns
from trialflow.reports.figures import figures_of, totals_of
from trialflow.reports.fold import MILESTONES, reached_by
from trialflow.reports.statistics import median, ratio
from trialflow.reports.values import Ratio, SourceRow
from trialflow.rules.workflow import Workflow

__all__ = ["Cost", "SourceQuality", "SourceReport", "source_quality"]

HORIZON_DAYS = 30
MIN_LEADS = 20


@attrs.frozen(kw_only=True)
class Cost:
    """Spend of one source in one currency, minor units, and the cost per step; None where nobody reached it."""

    currency: str
    spend_minor: int
    per_scheduled: int | None
    per_attended: int | None
    immature: int


@attrs.frozen(kw_only=True)
class SourceReport:
    """One source. ``counts`` are over all its leads; ``within`` per milestone over its mature cohort; the site block
    holds median microseconds to the first attempt and attempts per lead, which say more about the site than the source.
    ``rank_volume`` and ``rank_drag`` are None below the minimum number of leads."""

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


@attrs.frozen(kw_only=True)
class SourceQuality:
    """All sources at ``as_of``: cohort horizon in days, the minimum for a rank, and a note on what intervals mean."""

    as_of: datetime
    horizon_days: int
    min_leads: int
    sources: tuple[SourceReport, ...]
    note: str = "Intervals are Wilson 95 %. Where they overlap, the sources are not told apart by these counts."


@attrs.define
class _Story:
    """One lead, as far as sources need it: when it arrived and when each milestone was first reached."""

    source: int
    arrived: int
    reached: dict[int, int] = attrs.field(factory=dict)
    first_attempt: int | None = None

    def reach(self, bits: int, at: int) -> None:
        for i in range(len(MILESTONES)):
            if bits >> i & 1:
                self.reached[i] = min(at, self.reached.get(i, at))


def source_quality(
    history: Columns, workflow: Workflow, as_of: datetime, *, spend: Iterable[SpendRecorded] = ()
) -> SourceQuality:
    """The quality of every source at ``as_of``; ``spend`` gives cost per step."""
    columns, totals = totals_of((), workflow, as_of, history=history)
    rows = figures_of(columns, totals, workflow).sources
    stories: dict[str, list[_Story]] = {}
    for story in _stories(history, workflow):
        stories.setdefault(history.sources.words[story.source], []).append(story)
    spent = list(spend)
    volume = _ranks([(row.source, -row.leads) for row in rows if row.leads >= MIN_LEADS])
    drag = _ranks([(row.source, row.drag.value or 0.0) for row in rows if row.leads >= MIN_LEADS])
    return SourceQuality(
        as_of=as_of,
        horizon_days=HORIZON_DAYS,
        min_leads=MIN_LEADS,
        sources=tuple(
            _report(row, stories[row.source], micros(as_of), volume, drag, [s for s in spent if s.source == row.source])
            for row in rows
        ),
    )


def _ranks(scored: list[tuple[str, float]]) -> dict[str, int]:
    ordered = sorted(scored, key=lambda item: (item[1], item[0]))
    return {name: rank for rank, (name, _) in enumerate(ordered, start=1)}


def _report(
    row: SourceRow,
    stories: list[_Story],
    as_of: int,
    volume: dict[str, int],
    drag: dict[str, int],
    spend: list[SpendRecorded],
) -> SourceReport:
    horizon = HORIZON_DAYS * DAY
    mature = [s for s in stories if s.arrived <= as_of - horizon]
    within = tuple(
        (name, ratio(sum(i in s.reached and s.reached[i] <= s.arrived + horizon for s in mature), len(mature)))
        for i, name in enumerate(MILESTONES)
    )
    tried = [s.first_attempt - s.arrived for s in stories if s.first_attempt is not None]
    return SourceReport(
        counts=row,
        mature=len(mature),
        immature=len(stories) - len(mature),
        within=within,
        no_response=ratio(row.no_response, row.closed),
        site_first_attempt=median(max(0, wait) for wait in tried),
        site_waiting=len(stories) - len(tried),
        site_attempts_per_lead=row.attempts / row.leads if row.leads else None,
        rank_volume=volume.get(row.source),
        rank_drag=drag.get(row.source),
        costs=tuple(_cost(currency, spend, stories, as_of) for currency in sorted({s.currency for s in spend})),
    )


def _cost(currency: str, spend: list[SpendRecorded], stories: list[_Story], as_of: int) -> Cost:
    """The cohort are the leads that arrived in the periods the money was spent in; currencies are never mixed."""
    paid = [s for s in spend if s.currency == currency]
    periods = [(micros(s.since), micros(s.until)) for s in paid]
    cohort = [s for s in stories if any(start <= s.arrived < end for start, end in periods)]
    total = sum(s.amount_minor for s in paid)
    reached = Counter(i for s in cohort for i in s.reached)
    scheduled, attended = reached[MILESTONES.index("scheduled")], reached[MILESTONES.index("attended")]
    return Cost(
        currency=currency,
        spend_minor=total,
        per_scheduled=total // scheduled if scheduled else None,
        per_attended=total // attended if attended else None,
        immature=sum(s.arrived > as_of - HORIZON_DAYS * DAY for s in cohort),
    )


def _stories(history: Columns, workflow: Workflow) -> list[_Story]:
    bits = [reached_by(workflow, code) for code in history.statuses.words]
    found: list[_Story] = []
    for kind, at, a, b in zip(history.kind, history.at, history.a, history.b, strict=True):
        if kind == RECEIVED:
            found.append(_Story(b, at))
            found[-1].reach(bits[a], at)
        elif kind == MOVED:
            found[-1].reach(bits[a & ((1 << SHIFT) - 1)], at)
        elif kind == CONTACT:
            found[-1].first_attempt = min(at, found[-1].first_attempt or at)
            found[-1].reach(1 if b else 0, at)
        elif kind == PRESCREENED and a == 2:
            found[-1].reach(3, at)
        elif kind == VISIT:
            found[-1].reach((0, 8, 8, 0, 24, 8)[a], at)
    return found
