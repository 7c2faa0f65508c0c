"""``proposals`` and ``resolve``: what automation suggests, and what a person makes of it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from trialflow.adapters.renderers.phrases import Calendar, count
from trialflow.cli.acting import add_expected, changed
from trialflow.cli.acts import when
from trialflow.cli.exits import OK
from trialflow.cli.options import add_actor, add_command, add_json, add_moment, add_names, add_store, lead_argument
from trialflow.cli.session import actor, labels, lead_id, moment, print_json, tracker
from trialflow.model.moments import iso
from trialflow.reports.json import plain
from trialflow.rules.proposals import open_proposals

if TYPE_CHECKING:
    from trialflow.cli.options import Commands

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Register the commands."""
    listed = add_command(
        commands, "proposals", "what automation suggests and nobody has answered; nothing changes until then", _list
    )
    listed.add_argument(
        "--suggest", action="store_true", help="first record what the rules suggest at that moment, as automation"
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
    add_expected(resolve)
    add_json(resolve)


def _list(args: argparse.Namespace) -> int:
    found = tracker(args)
    at = found.instant(moment(args.as_of))
    if args.suggest:
        found.suggest(at=at)
    leads = found.leads(as_of=at)
    rows = [(lead.id, p, p not in open_proposals(lead, at)) for lead in leads for p in lead.proposals]
    if args.json:
        opened = [{"lead": lead, **plain(proposal), "expired": over} for lead, proposal, over in rows]
        print_json({"format": "trialflow.proposals/1", "as_of": iso(at), "proposals": opened})
        return OK
    names, calendar = labels(args, found), Calendar(found.workflow.site.zone, at)
    standing = sum(not over for _, _, over in rows)
    print(f"{count(standing, 'open proposal')}" + (":" if rows else "."))
    for lead, proposal, over in rows:
        target = f" to {proposal.target}" if proposal.target else ""
        day = calendar.day(proposal.expires_at) if proposal.expires_at is not None else ""
        until = f", {'expired' if over else 'until'} {day}" if day else ""
        print(f"  {names.get(lead, lead)}  {proposal.proposal}: {proposal.command}{target}{until}")
    return OK


def _resolve(args: argparse.Namespace) -> int:
    found = tracker(args)
    known, who, at = lead_id(found, args.lead), actor(args, found), when(found, args.at)
    lead = found.resolve_proposal(
        known, args.proposal, args.outcome, by=who, at=at, expected_version=args.expect_version
    )
    changed(found, lead, as_json=args.json)
    return OK
