"""The renderer contract, and workbooks read back with another library."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from trialflow_xlsx.renderer import XlsxRenderer

from trialflow import Tracker, Unsupported
from trialflow.adapters.checks import RendererSetup
from trialflow.adapters.checks.pytest_kit import RendererContract
from trialflow.model.parties import UNASSIGNED, Actor

ANNA = Actor(id="anna", role="coordinator")


class TestXlsx(RendererContract):
    """Every clause that a workbook can keep."""

    @pytest.fixture
    def setup(self) -> RendererSetup:
        """A renderer is all it takes."""
        return RendererSetup(make=XlsxRenderer)


def site(*owners: str) -> Tracker:
    """A site with one lead for each owner."""
    tracker = Tracker()
    for number, owner in enumerate(owners):
        tracker.receive("Radio", str(number), by=ANNA, owner=owner)
    return tracker


def read_back(report: Any, **labels: Any) -> openpyxl.Workbook:
    """The workbook of a report, as openpyxl reads it."""
    return openpyxl.load_workbook(io.BytesIO(XlsxRenderer().render(report, **labels)))


def cells(book: openpyxl.Workbook) -> list[Any]:
    """Every cell that holds something."""
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_a_dashboard_is_a_sheet_a_table_and_one_of_sentences() -> None:
    """Sentences first; names of sheets differ and are short enough; figures are numbers, words are text."""
    book = read_back(site("u1", UNASSIGNED).dashboard())
    assert book.sheetnames[0] == "Summary"
    assert len({name.casefold() for name in book.sheetnames}) == len(book.sheetnames) > 5
    assert all(len(name) <= 31 for name in book.sheetnames)
    assert {cell.data_type for cell in cells(book)} == {"s", "n"}
    assert any(cell.data_type == "n" and cell.value == 2 for cell in cells(book))


@pytest.mark.parametrize("name", ["=1+1", "+1", "https://example.org", "0123", "_x0041_", " =1", "Łukasz\u202e"])
def test_a_name_comes_back_as_it_is(name: str) -> None:
    """No formula, no link, no number."""
    book = read_back(site("u1").dashboard(), labels={"u1": name})
    found = [cell for cell in cells(book) if cell.value == name]
    assert found
    assert {(cell.data_type, cell.hyperlink) for cell in found} == {("s", None)}


def test_what_a_sheet_cannot_hold_is_refused() -> None:
    """A text is never cut in silence."""
    with pytest.raises(Unsupported, match="32,767"):
        XlsxRenderer().render(site("u1").dashboard(), labels={"u1": "x" * 40_000})
