"""What a command works with: the configuration, the plugins that are let in, and what is chosen of them."""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from trialflow.adapters.renderers.clean import clean
from trialflow.cli.config import EVERY_PLUGIN, FILE, Config, StorePart, read_config
from trialflow.cli.exits import ConfigInvalid, UsageError
from trialflow.model.errors import Problem

if TYPE_CHECKING:
    from trialflow.adapters.plugins import PluginProblem, Plugins
    from trialflow.adapters.plugins_options import Choice
    from trialflow.adapters.plugins_providers import ProviderKind

__all__ = [
    "allowed_plugins",
    "check_choices",
    "choice_of",
    "config",
    "finish",
    "keep_until_the_end",
    "made_choice",
    "not_let_in",
    "picked",
    "picked_choice",
    "plugins",
]

_KINDS: dict[StorePart, ProviderKind] = {"storage": "storages", "vault": "vaults"}

_GRACE = 2.0
"""Seconds that subscribers have at the end of a command."""

_QUIET = ("not_allowed",)
"""Problems that only `trialflow plugins` shows: what was not asked for is no trouble."""


def config(args: argparse.Namespace, *, parts: Iterable[StorePart] = ()) -> Config:
    """The configuration of this command. Raises ``ConfigInvalid`` with every problem: of the file's form, and of what
    it says of the ``parts`` that the command uses."""
    found, problems = _read(args)
    for name in parts:
        problems = [*problems, *_part_problems(args, found, name)]
    if problems:
        raise ConfigInvalid(str(found.path), tuple(problems))
    return found


def _part_problems(args: argparse.Namespace, found: Config, name: StorePart) -> list[Problem]:
    part = found.part(name)
    if part is None:
        return []
    from trialflow.adapters.plugins_making import choice_problems

    wrong = choice_problems(plugins(args), _KINDS[name], part.choice, base=found.base)
    return [attrs.evolve(problem, path=f"{name}.{problem.path or 'use'}") for problem in wrong]


def _read(args: argparse.Namespace) -> tuple[Config, list[Problem]]:
    read: tuple[Config, list[Problem]] | None = getattr(args, "read_config", None)
    if read is None:
        named = getattr(args, "config", None)
        path = Path(named) if named else Path(FILE)
        read = read_config(path) if named or path.is_file() else (Config(), [])
        args.read_config = read
    return read


def plugins(args: argparse.Namespace) -> Plugins:
    """What is built in and every plugin that the configuration and ``--plugin`` let in, loaded once.

    What is wrong with them goes to standard error, line by line; none of it stops the command.
    """
    found: Plugins | None = getattr(args, "loaded_plugins", None)
    if found is None:
        from trialflow.adapters.plugins import Plugins

        with contextlib.redirect_stdout(
            io.StringIO()
        ):  # what a plugin prints while it is imported is no output of ours
            try:
                found = Plugins().discover(allow=_allow(args))
            except ValueError as error:
                raise UsageError(str(error)) from None
            _complain(args, found.problems)
        args.loaded_plugins = found
    return found


def allowed_plugins(args: argparse.Namespace) -> Plugins | None:
    """The same, or None where nothing is let in: then nothing is searched for and nothing imported."""
    return plugins(args) if _allow(args) != () else None


def _allow(args: argparse.Namespace) -> tuple[str, ...] | None:
    named = (*(getattr(args, "plugin", None) or ()), *_read(args)[0].plugins)
    return None if EVERY_PLUGIN in named else named


def _complain(args: argparse.Namespace, problems: Iterable[PluginProblem]) -> None:
    said = args.__dict__.setdefault("told_problems", set())
    for problem in problems:
        if problem.code not in _QUIET and problem not in said and not getattr(args, "lists_plugins", False):
            said.add(problem)
            print(f"trialflow: plugin {clean(str(problem))}", file=sys.stderr)


def keep_until_the_end(args: argparse.Namespace, *things: object) -> None:
    """Have these closed when the command is done, whatever became of it."""
    kept = args.__dict__.setdefault("kept_things", [])
    kept += [thing for thing in things if not any(thing is one for one in kept)]


def finish(args: argparse.Namespace) -> None:
    """At the end of a command: subscribers get a moment to deal with what was announced, what is wrong is said, and
    what was opened is closed."""
    _hear_out(args)
    for thing in reversed(getattr(args, "kept_things", [])):
        try:
            getattr(thing, "close", lambda: None)()
        except Exception as error:  # a plugin's store; what was recorded is recorded
            print(f"trialflow: a store could not be closed: {type(error).__name__}", file=sys.stderr)


def _hear_out(args: argparse.Namespace) -> None:
    found: Plugins | None = getattr(args, "loaded_plugins", None)
    if found is None:
        return
    if found.listening and not found.wait(_GRACE):
        print("trialflow: a plugin is still busy with what was recorded; it is not waited for", file=sys.stderr)
    _complain(args, found.problems)


def picked(args: argparse.Namespace, kind: ProviderKind, text: str) -> Any:
    """What ``NAME:option=value,option=value`` names. Raises :class:`UsageError` for a wrong choice with every problem,
    ``PluginError`` where the provider fails."""
    return picked_choice(args, kind, choice_of(text))


def picked_choice(args: argparse.Namespace, kind: ProviderKind, choice: Choice, *, base: Path | None = None) -> Any:
    """The same for a choice that is read already; its relative paths start at ``base``."""
    check_choices(args, {kind: choice}, base=base)
    return made_choice(args, kind, choice, base=base)


def made_choice(args: argparse.Namespace, kind: ProviderKind, choice: Choice, *, base: Path | None = None) -> Any:
    """What a choice names that :func:`check_choices` found right. Raises ``PluginError`` where the provider fails."""
    from trialflow.adapters.plugins_making import make

    return make(plugins(args), kind, choice, base=base)


def check_choices(
    args: argparse.Namespace, choices: Mapping[ProviderKind, Choice], *, base: Path | None = None
) -> None:
    """Raises :class:`UsageError` with every problem of what is chosen: nobody provides it, its options are wrong."""
    from trialflow.adapters.plugins_making import KIND_NAMES, choice_problems

    found, said = plugins(args), list[str]()
    for kind, choice in choices.items():
        wrong = choice_problems(found, kind, choice, base=base)
        head = f"{KIND_NAMES[kind]} {choice.name}: "
        said += [f"{head}{problem.path}: {problem.message}" if problem.path else problem.message for problem in wrong]
    if said:
        missing = any(found.offer(kind, choice.name) is None for kind, choice in choices.items())
        raise UsageError("; ".join(said) + (not_let_in(found) if missing else ""))


def choice_of(text: str) -> Choice:
    """A choice as the command line writes it. Raises :class:`UsageError`."""
    from trialflow.adapters.plugins_options import Choice

    try:
        return Choice.read(text)
    except ValueError as error:
        raise UsageError(str(error)) from None


def not_let_in(found: Plugins) -> str:
    """What to add to an error about a name that nobody provides: who is installed and might, but is not let in."""
    shut = sorted({problem.distribution for problem in found.problems if problem.code == "not_allowed"})
    if not shut:
        return ""
    return f"; installed, but not on the list of plugins: {', '.join(shut)} (--plugin lets one in)"
