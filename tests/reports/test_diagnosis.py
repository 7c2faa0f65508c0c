"""Where the work gets stuck, worked out by hand."""

from __future__ import annotations

from datetime import date

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from short_histories import BY, MONDAY, Story, after, leads_records
from trialflow.model.events import Assigned, ContactAttempted, Event, ItemSet
from trialflow.model.evolve import fold
from trialflow.model.moments import DAY
from trialflow.model.parties import Source
from trialflow.model.recorded import Recorded
from trialflow.model.site_events import AbsenceSet
from trialflow.reports.column_rows import columns_of
from trialflow.reports.diagnosis import Diagnosis, diagnose, review_checklist
from trialflow.rules.loading import default_workflow
from trialflow.rules.ownership import Roster
from wild_histories import wild_records

WORKFLOW = default_workflow()
RADIO = Source(id="Radio")

Told = list[tuple[Source, float, Story]]


def diagnosed(told: Told, day: float, roster: Roster | None = None, **received: object) -> Diagnosis:
    """The diagnosis so many days after MONDAY."""
    return of_records(leads_records(told, **received), day, roster)


def of_records(records: list[Recorded], day: float, roster: Roster | None = None) -> Diagnosis:
    streams: dict[str, list[Recorded]] = {}
    for record in records:
        streams.setdefault(record.stream, []).append(record)
    leads = [lead for stream in streams.values() if (lead := fold(stream)) is not None]
    return diagnose(leads, WORKFLOW, after(day), history=columns_of(records, WORKFLOW), roster=roster)


def test_time_in_a_status_counts_open_stays_as_censored() -> None:
    told: Told = [(RADIO, 0, [(2, "contacting")]), (RADIO, 0, [(6, "contacting")]), (RADIO, 0, []), (RADIO, 8, [])]
    found = {row.status: row for row in diagnosed(told, 10).statuses}
    new = found["new"]
    assert (new.ended, new.waiting, new.median_ended, new.median_waiting) == (2, 2, 2 * DAY, 2 * DAY)
    # Risk 4 at 2 (also the young one, censored then), 2 at 6: survival 3/4, then 3/8.
    assert new.median == 6 * DAY
    assert found["contacting"].median is None, "nobody left it"
    assert "closed" not in found


def test_a_stay_that_began_before_anybody_looked_is_flagged() -> None:
    found = diagnosed([(RADIO, 0, [(9, "contacted")])], 10, status="contacting", seen_at=after(5)).statuses
    assert [(row.status, row.undated) for row in found] == [("contacting", 1), ("contacted", 0)]


def records_item(day: float, state: str) -> tuple[float, Event]:
    return day, ItemSet(at=after(day), by=BY, item="records", to_state=state)  # type: ignore[arg-type]


def test_records_asked_for_and_not_here() -> None:
    told: Told = [
        (RADIO, 0, [records_item(1, "requested"), records_item(4, "received")]),
        (RADIO, 0, [records_item(2, "requested")]),
        (RADIO, 0, [records_item(1, "needed")]),
        (RADIO, 0, [records_item(1, "requested"), (2, "closed:declined")]),
    ]
    found = diagnosed(told, 12).records
    assert (found.needed, found.requested, found.median_requested) == (1, 1, 10 * DAY)
    # One closed after a day, one answered after three, one open: a third of the requests was answered.
    assert found.median_answer is None
    answered: Told = [told[0], told[0], told[1]]
    assert diagnosed(answered, 12).records.median_answer == 3 * DAY


def test_follow_up_week_by_week() -> None:
    attempt = ContactAttempted(at=after(15), by=BY)
    told: Told = [
        (RADIO, 14, [(15, attempt)]),
        (RADIO, 14, []),
        (RADIO, 14, [(16, "closed:duplicate")]),
        (RADIO, 2, []),
    ]
    found = diagnosed(told, 20).follow_up
    assert [row.week for row in found][-1] == date(2026, 1, 19)
    last, before, first = found[-1], found[-2], found[-3]
    assert (last.received, last.waiting, last.closed_before, last.median_first_attempt) == (3, 1, 1, None)
    assert (before.received, first.received, first.waiting) == (0, 1, 1)
    assert len(found) == 8


def test_unowned_time_is_cut_by_owners_and_absences() -> None:
    given_to = Assigned(at=after(3), by=BY, from_owner="UNASSIGNED", to_owner="own-1", reason="new")
    told: Told = [(RADIO, 0, [(3, given_to), (9, "closed:declined")])]
    found = diagnosed(told, 20).unowned_time
    assert (found.numerator, found.denominator) == (3 * 24, 9 * 24), "closed time is nobody's"
    away = AbsenceSet(at=MONDAY, by=BY, owner="own-1", since=after(4), until=after(6))
    again = AbsenceSet(at=MONDAY, by=BY, owner="own-1", since=after(5), until=after(7))
    found = diagnosed(told, 20, Roster(absences=(away, again))).unowned_time
    assert found.numerator == 6 * 24, "absences that overlap count once"
    still = diagnosed([(RADIO, 0, [(3, given_to)])], 8, Roster(absences=(attrs.evolve(away, until=None),)))
    assert still.unowned_time.numerator == (3 + 4) * 24
    assert diagnosed([], 8).unowned_time.value is None


def test_service_levels_say_how_they_ended() -> None:
    told: Told = [
        (RADIO, 0, [(0.5, ContactAttempted(at=after(0.5), by=BY))]),
        (RADIO, 0, [(9, ContactAttempted(at=after(9), by=BY))]),
        (RADIO, 0, []),
        (RADIO, 19.9, []),
    ]
    found = {row.code: row for row in diagnosed(told, 20).slas}["first_response"]
    assert (found.met, found.late, found.breached, found.open) == (1, 1, 1, 1)
    assert (found.attainment.numerator, found.attainment.denominator) == (1, 3)


def test_the_checklist_names_what_is_open() -> None:
    told: Told = [(RADIO, 0, []), (RADIO, 0, [(1, "word-1")]), (RADIO, 0, [records_item(1, "needed")])]
    records = leads_records(told)
    leads = [lead for n in range(3) if (lead := fold([r for r in records if r.stream == f"lead:L{n}"])) is not None]
    found = {check.code: check.count for check in review_checklist(leads, WORKFLOW, after(30))}
    assert found == {
        "no_owner": 3,
        "follow_up_overdue": 3,
        "stale": 2,
        "records_gap": 1,
        "missing_sponsor_field": 1,
        "handoff_context": 0,
        "unmapped": 1,
    }
    assert diagnosed(told, 30).checklist == review_checklist(leads, WORKFLOW, after(30))


@pytest.mark.parametrize("days", [0, 45])
@given(seed=st.integers(0, 2**32))
def test_any_history_can_be_diagnosed(days: int, seed: int) -> None:
    records = wild_records(seed, 120, WORKFLOW)
    last = (records[-1].recorded_at - MONDAY).total_seconds() / 86_400 + days
    found = of_records(records, last)
    for row in found.statuses:
        assert row.ended + row.waiting > 0
    assert 0 <= found.unowned_time.numerator <= found.unowned_time.denominator
    for sla in found.slas:
        assert sla.attainment.denominator == sla.met + sla.late + sla.breached
