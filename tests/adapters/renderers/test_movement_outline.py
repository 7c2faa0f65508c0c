"""Movement as charts with their tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from rows import AS_OF

from trialflow import Actor, Tracker
from trialflow.adapters.renderers.formats import render
from trialflow.adapters.renderers.movement_outline import ages_chart, flow_of, movement_sections, weeks_chart
from trialflow.adapters.renderers.names import Names
from trialflow.adapters.renderers.phrases import Calendar
from trialflow.reports.values import AgeBand, WeekRow


def weeks(*moves: int) -> list[WeekRow]:
    start = date(2026, 1, 5)
    return [WeekRow(week=start + timedelta(weeks=n), received=3, moves=m, closed=m // 2) for n, m in enumerate(moves)]


def test_statuses_stand_in_the_order_of_work_and_the_general_exit_last() -> None:
    moves = [
        ("New", "Trying", 4), ("New", "Closed", 1), ("Trying", "Reached", 3), ("Trying", "Closed", 2),
        ("Reached", "Visit", 2), ("Visit", "Attended", 1), ("Visit", "Closed", 1),
    ]  # fmt: skip
    assert flow_of(moves, "").order == ("New", "Trying", "Reached", "Visit", "Attended", "Closed")


def test_a_move_against_the_order_is_marked_in_picture_and_table() -> None:
    flow = flow_of([("New", "Reached", 4), ("Reached", "Visit", 2), ("Visit", "Reached", 1)], "")
    assert [stream.back for stream in flow.streams] == [False, False, True]
    assert [row.cells[2].text for row in flow.table.rows] == ["on", "on", "back"]


def test_moves_in_a_circle_are_drawn_all_the_same() -> None:
    flow = flow_of([("A", "C", 1), ("A", "B", 1), ("B", "B2", 1), ("C", "B", 2), ("C", "C2", 1)], "")
    assert sorted(flow.order) == ["A", "B", "B2", "C", "C2"]


def test_the_picture_of_the_weeks_starts_with_the_first_move_and_the_table_has_all() -> None:
    chart = weeks_chart(weeks(0, 0, 4, 0, 6))
    assert [bar.total for bar in chart.bars] == [4, 0, 6]
    assert len(chart.table.rows) == 5
    assert chart.summary == "6 moves in the latest week, 0 in the one before."


def test_closing_is_set_apart() -> None:
    (bar,) = weeks_chart(weeks(5)).bars
    assert bar.parts == (("moved on", 3), ("closed", 2))


def test_ages_say_what_is_stale() -> None:
    bands = [AgeBand(from_days=0, to_days=1, count=3, stale=0), AgeBand(from_days=30, to_days=None, count=4, stale=4)]
    chart = ages_chart(bands)
    assert [bar.label for bar in chart.bars] == ["0 d", "30+ d"]
    assert chart.summary == "7 open leads, 4 of them stale."


def test_without_a_history_movement_is_not_known_and_never_zero() -> None:
    calendar = Calendar("UTC", AS_OF)
    sections = movement_sections(None, None, [], Names(), calendar)
    assert [section.key for section in sections] == ["movement", "pace"]
    assert "Not known" in str(sections[0].blocks)


def test_where_nothing_moved_no_empty_flow_is_drawn() -> None:
    tracker = Tracker(clock=lambda: datetime(2026, 5, 18, 14, tzinfo=UTC))
    tracker.receive("Radio", "1", by=Actor(id="ana", role="coordinator"))
    page = render(tracker.dashboard(), "html").decode()
    assert "0 moves forward" in page
    assert ">from</text>" not in page
