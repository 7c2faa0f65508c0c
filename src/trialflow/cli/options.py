"""The options that several commands share, and how a command is added."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from trialflow.cli.config import FILE
from trialflow.cli.exits import EPILOG

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
    Run = Callable[[argparse.Namespace], int]

__all__ = [
    "CHOICE",
    "WHEN",
    "add_actor",
    "add_command",
    "add_json",
    "add_moment",
    "add_names",
    "add_output",
    "add_plugins",
    "add_store",
    "code",
    "lead_argument",
]

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,79}")
CHOICE = "NAME:OPTION=VALUE,..."
"""How something that is provided is chosen."""
WHEN = "2026-03-02 (the start of that day at the site) or 2026-03-02T09:00:00-06:00"
"""How a moment is written."""


def add_command(commands: Commands, name: str, text: str, run: Run, *, more: str = "") -> argparse.ArgumentParser:
    """A command: ``text`` is its line in the list, ``more`` follows in its own help."""
    parser = commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}." + (f"\n\n{more}" if more else ""),
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    return parser


def code(text: str) -> str:
    """A code or a reference: one word. The ledger holds codes, never sentences; those go into a note."""
    if not _CODE.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no code: use letters, digits and . _ : / # -; `trialflow note` keeps sentences"
        )
    return text


def lead_argument(parser: argparse.ArgumentParser, name: str = "lead") -> None:
    """The lead a command is about."""
    parser.add_argument(name, metavar=name.upper(), help="the lead's id in the sheet, its own id, or the start of that")


def add_store(parser: argparse.ArgumentParser, *, workflow_only: bool = False) -> None:
    """``--db``, ``--storage``, ``--vault``, ``--workflow``, ``--config`` and ``--plugin``."""
    if not workflow_only:
        usual = f"default: $TRIALFLOW_DB, else what {FILE} says, else trialflow.db"
        parser.add_argument("--db", metavar="PATH", help=f"the site's store ({usual})")
        parser.add_argument("--storage", metavar=CHOICE, help="the ledger in another storage; see `trialflow plugins`")
        parser.add_argument("--vault", metavar=CHOICE, help="the vault that goes with --storage")
    parser.add_argument("--workflow", metavar="FILE", help="a workflow in TOML, or a plugin's by name")
    add_plugins(parser)


def add_plugins(parser: argparse.ArgumentParser) -> None:
    """``--config`` and ``--plugin``."""
    parser.add_argument("--config", metavar="PATH", help=f"the configuration (default: {FILE} in this directory)")
    let_in = "let in this installed distribution's plugins, beside those of the configuration; * for all"
    parser.add_argument("--plugin", metavar="DIST", action="append", help=let_in)


def add_moment(parser: argparse.ArgumentParser, what: str = "--as-of", text: str = "as of this moment") -> None:
    """A date (the start of that day at the site) or an instant with its offset."""
    parser.add_argument(what, metavar="WHEN", help=f"{text}: {WHEN}")


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help="print a JSON document, errors included")


def add_output(parser: argparse.ArgumentParser) -> None:
    """``--json``, ``--format``, ``--html``."""
    add_json(parser)
    parser.add_argument(
        "--format", metavar="NAME", help="print as text, markdown, json, csv, html, or in a plugin's format"
    )
    parser.add_argument("--html", metavar="FILE", help="write a self-contained page to FILE")


def add_names(parser: argparse.ArgumentParser) -> None:
    """``--no-names``."""
    parser.add_argument(
        "--no-names", action="store_true", help="opaque ids in place of the sheet's ids, owners' names and own words"
    )


def add_actor(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """``--by``, ``--role`` and ``--at``: every change is somebody's."""
    who = "who does it: an id, or a coordinator as the sheet names them (default: $TRIALFLOW_BY)"
    parser.add_argument("--by", default=os.environ.get("TRIALFLOW_BY"), metavar="ID", help=who)
    role = os.environ.get("TRIALFLOW_ROLE", "coordinator")
    parser.add_argument("--role", default=role, help="in which role (default: $TRIALFLOW_ROLE, else coordinator)")
    if required:
        parser.add_argument("--at", metavar="WHEN", help=f"when it happened (default: now): {WHEN}")
