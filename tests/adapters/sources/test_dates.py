"""Dates: every day of a leap year in every form is read as that day or refused, never as another."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from trialflow.adapters.sources.copy_date import date_in_name
from trialflow.adapters.sources.date_orders import Evidence, prove_orders
from trialflow.adapters.sources.dates import DateOrder, Unreadable, read_date

YEAR = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]
MARKS = ("/", ".", "-", " ")


def month(day: date, *, short: bool = False) -> str:
    return (calendar.month_abbr if short else calendar.month_name)[day.month]


ONE_WAY: tuple[Callable[[date], str], ...] = (
    lambda d: d.isoformat(),
    lambda d: f"{d.year}/{d.month}/{d.day}",
    lambda d: f"{d.year}.{d.month:02}.{d.day:02}",
    lambda d: f"{d:%Y%m%d}",
    lambda d: f"{d.isoformat()} 14:05",
    lambda d: f"{d.isoformat()}T14:05:09.123",
    lambda d: f"{d.day}-{month(d, short=True)}-{d.year}",
    lambda d: f"{d.day} {month(d)} {d.year}",
    lambda d: f"{month(d)} {d.day}, {d.year}",
    lambda d: f"{month(d, short=True).upper()} {d.day} {d.year}",
    lambda d: f"{month(d, short=True)}. {d.day}th, {d.year}",
    lambda d: f"the {d.day}"[4:] + f" of {month(d)} {d.year}",
    lambda d: f"{calendar.day_name[d.weekday()]}, {d.day} {month(d)} {d.year}",
    lambda d: f" {d.isoformat()} (left a message)",
    lambda d: f"\u200b{d.isoformat()}\u00a0",
    lambda d: str((d - date(1899, 12, 30)).days),
    lambda d: f"{(d - date(1899, 12, 30)).days}.75",
    lambda d: "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in d.isoformat()),
)
ORDERS: tuple[DateOrder, ...] = ("DMY", "MDY", "YMD", "any")


@pytest.mark.parametrize("form", ONE_WAY, ids=range(len(ONE_WAY)))
def test_what_reads_one_way_is_read_under_any_order(form: Callable[[date], str]) -> None:
    for day in YEAR:
        for order in ORDERS:
            assert read_date(form(day), order) == day


@pytest.mark.parametrize("mark", MARKS)
def test_all_numeric_dates_are_read_by_the_declared_order_only(mark: str) -> None:
    undeclared: tuple[DateOrder, ...] = ("any", "YMD")
    for day in YEAR:
        dmy, mdy = f"{day.day}{mark}{day.month}{mark}{day.year}", f"{day.month:02}{mark}{day.day:02}{mark}{day.year}"
        assert read_date(dmy, "DMY") == read_date(mdy, "MDY") == day
        for order in undeclared:
            if day.day == day.month:
                assert read_date(dmy, order) == day
            else:
                with pytest.raises(Unreadable):
                    read_date(dmy, order)


@pytest.mark.parametrize(
    ("text", "code"),
    {
        "3/4/26": "date_short_year",
        "3-Mar-26": "date_short_year",
        "Mar 3, '26": "date_short_year",
        "31.02.2026": "date_impossible",
        "2026-02-30": "date_impossible",
        "30 February 2026": "date_impossible",
        "3/4": "date_unreadable",
        "March 2026": "date_unreadable",
        "3/4/2026 and 3/6/2026": "date_unreadable",
        "3/4/20265": "date_unreadable",
        "3/4.2026": "date_unreadable",
        "next week": "date_unreadable",
        "2026": "date_unreadable",
        "99999": "date_unreadable",
        "2026-03-04T25:00:00Z": "date_impossible",
    }.items(),
)
def test_what_is_no_date_is_refused(text: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_date(text, "DMY", ZoneInfo("America/Chicago"))
    assert refused.value.code == code


def test_an_instant_with_an_offset_counts_for_the_sites_day() -> None:
    chicago = ZoneInfo("America/Chicago")
    assert read_date("2026-03-02T03:00:00Z", "any", chicago) == date(2026, 3, 1)
    assert read_date("2026-03-02T23:30:00-06:00", "any", chicago) == date(2026, 3, 2)
    assert read_date("03/02/2026 1:30 AM +02:00", "MDY", chicago) == date(2026, 3, 1)
    assert read_date("2026-03-02T03:00:00Z", "any") == date(2026, 3, 2)


def evidence(*texts: str, heading: str = "Seen", private: bool = False) -> Evidence:
    found = Evidence(heading=heading, private=private)
    for line, text in enumerate(texts, start=2):
        found.take(text, line)
    return found


def test_a_column_is_proven_by_itself_by_a_copy_before_or_by_its_neighbours() -> None:
    open_column = evidence("03/04/2026")
    day_first, month_first = evidence("25/03/2026"), evidence("03/25/2026", "04/05/2026")
    orders, problems = prove_orders({"received": day_first, "visit": month_first}, {}, {})
    assert orders == {"received": "DMY", "visit": "MDY"}
    assert not problems
    assert prove_orders({"received": day_first, "visit": open_column}, {}, {})[0]["visit"] == "DMY"
    assert prove_orders({"received": day_first, "visit": open_column}, {}, {"visit": "MDY"})[0]["visit"] == "MDY"
    assert prove_orders({"visit": open_column}, {"*": "MDY"}, {"visit": "DMY"})[0]["visit"] == "MDY"
    assert prove_orders({"visit": evidence("04/04/2026")}, {}, {})[0]["visit"] == "any"


def test_neighbours_that_contradict_each_other_prove_nothing() -> None:
    columns = {
        "received": evidence("25/03/2026"),
        "visit": evidence("03/25/2026"),
        "last_contact": evidence("3/4/2026"),
    }
    orders, problems = prove_orders(columns, {}, {})
    assert set(orders) == {"received", "visit"}
    assert [p.code for p in problems] == ["date_order_ambiguous"]
    assert "3 April 2026 (day first) or 4 March 2026 (month first)" in problems[0].message
    assert "line 2" in problems[0].message


def test_a_column_of_both_orders_is_refused_with_a_line_of_each() -> None:
    _, (problem,) = prove_orders({"visit": evidence("25/03/2026", "03/25/2026")}, {}, {})
    assert problem.code == "date_order_mixed"
    assert "25/03/2026 on line 2 (day first)" in problem.message
    assert "03/25/2026 on line 3 (month first)" in problem.message
    _, (hidden,) = prove_orders({"birth_date": evidence("25/03/1961", "03/25/1961", private=True)}, {}, {})
    assert "1961" not in hidden.message
    assert "line 2" in hidden.message


@pytest.mark.parametrize(
    ("name", "day"),
    {
        "tracker-2026-03-02.csv": date(2026, 3, 2),
        "20260302 log.xlsx": date(2026, 3, 2),
        "Log 2 March 2026 (final).xlsx": date(2026, 3, 2),
        "site_12_2026_03_02_v2.csv": date(2026, 3, 2),
        "log 25-03-2026.csv": date(2026, 3, 25),
        "Mar 9 2026.csv": date(2026, 3, 9),
        "log-03-04-2026.csv": None,
        "2026-03-02 to 2026-03-09.csv": None,
        "tracker.csv": None,
        "study 2026.csv": None,
        "protocol-12345678.csv": None,
    }.items(),
)
def test_the_date_in_a_files_name(name: str, day: date | None) -> None:
    assert date_in_name(name) == day


def test_the_order_that_the_sheet_proves_reads_its_files_name() -> None:
    assert date_in_name("log 03-04-2026.csv", ["DMY", "any"]) == date(2026, 4, 3)
    assert date_in_name("log 03-04-2026.csv", ["MDY", "MDY"]) == date(2026, 3, 4)
    assert date_in_name("log 03-04-2026.csv", ["DMY", "MDY"]) is None
    assert date_in_name("log 03-25-2026.csv", ["MDY"]) == date(2026, 3, 25)
