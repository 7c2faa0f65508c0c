"""Reports on a terminal, and what a pipe gets instead."""

from __future__ import annotations

import io
import sys

import pytest
from pages import whole

from trialflow.adapters.renderers.terminal import show_document


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
