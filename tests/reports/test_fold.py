"""The column fold is the one definition of every count: it must say what the leads, one by one, say."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brute_force import figures as by_hand
from brute_force import places, plain
from histories import Site, sites
from short_histories import Story, after, leads_records
from tests_sizes import size
from trialflow.model import events as e
from trialflow.model.facts import VisitState
from trialflow.model.parties import Source
from trialflow.model.recorded import Recorded
from trialflow.model.site_events import AbsenceSet
from trialflow.reports.column_rows import ColumnsBuilder, columns_of
from trialflow.reports.columns import RECEIVED, Columns
from trialflow.reports.figures import Figures, figures_of, tally_of
from trialflow.reports.fold import Totals, fold
from trialflow.reports.fold_tables import MILESTONES, OTHER_OPEN, RECORDS_OPEN, STALE, UNOWNED, tables
from trialflow.reports.tally import Tally
from trialflow.rules.loading import default_workflow
from trialflow.rules.ownership import Roster
from trialflow.rules.workflow import Workflow
from wild_histories import BY, OWNERS, wild_records

DEFAULT = default_workflow()
ALL_KINDS = attrs.evolve(
    DEFAULT,
    staleness=attrs.evolve(
        DEFAULT.staleness,
        movement=("assigned", "action_set", "action_done", "source_set", "merged", "corrected", "noted", "unblocked"),
    ),
)
FEW_KINDS = attrs.evolve(
    DEFAULT, staleness=attrs.evolve(DEFAULT.staleness, movement=("blocked", "visit_set"), snooze=False)
)
WORKFLOWS = {"default": DEFAULT, "other kinds move": ALL_KINDS, "few kinds move": FEW_KINDS}


def folded(records: list[Recorded], workflow: Workflow, as_of: datetime, since: datetime, roster: Roster) -> Figures:
    columns = columns_of(records, workflow)
    return figures_of(columns, tally_of(columns, workflow, as_of, roster=roster, since=since), workflow)


def cells_of(records: list[Recorded], workflow: Workflow, as_of: datetime, away: Roster) -> Counter[tuple[object, ...]]:
    """The cells of the fold in words, as the leads one by one say them."""
    columns = columns_of(records, workflow)
    totals = fold(columns, tables(columns, workflow, as_of, since=as_of, roster=away))
    found = Counter[tuple[object, ...]]()
    for (_, status, flags, reached, _, _), n in totals.cells.items():
        said = tuple(bool(flags & flag) for flag in (STALE, RECORDS_OPEN, OTHER_OPEN, UNOWNED))
        steps = frozenset(step for i, step in enumerate(MILESTONES) if reached >> i & 1)
        found[columns.statuses.words[status], *said, steps] += n
    return found


def roster(seed: int, now: datetime) -> Roster:
    """Half of the time somebody is away."""
    dice = Random(seed)
    away = AbsenceSet(
        at=now,
        by=BY,
        owner=dice.choice(OWNERS[:3]),
        since=now - timedelta(days=dice.randrange(5)),
        until=dice.choice([None, now, now + timedelta(days=3)]),
    )
    return Roster(absences=(away,) if dice.random() < 0.5 else ())


@pytest.mark.parametrize("name", WORKFLOWS)
@given(seed=st.integers(0, 2**32), events=st.integers(1, 90), days=st.integers(-3, 60))
def test_the_fold_agrees_with_the_leads_on_any_history(name: str, seed: int, events: int, days: int) -> None:
    workflow = WORKFLOWS[name]
    records = wild_records(seed, events, workflow)
    as_of = records[-1].recorded_at + timedelta(days=days)
    since, away = as_of - timedelta(days=20), roster(seed, as_of)
    assert plain(folded(records, workflow, as_of, since, away)) == by_hand(records, workflow, as_of, since, away)
    assert cells_of(records, workflow, as_of, away) == places(records, workflow, as_of, away)


@given(site=sites(most=80), days=st.integers(0, 40))
def test_the_fold_agrees_with_the_leads_on_histories_made_by_the_rules(site: Site, days: int) -> None:
    as_of = site.now + timedelta(days=days)
    since, away = as_of - timedelta(days=20), roster(days, as_of)
    records = site.records
    assert plain(folded(records, site.workflow, as_of, since, away)) == by_hand(
        records, site.workflow, as_of, since, away
    )


def test_many_wild_histories() -> None:
    for seed in range(size(ci=60, long=20_000)):
        records = wild_records(seed, 300, DEFAULT, leads=25)
        as_of = records[-1].recorded_at
        since = as_of - timedelta(days=30)
        found = plain(folded(records, DEFAULT, as_of, since, Roster()))
        assert found == by_hand(records, DEFAULT, as_of, since), seed
        assert cells_of(records, DEFAULT, as_of, Roster()) == places(records, DEFAULT, as_of), seed


def parts(columns: Columns, cuts: set[int]) -> list[Columns]:
    """The columns cut between leads."""
    starts = [k for k, kind in enumerate(columns.kind) if kind == RECEIVED]
    edges = [0, *(starts[i] for i in sorted(cuts) if 0 < i < len(starts)), len(columns)]
    return [columns.pick(range(a, b)) for a, b in pairwise(edges)]


@given(seed=st.integers(0, 2**32), cuts=st.sets(st.integers(1, 8)))
def test_partitions_merged_equal_the_whole(seed: int, cuts: set[int]) -> None:
    records = wild_records(seed, 120, DEFAULT, leads=9)
    as_of = records[-1].recorded_at
    columns = columns_of(records, DEFAULT)
    t = tables(columns, DEFAULT, as_of, since=as_of - timedelta(days=20), roster=None)
    merged = Totals()
    for part in parts(columns, cuts):
        merged = merged.merge(fold(part, t))
    assert merged == fold(columns, t)


@given(seed=st.integers(0, 2**32))
def test_the_order_of_leads_does_not_matter(seed: int) -> None:
    records = wild_records(seed, 120, DEFAULT, leads=9)
    as_of = records[-1].recorded_at
    columns = columns_of(records, DEFAULT)
    apart = parts(columns, set(range(1, 9)))
    Random(seed).shuffle(apart)
    turned = columns.pick(())
    for part in apart:
        for lead, row in zip(part.lead, part.rows(), strict=True):
            turned.add(lead, row)
    t = tables(columns, DEFAULT, as_of, since=as_of - timedelta(days=20), roster=None)
    assert fold(turned, t) == fold(columns, t)


@given(seed=st.integers(0, 2**32))
def test_taking_out_is_the_inverse_of_putting_in(seed: int) -> None:
    first, second = (columns_of(wild_records(s, 80, DEFAULT), DEFAULT) for s in (seed, seed + 1))
    as_of = datetime.fromisoformat("2026-04-01T12:00:00+00:00")
    one, two = (fold(c, tables(c, DEFAULT, as_of, since=as_of - timedelta(60), roster=None)) for c in (first, second))
    tally = Tally.of(one)
    tally.put_in(two)
    tally.take_out(two)
    assert tally == Tally.of(one)
    tally.take_out(one)
    assert tally == Tally()
    assert not any((tally.places, tally.ages, tally.ends, tally.reached, tally.attempts, tally.moves)), "no key is left"


@given(seed=st.integers(0, 2**32))
def test_buckets_partition_the_leads(seed: int) -> None:
    records = wild_records(seed, 120, DEFAULT, leads=9)
    as_of = records[-1].recorded_at
    found = folded(records, DEFAULT, as_of, as_of - timedelta(7), Roster())
    assert sum(found.buckets.values()) == sum(found.statuses.values()) == found.leads
    assert sum(band.count for band in found.ages) == found.open
    assert sum(row.leads for row in found.sources) == found.leads
    assert found.open + sum(found.close_reasons.values()) + found.closed_without_reason == found.leads


@pytest.mark.parametrize("seed", [6, 7])
def test_a_builder_may_be_asked_again(seed: int) -> None:
    records = wild_records(seed, 200, DEFAULT, leads=3)
    builder, earlier = ColumnsBuilder(DEFAULT), list[Columns]()
    for record in records:
        builder.add(record)
        earlier.append(builder.columns())
    once = columns_of(records, DEFAULT)
    assert list(earlier[-1].rows()) == list(once.rows())
    assert earlier[-1].withdrawn == once.withdrawn
    assert once.withdrawn
    for k in (1, 2, 50):
        assert list(earlier[k - 1].rows()) == list(columns_of(records[:k], DEFAULT).rows()), "it has not grown since"


def _visit(day: float, state: VisitState, slot: float | None = None) -> tuple[float, e.Event]:
    return day, e.VisitSet(at=after(day), by=BY, to_state=state, visit_at=after(slot) if slot is not None else None)


def _plan(day: float, action: str, due: float | None = None) -> tuple[float, e.Event]:
    if due is None:
        return day, e.ActionDone(at=after(day), by=BY, action=action)
    return day, e.ActionSet(at=after(day), by=BY, action=action, due_at=after(due))


@pytest.mark.parametrize(
    ("story", "stale"),
    [
        ([], True),
        ([_visit(1, "scheduled", 60)], False),
        ([_visit(1, "scheduled", 60), _visit(2, "cancelled", 60)], True),
        ([_visit(1, "scheduled", 60), _visit(2, "rescheduled")], True),
        ([_visit(1, "scheduled", 30)], True),
        ([_plan(1, "call", 60)], False),
        ([_plan(1, "call", 60), _plan(2, "write")], False),
        ([_plan(1, "call", 60), _plan(2, "call")], True),
        ([_plan(1, "call", 60), _plan(2, "call", 20)], True),
    ],
)
def test_a_date_to_come_pauses_staleness_until_it_is_taken_back(story: Story, *, stale: bool) -> None:
    records = leads_records([(Source(id="Radio"), 0, story), (Source(id="Radio"), 0, [])])
    found = folded(records, DEFAULT, after(40), after(0), Roster())
    assert found.buckets.get("stale", 0) == 1 + stale
    assert plain(found) == by_hand(records, DEFAULT, after(40), after(0))
