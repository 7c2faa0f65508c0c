"""Documents as Markdown: what a parser of CommonMark with tables reads is what went in."""

from __future__ import annotations

import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from plain_page import NAUGHTY, document

from trialflow.adapters.renderers.clean import clean
from trialflow.adapters.renderers.formats import render
from trialflow.adapters.renderers.markdown import document_markdown, escape


def tables(markdown: str) -> list[list[str]]:
    """The rows of the tables in ``markdown``, as their plain text."""
    rows: list[list[str]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        if token.type == "tr_open":
            rows.append([])
        if token.type == "inline" and rows and token.level >= 4:
            rows[-1].append("".join(child.content for child in token.children or []))
    return rows


def kinds(markdown: str) -> set[str]:
    """The kinds of inline markup and HTML in ``markdown``."""
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    found = set()
    for token in parser.parse(markdown):
        found |= {token.type} | {child.type for child in token.children or []}
    return found


@pytest.mark.parametrize("text", NAUGHTY)
def test_markdown_shows_naughty_cells_as_they_are(text: str) -> None:
    assert tables(document_markdown(document([text, "plain"])))[1] == [clean(text), "plain"]


@pytest.mark.parametrize("text", NAUGHTY)
def test_markdown_makes_no_markup_of_naughty_text(text: str) -> None:
    plain = kinds(document_markdown(document(["x", "y"], "z")))
    found = kinds(document_markdown(document([text, "y"], text)))
    assert found - plain <= {"text_special", "entity"}


@given(st.text(min_size=1).filter(lambda text: clean(text) != ""))
def test_markdown_gives_every_text_back(text: str) -> None:
    assert tables(document_markdown(document([text, "plain"])))[1] == [clean(text), "plain"]


def test_a_step_is_a_point_of_a_list_with_its_leads_below() -> None:
    shown = document_markdown(document(["x", "y"]))
    assert "1. **Call** (12 leads, all overdue). A sentence.\n" in shown
    assert "   - **RV-0001**, Maya Osei: Overdue since 2 Mar. A sentence.\n" in shown
    assert "   - and 11 more in the queue; all by owner: Maya Osei 9, Tom Berg 3\n" in shown
    tokens = [token.type for token in MarkdownIt().parse(shown)]
    assert tokens.count("ordered_list_open") == 1
    assert tokens.index("ordered_list_open") < tokens.index("bullet_list_open", tokens.index("ordered_list_open"))


def test_the_board_has_its_queue_with_seven_columns_after_the_name() -> None:
    rows = tables(render(samples.site_report(), "markdown", labels=samples.LABELS).decode())
    heads = [row for row in rows if row[0] == "Lead"]
    assert len(heads) == 2  # stale, active
    assert all(
        row[1:] == [
            "Source", "Status", "Owner", "Blockers", "Prescreen progress", "Records readiness",
            "Sponsor-ready next action",
        ]
        for row in heads
    )  # fmt: skip


def test_a_link_is_no_link_even_where_bare_ones_are() -> None:
    parser = MarkdownIt("gfm-like", {"linkify": False})
    assert "link_open" not in kinds("| a |\n|---|\n| " + escape("https://evil.example") + " |")
    assert "\\:" in escape("https://evil.example")
    assert "<a" not in parser.render(escape("<https://evil.example>"))
