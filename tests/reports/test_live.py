"""Live figures: record by record the same as all at once."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brute_force import figures as by_hand
from brute_force import plain
from histories import Site, played, sites
from trialflow.model.parties import UNASSIGNED
from trialflow.model.recorded import Recorded
from trialflow.model.site_events import AbsenceSet
from trialflow.reports.column_rows import columns_of
from trialflow.reports.columns import Columns
from trialflow.reports.live import LiveFigures
from trialflow.rules.loading import default_workflow
from trialflow.rules.ownership import Roster
from wild_histories import BY, wild_records

DEFAULT = default_workflow()


def by_lead(columns: Columns) -> list[list[tuple[int, ...]]]:
    """The rows of each lead, without the order of leads and without codes given in another order."""
    found: dict[int, list[tuple[int, ...]]] = {}
    for lead, row in zip(columns.lead, columns.rows(), strict=True):
        found.setdefault(lead, []).append(row)
    return [found[lead] for lead in sorted(found)]


def test_each_record_gives_what_all_up_to_it_give() -> None:
    records = wild_records(11, 160, DEFAULT, leads=9)
    as_of = records[-1].recorded_at
    since = as_of - timedelta(days=30)
    live = LiveFigures(DEFAULT, as_of, since=since)
    for k, record in enumerate(records, start=1):
        live.add(record)
        assert plain(live.figures()) == by_hand(records[:k], DEFAULT, as_of, since), k


@given(seed=st.integers(0, 2**32), cut=st.integers(0, 120), days=st.integers(0, 40))
def test_live_equals_refolding_whatever_came_before_and_after(seed: int, cut: int, days: int) -> None:
    records = wild_records(seed, 120, DEFAULT, leads=9)
    as_of = records[-1].recorded_at
    live = LiveFigures(DEFAULT, as_of - timedelta(days=3), records=records[:cut])
    for record in records[cut:]:
        live.add(record)
    later = as_of + timedelta(days=days)
    live.advance(later, since=as_of - timedelta(days=9))
    assert plain(live.figures()) == by_hand(records, DEFAULT, later, as_of - timedelta(days=9))
    assert by_lead(live.columns()) == by_lead(columns_of(records, DEFAULT))
    assert live.position == len(records)


@given(site=sites(most=80))
def test_live_equals_refolding_on_histories_made_by_the_rules(site: Site) -> None:
    since = site.now - timedelta(days=7)
    live = LiveFigures(site.workflow, site.now, since=since)
    for record in site.records:
        live.add(record)
        live.columns()
    assert plain(live.figures()) == by_hand(site.records, site.workflow, site.now, since)


def test_over_columns_that_exist() -> None:
    site = played(seed=4, steps=300)
    half = len(site.records) // 2
    kept = [r for r in site.records if r.event.kind not in ("merged", "unmerged", "corrected")]
    columns = columns_of(kept[:half], site.workflow)
    rows = list(columns.rows())
    live = LiveFigures.over(columns, site.workflow, site.now)
    for record in kept[half:]:
        live.add(record)
    live.columns()
    week = site.now - timedelta(days=7)
    assert plain(live.figures()) == by_hand(kept, site.workflow, site.now, week)
    assert list(columns.rows()) == rows, "the caller's columns stay as they were"


def test_what_belongs_to_no_lead_only_moves_the_position() -> None:
    site = played(seed=4, steps=300)
    live = LiveFigures(site.workflow, site.now, records=site.records)
    before = live.figures()
    open_leads = [lead for lead in site.leads.values() if not site.workflow.is_final(lead.status)]
    owner = next(lead.owner for lead in open_leads if lead.owner != UNASSIGNED and not lead.merged_into)
    absence = AbsenceSet(at=site.now, by=BY, owner=owner, since=site.now)
    live.add(Recorded(10_000, "site:main", 1, site.now, absence, "", ""))
    assert (live.figures(), live.position) == (before, 10_000)
    live.advance(site.now, roster=Roster(absences=(absence,)))
    assert live.figures().unowned > before.unowned


def test_a_later_move_counts_at_once_and_staleness_stays_as_of_the_moment() -> None:
    site = played(seed=4, steps=60)
    live = LiveFigures(site.workflow, site.now, records=site.records)
    received = live.figures().received
    assert received is not None
    at = site.now + timedelta(hours=5)
    arrival = attrs.evolve(site.records[0].event, at=at)
    live.add(Recorded(9_999, "lead:new", 1, at, arrival, "", ""))
    assert live.figures().received == received + 1


@pytest.mark.parametrize("events", [0, 1])
def test_nothing_and_one_event(events: int) -> None:
    site = played(seed=1, steps=1)
    live = LiveFigures(site.workflow, site.now, records=site.records[:events])
    assert live.figures().leads == events
