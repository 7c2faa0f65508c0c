"""The board: buckets first, every section always there, "not known" where nobody can know."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brute_force import figures as by_hand
from brute_force import plain, streams
from histories import Site, played
from short_histories import BY, MONDAY, Story, after, history, leads_records
from trialflow.adapters.renderers.formats import render
from trialflow.model.events import Assigned, Event, HandoffAccepted
from trialflow.model.evolve import fold
from trialflow.model.facts import Visit
from trialflow.model.lead import Lead
from trialflow.model.parties import Source
from trialflow.model.site_events import AbsenceSet
from trialflow.reports.column_rows import columns_of
from trialflow.reports.dashboard import dashboard
from trialflow.reports.figures import figures_of, standing_tally
from trialflow.reports.fold_tables import MILESTONES
from trialflow.reports.json import to_json
from trialflow.reports.movement import directions, week_rows
from trialflow.reports.queue import worklist_report
from trialflow.reports.values import Dashboard
from trialflow.rules.loading import default_workflow
from trialflow.rules.ownership import Roster
from trialflow.rules.worklist import worklist
from wild_histories import wild_records

WORKFLOW = default_workflow()
RADIO = Source(id="Radio")
DAY = timedelta(days=1)


def leads_of(site: Site) -> list[Lead]:
    found = (fold(site.stream(lead_id)) for lead_id in site.leads)
    return [lead for lead in found if lead is not None and not lead.merged_into]


def board(seed: int = 4, steps: int = 300) -> tuple[Dashboard, Site]:
    site = played(seed=seed, steps=steps)
    return dashboard(leads_of(site), WORKFLOW, site.now, history=columns_of(site.records, WORKFLOW)), site


@pytest.mark.parametrize("seed", range(5))
def test_all_counts_reconcile(seed: int) -> None:
    found, _ = board(seed)
    for row in found.buckets:
        assert row.overdue + row.due_today + row.later + row.no_action == row.count
    assert [row.bucket for row in found.buckets] == list(WORKFLOW.shown)
    assert sum(row.count for row in found.buckets) == sum(found.statuses.values()) == found.leads
    assert sum(row.open for row in found.owners) == found.open == len(found.queue)
    assert sum(band.count for band in found.ages) == found.open
    assert sum(row.leads for row in found.sources) == found.leads
    assert sum(found.stale_causes.values()) == found.stale
    assert sum(found.unmapped.values()) == next(row.count for row in found.buckets if row.bucket == "unmapped") or (
        found.stale > 0
    )
    assert [row.rank for row in found.queue] == sorted(row.rank for row in found.queue)
    assert found.movement is not None
    moves = found.movement
    assert moves.forward + moves.backward + moves.closed == sum(moves.moves.values())


@pytest.mark.parametrize("seed", range(5))
def test_buckets_of_the_queue_are_those_of_the_fold(seed: int) -> None:
    found, site = board(seed)
    counted = by_hand(site.records, WORKFLOW, site.now, site.now - 7 * DAY)
    assert {row.bucket: row.count for row in found.buckets if row.count} == counted["buckets"]


def test_leads_without_movement_show_zero_and_not_a_gap() -> None:
    told: list[tuple[Source, float, Story]] = [(RADIO, 0, [])] * 5
    records = leads_records(told)
    leads = [lead for stream in streams(records).values() if (lead := fold(stream)) is not None]
    found = dashboard(leads, WORKFLOW, after(30), history=history(told))
    assert found.movement is not None
    assert (found.movement.moves, found.movement.received, found.movement.forward) == ({}, 0, 0)
    for fmt in ("text", "markdown", "html"):
        text = render(found, fmt).decode().lower()
        for section in ("movement", "owners", "blockers", "sources"):
            assert section in text, (fmt, section)


def test_without_a_history_movement_is_not_known() -> None:
    lead = Lead(id="1", source=RADIO, received_at=MONDAY)
    found = dashboard([lead], WORKFLOW, after(2))
    assert (found.movement, found.weeks) == (None, None)
    assert "not known" in render(found, "text").decode().lower()
    assert (found.leads, found.sources[0].leads) == (1, 1)


def test_buckets_come_before_everything_else() -> None:
    found = board()[0]
    assert found.rows[0] == found.buckets
    document = to_json(found)
    keys = [key for key, value in document.items() if isinstance(value, list | dict)]
    assert keys[0] == "buckets"
    assert list(document)[-2:] == ["leads", "open"], "totals come last"


def test_today_is_the_site_s_day() -> None:
    # 23:30 in Chicago on Monday is Tuesday in UTC: what is due on Monday is due today.
    as_of = datetime(2026, 3, 3, 5, 30, tzinfo=UTC)
    due = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
    visit = Visit(at=due, state="scheduled", since=due - DAY)
    lead = Lead(id="1", source=RADIO, received_at=due - 9 * DAY, status="scheduled", visit=visit, owner="own-1")
    found = dashboard([lead], WORKFLOW, as_of - timedelta(hours=10))
    row = next(row for row in found.buckets if row.bucket == "scheduled")
    assert (row.due_today, row.overdue) == (1, 0)
    london = attrs.evolve(WORKFLOW, site=attrs.evolve(WORKFLOW.site, zone="Europe/London"))
    for workflow, expected in ((WORKFLOW, "due_today"), (london, "later")):
        slot = Visit(at=datetime(2026, 3, 3, 5, 50, tzinfo=UTC), state="scheduled", since=due)
        found = dashboard([attrs.evolve(lead, visit=slot)], workflow, datetime(2026, 3, 2, 23, 0, tzinfo=UTC))
        assert found.queue[0].due == expected


def test_an_absent_owner_s_leads_are_unowned() -> None:
    leads = [Lead(id=str(n), source=RADIO, received_at=MONDAY, owner=f"own-{n}") for n in range(3)]
    away = AbsenceSet(at=MONDAY, by=BY, owner="own-1", since=MONDAY, until=after(9))
    roster = Roster(absences=(away,))
    found = dashboard(leads, WORKFLOW, after(2), roster=roster)
    assert (found.unowned, [row.owner for row in found.owners if row.away]) == (1, ["own-1"])
    assert dashboard(leads, WORKFLOW, after(9), roster=roster).unowned == 0, "back at the end of the absence"


def handed(day: float, to: str) -> tuple[float, Event]:
    return day, Assigned(at=after(day), by=BY, from_owner="own-0", to_owner=to, reason="absence")


def taken(day: float, by: str) -> tuple[float, Event]:
    return day, HandoffAccepted(at=after(day), by=BY, owner=by)


def test_handoffs_that_wait_are_part_of_the_time_to_accept() -> None:
    told: list[tuple[Source, float, Story]] = [
        (RADIO, 0, [handed(1, "own-5"), taken(3, "own-5")]),  # after two days
        (RADIO, 0, [handed(1, "own-5"), handed(2, "own-6"), taken(9, "own-6")]),  # handed on; then after seven
        (RADIO, 0, [handed(1, "own-5"), (2, "closed:other")]),  # ended before
        (RADIO, 0, [handed(1, "UNASSIGNED")]),  # nobody is to take it over
    ]
    leads = [lead for stream in streams(leads_records(told)).values() if (lead := fold(stream)) is not None]
    found = dashboard(leads, WORKFLOW, after(20)).handoffs
    # Of four: two came to nothing after a day, one was taken over after two, one after seven.
    assert (found.total, found.waiting, found.median_accept) == (5, 0, 7 * 86_400_000_000)
    assert dashboard(leads, WORKFLOW, after(20)).handoffs.without_context == 0
    waiting = dashboard(leads[:1] * 3 + [attrs.evolve(leads[2], id="x")] * 4, WORKFLOW, after(20)).handoffs
    assert waiting.median_accept is None, "three of seven were taken over"


def test_words_that_the_workflow_does_not_know_are_counted() -> None:
    leads = [Lead(id=str(n), source=RADIO, received_at=after(1), status="call later") for n in range(2)]
    found = dashboard(leads, WORKFLOW, after(2))
    assert found.unmapped == {"call later": 2}
    assert next(row.count for row in found.buckets if row.bucket == "unmapped") == 2


def test_the_period_of_movement_is_half_open() -> None:
    told: list[tuple[Source, float, Story]] = [(RADIO, 0, [(7, "contacting"), (14, "contacted")])]
    columns = history(told)
    first = dashboard([], WORKFLOW, after(7), history=columns, since=after(0)).movement
    second = dashboard([], WORKFLOW, after(14), history=columns, since=after(7)).movement
    assert first is not None
    assert second is not None
    assert (dict(first.moves), first.received) == ({"new -> contacting": 1}, 0)
    assert dict(second.moves) == {"contacting -> contacted": 1}


def test_moves_that_the_workflow_lacks_are_counted_apart() -> None:
    told: list[tuple[Source, float, Story]] = [
        (RADIO, 0, [(1, "contacting"), (2, "contacted")]),
        (RADIO, 0, [(1, "attended")]),
        (RADIO, 0, [(1, "attended"), (2, "new")]),
    ]
    found = dashboard([], WORKFLOW, after(7), history=history(told), since=after(0)).movement
    assert found is not None
    assert (sum(found.moves.values()), found.irregular) == (5, 3)


@given(seed=st.integers(0, 2**32), cuts=st.sets(st.integers(1, 60), max_size=5))
def test_consecutive_boards_neither_drop_nor_double_a_move(seed: int, cuts: set[int]) -> None:
    records = wild_records(seed, 120, WORKFLOW, leads=8)
    columns, start = columns_of(records, WORKFLOW), records[0].recorded_at - 60 * DAY
    edges = [start, *(records[0].recorded_at + n * DAY for n in sorted(cuts)), records[-1].recorded_at + 90 * DAY]
    boards = [
        dashboard([], WORKFLOW, until, history=columns, since=since).movement
        for since, until in itertools.pairwise(edges)
    ]
    whole = dashboard([], WORKFLOW, edges[-1], history=columns, since=start).movement
    assert whole is not None
    parts = [part for part in boards if part is not None]
    for move, n in whole.moves.items():
        assert sum(part.moves.get(move, 0) for part in parts) == n
    assert sum(part.received for part in parts) == whole.received
    assert sum(part.handoffs for part in parts) == whole.handoffs


@given(seed=st.integers(0, 2**32))
def test_the_order_of_leads_and_records_of_others_changes_nothing(seed: int) -> None:
    site = played(seed=seed % 50, steps=120)
    leads = leads_of(site)
    turned = list(leads)
    Random(seed).shuffle(turned)
    columns = columns_of(site.records, WORKFLOW)
    one, two = (dashboard(x, WORKFLOW, site.now, history=columns) for x in (leads, turned))
    assert render(one, "json") == render(two, "json")
    alone, shuffled = (dashboard(x, WORKFLOW, site.now) for x in (leads, turned))
    assert render(alone, "json") == render(shuffled, "json")


@given(seed=st.integers(0, 2**32))
def test_a_lead_as_it_stands_counts_as_its_history_does(seed: int) -> None:
    """All but what only a history can tell: that is not known, and never 0."""
    records = [r for r in wild_records(seed, 100, WORKFLOW) if r.event.kind not in ("visit_set", "prescreened")]
    as_of = records[-1].recorded_at
    leads = [lead for stream in streams(records).values() if (lead := fold(stream)) is not None]
    items = worklist([lead for lead in leads if not lead.merged_into], WORKFLOW, as_of)
    words, tally = standing_tally(items, WORKFLOW, as_of)
    found = figures_of(words, tally, WORKFLOW, history=False)
    assert found.moves is None
    expected = by_hand(records, WORKFLOW, as_of, as_of)
    for row in found.sources:
        assert [getattr(row, milestone) for milestone in MILESTONES] == [None] * len(MILESTONES)
        assert (row.drag.value, row.attempts_per_pass) == (None, None)
        expected["sources"][row.source] = {
            k: n for k, n in expected["sources"][row.source].items() if k not in MILESTONES
        }
    for key, value in plain(found).items():
        assert key in ("moves", "received", "handoffs") or value == expected[key], key


def test_the_queue_has_the_seven_columns_of_the_print() -> None:
    row = board()[0].queue[0]
    names = [field.name for field in attrs.fields(type(row))]
    seven = ["source", "status", "owner", "blockers", "prescreen", "records", "action"]
    assert [name for name in names if name in seven] == seven


def test_the_worklist_is_the_queue_of_one_owner() -> None:
    _, site = board()
    leads = leads_of(site)
    owner = next(lead.owner for lead in leads if not WORKFLOW.is_final(lead.status))
    found = worklist_report(worklist(leads, WORKFLOW, site.now, owner=owner), WORKFLOW, site.now, owner=owner)
    assert {row.owner for row in found.rows} == {owner}
    assert found.owner == owner


def test_weeks_start_on_monday_in_the_site_s_zone() -> None:
    # Sunday 23:30 in Chicago is Monday in UTC.
    sunday = (datetime(2026, 1, 12, 5, 30, tzinfo=UTC) - MONDAY) / DAY
    rows = week_rows(
        history([(RADIO, 0, [(sunday, "contacting"), (sunday + 0.1, "closed:other")])]), WORKFLOW, after(14)
    )
    counted = {row.week.isoformat(): (row.received, row.moves, row.closed) for row in rows if row.received or row.moves}
    assert counted == {"2026-01-05": (1, 1, 0), "2026-01-12": (0, 1, 1)}
    assert len(rows) == 12
    early = week_rows(history([(RADIO, 0, [(2, "contacting"), (3, "contacted")])]), WORKFLOW, after(2))
    assert early[-1].moves == 1, "what is still to come is in no week"


def test_directions_of_moves() -> None:
    moves = {("new", "contacted"): 3, ("scheduled", "preparing"): 2, ("new", "closed"): 4, ("word", "new"): 1}
    assert directions(moves, WORKFLOW) == (4, 2, 4)
    assert directions({("new", "word"): 1}, WORKFLOW) == (0, 1, 0)
