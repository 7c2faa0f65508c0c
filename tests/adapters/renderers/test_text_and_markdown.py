"""Documents as plain text and as Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from trialflow.adapters.renderers.clean import clean, columns_of
from trialflow.adapters.renderers.document import Cell, Column, Document, Row, Section, Sentence, Step, Steps, Table
from trialflow.adapters.renderers.markdown import document_markdown, escape
from trialflow.adapters.renderers.text import document_text, wrap

NAUGHTY = [
    "a | b", "**bold**", "_it_", "`code`", "[x](http://evil.example)", "![x](http://evil.example/x.png)",
    "<script>alert(1)</script>", "<b>", "# head", "- item", "1. item", "1) item", "> quote", "a\nb", "a\r\n| c |",
    "http://evil.example", "www.evil.example", "javascript:alert(1)", "&lt;b&gt;", "~~gone~~", "$x$", "a\\", "\\|",
    "===", "---", "+ x", "* * *", "```", "me@evil.example", "<!-- -->", "|", "\x1b[31mred", "\u202eoverride",
]  # fmt: skip


def document(cells: list[str], sentence: str = "A sentence.") -> Document:
    table = Table(
        key="t",
        caption="The caption",
        columns=tuple(Column(str(n), f"Column {n}") for n, _ in enumerate(cells)),
        rows=(Row(tuple(Cell(text) for text in cells)),),
        more="3 more rows are in the CSV.",
    )
    steps = Steps(
        steps=(
            Step(lead="a1b2", action="Call", why=sentence, due="Overdue since 2 Mar", mark="overdue", owner="Maya"),
        ),
        empty="Nothing to do.",
    )
    section = Section(key="s", title="A section", blocks=(Sentence(sentence), steps, table))
    return Document(
        kind="k", title="A title", eyebrow="Above", facts=("One fact",), sections=(section,), footer=("End.",)
    )


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


def test_a_link_is_no_link_even_where_bare_ones_are() -> None:
    parser = MarkdownIt("gfm-like", {"linkify": False})
    assert "link_open" not in kinds("| a |\n|---|\n| " + escape("https://evil.example") + " |")
    assert "\\:" in escape("https://evil.example")
    assert "<a" not in parser.render(escape("<https://evil.example>"))


@pytest.mark.parametrize("width", [60, 80, 100, 140])
@pytest.mark.parametrize("text", [*NAUGHTY, "word " * 40, "x" * 300, "山田" * 60])
def test_no_line_of_text_is_wider_than_asked(width: int, text: str) -> None:
    shown = document_text(document([text, "plain", text], text), width)
    assert all(columns_of(line) <= width for line in shown.splitlines())
    assert "\x1b" not in shown


def test_text_has_the_cells_whole_when_they_fit() -> None:
    shown = document_text(document(["Google Ads", "Maya Osei"]), 100)
    assert "Google Ads  Maya Osei" in shown
    assert " 1. ! Call - a1b2, Maya - Overdue since 2 Mar" in shown
    assert "3 more rows are in the CSV." in shown


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
