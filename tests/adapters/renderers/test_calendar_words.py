"""Days in words, as they are at the site; the year is said where it is another one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from trialflow.adapters.renderers.phrases import Calendar

CALENDAR = Calendar("America/Chicago", datetime(2026, 3, 2, 15, tzinfo=UTC))


@pytest.mark.parametrize(
    ("at", "day", "moment"),
    [
        (datetime(2026, 3, 9, 14, 5, tzinfo=UTC), "Mon 9 Mar", "Mon 9 Mar, 09:05"),
        (datetime(2026, 1, 1, 5, 59, tzinfo=UTC), "Wed 31 Dec 2025", "Wed 31 Dec 2025, 23:59"),
        (datetime(2026, 1, 1, 6, 0, tzinfo=UTC), "Thu 1 Jan", "Thu 1 Jan, 00:00"),
        (datetime(2027, 1, 1, 5, 59, tzinfo=UTC), "Thu 31 Dec", "Thu 31 Dec, 23:59"),
        (datetime(2027, 1, 1, 6, 0, tzinfo=UTC), "Fri 1 Jan 2027", "Fri 1 Jan 2027, 00:00"),
    ],
)
def test_the_year_is_said_where_it_is_another_one_at_the_site(at: datetime, day: str, moment: str) -> None:
    assert (CALENDAR.day(at), CALENDAR.moment(at)) == (day, moment)
