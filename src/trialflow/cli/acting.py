"""The commands that change a lead: each one names who did it, and prints where the lead stands afterwards."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from trialflow.cli.acts import ACTS, Act, when
from trialflow.cli.exits import OK
from trialflow.cli.options import WHEN, add_actor, add_command, add_json, add_store, code, lead_argument
from trialflow.cli.session import actor, lead_id, print_json, site_labels, tracker
from trialflow.model.lead import Lead
from trialflow.tracker import Tracker

if TYPE_CHECKING:
    from trialflow.cli.options import Commands, Run

__all__ = ["add_commands", "add_expected", "changed"]

Argument = tuple[str, dict[str, Any]]


def add_commands(commands: Commands) -> None:
    """Register the commands."""
    for name, text, arguments in _COMMANDS:
        parser = add_command(commands, name, text, _runner(ACTS[name]))
        lead_argument(parser)
        for flag, options in arguments:
            parser.add_argument(flag, **options)
        add_store(parser)
        add_actor(parser)
        add_expected(parser)
        add_json(parser)


def _runner(act: Act) -> Run:
    def run(args: argparse.Namespace) -> int:
        found = tracker(args)
        known = lead_id(found, args.lead)
        who = {"by": actor(args, found), "at": when(found, args.at), "expected_version": args.expect_version}
        lead = act(found, known, args, who)
        changed(found, lead, as_json=args.json)
        return OK

    return run


def add_expected(parser: argparse.ArgumentParser) -> None:
    """``--expect-version``."""
    text = "refuse when the lead is at another version than this one, which `trialflow lead --json` showed"
    parser.add_argument("--expect-version", type=int, metavar="N", help=text)


def changed(found: Tracker, lead: Lead, *, as_json: bool) -> None:
    """Say where the lead stands now."""
    if as_json:
        told = {"lead": lead.id, "status": lead.status, "owner": lead.owner, "version": lead.version}
        print_json({"format": "trialflow.changed/1", **told})
        return
    names = site_labels(found)
    status = names.get(lead.status) or found.workflow.status_label(lead.status)
    print(f"{names.get(lead.id, lead.id)}: {status}, owner {names.get(lead.owner, lead.owner)}")


def _coded(flag: str, metavar: str, text: str) -> Argument:
    return flag, {"type": code, "metavar": metavar, "help": text}


_REASON = _coded("--reason", "CODE", "the reason's code")
_AUTHORITY = _coded("--authority", "REF", "what the decision rests on, e.g. the id of a log entry")
_DUE: Argument = ("--due", {"metavar": "WHEN", "help": f"until when: {WHEN}"})
_CHANNEL: Argument = ("--channel", {"default": "*", "help": "phone, email, text, letter, or * for all (default)"})
_TO: Argument = ("to", {"metavar": "STATUS", "help": "a status, or the name of a move (see `trialflow lead`)"})
_OWNER: Argument = ("owner", {"metavar": "OWNER", "help": "an id, a coordinator of the sheet, or UNASSIGNED"})
_BLOCKER: Argument = ("blocker", {"metavar": "KIND", "help": "a kind of blocker of the workflow"})
_VISIT_AT: Argument = ("visit_at", {"metavar": "WHEN", "help": f"the slot: {WHEN}"})
_OUTCOMES = "reached, no_answer, voicemail, sent, wrong_number (default: unknown)"

_COMMANDS: tuple[tuple[str, str, tuple[Argument, ...]], ...] = (
    ("move", "move a lead to a status", (_TO, _REASON, _AUTHORITY)),
    ("assign", "hand a lead over to an owner", (_OWNER, _REASON)),
    ("accept", "accept a handoff, as the new owner", ()),
    ("acknowledge", "confirm to the referrer that the site has the lead", ()),
    (
        "contact",
        "record one attempt to reach the person",
        (
            ("--outcome", {"type": code, "default": "unknown", "metavar": "CODE", "help": _OUTCOMES}),
            ("--channel", {"default": "phone", "help": "phone (default), email, text or letter"}),
        ),
    ),
    (
        "prescreen",
        "record how far the prescreen is",
        (("state", {"choices": ["none", "started", "completed"], "help": "how far it is"}),),
    ),
    (
        "item",
        "set a readiness item: records go needed, requested, received, reviewed",
        (
            ("item", {"metavar": "ITEM", "help": "such as records"}),
            ("state", {"metavar": "STATE", "help": "needed, requested, received, reviewed or not_needed"}),
            _DUE,
        ),
    ),
    ("block", "record what stops a lead", (_BLOCKER, _DUE)),
    ("unblock", "clear a blocker", (_BLOCKER,)),
    (
        "action",
        "plan the next action for a date; until then the lead is not stale",
        (_coded("action", "CODE", "what is to be done"), _DUE),
    ),
    ("done", "the planned action was done", ()),
    ("schedule", "schedule the visit, and move to the status for it", (_VISIT_AT,)),
    (
        "visit",
        "record what became of the visit",
        (("state", {"choices": ["attended", "missed", "cancelled"], "help": "what became of it"}), _REASON),
    ),
    (
        "ask",
        "put a question to the study team",
        (
            _coded("decision", "CODE", "which question"),
            ("--of", {"default": "investigator", "metavar": "ROLE", "help": "the deciding role (investigator)"}),
            _DUE,
        ),
    ),
    (
        "decide",
        "quote what the study team decided; a deciding role and an authority are needed",
        (
            _coded("decision", "CODE", "which question"),
            _coded("outcome", "CODE", "what was decided"),
            _AUTHORITY,
        ),
    ),
    (
        "note",
        "keep a note; its text goes to the vault, never to the ledger",
        (("text", {"metavar": "TEXT", "help": "the note"}),),
    ),
    (
        "permit",
        "the person allows contact; the evidence is named",
        (_CHANNEL, _coded("--evidence", "REF", "what proves it")),
    ),
    ("forbid", "the person forbids contact, at once", (_CHANNEL,)),
    (
        "source",
        "correct where a lead came from; the earlier source stays readable",
        (("source", {"metavar": "SOURCE", "help": "the source as the dashboard shows it"}),),
    ),
    (
        "merge",
        "two leads are the same person: count this one no more",
        (("into", {"metavar": "INTO", "help": "the lead that stays"}),),
    ),
    ("unmerge", "take a merge back", ()),
    (
        "correct",
        "void one event of a lead, with a reason; it stays readable",
        (("position", {"type": int, "metavar": "POSITION", "help": "as `trialflow lead` shows it"}), _REASON),
    ),
    ("erase", "erase identity and notes for good; the ledger's codes stay", (_REASON,)),
)
