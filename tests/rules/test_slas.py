"""Service levels: each its own clock, results that no later event overwrites, and never a guess."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialflow import Actor, Lead, Source, Workflow, default_workflow
from trialflow.model import events as e
from trialflow.model.evolve import evolve
from trialflow.rules.calendar import SiteCalendar
from trialflow.rules.parts import Sla, Span
from trialflow.rules.slas import SlaStatus, sla_status

MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)  # 09:00 in Chicago
KIM = Actor(id="kim", role="coordinator")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def received(at: datetime = MONDAY, status: str = "new") -> e.Received:
    return e.Received(at=at, by=KIM, source=Source(id="web"), status=status)


def moved(at: datetime, a: str, b: str, *, episode: int = 0) -> e.Moved:
    return e.Moved(at=at, by=KIM, from_status=a, to_status=b, episode=episode)


def called(at: datetime, outcome: str = "no_answer") -> e.ContactAttempted:
    return e.ContactAttempted(at=at, by=KIM, outcome=outcome)


def records(at: datetime, state: str) -> e.ItemSet:
    return e.ItemSet(at=at, by=KIM, item="records", to_state=state)  # type: ignore[arg-type]


def folded(events: Iterable[e.Event]) -> Lead:
    lead: Lead | None = None
    for position, event in enumerate(events, start=1):
        lead = evolve(lead, event, position, lead_id="x")
    assert lead is not None
    return lead


def status(code: str, lead: Lead, as_of: datetime, workflow: Workflow | None = None) -> SlaStatus:
    return next(s for s in sla_status(lead, workflow or default_workflow(), as_of) if s.code == code)


def result(code: str, events: Sequence[e.Event], as_of: datetime) -> str:
    return status(code, folded(events), as_of).result


# --- first_response: one working day after arrival ---

DUE = MONDAY + DAY


def test_a_clock_is_open_until_its_deadline_and_breached_after_it() -> None:
    lead = folded([received()])
    at_deadline, after = (
        status("first_response", lead, DUE + late) for late in (timedelta(), timedelta(microseconds=1))
    )
    assert (at_deadline.result, after.result) == ("open", "breached")
    assert at_deadline.started_at == MONDAY
    assert at_deadline.due_at == DUE
    assert at_deadline.started_position == 1
    assert at_deadline.stopped_at is None


def test_done_by_the_deadline_is_met_and_after_it_late_with_the_event_that_counts() -> None:
    met = status("first_response", folded([received(), called(DUE)]), DUE + 9 * DAY)
    late = status("first_response", folded([received(), called(DUE + HOUR)]), DUE + 9 * DAY)
    assert (met.result, met.stopped_at, met.stopped_position) == ("met", DUE, 2)
    assert (late.result, late.stopped_at, late.stopped_position) == ("late", DUE + HOUR, 2)


def test_no_later_event_overwrites_a_result() -> None:
    events: list[e.Event] = [received(), called(MONDAY + HOUR)]
    assert result("first_response", events, DUE) == "met"
    events += [called(MONDAY + n * DAY) for n in range(1, 60)]
    events += [moved(MONDAY + 90 * DAY, "new", "closed")]
    assert result("first_response", events, MONDAY + 100 * DAY) == "met"


def test_an_attempt_recorded_late_keeps_the_time_at_which_it_was_made() -> None:
    lead = folded([received(), called(DUE + 5 * DAY), called(MONDAY + HOUR)])
    assert status("first_response", lead, DUE + 9 * DAY).result == "met"


def test_what_happens_after_as_of_is_not_seen() -> None:
    assert result("first_response", [received(), called(DUE - HOUR)], MONDAY + HOUR) == "open"


def test_a_lead_that_ended_before_the_deadline_lapses_and_one_that_ended_after_it_stays_breached() -> None:
    early = [received(), moved(MONDAY + HOUR, "new", "closed")]
    late = [received(), moved(DUE + HOUR, "new", "closed")]
    assert result("first_response", early, DUE + 9 * DAY) == "lapsed"
    assert result("first_response", late, DUE + 9 * DAY) == "breached"
    assert result("first_response", [received(), moved(DUE, "new", "closed")], DUE + 9 * DAY) == "lapsed"


def test_working_time_waits_for_the_weekend_and_elapsed_time_does_not() -> None:
    friday = datetime(2026, 3, 6, 21, tzinfo=UTC)  # 15:00 in Chicago
    base = default_workflow()
    spans = (
        Span(amount=1, unit="days", clock="working"),
        Span(amount=4, unit="hours", clock="working"),
        Span(amount=24, unit="hours"),
    )
    slas = tuple(
        Sla(code=f"s{n}", label="Call", starts="received", stops=("contact_attempted",), within=span)
        for n, span in enumerate(spans)
    )
    found = sla_status(folded([received(friday)]), attrs.evolve(base, slas=slas), friday)
    assert [s.due_at for s in found] == [
        datetime(2026, 3, 9, 20, tzinfo=UTC),  # Monday 15:00, an hour earlier in UTC: the clocks went forward
        datetime(2026, 3, 9, 16, tzinfo=UTC),  # two hours on Friday, two on Monday
        friday + DAY,
    ]


# --- clocks that start on the way ---


def test_a_clock_that_has_not_started_says_so() -> None:
    lead = folded([received()])
    assert [s.result for s in sla_status(lead, default_workflow(), MONDAY)] == ["open"] + ["not_started"] * 4


def test_the_review_clock_starts_with_the_completed_prescreen_and_not_with_the_started_one() -> None:
    started = e.Prescreened(at=MONDAY + HOUR, by=KIM, to_state="started")
    completed = e.Prescreened(at=MONDAY + DAY, by=KIM, from_state="started", to_state="completed")
    assert result("prescreen_review", [received(), started], MONDAY + DAY) == "not_started"
    found = status("prescreen_review", folded([received(), started, completed]), MONDAY + DAY)
    assert (found.result, found.started_at) == ("open", MONDAY + DAY)


WAY: list[e.Event] = [
    received(),
    moved(MONDAY + HOUR, "new", "contacted"),
    moved(MONDAY + 2 * HOUR, "contacted", "in_review"),
    moved(MONDAY + DAY, "in_review", "preparing"),
]


def test_the_first_of_several_stops_counts() -> None:
    events = [*WAY, records(MONDAY + 2 * DAY, "requested"), records(MONDAY + 30 * DAY, "received")]
    found = status("records_request", folded(events), MONDAY + 40 * DAY)
    assert (found.result, found.stopped_at) == ("met", MONDAY + 2 * DAY)


def test_needing_records_is_not_asking_for_them() -> None:
    events = [*WAY, records(MONDAY + 2 * DAY, "needed")]
    assert result("records_request", events, MONDAY + 40 * DAY) == "breached"


def test_a_state_reached_before_the_clock_started_keeps_the_promise_at_once() -> None:
    events = [received(), records(MONDAY + HOUR, "requested"), *WAY[1:]]
    found = status("records_request", folded(events), MONDAY + DAY)
    assert (found.result, found.stopped_at, found.stopped_position) == ("met", MONDAY + DAY, 2)


def test_coming_back_does_not_restart_a_clock() -> None:
    events = [
        *WAY,
        moved(MONDAY + 2 * DAY, "preparing", "scheduled"),
        moved(MONDAY + 40 * DAY, "scheduled", "preparing"),
    ]
    found = status("scheduling", folded(events), MONDAY + 90 * DAY)
    assert (found.result, found.started_at) == ("met", MONDAY + DAY)


def test_a_rescreen_starts_every_clock_anew() -> None:
    first = [*WAY, moved(MONDAY + 60 * DAY, "preparing", "screen_failed")]
    assert result("scheduling", first, MONDAY + 61 * DAY) == "breached"
    again = MONDAY + 70 * DAY
    second = [*first, moved(again, "screen_failed", "awaiting_prescreen", episode=2)]
    found = {s.code: s for s in sla_status(folded(second), default_workflow(), again + HOUR)}
    assert found["scheduling"].result == "not_started"
    response = found["first_response"]
    assert (response.result, response.started_at, response.started_position) == ("open", again, 0)
    assert result("first_response", [*second, called(again + HOUR)], again + DAY) == "met"


# --- stale ---


def test_the_clock_of_stale_leads_starts_when_the_lead_becomes_stale_and_stops_with_a_planned_action() -> None:
    stale_at = datetime(2026, 3, 4, 15, tzinfo=UTC)  # two working days in `new`
    lead = folded([received()])
    assert status("stale_escalation", lead, stale_at - HOUR).result == "not_started"
    running = status("stale_escalation", lead, stale_at)
    assert (running.result, running.started_at) == ("open", stale_at)
    plan = e.ActionSet(at=stale_at + DAY, by=KIM, action="call_back", due_at=stale_at + 30 * DAY)
    assert status("stale_escalation", folded([received(), plan]), stale_at + 2 * DAY).result == "met"
    later = attrs.evolve(plan, at=stale_at + 20 * DAY)
    assert status("stale_escalation", folded([received(), later]), stale_at + 21 * DAY).result == "late"


def test_a_date_set_before_pauses_the_start_until_it_has_passed() -> None:
    plan = e.ActionSet(at=MONDAY + HOUR, by=KIM, action="call_back", due_at=MONDAY + 10 * DAY)
    lead = folded([received(), plan])
    assert status("stale_escalation", lead, MONDAY + 9 * DAY).result == "not_started"
    found = status("stale_escalation", lead, MONDAY + 11 * DAY)
    assert (found.result, found.started_at) == ("open", MONDAY + 10 * DAY)


# --- what cannot be told ---


def test_a_lead_built_from_current_state_tells_only_what_it_carries() -> None:
    bare = Lead(id="x", source=Source(id="s"), received_at=MONDAY, status="preparing")
    late = MONDAY + 90 * DAY
    assert {s.code: s.result for s in sla_status(bare, default_workflow(), late)} == {
        "first_response": "not_known",
        "prescreen_review": "not_known",
        "records_request": "not_known",
        "scheduling": "not_known",
        "stale_escalation": "breached",
    }
    told = attrs.evolve(bare, first_attempt_at=DUE + HOUR)
    assert status("first_response", told, late).result == "late"


def test_a_lead_first_seen_midway_is_not_blamed_for_what_nobody_saw() -> None:
    midway = [received(status="contacted")]
    assert result("first_response", midway, MONDAY + 90 * DAY) == "not_known"
    assert result("first_response", [*midway, called(MONDAY + HOUR)], MONDAY + 90 * DAY) == "met"
    onward = [*midway, moved(MONDAY + DAY, "contacted", "preparing")]
    assert result("scheduling", onward, MONDAY + 90 * DAY) == "breached"


def test_only_the_last_time_is_known_of_a_kind_that_came_before_the_clock() -> None:
    base = default_workflow()
    sla = Sla(
        code="plan", label="Plan", starts="moved:preparing", stops=("action_set",), within=Span(amount=2, unit="days")
    )
    workflow = attrs.evolve(base, slas=(sla,))

    def plan(at: datetime) -> e.ActionSet:
        return e.ActionSet(at=at, by=KIM, action="call_back", due_at=at + 90 * DAY)

    before = [received(), plan(MONDAY + HOUR), *WAY[1:]]
    start = MONDAY + DAY
    soon = folded([*before, plan(start + DAY)])
    late = folded([*before, plan(start + DAY), plan(start + 9 * DAY)])
    assert status("plan", soon, start + 10 * DAY, workflow).result == "met"
    for edge in (start, start + 2 * DAY):
        assert status("plan", folded([*before, plan(edge)]), start + 10 * DAY, workflow).result == "met"
    # Whether the plan of the ninth day was the first one after the start, the lead no longer knows.
    assert status("plan", late, start + 10 * DAY, workflow).result == "not_known"
    assert status("plan", folded(before), start + 10 * DAY, workflow).result == "breached"


# --- laws ---

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["call", "reach", "plan", "needed", "requested", "reviewed", "move"]), st.integers(0, 400)
    ),
    max_size=12,
)
MOVES = ["contacting", "contacted", "in_review", "preparing", "scheduled", "preparing", "closed", "contacting"]


def history(steps: list[tuple[str, int]]) -> list[e.Event]:
    events: list[e.Event] = [received()]
    at, ahead, status_now = MONDAY, list(MOVES), "new"
    for what, hours in steps:
        at += hours * HOUR
        if what == "move" and ahead:
            to = ahead.pop(0)
            events.append(moved(at, status_now, to))
            status_now = to
        elif what == "plan":
            events.append(e.ActionSet(at=at, by=KIM, action="call_back", due_at=at + 3 * DAY))
        elif what in ("call", "reach"):
            events.append(called(at, "reached" if what == "reach" else "no_answer"))
        elif what != "move":
            events.append(records(at, what))
    return events


@given(STEPS, st.integers(0, 200))
def test_a_final_result_stays_and_deadlines_are_the_calendars(steps: list[tuple[str, int]], more: int) -> None:
    events, workflow = history(steps), default_workflow()
    end = events[-1].at
    settled: dict[str, SlaStatus] = {}
    for count in range(1, len(events) + 1):
        lead, as_of = folded(events[:count]), events[count - 1].at
        for found in sla_status(lead, workflow, as_of):
            sla = next(s for s in workflow.slas if s.code == found.code)
            if found.started_at is not None:
                assert found.due_at == SiteCalendar(workflow.site).add(found.started_at, sla.within)
            if found.code in settled and sla.starts != "stale":
                assert found == settled[found.code]
            if found.result in ("met", "late"):
                settled[found.code] = found
    later = sla_status(folded(events), workflow, end + more * HOUR)
    for code, found in settled.items():
        if code != "stale_escalation":
            assert next(s for s in later if s.code == code) == found


@given(STEPS)
def test_the_result_follows_from_the_clock(steps: list[tuple[str, int]]) -> None:
    as_of = MONDAY + 40 * DAY
    events = [event for event in history(steps) if event.at <= as_of]
    for found in sla_status(folded(events), default_workflow(), as_of):
        if found.stopped_at is not None:
            assert found.due_at is not None
            assert found.result == ("met" if found.stopped_at <= found.due_at else "late")
        if found.result == "open":
            assert found.due_at is not None
            assert found.due_at >= as_of
        if found.result == "not_started":
            assert found.started_at is None


@pytest.mark.parametrize("sla", default_workflow().slas, ids=lambda sla: sla.code)
def test_every_shipped_service_level_can_be_met_and_missed(sla: Sla) -> None:
    started = [
        received(),
        e.Prescreened(at=MONDAY + HOUR, by=KIM, to_state="completed"),
        moved(MONDAY + 2 * HOUR, "new", "preparing") if sla.code != "prescreen_review" else called(MONDAY + 2 * HOUR),
    ]
    started = started[:1] if sla.code in ("first_response", "stale_escalation") else started
    assert result(sla.code, started, MONDAY + 90 * DAY) == "breached"
    start = status(sla.code, folded(started), MONDAY + 90 * DAY).started_at
    assert start is not None
    stops: dict[str, e.Event] = {
        "first_response": called(start),
        "prescreen_review": moved(start, "in_review", "preparing"),
        "records_request": records(start, "requested"),
        "scheduling": moved(start, "preparing", "scheduled"),
        "stale_escalation": e.ActionSet(at=start, by=KIM, action="call_back", due_at=start + DAY),
    }
    assert result(sla.code, [*started, stops[sla.code]], start + HOUR) == "met"


def test_the_move_that_opens_an_episode_is_the_first_of_that_episode() -> None:
    workflow = attrs.evolve(
        default_workflow(),
        slas=(
            Sla(
                code="call", label="Call", starts="moved:contacting", stops=("contact_attempted",),
                within=Span(amount=1, unit="days"),
            ),
        ),
    )  # fmt: skip
    again = MONDAY + 9 * DAY
    lead = folded([received(), moved(MONDAY + DAY, "new", "closed"), moved(again, "closed", "contacting", episode=2)])
    found = status("call", lead, again, workflow)
    assert (found.result, found.started_at, found.started_position) == ("open", again, 3)


# --- what is told of a level, and by which events ---


@pytest.mark.parametrize("state", ["scheduled", "rescheduled", "cancelled", "missed"])
def test_a_visit_that_is_still_planned_holds_the_clock_of_stale_leads_back(state: str) -> None:
    seen = e.VisitSet(at=MONDAY, by=KIM, from_state="none", to_state="scheduled", visit_at=MONDAY + 9 * DAY)
    events: list[e.Event] = [received(), seen]
    if state != "scheduled":
        moved_to = MONDAY + 12 * DAY
        events.append(
            e.VisitSet(at=MONDAY, by=KIM, from_state="scheduled", to_state=state, visit_at=moved_to)  # type: ignore[arg-type]
        )
    lead = folded(events)
    started = status("stale_escalation", lead, MONDAY + 40 * DAY).started_at
    assert lead.visit is not None
    stale_at = datetime(2026, 3, 4, 15, tzinfo=UTC)
    assert started == (lead.visit.at if state in ("scheduled", "rescheduled") else stale_at)


def test_every_level_carries_its_label_and_the_positions_of_its_events() -> None:
    labels = {sla.code: sla.label for sla in default_workflow().slas}
    lead = folded([received(), called(MONDAY + HOUR)])
    for found in sla_status(lead, default_workflow(), MONDAY + 2 * HOUR):
        assert found.label == labels[found.code]
    met = status("first_response", lead, MONDAY + 2 * HOUR)
    assert (met.started_position, met.stopped_position) == (1, 2)
    waiting = status("first_response", folded([received()]), MONDAY + HOUR)
    assert (waiting.started_position, waiting.stopped_position) == (1, 0)


def test_a_call_counts_at_the_moment_of_arrival_and_at_the_moment_asked_about() -> None:
    for at in (MONDAY, MONDAY + HOUR):
        found = status("first_response", folded([received(), called(at)]), at)
        assert (found.result, found.stopped_at, found.stopped_position) == ("met", at, 2)


def test_a_hosts_row_tells_the_first_attempt_at_the_moment_asked_about() -> None:
    row = Lead(id="x", source=Source(id="web"), received_at=MONDAY, first_attempt_at=MONDAY + HOUR)
    assert status("first_response", row, MONDAY + HOUR).stopped_at == MONDAY + HOUR
    assert status("first_response", row, MONDAY + HOUR / 2).result != "met"


def test_a_hosts_row_tells_when_the_person_was_first_reached() -> None:
    span = Span(amount=2, unit="days")
    sla = Sla(code="reach", label="Reach", starts="received", stops=("contact_attempted:reached",), within=span)
    row = Lead(id="x", source=Source(id="web"), received_at=MONDAY, first_reached_at=MONDAY + HOUR)
    found = status("reach", row, MONDAY + DAY, attrs.evolve(default_workflow(), slas=(sla,)))
    assert (found.result, found.stopped_at, found.stopped_position) == ("met", MONDAY + HOUR, 0)
