"""The site's calendar: days, working time and due classes, in any zone and across every clock change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialflow.model.moments import HOUR, from_micros, micros
from trialflow.rules.calendar import SiteCalendar, calendar_of
from trialflow.rules.loading import default_workflow
from trialflow.rules.workflow import Site, Span

ZONES = (
    "America/Chicago", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "America/Havana",
    "Asia/Beirut", "Africa/Cairo", "America/Sao_Paulo", "Pacific/Chatham", "Africa/Casablanca", "UTC",
)  # fmt: skip
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
sites = st.builds(
    Site,
    zone=st.sampled_from(ZONES),
    working_days=st.lists(st.sampled_from(WEEK), min_size=1, unique=True).map(tuple),
    opens=st.sampled_from(["00:00", "07:30", "09:00"]),
    closes=st.sampled_from(["12:00", "17:00", "23:59"]),
    holidays=st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=8).map(tuple),
)
calendars = sites.map(SiteCalendar)
instants = st.integers(micros(datetime(2026, 1, 1, tzinfo=UTC)), micros(datetime(2027, 1, 1, tzinfo=UTC))).map(
    from_micros
)
spans = st.builds(
    Span,
    amount=st.integers(0, 20),
    unit=st.sampled_from(["hours", "days"]),
    clock=st.sampled_from(["working", "elapsed"]),
)
CHICAGO = calendar_of(default_workflow())


def chicago(*parts: int) -> datetime:
    """A local time in Chicago, UTC."""
    return datetime(*parts, tzinfo=ZoneInfo("America/Chicago")).astimezone(UTC)  # type: ignore[arg-type,misc]


def worked(calendar: SiteCalendar, start: datetime, end: datetime) -> int:
    """Microseconds between opening and closing of working days, counted day by day from the site's own words."""
    site, zone, total, day = calendar.site, ZoneInfo(calendar.site.zone), 0, calendar.day_of(start)
    while day <= calendar.day_of(end):
        if WEEK[day.weekday()] in site.working_days and day not in site.holidays:
            opens, closes = (datetime.combine(day, time.fromisoformat(t), zone) for t in (site.opens, site.closes))
            total += max(0, min(micros(end), micros(closes)) - max(micros(start), micros(opens)))
        day += timedelta(days=1)
    return total


@given(calendars, instants, instants, spans)
def test_a_later_start_never_ends_earlier(calendar: SiteCalendar, one: datetime, other: datetime, span: Span) -> None:
    first, second = sorted((one, other))
    assert calendar.add(first, span) <= calendar.add(second, span)


@given(calendars, instants, spans)
def test_adding_goes_forward_and_stays_in_utc(calendar: SiteCalendar, at: datetime, span: Span) -> None:
    end = calendar.add(at, span)
    assert end >= at
    assert end.tzinfo is UTC


@given(calendars, instants, spans)
def test_going_back_is_the_exact_inverse(calendar: SiteCalendar, at: datetime, span: Span) -> None:
    start = calendar.back(at, span)
    assert calendar.add(start, span) <= at
    assert calendar.add(start + timedelta(microseconds=1), span) > at


def test_going_back_finds_the_last_instant_that_leads_there() -> None:
    day, none = Span(amount=1, unit="days", clock="working"), Span(amount=0, unit="hours", clock="working")
    # The whole weekend leads to Tuesday's first instant, and Monday's first instant is the last that does.
    assert CHICAGO.back(chicago(2026, 3, 10), day) == chicago(2026, 3, 9)
    assert CHICAGO.back(chicago(2026, 3, 6, 12), none) == chicago(2026, 3, 6, 12)
    assert CHICAGO.back(chicago(2026, 3, 7, 12), none) == chicago(2026, 3, 6, 17)


@given(calendars, instants, st.integers(0, 60))
def test_working_hours_are_counted_as_they_are_added(calendar: SiteCalendar, at: datetime, hours: int) -> None:
    end = calendar.add(at, Span(amount=hours, unit="hours", clock="working"))
    assert worked(calendar, at, end) == hours * HOUR


@given(calendars, instants)
def test_every_instant_lies_in_its_day(calendar: SiteCalendar, at: datetime) -> None:
    day = calendar.day_of(at)
    assert calendar.day_start(day) <= at
    assert at < calendar.day_start(day + timedelta(days=1))
    assert calendar.day_of(calendar.day_start(day)) == day


@given(calendars, instants, instants)
def test_what_is_due_falls_into_exactly_one_class_by_local_days(
    calendar: SiteCalendar, due: datetime, as_of: datetime
) -> None:
    today = calendar.day_of(as_of)
    start, end = calendar.day_start(today), calendar.day_start(today + timedelta(days=1))
    expected = "overdue" if due < start else "due_today" if due < end else "later"
    assert calendar.due_class(due, as_of) == expected


def test_the_borders_of_a_day_belong_to_one_day() -> None:
    noon, midnight = chicago(2026, 3, 4, 12), chicago(2026, 3, 4)
    assert CHICAGO.due_class(midnight, noon) == "due_today"
    assert CHICAGO.due_class(midnight - timedelta(microseconds=1), noon) == "overdue"
    assert CHICAGO.due_class(chicago(2026, 3, 5), noon) == "later"
    assert CHICAGO.due_class(midnight, noon - timedelta(hours=13)) == "later"


def test_working_days_skip_weekends_and_keep_the_hour() -> None:
    one = Span(amount=1, unit="days", clock="working")
    assert CHICAGO.add(chicago(2026, 3, 6, 10), one) == chicago(2026, 3, 9, 10)
    assert CHICAGO.add(chicago(2026, 3, 7, 10), one) == chicago(2026, 3, 10)
    assert CHICAGO.add(chicago(2026, 3, 9, 0, 30), one) == chicago(2026, 3, 10, 0, 30)
    assert CHICAGO.add(chicago(2026, 3, 6, 10), Span(amount=0, unit="days", clock="working")) == chicago(2026, 3, 6, 10)


def test_a_day_that_the_clocks_make_shorter_ends_no_later_than_it_does() -> None:
    calendar = SiteCalendar(Site(zone="America/Chicago", working_days=WEEK))
    late = datetime(2026, 3, 8, 5, 30, tzinfo=UTC)  # Saturday 23:30; Sunday has 23 hours
    assert calendar.add(late, Span(amount=1, unit="days", clock="working")) == datetime(2026, 3, 9, 5, tzinfo=UTC)


def test_holidays_are_skipped() -> None:
    closed = SiteCalendar(Site(zone="America/Chicago", holidays=(date(2026, 3, 9), date(2026, 3, 10))))
    assert closed.add(chicago(2026, 3, 6, 10), Span(amount=1, unit="days", clock="working")) == chicago(2026, 3, 11, 10)
    assert not closed.is_working(date(2026, 3, 9))
    assert not closed.is_working(date(2026, 3, 8))
    assert closed.is_working(date(2026, 3, 11))


def test_working_hours_stop_at_closing() -> None:
    two = Span(amount=2, unit="hours", clock="working")
    assert CHICAGO.add(chicago(2026, 3, 6, 16), two) == chicago(2026, 3, 9, 10)
    assert CHICAGO.add(chicago(2026, 3, 6, 15), two) == chicago(2026, 3, 6, 17)
    assert CHICAGO.add(chicago(2026, 3, 6, 3), two) == chicago(2026, 3, 6, 11)


def test_no_working_hours_end_at_once_between_opening_and_closing() -> None:
    none = Span(amount=0, unit="hours", clock="working")
    for inside in (chicago(2026, 3, 6, 9), chicago(2026, 3, 6, 12), chicago(2026, 3, 6, 17)):
        assert CHICAGO.add(inside, none) == inside
    assert CHICAGO.add(chicago(2026, 3, 6, 17, 1), none) == chicago(2026, 3, 9, 9)


def test_elapsed_days_have_24_hours_whatever_the_clocks_do() -> None:
    before = chicago(2026, 3, 7, 12)
    assert CHICAGO.add(before, Span(amount=1, unit="days")) == before + timedelta(hours=24)


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00:00+00:00"),  # midnight was skipped
        ("Asia/Beirut", date(2026, 3, 29), "2026-03-28T22:00:00+00:00"),
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00:00+00:00"),  # midnight came twice
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00+00:00"),  # the day was skipped
        ("Australia/Lord_Howe", date(2026, 10, 4), "2026-10-03T13:30:00+00:00"),
    ],
)
def test_days_begin_with_their_first_instant(zone: str, day: date, start: str) -> None:
    assert SiteCalendar(Site(zone=zone)).day_start(day).isoformat() == start


def test_a_calendar_without_a_working_day_says_so() -> None:
    never = SiteCalendar(Site(working_days=()))
    for unit in ("days", "hours"):
        with pytest.raises(ValueError, match="no working day"):
            never.add(chicago(2026, 3, 6), Span(amount=1, unit=unit, clock="working"))
