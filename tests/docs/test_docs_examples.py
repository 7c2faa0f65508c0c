"""The examples' own machinery: a page that shows something else than what is printed fails."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from docs_examples import run_console, told_apart


def test_commands_and_their_output_are_told_apart() -> None:
    assert list(told_apart("$ trialflow --version\ntrialflow 1\n$ trialflow x \\\n  y\n")) == [
        ("trialflow --version", "trialflow 1"),
        ("trialflow x    y", ""),
    ]
    with pytest.raises(ValueError, match="starts with a line"):
        list(told_apart("hello"))


def test_what_is_printed_is_compared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_console("$ trialflow --version\ntrialflow ...\n") is None
    assert run_console("$ python -m trialflow --version\n...\n") is None
    other = run_console("$ trialflow --version\ntrialflow 99.99\n")
    assert other is not None
    assert "--- it printed" in other
    silent = run_console("$ trialflow --version\n")
    assert silent is not None, "output that the page does not show is a difference"


def test_the_exit_code_is_part_of_an_example(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_console("$ trialflow board --db no.db  # exit 2\n...\n") is None
    failed = run_console("$ trialflow board --db no.db\n...\n")
    assert failed is not None
    assert "exit code 2" in failed


def test_only_trialflow_is_run() -> None:
    told = run_console("$ rm -rf /\n")
    assert told is not None
    assert "only trialflow commands" in told


def test_a_page_works_in_a_directory_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from docs_examples import enter, leave

    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    enter(namespace)
    inside = Path.cwd()
    assert inside != tmp_path
    leave(namespace)
    assert Path.cwd() == tmp_path
    assert not inside.exists()
    assert "trialflow" in sys.modules
