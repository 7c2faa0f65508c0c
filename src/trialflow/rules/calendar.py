"""The site's calendar: local days, working time, and what is due today. The one place that knows the site's zone.

Working time is computed day by day with whole days taken at once, never by stepping hours; everything is UTC outside.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import attrs

from trialflow.model.moments import DAY, HOUR, from_micros, micros
from trialflow.rules.workflow import Site, Span, Workflow

__all__ = ["SiteCalendar", "calendar_of"]

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FAR = 4000
"""Days looked ahead at most for a working one: eleven years of holidays is a broken calendar, not a long weekend."""


@attrs.frozen(slots=False)
class SiteCalendar:
    """Days and working hours of one site."""

    site: Site

    @cached_property
    def zone(self) -> ZoneInfo:
        """The site's IANA zone."""
        return ZoneInfo(self.site.zone)

    def day_of(self, at: datetime) -> date:
        """The local day of an instant."""
        return at.astimezone(self.zone).date()

    def _today(self, as_of: datetime) -> date:
        """The local day of the moment that a whole board is as of: worked out once for all of its leads."""
        known = self._last.get(as_of)
        if known is None:
            self._last.clear()
            known = self._last[as_of] = self.day_of(as_of)
        return known

    @cached_property
    def _last(self) -> dict[datetime, date]:
        return {}

    def day_start(self, day: date) -> datetime:
        """The first instant of a local day, UTC; where midnight does not exist, the first instant that does."""
        return _day_start(self.site.zone, day)

    def is_working(self, day: date) -> bool:
        """Whether the site works on ``day``."""
        return _WEEK[day.weekday()] in self.site.working_days and day not in self.site.holidays

    def add(self, at: datetime, span: Span) -> datetime:
        """The instant ``span`` after ``at``, UTC. A later ``at`` never gives an earlier instant.

        Working days end as far into the n-th working day as ``at`` lies in its own; what begins on a day without work
        begins with the next working day. Working hours count between opening and closing.
        """
        if span.clock == "elapsed":
            return at.astimezone(UTC) + _elapsed(span)
        if span.unit == "days":
            return self._add_days(at, span.amount)
        return self._add_hours(at, span.amount * HOUR)

    def _add_days(self, at: datetime, days: int) -> datetime:
        if days == 0:
            return at.astimezone(UTC)
        day, offset = self._working_moment(at)
        known = self._spans.get((day, days))
        if known is None:
            known = self._spans[day, days] = self._working_day_after(day, days)
        begins, ends = known
        # A shorter day ends before the offset is used up: an instant later in one day never leads to an earlier end.
        return min(begins + offset, ends)

    def _working_day_after(self, day: date, days: int) -> tuple[datetime, datetime]:
        """When the working day that is so many later begins and ends, UTC."""
        for _ in range(days):
            day = self._next_working(day)
        return self.day_start(day), self.day_start(day + timedelta(days=1))

    @cached_property
    def _spans(self) -> dict[tuple[date, int], tuple[datetime, datetime]]:
        """What was worked out already: a board asks some thousand times about a few days."""
        return {}

    def _working_moment(self, at: datetime) -> tuple[date, timedelta]:
        """The working day of ``at`` and how far into it; the beginning of the next one from a day without work."""
        day = self.day_of(at)
        if self.is_working(day):
            return day, at.astimezone(UTC) - self.day_start(day)
        return self._next_working(day), timedelta(0)

    def _next_working(self, day: date) -> date:
        known = self._following.get(day)
        if known is not None:
            return known
        found = day
        for _ in range(_FAR):
            found += timedelta(days=1)
            if self.is_working(found):
                self._following[day] = found
                return found
        raise ValueError("the site's calendar has no working day")

    @cached_property
    def _following(self) -> dict[date, date]:
        """The working day after each day that was asked about: a board asks some thousand times about a few days."""
        return {}

    def _at(self, day: date, clock: time) -> datetime:
        start = self.day_start(day)
        there = datetime.combine(day, clock, self.zone).astimezone(UTC)
        return max(start, there)

    def _add_hours(self, at: datetime, left: int) -> datetime:
        local = at.astimezone(self.zone)
        day = local.date()
        position = at
        for _ in range(_FAR):
            if self.is_working(day):
                opens, closes = self._at(day, self._opens), self._at(day, self._closes)
                begin = max(position, opens)
                room = micros(closes) - micros(begin)
                if room >= left:
                    return from_micros(micros(begin) + left)
                left -= max(0, room)
            day += timedelta(days=1)
            position = self.day_start(day)
        raise ValueError("the site's calendar has no working day")

    @cached_property
    def _opens(self) -> time:
        return time.fromisoformat(self.site.opens)

    @cached_property
    def _closes(self) -> time:
        return time.fromisoformat(self.site.closes)

    def back(self, as_of: datetime, span: Span) -> datetime:
        """The latest instant ``t`` with ``add(t, span) <= as_of``: the exact inverse, found by bisection."""
        high = micros(as_of)
        low = high - (span.amount + 1) * DAY
        while self.add(from_micros(low), span) > as_of:
            low -= (span.amount + 30) * DAY
        while high - low > 1:
            middle = (low + high) // 2
            if self.add(from_micros(middle), span) <= as_of:
                low = middle
            else:
                high = middle
        return from_micros(high if self.add(from_micros(high), span) <= as_of else low)

    def due_class(self, due_at: datetime, as_of: datetime) -> Literal["overdue", "due_today", "later"]:
        """Overdue (due on an earlier local day), due today, or later; decided in the site's zone."""
        due, today = self.day_of(due_at), self._today(as_of)
        return "overdue" if due < today else "due_today" if due == today else "later"


@lru_cache(maxsize=256)
def _elapsed(span: Span) -> timedelta:
    return timedelta(**{span.unit: span.amount})


@lru_cache(maxsize=64)
def calendar_of(workflow: Workflow) -> SiteCalendar:
    """The calendar of the workflow's site, made once."""
    return SiteCalendar(workflow.site)


@lru_cache(maxsize=8192)
def _day_start(zone: str, day: date) -> datetime:
    tz = ZoneInfo(zone)
    noon = datetime.combine(day, time(12), tz).astimezone(UTC)
    guess = datetime.combine(day, time(), tz).astimezone(UTC)
    # Where midnight is skipped the guess lies on the day before: the day starts at the end of the gap.
    while guess.astimezone(tz).date() < day and guess < noon:
        guess += timedelta(minutes=15)
    earlier = guess - timedelta(hours=1)
    return earlier if earlier.astimezone(tz).date() == day else guess
