"""Laws of the import, for whatever copies a site may bring."""

from __future__ import annotations

import random
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sheets import by_own_id, copy, ledger
from tests_sizes import size
from trialflow.tracker import Tracker

DAYS = ("2026-03-02", "2026-03-09", "2026-03-16")
Row = dict[str, str]
Copy = list[Row]

STATUSES = {
    "New": "new",
    "LVM x2": "contacting",
    "Spoke with pt": "contacted",
    "PS pending": "awaiting_prescreen",
    "With PI": "in_review",
    "Records requested": "preparing",
    "Booked": "scheduled",
    "Seen": "attended",
    "Closed - not interested": "closed",
}
dates = st.dates(min_value=date(2026, 1, 5), max_value=date(2026, 4, 1))
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)


def row(number: int) -> st.SearchStrategy[Row]:
    filled: dict[str, st.SearchStrategy[str]] = {
        "Date Received": dates.map(str),
        "Source": st.sampled_from(("Radio", "radio ", "Flyer", "")),
        "Phone": st.just(f"555555{number:04d}"),
        "Status": st.sampled_from(tuple(STATUSES)),
        "Owner": st.sampled_from(("Dana Sample", "SAMPLE, DANA", "Robin Testa", "")),
        "Last Contact": st.one_of(st.just(""), dates.map(str)),
        "Attempts": st.sampled_from(("", "1", "2.0", "x3")),
        "Prescreen": st.sampled_from(("", "Started", "Y", "no idea")),
        "Records": st.sampled_from(("", "missing", "req'd", "in")),
        "Visit Date": st.one_of(st.just(""), dates.map(str)),
        "Reason Closed": st.sampled_from(("", "Too far", "DNC")),
        "Notes": texts,
    }
    return st.fixed_dictionaries(filled).map(lambda cells: {"Lead ID": f"L-{number}", "Name": f"P {number}", **cells})


copies = st.lists(st.integers(1, 12), unique=True, max_size=8).flatmap(lambda ids: st.tuples(*map(row, ids)).map(list))


def imported(*parts: tuple[str, Copy]) -> Tracker:
    tracker = Tracker()
    with tempfile.TemporaryDirectory() as folder:
        for day, rows in parts:
            if rows:
                report = tracker.ingest(copy(Path(folder), day, *rows))
                assert sum(report.outcomes.values()) == report.rows == len(rows)
    return tracker


def state(tracker: Tracker) -> dict[str, tuple[Any, ...]]:
    return {
        own: (
            lead.status,
            lead.owner,
            lead.source,
            lead.received_at,
            lead.attempts,
            lead.last_contact_at,
            lead.prescreen,
            {item: known.state for item, known in lead.items.items()},
            lead.visit and (lead.visit.at, lead.visit.state),
            lead.close_reason,
            tracker.notes(lead.id),
        )
        for own, lead in by_own_id(tracker).items()
    }


@settings(max_examples=size(ci=25, long=2_000))
@given(copies, copies)
def test_twice_is_once_and_earlier_copies_again_change_nothing(first: Copy, second: Copy) -> None:
    tracker = imported((DAYS[0], first), (DAYS[1], second))
    held = ledger(tracker)
    with tempfile.TemporaryDirectory() as folder:
        for day, rows in ((DAYS[1], second), (DAYS[0], first), (DAYS[1], second)):
            if rows:
                report = tracker.ingest(copy(Path(folder), day, *rows))
                assert (report.events, report.outcomes["updated"], report.outcomes["created"]) == (0, 0, 0)
    assert ledger(tracker) == held


@settings(max_examples=size(ci=25, long=2_000))
@given(copies, copies)
def test_the_newer_copy_says_where_its_leads_are(first: Copy, second: Copy) -> None:
    found = by_own_id(imported((DAYS[0], first), (DAYS[1], second)))
    said = {cells["Lead ID"]: STATUSES[cells["Status"]] for cells in (*first, *second)}
    assert {own: lead.status for own, lead in found.items()} == said


@settings(max_examples=size(ci=25, long=2_000))
@given(copies, copies, st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(first: Copy, second: Copy, seed: int) -> None:
    chance = random.Random(seed)
    mixed = [chance.sample(rows, len(rows)) for rows in (first, second)]
    one = imported((DAYS[0], first), (DAYS[1], second))
    other = imported((DAYS[0], mixed[0]), (DAYS[1], mixed[1]))
    assert state(one) == state(other)


@settings(max_examples=size(ci=25, long=2_000))
@given(copies, copies, st.integers(0, 8))
def test_a_copy_in_two_parts_is_the_copy(first: Copy, second: Copy, cut: int) -> None:
    whole = imported((DAYS[0], first), (DAYS[1], second))
    parts = imported((DAYS[0], first), (DAYS[1], second[:cut]), (DAYS[1], second[cut:]))
    assert state(whole) == state(parts)


@settings(max_examples=size(ci=25, long=2_000))
@given(copies, copies, copies)
def test_a_late_copy_only_adds(first: Copy, second: Copy, third: Copy) -> None:
    tracker = imported((DAYS[0], first), (DAYS[2], third))
    before = state(tracker)
    if not (first and second and third):
        return
    with tempfile.TemporaryDirectory() as folder:
        tracker.ingest(copy(Path(folder), DAYS[1], *second), allow_older=True)
    after = state(tracker)
    newest = {cells["Lead ID"] for cells in third}
    assert {own: after[own] for own in newest} == {own: before[own] for own in newest}
    assert set(after) == set(before) | {cells["Lead ID"] for cells in second}
    said = {cells["Lead ID"]: STATUSES[cells["Status"]] for cells in (*first, *second, *third)}
    assert {own: told[0] for own, told in after.items()} == said
