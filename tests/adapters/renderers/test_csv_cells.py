"""CSV cells: no formula, and the value comes back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialflow.adapters.renderers.csv_cells import cell, risky, table_bytes, uncell

LEADS = ["=", "+", "-", "@", "\t", "\r", "\n", "\x00"]
BEFORE = ["", " ", "   ", '"', "'", "\u00a0", "\ufeff", "\u200b", ";", ",", "\u201c", "\u3000"]
WIDE = ["\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe62", "\ufe63", "\ufe66", "\ufe6b", "\u2212"]


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("lead", LEADS + WIDE)
def test_a_formula_gets_an_apostrophe_and_comes_back(before: str, lead: str) -> None:
    value = before + lead + "cmd|' /C calc'!A0"
    assert cell(value) == "'" + value
    (_, row) = read(table_bytes(["value"], [[value]]))
    assert row[0].startswith("'")
    assert uncell(row[0]) == value


def test_a_spreadsheet_library_reads_no_formula_and_the_values_come_back(tmp_path: Path) -> None:
    # NUL and what XML cannot hold are refused by the library itself; the csv test above has them.
    values = [b + lead + "1+1" for b in BEFORE for lead in [*LEADS, *WIDE] if lead != "\x00"]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in read(table_bytes(["value"], [[value] for value in values])):
        sheet.append(row)
    book.save(tmp_path / "x.xlsx")
    cells = list(openpyxl.load_workbook(tmp_path / "x.xlsx")["Sheet"]["A"])[1:]
    assert {each.data_type for each in cells} == {"s"}
    shown = [uncell(str(each.value)) for each in cells]
    # A workbook keeps no carriage return (XML makes it a line feed); everything else is as it was.
    assert shown == [value.replace("\r", "\n") for value in values]


def test_the_check_sees_a_formula() -> None:
    sheet = openpyxl.Workbook().active
    assert sheet is not None
    sheet.append(["=1+1"])
    assert sheet["A1"].data_type == "f"


@pytest.mark.parametrize(
    "value", ["Google Ads", "a=b", "1-2", "records: needed", "ann@example.org", "'quoted'", "", "5"]
)
def test_harmless_text_is_left_alone(value: str) -> None:
    assert cell(value) == value == uncell(value)


def test_numbers_booleans_and_nothing_are_plain() -> None:
    assert [cell(value) for value in (3, -3, 0.5, True, False, None)] == ["3", "-3", "0.5", "yes", "no", ""]


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=20))
def test_every_text_comes_back_and_none_is_risky(value: str) -> None:
    (_, row) = read(table_bytes(["value"], [[value]])) if value else (None, [""])
    assert uncell(row[0]) == value
    assert row[0].startswith("'") or not risky(row[0])


@given(st.text(max_size=8), st.text(max_size=8))
def test_two_texts_never_become_one(one: str, other: str) -> None:
    assert (cell(one) == cell(other)) == (one == other)


def test_the_byte_order_mark_comes_only_with_other_letters() -> None:
    assert table_bytes(["a"], [["plain"]]) == b"a\r\nplain\r\n"
    assert table_bytes(["a"], [["Łukasz"]]).startswith(b"\xef\xbb\xbf")


def test_a_header_is_guarded_too() -> None:
    assert read(table_bytes(["=SUM(A1)"], []))[0] == ["'=SUM(A1)"]


def test_a_broken_code_point_is_spelled_out() -> None:
    assert b"\\ud800" in table_bytes(["a"], [["x\ud800"]])
