"""Write the reference part of docs/cli.md anew from the parser: ``make reference``. A test compares the two."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from scripts.made_part import rewrite

from trialflow.cli.exits import EXITS
from trialflow.cli.main import parser

__all__ = ["BEGIN", "END", "PAGE", "main", "reference"]

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
BEGIN = "<!-- reference: made by `make reference` -->"
END = "<!-- end of the reference -->"

_SHARED = (
    "--db",
    "--storage",
    "--vault",
    "--workflow",
    "--config",
    "--plugin",
    "--as-of",
    "--by",
    "--role",
    "--at",
    "--expect-version",
    "--json",
    "--format",
    "--html",
    "--no-names",
)
"""Options that mean the same everywhere are explained once."""


def main() -> int:
    """Replace what stands between the two marks."""
    rewrite(PAGE, BEGIN, END, reference())
    return 0


def reference() -> str:
    """The reference as Markdown."""
    commands = dict(_commands(parser(), ()))
    usual = _shared(commands)
    lines = ["## Options of several commands", "", "| Option | Meaning |", "| --- | --- |"]
    lines += [_row(action) for action in usual.values()]
    lines += ["", "## Exit codes", "", "| Code | Meaning |", "| ---: | --- |"]
    lines += [f"| {code} | {meaning} |" for code, meaning in EXITS.items()]
    lines += ["", "## Commands"]
    for name, command in commands.items():
        lines += ["", *_command(name, command, usual)]
    return "\n".join(lines) + "\n"


def _commands(top: argparse.ArgumentParser, path: tuple[str, ...]) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                below = list(_commands(command, (*path, name)))
                yield from below or [(" ".join((*path, name)), command)]


def _shared(commands: dict[str, argparse.ArgumentParser]) -> dict[str, argparse.Action]:
    """Each shared option as most commands have it."""
    usual = {}
    for name in _SHARED:
        found = [a for command in commands.values() for a in command._actions if name in a.option_strings]
        helps = Counter(action.help for action in found).most_common(1)
        usual[name] = next(action for action in found if action.help == helps[0][0])
    return usual


def _command(name: str, command: argparse.ArgumentParser, usual: dict[str, argparse.Action]) -> Iterator[str]:
    actions = [action for action in command._actions if not isinstance(action, argparse._HelpAction)]
    shared = [flag for a in actions for flag in a.option_strings if flag in usual and a.help == usual[flag].help]
    own = [action for action in actions if not set(action.option_strings) & set(shared)]
    yield f"### {name}"
    yield ""
    yield (command.description or "").strip()
    if own:
        yield from ("", "| Argument | Meaning |", "| --- | --- |")
        yield from (_row(action) for action in own)
    if shared:
        yield from ("", "Also: " + ", ".join(f"`{flag}`" for flag in shared) + ".")


def _row(action: argparse.Action) -> str:
    return f"| {_shown(action)} | {_cell(action)} |"


def _shown(action: argparse.Action) -> str:
    value = "" if action.nargs == 0 else _value(action)
    return " ".join(filter(None, (f"`{', '.join(action.option_strings)}`" if action.option_strings else "", value)))


def _value(action: argparse.Action) -> str:
    if action.choices:
        return " \\| ".join(f"`{choice}`" for choice in action.choices)
    several = " ..." if action.nargs == "+" else ""
    return f"`{action.metavar or action.dest.upper()}{several}`"


def _cell(action: argparse.Action) -> str:
    return (action.help or "").replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    raise SystemExit(main())
