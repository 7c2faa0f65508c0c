"""``proposals`` and ``resolve``: what automation suggests, and what a person makes of it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from trialflow.cli.acting import changed
from trialflow.cli.acts import when
from trialflow.cli.exits import OK
from trialflow.cli.options import add_actor, add_command, add_json, add_moment, add_names, add_store, lead_argument
from trialflow.cli.session import actor, labels, lead_id, moment, print_json, tracker
from trialflow.model.moments import iso
from trialflow.reports.json import plain

if TYPE_CHECKING:
    from trialflow.cli.options import Commands

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Register the commands."""
    listed = add_command(
        commands, "proposals", "what automation suggests and nobody has answered; nothing changes until then", _list
    )
    add_store(listed)
    add_moment(listed)
    add_json(listed)
    add_names(listed)
    resolve = add_command(commands, "resolve", "answer a proposal; both answers are kept", _resolve)
    lead_argument(resolve)
    resolve.add_argument("proposal", metavar="PROPOSAL", help="its name, as `trialflow proposals` shows it")
    resolve.add_argument("outcome", choices=["accepted", "declined", "expired"], help="the answer")
    add_store(resolve)
    add_actor(resolve)
    add_json(resolve)


def _list(args: argparse.Namespace) -> int:
    found = tracker(args)
    at = found.instant(moment(args.as_of))
    rows = [(lead.id, proposal) for lead in found.leads(as_of=at) for proposal in lead.proposals]
    if args.json:
        opened = [{"lead": lead, **plain(proposal)} for lead, proposal in rows]
        print_json({"format": "trialflow.proposals/1", "as_of": iso(at), "proposals": opened})
        return OK
    names = labels(args, found)
    print(f"{len(rows)} open proposals" + (":" if rows else "."))
    for lead, proposal in rows:
        target = f" to {proposal.target}" if proposal.target else ""
        until = f", until {proposal.expires_at.date()}" if proposal.expires_at is not None else ""
        print(f"  {names.get(lead, lead)}  {proposal.proposal}: {proposal.command}{target}{until}")
    return OK


def _resolve(args: argparse.Namespace) -> int:
    found = tracker(args)
    known, who = lead_id(found, args.lead), actor(args, found)
    lead = found.resolve_proposal(known, args.proposal, args.outcome, by=who, at=when(found, args.at))
    changed(found, lead, as_json=args.json)
    return OK
