"""Starting: only the module of the given command is imported, and nobody can tell from what is printed."""

from __future__ import annotations

import argparse
import subprocess
import sys

import pytest

from trialflow.cli.commands import COMMANDS
from trialflow.cli.main import parser

NAMES = [name for lines in COMMANDS.values() for name in lines]


def listed(found: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The commands of a parser."""
    (action,) = [one for one in found._actions if isinstance(one, argparse._SubParsersAction)]
    return dict(action.choices)


def test_the_list_is_that_of_the_modules() -> None:
    assert list(listed(parser())) == NAMES
    assert parser("").format_help() == parser().format_help()


def test_a_changed_line_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {**COMMANDS, "pull": {"pull": "something else"}}
    monkeypatch.setattr(sys.modules["trialflow.cli.main"], "COMMANDS", changed)
    assert parser("").format_help() != parser().format_help()


@pytest.mark.parametrize("name", NAMES)
def test_a_command_alone_is_the_one_among_all(name: str) -> None:
    alone = parser(name)
    assert alone.format_help() == parser("").format_help()
    assert listed(alone)[name].format_help() == listed(parser())[name].format_help()


@pytest.mark.parametrize("argv", [["--help"], ["--version"], ["plugins", "--help"], ["init", "--help"]])
def test_help_imports_neither_the_tracker_nor_any_adapter_that_costs_time(argv: list[str]) -> None:
    code = f"import sys\nfrom trialflow.cli import main\nassert main({argv}) == 0\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    heavy = {"trialflow.tracker", "trialflow.reports.dashboard", "pluggy", "sqlite3", "trialflow.adapters.plugins"}
    assert heavy.isdisjoint(loaded)
    assert "trialflow.cli.main" in loaded


def test_an_unknown_command_is_told_with_all_that_there_are(run: object, capsys: pytest.CaptureFixture[str]) -> None:
    from trialflow.cli import main

    assert main(["boad"]) == 2
    said = capsys.readouterr().err
    assert "invalid choice: 'boad'" in said
    assert all(name in said for name in NAMES)
