"""The parser and the way from a command line to an exit code."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version

from trialflow.cli.commands import COMMANDS
from trialflow.cli.config_use import finish
from trialflow.cli.exits import EPILOG, INTERRUPTED, OK, FileUnusable, tell
from trialflow.model.errors import TrialflowError

__all__ = ["main", "parser"]

_ABOUT = """\
What a research site should do next with the people who asked about its studies.

Start with `trialflow demo`, or with a copy of your own tracker: `trialflow report FILE`."""


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """The command line: all of it, or the command ``only`` and of every other one the line in the list."""
    found = argparse.ArgumentParser(
        prog="trialflow",
        description=_ABOUT,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    found.add_argument("--version", action="version", version=f"trialflow {version('trialflow')}")
    commands = found.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")
    for module, lines in COMMANDS.items():
        if only is None or only in lines:
            import_module(f"trialflow.cli.{module}").add_commands(commands)
        else:
            for name, line in lines.items():
                commands.add_parser(name, help=line, add_help=False)
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Errors go to standard error and say what to do; nothing is raised."""
    _speak_utf8()
    try:
        words = sys.argv[1:] if argv is None else list(argv)
        args = parser(next((word for word in words if not word.startswith("-")), "")).parse_args(words)
    except SystemExit as stop:  # argparse has printed its help or its error
        return int(stop.code or OK)
    try:
        try:
            code = int(args.run(args))
        finally:
            finish(args)
        sys.stdout.flush()
        return code
    except TrialflowError as error:
        return tell(error, args.command, as_json=bool(getattr(args, "json", False)))
    except BrokenPipeError:
        _forget_stdout()
        return OK
    except OSError as error:  # what no command foresaw: a full disk below standard output, a folder nobody may enter
        _forget_stdout()
        what = error.filename or "standard output"
        told = FileUnusable(f"{what} cannot be used: {error.strerror}")
        return tell(told, args.command, as_json=bool(getattr(args, "json", False)))
    except KeyboardInterrupt:
        print("\ntrialflow: stopped; what was recorded before stays recorded", file=sys.stderr)
        return INTERRUPTED


def _speak_utf8() -> None:
    """Labels are Unicode: where a pipe would get an old code page, it gets UTF-8, and no character ends the program."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # the shell closed it: what is said goes nowhere
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for the life of the program
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _forget_stdout() -> None:
    """The reader went away (a pager, `head`): that is no error of ours, and nothing more is said at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
