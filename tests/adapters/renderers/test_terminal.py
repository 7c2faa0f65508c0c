"""Reports on a terminal, and what a pipe gets instead."""

from __future__ import annotations

import io
import re
import sys

import pytest
import samples
from pages import whole

from trialflow.adapters.renderers.clean import columns_of
from trialflow.adapters.renderers.terminal import show, show_document
from trialflow.adapters.renderers.text import TextRenderer


class Terminal(io.StringIO):
    """A text file that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return Terminal()


def test_a_terminal_gets_colour_and_the_words(terminal: Terminal) -> None:
    assert show_document(whole("Google Ads"), terminal, 100)
    shown = terminal.getvalue()
    assert "Google Ads" in shown
    assert "\x1b[1;31m" in shown  # bold red for what is overdue


def test_markup_in_a_value_is_only_text(terminal: Terminal) -> None:
    show_document(whole("[bold]x[/bold]:smile:"), terminal, 140)
    assert "[bold]x[/bold]:smile:" in terminal.getvalue()


def test_an_escape_sequence_in_a_value_does_not_reach_the_terminal(terminal: Terminal) -> None:
    show_document(whole("a\x1b]0;title\x07\x1b[2Jb"), terminal, 100)
    assert "\x1b]0" not in terminal.getvalue()
    assert "\x1b[2J" not in terminal.getvalue()


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_who_wants_no_colour_gets_none(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert not show_document(whole("x"), terminal, 100)
    assert terminal.getvalue() == ""


def test_a_pipe_gets_none() -> None:
    assert not show_document(whole("x"), io.StringIO(), 100)


def test_without_rich_there_is_plain_text(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert not show_document(whole("x"), terminal, 100)


def test_the_first_screen_alone_can_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    show(samples.site_report(), labels=samples.LABELS, file=out, width=80, sections=("buckets", "start"))
    assert "Start here today" in out.getvalue()
    assert "Owners" not in out.getvalue()


def test_a_pipe_gets_the_plain_text_byte_for_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    show(samples.site_report(), labels=samples.LABELS, file=out, width=100, rows=500)
    assert out.getvalue().encode() == TextRenderer(width=100).render(samples.site_report(), labels=samples.LABELS)


def test_a_pipe_is_as_wide_as_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    out = io.StringIO()
    show(samples.site_report(), file=out)
    assert 60 < max(map(columns_of, out.getvalue().splitlines())) <= 72


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("make", [samples.site_report, samples.sponsor_report, samples.quality_report])
def test_a_terminal_shows_the_same_words_as_plain_text(terminal: Terminal, make: object, width: int) -> None:
    report = make()  # type: ignore[operator]
    show(report, labels=samples.LABELS, file=terminal, width=width, rows=500)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())
    assert max(map(columns_of, shown.splitlines())) <= width
    plain = TextRenderer(width=width).render(report, labels=samples.LABELS).decode()
    assert words(plain) <= words(shown)


def test_what_stands_on_one_line_is_kept_apart(terminal: Terminal) -> None:
    show(samples.site_report(), labels=samples.LABELS, file=terminal, width=120, sections=("start",))
    shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())
    assert re.search(r"^1\.  \w.*\w  ! \d+ leads", shown, re.MULTILINE)
    assert re.search(r"^    [0-9a-f]{8}  \S.*  ! Overdue since \w+ \d+ \w+  \w", shown, re.MULTILINE)


def words(text: str) -> set[str]:
    return set(re.findall(r"[\w']+", text))
