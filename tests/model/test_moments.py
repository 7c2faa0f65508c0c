"""Moments: aware, UTC, exact to the microsecond, one spelling each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from strategies import moments
from trialflow.model.events import Noted
from trialflow.model.lead import Lead
from trialflow.model.moments import DAY, from_micros, iso, micros, parse_iso, utc, validate_utc
from trialflow.model.parties import Actor, Source

NAIVE = datetime(2026, 3, 2, 9)  # noqa: DTZ001
CHICAGO = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("America/Chicago"))
LONDON_IN_WINTER = datetime(2026, 1, 2, 9, tzinfo=ZoneInfo("Europe/London"))


@given(moments)
def test_there_and_back_again(at: datetime) -> None:
    assert from_micros(micros(at)) == at == parse_iso(iso(at)) == utc(at)
    there = at.astimezone(ZoneInfo("Asia/Kathmandu"))
    assert iso(there) == iso(at)
    assert utc(there) == at
    assert utc(there).tzinfo is UTC


def test_one_spelling_for_one_instant() -> None:
    assert iso(CHICAGO) == "2026-03-02T15:00:00Z"
    assert iso(datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=UTC)) == "2026-03-02T09:00:00.000005Z"
    assert parse_iso("2026-03-02T09:00:00+02:00") == datetime(2026, 3, 2, 7, tzinfo=UTC)


def test_a_day_is_a_day_across_a_clock_change() -> None:
    before = datetime(2026, 10, 31, 12, tzinfo=ZoneInfo("America/Chicago"))
    after = datetime(2026, 11, 1, 12, tzinfo=ZoneInfo("America/Chicago"))
    assert micros(after) - micros(before) == DAY + DAY // 24


@pytest.mark.parametrize("read", [utc, lambda at: parse_iso(at.isoformat())], ids=["utc", "parse_iso"])
def test_a_datetime_without_a_zone_is_refused(read: object) -> None:
    assert callable(read)
    with pytest.raises(ValueError, match="without a zone"):
        read(NAIVE)


@pytest.mark.parametrize(
    "at", [NAIVE, CHICAGO, LONDON_IN_WINTER, NAIVE.replace(tzinfo=timezone(timedelta(hours=1)))], ids=str
)
def test_events_and_leads_take_utc_alone(at: datetime) -> None:
    with pytest.raises(ValueError, match="at: "):
        Noted(at=at, by=Actor(id="u1"), ref="n1")
    with pytest.raises(ValueError, match="received_at: "):
        Lead(id="L1", source=Source(id="Radio"), received_at=at)


def test_none_is_no_moment_and_no_mistake() -> None:
    validate_utc(None, SimpleNamespace(name="due_at"), None)
