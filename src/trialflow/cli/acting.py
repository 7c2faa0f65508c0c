"""The commands that change a lead: each one names who did it, and prints where the lead stands afterwards."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trialflow.cli.exits import OK, UsageError
from trialflow.cli.options import WHEN, add_actor, add_command, add_json, add_store, code, lead_argument
from trialflow.cli.session import actor, lead_id, moment, owner, print_json, site_labels, tracker
from trialflow.model.lead import Lead
from trialflow.model.parties import Source
from trialflow.tracker import Tracker

if TYPE_CHECKING:
    from trialflow.cli.options import Commands, Run

__all__ = ["add_commands", "changed", "needed", "when"]

Who = dict[str, Any]
"""``by`` and ``at``, as every command of the tracker takes them."""

Act = Callable[[Tracker, str, argparse.Namespace, Who], Lead]
Argument = tuple[str, dict[str, Any]]


def add_commands(commands: Commands) -> None:
    """Register the commands."""
    for name, text, act, arguments in _ACTS:
        parser = add_command(commands, name, text, _runner(act))
        lead_argument(parser)
        for flag, options in arguments:
            parser.add_argument(flag, **options)
        add_store(parser)
        add_actor(parser)
        add_json(parser)


def _runner(act: Act) -> Run:
    def run(args: argparse.Namespace) -> int:
        found = tracker(args)
        known = lead_id(found, args.lead)
        lead = act(found, known, args, {"by": actor(args, found), "at": when(found, args.at)})
        changed(found, lead, as_json=args.json)
        return OK

    return run


def changed(found: Tracker, lead: Lead, *, as_json: bool) -> None:
    """Say where the lead stands now."""
    if as_json:
        told = {"lead": lead.id, "status": lead.status, "owner": lead.owner, "version": lead.version}
        print_json({"format": "trialflow.changed/1", **told})
        return
    names = site_labels(found)
    status = names.get(lead.status) or found.workflow.status_label(lead.status)
    print(f"{names.get(lead.id, lead.id)}: {status}, owner {names.get(lead.owner, lead.owner)}")


def when(found: Tracker, text: str | None) -> datetime | None:
    """A moment that was typed, as an instant; None where none was."""
    told = moment(text)
    return found.instant(told) if told is not None else None


def needed(found: Tracker, text: str | None, what: str) -> datetime:
    """A moment that must be given. Raises :class:`UsageError` naming ``what``."""
    told = when(found, text)
    if told is None:
        raise UsageError(f"give {what}: {WHEN}")
    return told


def _move(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.move(lead, a.to, reason=a.reason or "", authority_ref=a.authority or "", **who)


def _assign(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.assign(lead, owner(t, a.owner), reason=a.reason or "", **who)


def _accept(t: Tracker, lead: str, _: argparse.Namespace, who: Who) -> Lead:
    return t.accept_handoff(lead, **who)


def _acknowledge(t: Tracker, lead: str, _: argparse.Namespace, who: Who) -> Lead:
    return t.acknowledge(lead, **who)


def _contact(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.contact(lead, a.outcome, channel=a.channel, **who)


def _prescreen(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.prescreen(lead, a.state, **who)


def _item(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.set_item(lead, a.item, a.state, due_at=when(t, a.due), **who)


def _block(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.block(lead, a.blocker, due_at=when(t, a.due), **who)


def _unblock(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.unblock(lead, a.blocker, **who)


def _action(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.set_action(lead, a.action, needed(t, a.due, "--due WHEN"), **who)


def _done(t: Tracker, lead: str, _: argparse.Namespace, who: Who) -> Lead:
    return t.action_done(lead, **who)


def _schedule(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.schedule(lead, needed(t, a.visit_at, "the visit's date"), **who)


def _visit(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.visit(lead, a.state, reason=a.reason or "", **who)


def _ask(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.request_decision(lead, a.decision, role=a.of, due_at=when(t, a.due), **who)


def _decide(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.record_decision(lead, a.decision, a.outcome, authority_ref=a.authority or "", **who)


def _note(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.note(lead, a.text, **who)


def _permit(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.permit(lead, channel=a.channel, evidence_ref=a.evidence or "", **who)


def _forbid(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.forbid(lead, channel=a.channel, **who)


def _source(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.set_source(lead, Source(id=a.source), **who)


def _merge(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.merge(lead, lead_id(t, a.into), **who)


def _unmerge(t: Tracker, lead: str, _: argparse.Namespace, who: Who) -> Lead:
    return t.unmerge(lead, **who)


def _erase(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.erase(lead, reason=a.reason or "", **who)


def _correct(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.correct(lead, a.position, reason=a.reason or "", **who)


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

_ACTS: tuple[tuple[str, str, Act, tuple[Argument, ...]], ...] = (
    ("move", "move a lead to a status", _move, (_TO, _REASON, _AUTHORITY)),
    ("assign", "hand a lead over to an owner", _assign, (_OWNER, _REASON)),
    ("accept", "accept a handoff, as the new owner", _accept, ()),
    ("acknowledge", "confirm to the referrer that the site has the lead", _acknowledge, ()),
    (
        "contact",
        "record one attempt to reach the person",
        _contact,
        (
            ("--outcome", {"type": code, "default": "unknown", "metavar": "CODE", "help": _OUTCOMES}),
            ("--channel", {"default": "phone", "help": "phone (default), email, text or letter"}),
        ),
    ),
    (
        "prescreen",
        "record how far the prescreen is",
        _prescreen,
        (("state", {"choices": ["none", "started", "completed"], "help": "how far it is"}),),
    ),
    (
        "item",
        "set a readiness item: records go needed, requested, received, reviewed",
        _item,
        (
            ("item", {"metavar": "ITEM", "help": "such as records"}),
            ("state", {"metavar": "STATE", "help": "needed, requested, received, reviewed or not_needed"}),
            _DUE,
        ),
    ),
    ("block", "record what stops a lead", _block, (_BLOCKER, _DUE)),
    ("unblock", "clear a blocker", _unblock, (_BLOCKER,)),
    (
        "action",
        "plan the next action for a date; until then the lead is not stale",
        _action,
        (_coded("action", "CODE", "what is to be done"), _DUE),
    ),
    ("done", "the planned action was done", _done, ()),
    ("schedule", "schedule the visit, and move to the status for it", _schedule, (_VISIT_AT,)),
    (
        "visit",
        "record what became of the visit",
        _visit,
        (("state", {"choices": ["attended", "missed", "cancelled"], "help": "what became of it"}), _REASON),
    ),
    (
        "ask",
        "put a question to the study team",
        _ask,
        (
            _coded("decision", "CODE", "which question"),
            ("--of", {"default": "investigator", "metavar": "ROLE", "help": "the deciding role (investigator)"}),
            _DUE,
        ),
    ),
    (
        "decide",
        "quote what the study team decided; a deciding role and an authority are needed",
        _decide,
        (
            _coded("decision", "CODE", "which question"),
            _coded("outcome", "CODE", "what was decided"),
            _AUTHORITY,
        ),
    ),
    (
        "note",
        "keep a note; its text goes to the vault, never to the ledger",
        _note,
        (("text", {"metavar": "TEXT", "help": "the note"}),),
    ),
    (
        "permit",
        "the person allows contact; the evidence is named",
        _permit,
        (_CHANNEL, _coded("--evidence", "REF", "what proves it")),
    ),
    ("forbid", "the person forbids contact, at once", _forbid, (_CHANNEL,)),
    (
        "source",
        "correct where a lead came from; the earlier source stays readable",
        _source,
        (("source", {"metavar": "SOURCE", "help": "the source as the dashboard shows it"}),),
    ),
    (
        "merge",
        "two leads are the same person: count this one no more",
        _merge,
        (("into", {"metavar": "INTO", "help": "the lead that stays"}),),
    ),
    ("unmerge", "take a merge back", _unmerge, ()),
    (
        "correct",
        "void one event of a lead, with a reason; it stays readable",
        _correct,
        (("position", {"type": int, "metavar": "POSITION", "help": "as `trialflow lead` shows it"}), _REASON),
    ),
    ("erase", "erase identity and notes for good; the ledger's codes stay", _erase, (_REASON,)),
)
