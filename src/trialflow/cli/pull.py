"""``pull``: what a lead source has becomes leads."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from trialflow.adapters.renderers.phrases import count
from trialflow.cli.config_use import choice_of, picked_choice, plugins
from trialflow.cli.exits import OK
from trialflow.cli.options import add_command, add_json, add_store
from trialflow.cli.session import print_json, tracker
from trialflow.model.errors import SourceError
from trialflow.tracker.pulling import PullReport

if TYPE_CHECKING:
    from trialflow.adapters.plugins_options import Choice
    from trialflow.cli.options import Commands

__all__ = ["add_commands", "remembered_as"]

_MOST_PROBLEMS = 20
_MORE = """\
It goes on where the last pull from the same source ended; the same inquiry is never received twice.
Sources: `jsonl:path=FOLDER`, an inbox of JSON lines, and those of plugins; `trialflow plugins` lists them."""


def add_commands(commands: Commands) -> None:
    """Register the command."""
    parser = add_command(commands, "pull", "receive the inquiries that a lead source has", _pull, more=_MORE)
    how = "the source, as NAME:option=value,option=value"
    parser.add_argument("--source", required=True, metavar="CHOICE", help=how)
    parser.add_argument("--limit", type=_amount, metavar="N", help="stop after the batch that reaches so many")
    parser.add_argument(
        "--restart", action="store_true", help="begin with the oldest again; those known stay as they are"
    )
    add_store(parser)
    add_json(parser)


def _amount(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)


def _pull(args: argparse.Namespace) -> int:
    choice = choice_of(args.source)
    source = picked_choice(args, "lead_sources", choice)
    options = {option.name: option.kind for option in plugins(args).lead_sources()[choice.name].options}
    with tracker(args, create=True) as found:
        try:
            report = found.pull(source, name=remembered_as(choice, options), limit=args.limit, restart=args.restart)
        except SourceError as error:
            if isinstance(error.report, PullReport) and error.report.received:
                _tell(args, error.report, choice.name)
            raise
    _tell(args, report, choice.name)
    return OK


def remembered_as(choice: Choice, kinds: Mapping[str, str]) -> str:
    """The name under which the cursor of a source is kept: another folder, form or server is another source, and a new
    password is not."""
    told = sorted(
        (name, str(Path(str(value)).expanduser().resolve()) if kinds.get(name) == "path" else str(value))
        for name, value in choice.options.items()
        if kinds.get(name) != "secret"
    )
    digest = hashlib.blake2b(json.dumps(told).encode(), digest_size=4).hexdigest()
    return f"{choice.name}:{digest}" if told else choice.name


def _tell(args: argparse.Namespace, report: PullReport, name: str) -> None:
    if args.json:
        print_json(report.to_json())
    else:
        print("\n".join(_told(report, name)))


def _told(report: PullReport, name: str) -> Iterator[str]:
    outcomes = {"created": report.created, "known already": report.duplicate, "refused": report.refused}
    said = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.items() if number)
    yield f"{name}: {count(report.received, 'inquiry', 'inquiries')}{f': {said}' if said else ', nothing new'}"
    yield from (f"  {problem}" for problem in report.problems[:_MOST_PROBLEMS])
    if hidden := len(report.problems[_MOST_PROBLEMS:]):
        yield f"  and {count(hidden, 'problem')} more; --json lists all"
    if report.more:
        yield "  the source has more; pull again"
