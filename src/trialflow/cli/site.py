"""``absence`` and ``spend``: what belongs to the site and to no lead."""

from __future__ import annotations

import argparse
import re
from datetime import datetime
from typing import TYPE_CHECKING

from trialflow.cli.acts import needed, when
from trialflow.cli.exits import OK, UsageError
from trialflow.cli.options import WHEN, add_actor, add_command, add_json, add_store
from trialflow.cli.session import actor, owner, print_json, tracker
from trialflow.model.moments import iso
from trialflow.tracker import Tracker

if TYPE_CHECKING:
    from trialflow.cli.options import Commands

__all__ = ["add_commands"]

_AMOUNT = re.compile(r"(\d{1,12})(?:\.(\d{1,2}))?", re.ASCII)


def add_commands(commands: Commands) -> None:
    """Register the commands."""
    absence = add_command(commands, "absence", "an owner is away; their leads count as unowned until then", _absence)
    absence.add_argument("owner", metavar="OWNER", help="the owner's id or name")
    absence.add_argument("--since", required=True, metavar="WHEN", help=f"from when: {WHEN}")
    absence.add_argument("--until", metavar="WHEN", help="until when (default: further notice)")
    spend = add_command(commands, "spend", "money spent on a source in a period", _spend)
    spend.add_argument("source", metavar="SOURCE", help="the source as the dashboard shows it")
    spend.add_argument("amount", metavar="AMOUNT", help="such as 1250 or 1250.00")
    spend.add_argument("--currency", default="USD", type=_currency, metavar="CODE", help="ISO 4217 (default: USD)")
    spend.add_argument("--since", required=True, metavar="WHEN", help=f"from when: {WHEN}")
    spend.add_argument("--until", required=True, metavar="WHEN", help="until when, this moment not included")
    for parser in (absence, spend):
        add_store(parser)
        add_actor(parser)
        add_json(parser)


def _currency(text: str) -> str:
    if not re.fullmatch("[A-Z]{3}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no currency; write three letters such as USD or EUR")
    return text


def _absence(args: argparse.Namespace) -> int:
    found = tracker(args)
    since, until = needed(found, args.since, "--since WHEN"), when(found, args.until)
    if until is not None:
        _forward(since, until)
    who = owner(found, args.owner)
    found.absence(who, since, until, by=actor(args, found), at=when(found, args.at))
    if args.json:
        told = {"owner": who, "since": iso(since), "until": iso(until) if until is not None else None}
        print_json({"format": "trialflow.absence/1", **told})
    else:
        print(f"{args.owner} is away from {args.since} until {args.until or 'further notice'}")
    return OK


def _spend(args: argparse.Namespace) -> int:
    found = tracker(args)
    read = _AMOUNT.fullmatch(args.amount)
    if read is None:
        raise UsageError(f"{args.amount!r} is no amount; write 1250 or 1250.00")
    minor = int(read[1]) * 100 + int((read[2] or "").ljust(2, "0"))
    since, until = needed(found, args.since, "--since WHEN"), needed(found, args.until, "--until WHEN")
    _forward(since, until)
    _known_source(found, args.source)
    found.spend(args.source, minor, args.currency, since, until, by=actor(args, found), at=when(found, args.at))
    if args.json:
        told = {"source": args.source, "amount_minor": minor, "currency": args.currency}
        print_json({"format": "trialflow.spend/1", **told, "since": iso(since), "until": iso(until)})
    else:
        print(f"{args.amount} {args.currency} recorded for {args.source}, {args.since} to {args.until}")
    return OK


def _forward(since: datetime, until: datetime) -> None:
    if until <= since:
        raise UsageError("--until lies before --since; a period runs forward")


def _known_source(found: Tracker, source: str) -> None:
    # A misspelt source would be spent on nothing: the cost would stand beside no lead.
    known = {lead.source.id for lead in found.leads()}
    if source not in known:
        raise UsageError(f"no lead came from {source!r}; there are: {', '.join(sorted(known)) or 'no leads yet'}")
