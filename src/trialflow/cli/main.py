"""The parser and the way from a command line to an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from trialflow.cli import acting, definitions, intake, reading
from trialflow.cli.demo import command as demo
from trialflow.cli.exits import EXITS, OK, USAGE, UsageError, tell
from trialflow.model.errors import TrialflowError

__all__ = ["main", "parser"]


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    exits = "; ".join(f"{code}: {meaning}" for code, meaning in EXITS.items())
    found = argparse.ArgumentParser(
        prog="trialflow",
        description="What a research site should do next with the people who asked about its studies.",
        epilog=f"Exit codes: {exits}.",
    )
    found.add_argument("--version", action="version", version=f"trialflow {version('trialflow')}")
    commands = found.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for group in (demo, intake, reading, acting, definitions):
        group.add_commands(commands)
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Errors go to standard error and say what to do."""
    found = parser()
    args = found.parse_args(argv)
    try:
        return int(args.run(args))
    except UsageError as error:
        print(f"trialflow {args.command}: {error}", file=sys.stderr)
        return USAGE
    except TrialflowError as error:
        return tell(error, as_json=bool(getattr(args, "json", False)))
    except BrokenPipeError:
        # The reader went away (a pager, `head`): that is no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
