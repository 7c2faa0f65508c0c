"""Source quality, worked out by hand: cohorts, censoring, the no-response rule, cost, and drag beside volume."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from short_histories import BY, MONDAY, Story, after, history
from trialflow.model.events import ContactAttempted, SourceSet, VisitSet
from trialflow.model.moments import DAY
from trialflow.model.parties import Source
from trialflow.model.site_events import SpendRecorded
from trialflow.reports.column_rows import columns_of
from trialflow.reports.source_quality import SourceReport, source_quality
from trialflow.reports.stories import stories
from trialflow.rules.loading import default_workflow
from wild_histories import wild_records

WORKFLOW = default_workflow()
RADIO, CLINIC = Source(id="Radio", category="media", channel="air"), Source(id="Clinic", category="referral")


def attempt(day: float, outcome: str = "no_answer", before: int = 0, after_: int = 1) -> tuple[float, ContactAttempted]:
    return day, ContactAttempted(at=after(day), by=BY, outcome=outcome, before=before, after=after_)


def report(told: list[tuple[Source, float, Story]], day: float, **more: Any) -> SourceReport:
    """The report on the only source, so many days after MONDAY."""
    found = source_quality(history(told), WORKFLOW, after(day), **more)
    assert len(found.sources) == 1
    return found.sources[0]


def test_young_leads_are_counted_apart_and_are_no_failures() -> None:
    told: list[tuple[Source, float, Story]] = [
        (RADIO, 0, [(2, "contacted")]),
        (RADIO, 0, [(31, "contacted")]),  # too late for the horizon
        (RADIO, 0, [(1, "closed:declined")]),
        (RADIO, 20, [(21, "contacted")]),  # 20 days old at day 40: too young
        (RADIO, 39, []),
    ]
    found = report(told, 40)
    assert (found.mature, found.immature) == (3, 2)
    within = dict(found.within)["contacted"]
    assert (within.numerator, within.denominator) == (1, 3)
    assert found.counts.contacted == 3


def test_times_take_open_leads_as_censored_and_closed_ones_as_competing() -> None:
    # First contact: 2 of 4 had it on days 1 and 4; one closed on day 2 before it; one is open at day 3.
    told: list[tuple[Source, float, Story]] = [
        (RADIO, 0, [(1, "contacted")]),
        (RADIO, 0, [(2, "closed:declined")]),
        (RADIO, 7, []),
        (RADIO, 0, [(4, "contacted")]),
    ]
    found = report(told, 10)
    # Risk 4, 3, (censored at 3), 1: F = 1/4, then survival 1/2 * 1/1 = 1/4 + 1/2.
    assert dict(found.incidence)["contacted"] is None, "nobody was followed for 30 days"
    assert found.first_contact == 4 * DAY
    assert dict(report(told, 40).incidence)["contacted"] == pytest.approx(2 / 4)


def test_young_leads_that_closed_stay_in_the_denominator() -> None:
    told: list[tuple[Source, float, Story]] = [(RADIO, 0, [(10, "contacted")])]
    told.extend([(RADIO, 15, [(16, "closed:declined")])] * 2)
    # Taken as open, they would leave the count at the age of five days, and one of one would be reached.
    assert report(told, 20).first_contact is None, "one of three"


def test_the_median_first_attempt_is_not_that_of_those_attempted() -> None:
    told: list[tuple[Source, float, Story]] = [(RADIO, 0, [attempt(1)]), *[(RADIO, 0.0, [])] * 4]
    found = report(told, 20)
    assert found.site_first_attempt is None, "half have not been attempted"
    assert (found.site_waiting, found.counts.attempts, found.site_attempts_per_lead) == (4, 1, 0.2)
    told.extend([(RADIO, 0, [attempt(3)])] * 4)
    assert report(told, 20).site_first_attempt == 3 * DAY


def test_velocity_is_the_time_to_the_first_visit_scheduled() -> None:
    visit = VisitSet(at=after(8), by=BY, to_state="scheduled", visit_at=after(12))
    told: list[tuple[Source, float, Story]] = [
        (RADIO, 0, [(1, "contacted"), (8, visit)]),
        (RADIO, 0, [(5, "scheduled")]),
        (RADIO, 0, []),
    ]
    assert report(told, 30).first_scheduled == 8 * DAY


def test_a_lead_first_seen_past_the_step_reached_it_when_it_was_seen_at_the_latest() -> None:
    columns = history([(RADIO, 0, [])] * 3, status="contacted", seen_at=after(9))
    found = source_quality(columns, WORKFLOW, after(60)).sources[0]
    assert (found.undated, found.first_contact) == (3, 9 * DAY)
    within = dict(found.within)["contacted"]
    assert (within.numerator, within.denominator) == (3, 3)
    late = source_quality(history([(RADIO, 0, [])] * 3, status="contacted", seen_at=after(45)), WORKFLOW, after(60))
    within = dict(late.sources[0].within)["contacted"]
    assert (within.numerator, within.denominator) == (0, 3), "at least none: nobody knows whether in time"
    assert dict(late.sources[0].incidence)["contacted"] == 0


def test_no_response_is_a_rule_met_out_of_those_that_could_have() -> None:
    wait = WORKFLOW.contact.wait_days
    told: list[tuple[Source, float, Story]] = [
        (RADIO, 0, [attempt(1), attempt(2, before=1, after_=2), attempt(3, before=2, after_=3)]),  # met
        (RADIO, 0, [attempt(1), attempt(2, "reached", 1, 2)]),  # answered
        (RADIO, 0, [attempt(1)]),  # one attempt only: still in the policy
        (RADIO, 0, []),  # not attempted: says nothing about the source
        (RADIO, 28, [attempt(29, "reached")]),  # answered, but too young to have failed
        (RADIO, 0, [attempt(1), (5, "closed:declined")]),  # closed before it could complete
    ]
    found = report(told, 30)
    assert wait == 14
    assert (found.no_response.numerator, found.no_response.denominator, found.in_policy) == (1, 2, 1)
    assert report(told, 16).no_response.numerator == 0, "the wait after the third attempt is not over"


def test_reasons_come_in_families() -> None:
    told: list[tuple[Source, float, Story]] = [
        (RADIO, 0, [(1, "closed:declined")]),
        (RADIO, 0, [(1, "closed:withdrew")]),
        (RADIO, 0, [(1, "closed:word-1")]),
    ]
    found = report(told, 30)
    assert found.close_families == {"declined": 2, "unknown": 1}
    assert found.counts.close_reasons == {"declined": 1, "withdrew": 1, "word-1": 1}


def test_closings_are_shares_of_the_leads_old_enough_too() -> None:
    """Closed by reason has its numerator, denominator and interval, and young leads are apart."""
    told: list[tuple[Source, float, Story]] = [
        (RADIO, 0, [(1, "closed:declined")]),
        (RADIO, 0, [(30, "closed:withdrew")]),  # the last moment of the horizon
        (RADIO, 0, [(30.1, "closed:declined")]),  # too late
        (RADIO, 0, [(1, "closed:declined"), (2, "contacting")]),  # opened again
        (RADIO, 0, [(2, "closed:no_response")]),
        (RADIO, 20, [(21, "closed:declined")]),  # too young at day 40
    ]
    found = report(told, 40)
    shares = dict(found.closed_within)
    assert (shares["declined"].numerator, shares["declined"].denominator) == (2, 5)
    assert (shares["no_response"].numerator, shares["no_response"].denominator) == (1, 5)
    assert shares["declined"].low is not None
    assert set(shares) == set(found.close_families)
    assert found.close_families["declined"] == 4


def spend(
    amount: int, currency: str = "USD", since: float = 0, until: float = 7, source: str = "Radio"
) -> SpendRecorded:
    return SpendRecorded(
        at=MONDAY, by=BY, source=source, amount_minor=amount, currency=currency, since=after(since), until=after(until)
    )


def test_cost_is_per_step_of_the_leads_that_the_money_brought() -> None:
    told: list[tuple[Source, float, Story]] = [
        (RADIO, 0, [(9, "scheduled"), (20, "attended"), (25, "in_screening"), (27, "enrolled")]),
        (RADIO, 6, [(30, "scheduled")]),
        (RADIO, 7, [(9, "scheduled")]),  # after the period: the money did not bring it
    ]
    found = report(told, 34, spend=[spend(10_001), spend(500, "EUR"), spend(900, source="Web")])
    dollars = next(c for c in found.costs if c.currency == "USD")
    assert (dollars.spend_minor, dollars.per_scheduled, dollars.per_attended) == (10_001, 5_000, 10_001)
    assert (dollars.per_taking_part, dollars.cohort, dollars.immature) == (10_001, 2, 1)
    assert [c.currency for c in found.costs] == ["EUR", "USD"], "currencies are never mixed"


def test_a_cost_without_anybody_there_is_not_known() -> None:
    found = source_quality(history([(RADIO, 0, [])]), WORKFLOW, after(40), spend=[spend(100), spend(7, source="Web")])
    assert found.sources[0].costs[0].per_scheduled is None
    assert found.spend_without_leads == ("Web",)


def test_the_largest_source_is_not_the_first_by_drag() -> None:
    told: list[tuple[Source, float, Story]] = [(RADIO, 0, [])] * 60 + [(RADIO, 0, [(1, "contacted")])] * 20
    told += [(CLINIC, 0, [(1, "contacted")])] * 24 + [(CLINIC, 0, [])] * 6
    told += [(Source(id="Flyer"), 0, [(1, "contacted")])] * 3
    found = source_quality(history(told), WORKFLOW, after(40))
    ranks = {s.counts.source: (s.rank_volume, s.rank_drag) for s in found.sources}
    assert ranks == {"Radio": (1, 2), "Clinic": (2, 1), "Flyer": (None, None)}, "too few leads have no place"
    drag = {s.counts.source: s.counts.drag.value for s in found.sources}
    assert drag == {"Radio": 0.75, "Clinic": 0.2, "Flyer": 0.0}
    assert "best" not in found.note


def test_groups_by_category_channel_and_campaign() -> None:
    told: list[tuple[Source, float, Story]] = [
        (RADIO, 0, [(1, "contacted")]),
        (Source(id="TV", category="media"), 0, []),
        (CLINIC, 0, [(3, "closed:declined")]),
    ]
    found = source_quality(history(told), WORKFLOW, after(40))
    rows = [(g.dimension, g.name, g.leads, g.contacted, g.closed) for g in found.groups]
    assert rows == [
        ("category", "media", 2, 1, 0),
        ("category", "referral", 1, 0, 1),
        ("channel", "", 2, 0, 1),
        ("channel", "air", 1, 1, 0),
    ], "no source has a campaign"


def test_a_corrected_source_takes_the_lead_along() -> None:
    change = SourceSet(at=after(2), by=BY, from_source=RADIO, to_source=CLINIC)
    assert report([(RADIO, 0, [(2, change)])], 9).counts.source == "Clinic"


@given(seed=st.integers(0, 2**32))
def test_what_is_told_per_lead_adds_up_to_what_is_counted(seed: int) -> None:
    records = wild_records(seed, 150, WORKFLOW, leads=12)
    columns, as_of = columns_of(records, WORKFLOW), records[-1].recorded_at
    found = source_quality(columns, WORKFLOW, as_of)
    told = list(stories(columns, WORKFLOW))
    for row in found.sources:
        mine = [s for s in told if columns.sources.words[s.source].id == row.counts.source]
        reached = [sum(s.reached >> i & 1 for s in mine) for i in range(5)]
        counts = row.counts
        assert reached == [
            counts.contacted,
            counts.prescreen_completed,
            counts.reviewable,
            counts.scheduled,
            counts.attended,
        ]
        assert (len(mine), sum(s.attempts for s in mine)) == (counts.leads, counts.attempts)
        assert row.mature + row.immature == counts.leads
        assert sum(row.close_families.values()) <= counts.closed
    assert sum(row.counts.leads for row in found.sources) == len(told)
