"""Source quality: what became of each source's leads. What depends on the site (speed, attempts) is kept apart from
what depends on the source (response, fit). Nothing is ranked below a minimum number of leads.

Cohort rule: ratios "within the horizon" look at leads that arrived at least that long ago; younger ones are counted as
immature, never as failures. A lead first seen past a step counts as having reached it on the day it was seen: shares
are at least, times at most what they say. Times take open leads as censored and leads closed before as a competing end
(:func:`.statistics.median_incidence`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from trialflow.model.moments import DAY, micros
from trialflow.model.site_events import SpendRecorded
from trialflow.reports.columns import Columns
from trialflow.reports.figures import figures_of, tally_of
from trialflow.reports.fold_tables import MILESTONES
from trialflow.reports.quality_values import Cost, GroupRow, SourceQuality, SourceReport
from trialflow.reports.statistics import incidence, median_incidence, ratio
from trialflow.reports.stories import Story, stories
from trialflow.reports.values import Ratio, SourceRow
from trialflow.rules.workflow import Workflow

__all__ = ["Cost", "GroupRow", "SourceQuality", "SourceReport", "source_quality"]

HORIZON_DAYS = 30
MIN_LEADS = 20
_DIMENSIONS = ("category", "channel", "campaign")
_CONTACTED, _SCHEDULED, _ATTENDED = (MILESTONES.index(name) for name in ("contacted", "scheduled", "attended"))


def source_quality(
    history: Columns, workflow: Workflow, as_of: datetime, *, spend: Iterable[SpendRecorded] = ()
) -> SourceQuality:
    """The quality of every source at ``as_of``; ``spend`` gives cost per step."""
    rows = figures_of(history, tally_of(history, workflow, as_of), workflow).sources
    told = list(stories(history, workflow))
    by_source: dict[str, list[Story]] = {}
    for story in told:
        by_source.setdefault(history.sources.words[story.source].id, []).append(story)
    spent = list(spend)
    volume = _ranks([(row.source, -row.leads) for row in rows if row.leads >= MIN_LEADS])
    drag = _ranks([(row.source, row.drag.value or 0.0) for row in rows if row.leads >= MIN_LEADS])
    view = _View(history, workflow, micros(as_of))
    return SourceQuality(
        as_of=as_of,
        horizon_days=HORIZON_DAYS,
        min_leads=MIN_LEADS,
        sources=tuple(
            view.report(
                row,
                by_source[row.source],
                ranks=(volume.get(row.source), drag.get(row.source)),
                spend=[s for s in spent if s.source == row.source],
            )
            for row in rows
        ),
        groups=view.groups(told),
        spend_without_leads=tuple(sorted({s.source for s in spent} - {row.source for row in rows})),
        zone=workflow.site.zone,
    )


def _ranks(scored: list[tuple[str, float]]) -> dict[str, int]:
    ordered = sorted(scored, key=lambda item: (item[1], item[0]))
    return {name: rank for rank, (name, _) in enumerate(ordered, start=1)}


class _View:
    """Stories looked at from one moment."""

    def __init__(self, history: Columns, workflow: Workflow, as_of: int) -> None:
        self._history, self._workflow, self._as_of = history, workflow, as_of
        self._final = frozenset(i for i, code in enumerate(history.statuses.words) if workflow.is_final(code))
        self._positive = frozenset(
            i
            for i, code in enumerate(history.statuses.words)
            if (known := workflow.status(code)) is not None and known.category == "positive_end"
        )

    def report(
        self,
        row: SourceRow,
        told: Sequence[Story],
        *,
        ranks: tuple[int | None, int | None],
        spend: Sequence[SpendRecorded],
    ) -> SourceReport:
        horizon = HORIZON_DAYS * DAY
        mature = [s for s in told if s.arrived <= self._as_of - horizon]
        attempted = [self._ending(s, s.first_attempt) for s in told]
        times = [[self._ending(s, s.first[i]) for s in told] for i in range(len(MILESTONES))]
        no_response, in_policy = self._no_response(told)
        return SourceReport(
            counts=row,
            mature=len(mature),
            immature=len(told) - len(mature),
            within=tuple((name, _within(mature, i, horizon)) for i, name in enumerate(MILESTONES)),
            incidence=tuple((name, incidence(times[i], horizon)) for i, name in enumerate(MILESTONES)),
            undated=sum(s.undated >> _CONTACTED & 1 for s in told),
            no_response=no_response,
            in_policy=in_policy,
            close_families=(families := self._families(row)),
            closed_within=self._closed_within(mature, families, horizon),
            first_contact=median_incidence(times[_CONTACTED]),
            first_scheduled=median_incidence(times[_SCHEDULED]),
            site_first_attempt=median_incidence(attempted),
            site_waiting=sum(s.first_attempt is None and s.status not in self._final for s in told),
            site_attempts_per_lead=row.attempts / row.leads if row.leads else None,
            rank_volume=ranks[0],
            rank_drag=ranks[1],
            costs=tuple(self._cost(currency, spend, told) for currency in sorted({s.currency for s in spend})),
        )

    def _ending(self, story: Story, event: int | None) -> tuple[int, int]:
        """(time since arrival, 1 event, 2 closed before it, 0 still open)."""
        if event is not None:
            return max(0, event - story.arrived), 1
        if story.status in self._final:
            return max(0, story.stays[-1].since - story.arrived), 2
        return max(0, self._as_of - story.arrived), 0

    def _no_response(self, told: Sequence[Story]) -> tuple[Ratio, int]:
        """Met the rule (enough attempts, then the wait, no two-way contact) out of those that could have: first tried
        at least a wait ago, and either reached or through with the rule. The second number: open and still in it."""
        policy = self._workflow.contact
        wait = policy.wait_days * DAY
        met = resolved = trying = 0
        for story in told:
            contacted = story.reached >> _CONTACTED & 1
            first, last = story.first_attempt, story.last_attempt
            if first is None or last is None:
                continue
            through = not contacted and story.attempts >= policy.max_attempts and self._as_of - last >= wait
            if first <= self._as_of - wait and (contacted or through):
                resolved += 1
                met += through
            elif not contacted and not through:
                trying += story.status not in self._final
        return ratio(met, resolved), trying

    def _families(self, row: SourceRow) -> dict[str, int]:
        families = Counter[str]()
        for code, n in row.close_reasons.items():
            families[self._family(code)] += n
        return dict(sorted(families.items()))

    def _family(self, code: str) -> str:
        reason = self._workflow.reason(code)
        return reason.family if reason is not None else "unknown"

    def _closed_within(
        self, mature: Sequence[Story], families: Iterable[str], horizon: int
    ) -> tuple[tuple[str, Ratio], ...]:
        """Of leads old enough: closed by then for a reason of each family, and closed still."""
        words = self._history.reasons.words
        last = [(s.stays[-1], s.arrived + horizon) for s in mature if s.status in self._final]
        reasons = Counter(words[stay.reason] for stay, until in last if stay.since <= until)
        closed = Counter[str]()
        for code, n in reasons.items():
            if code:
                closed[self._family(code)] += n
        return tuple((name, ratio(closed[name], len(mature))) for name in families)

    def _cost(self, currency: str, spend: Sequence[SpendRecorded], told: Sequence[Story]) -> Cost:
        """The cohort are the leads that arrived in the periods the money was spent in; currencies are never mixed."""
        paid = [s for s in spend if s.currency == currency]
        periods = [(micros(s.since), micros(s.until)) for s in paid]
        cohort = [s for s in told if any(start <= s.arrived < end for start, end in periods)]
        total = sum(s.amount_minor for s in paid)
        return Cost(
            currency=currency,
            spend_minor=total,
            per_scheduled=_per(total, sum(s.reached >> _SCHEDULED & 1 for s in cohort)),
            per_attended=_per(total, sum(s.reached >> _ATTENDED & 1 for s in cohort)),
            per_taking_part=_per(total, sum(any(t.status in self._positive for t in s.stays) for s in cohort)),
            cohort=len(cohort),
            immature=sum(s.arrived > self._as_of - HORIZON_DAYS * DAY for s in cohort),
        )

    def groups(self, told: Sequence[Story]) -> tuple[GroupRow, ...]:
        """The same counts by category, channel and campaign, where sources carry any."""
        found: list[GroupRow] = []
        for dimension in _DIMENSIONS:
            parts: dict[str, list[Story]] = {}
            for story in told:
                name: str = getattr(self._history.sources.words[story.source], dimension)
                parts.setdefault(name, []).append(story)
            if set(parts) - {""}:
                rows = [self._group(dimension, name, part) for name, part in parts.items()]
                found += sorted(rows, key=lambda row: (-row.leads, row.name))
        return tuple(found)

    def _group(self, dimension: str, name: str, told: Sequence[Story]) -> GroupRow:
        reached = Counter(s.reached for s in told)
        counts = {step: sum(n for bits, n in reached.items() if bits >> i & 1) for i, step in enumerate(MILESTONES)}
        return GroupRow(
            dimension=dimension,
            name=name,
            leads=len(told),
            closed=sum(s.status in self._final for s in told),
            drag=ratio(len(told) - counts["contacted"], len(told)),
            **counts,
        )


def _within(mature: Sequence[Story], milestone: int, horizon: int) -> Ratio:
    """Of leads old enough: reached by then."""
    found = [(s.first[milestone], s.arrived) for s in mature]
    return ratio(sum(at is not None and at <= arrived + horizon for at, arrived in found), len(mature))


def _per(total: int, reached: int) -> int | None:
    return total // reached if reached else None
