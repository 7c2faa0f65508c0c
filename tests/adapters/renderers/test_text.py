"""Documents as plain text: no line too wide, no word broken that fits, nothing lost."""

from __future__ import annotations

import re

import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st
from plain_page import NAUGHTY, document

from trialflow.adapters.renderers.clean import clean, columns_of
from trialflow.adapters.renderers.document import Cell, Column, Document, Filter, Row, Section, Table
from trialflow.adapters.renderers.markdown import document_markdown
from trialflow.adapters.renderers.text import TextRenderer, document_text
from trialflow.adapters.renderers.text_table import parts_of, table_text, wrap

REPORTS = [
    samples.site_report, samples.worklist_report, samples.sponsor_report, samples.quality_report,
    samples.diagnosis_report,
]  # fmt: skip


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("text", [*NAUGHTY, "word " * 40, "x" * 300, "\u5c71\u7530" * 60])
def test_no_line_of_text_is_wider_than_asked(text: str, named: bool) -> None:
    for width in (60, 80, 100, 140):
        shown = document_text(document([text, "plain", text], text, named=named), width)
        assert max(columns_of(line) for line in shown.splitlines()) <= width
        assert "\x1b" not in shown


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("make", REPORTS)
def test_every_report_fits_and_breaks_no_word(make: object, width: int) -> None:
    report = make()  # type: ignore[operator]
    shown = TextRenderer(width=width).render(report, labels=samples.LABELS).decode()
    assert max(columns_of(line) for line in shown.splitlines()) <= width
    wide = TextRenderer(width=1000).render(report, labels=samples.LABELS).decode()
    assert set(re.findall(r"[\w\u2019']+", shown)) <= set(re.findall(r"[\w\u2019']+", wide))


def test_text_has_the_cells_whole_when_they_fit() -> None:
    shown = document_text(document(["Google Ads", "Maya Osei"]), 100)
    assert "Google Ads  Maya Osei" in shown
    assert "3 more rows are in the CSV." in shown


def test_a_step_says_what_how_many_why_whom_and_whose() -> None:
    shown = document_text(document(["x", "y"]), 100).splitlines()
    start = shown.index(" 1. Call (12 leads, all overdue)")
    assert shown[start + 1 : start + 5] == [
        "    A sentence.",
        "    ! RV-0001, Maya Osei: Overdue since 2 Mar. A sentence.",
        "      and 11 more in the queue; all by owner: Maya Osei 9, Tom Berg 3",
        "2 more leads with other actions: see the queue.",
    ]


def test_a_table_too_wide_for_its_words_is_split_and_each_part_is_named() -> None:
    labels = ["Source", "Contacted", "Reviewable", "Scheduled", "Attended", "Completed"]
    table = Table(
        key="t", caption="", columns=tuple(Column(x, x, n > 0) for n, x in enumerate(labels)),
        rows=(Row(tuple(Cell(str(n)) for n, _ in enumerate(labels))),),
    )  # fmt: skip
    parts = parts_of(table, 40)
    assert [[c.label for c in part.columns] for part in parts] == [
        ["Source", "Contacted", "Reviewable", "Scheduled"],
        ["Source", "Attended", "Completed"],
    ]
    assert [[c.text for c in part.rows[0].cells] for part in parts] == [["0", "1", "2", "3"], ["0", "4", "5"]]
    assert parts_of(table, 80) == [table]
    assert "Contacted" in table_text(table, 40)[0]


def test_headings_are_wrapped_before_cells_are() -> None:
    table = Table(
        key="t", caption="", columns=(Column("a", "Status"), Column("b", "Half of all left within", True)),
        rows=(Row((Cell("Preparing the visit"), Cell("37 days"))),),
    )  # fmt: skip
    assert table_text(table, 30) == [
        "Status                 Half of",
        "                      all left",
        "                        within",
        "-------------------  ---------",
        "Preparing the visit    37 days",
    ]


def test_a_named_row_has_its_name_on_a_line_of_its_own() -> None:
    table = Table(
        key="t", caption="", columns=(Column("a", "Lead"), Column("b", "Source")), named=True,
        rows=(Row((Cell("RV-1", note="No. 1"), Cell("Radio"))), Row((Cell("RV-2"), Cell("Web")))),
    )  # fmt: skip
    lines = [line.rstrip() for line in table_text(table, 60)]
    assert lines == ["Source", "------", "RV-1 (No. 1)", "Radio", "", "RV-2", "Web"]


def test_a_filter_is_no_text() -> None:
    found = Filter(key="q", label="Filter the queue", fields=(), columns=())
    page = Document(
        kind="k", title="T", eyebrow="E", facts=(), footer=(), sections=(Section(key="s", title="S", blocks=(found,)),)
    )
    assert "Filter" not in document_text(page, 80)
    assert "Filter" not in document_markdown(page)


def test_markup_of_a_terminal_library_is_only_text() -> None:
    assert "[bold red]x[/]" in document_text(document(["[bold red]x[/]", "y"]), 100)


def test_an_empty_table_says_so() -> None:
    table = Table(key="t", caption="c", columns=(Column("a", "A"),), rows=(), empty="Nobody waits.")
    page = Document(
        kind="k", title="T", eyebrow="", facts=(), footer=(), sections=(Section(key="s", title="S", blocks=(table,)),)
    )
    assert "Nobody waits." in document_text(page, 80)
    assert "Nobody waits." in document_markdown(page)


@given(st.text(), st.integers(4, 40))
def test_wrapping_loses_nothing_but_spaces(text: str, width: int) -> None:
    lines = wrap(clean(text), width)
    assert "".join("".join(lines).split()) == "".join(clean(text).split())
