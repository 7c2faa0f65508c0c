"""The commands that change a lead: each one names who did it, and prints where the lead stands afterwards."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from trialflow.cli.exits import OK, UsageError
from trialflow.cli.session import actor, add_actor, add_store, lead_id, moment, tracker
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED
from trialflow.tracker import Tracker

__all__ = ["add_commands"]

Act = Callable[[Tracker, str, argparse.Namespace, dict[str, Any]], Lead]


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the commands."""
    for name, text, act, arguments in _ACTS:
        parser = commands.add_parser(name, help=text)
        parser.add_argument("lead", metavar="LEAD", help="the lead's id, the start of it, or its id in the sheet")
        for flag, options in arguments:
            parser.add_argument(flag, **options)
        _common(parser)
        parser.set_defaults(run=_runner(act))
    absence = commands.add_parser("absence", help="an owner is away; their leads count as unowned")
    absence.add_argument("owner", metavar="OWNER", help="the owner's id or name")
    absence.add_argument("--since", required=True, metavar="WHEN", help="from when")
    absence.add_argument("--until", metavar="WHEN", help="until when (default: further notice)")
    _common(absence)
    absence.set_defaults(run=_absence)
    spend = commands.add_parser("spend", help="money spent on a source in a period")
    spend.add_argument("source", metavar="SOURCE", help="the source as the dashboard shows it")
    spend.add_argument("amount", metavar="AMOUNT", help="such as 1250.00")
    spend.add_argument("--currency", default="USD", help="ISO 4217 (default: USD)")
    spend.add_argument("--since", required=True, metavar="WHEN", help="from when")
    spend.add_argument("--until", required=True, metavar="WHEN", help="until when")
    _common(spend)
    spend.set_defaults(run=_spend)


def _common(parser: argparse.ArgumentParser) -> None:
    add_store(parser)
    add_actor(parser)
    parser.add_argument("--json", action="store_true", help="print the JSON document")


def _runner(act: Act) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        found = tracker(args)
        known = lead_id(found, args.lead)
        lead = act(found, known, args, {"by": actor(args), "at": _when(found, args.at)})
        labels = found.labels()
        told = {
            "format": "trialflow.changed/1",
            "lead": lead.id,
            "status": lead.status,
            "owner": labels.get(lead.owner, lead.owner),
            "version": lead.version,
        }
        if args.json:
            print(json.dumps(told, ensure_ascii=False))
        else:
            label = found.workflow.status_label(lead.status)
            print(f"{lead.id}: {labels.get(label, label)}, owner {told['owner']} (version {lead.version})")
        return OK

    return run


def _when(found: Tracker, text: str | None) -> datetime | None:
    told = moment(text)
    return found.instant(told) if told is not None else None


def _need(found: Tracker, text: str | None, what: str) -> datetime:
    when = _when(found, text)
    if when is None:
        raise UsageError(f"give {what}")
    return when


def _owner(found: Tracker, text: str) -> str:
    if text.upper() == UNASSIGNED:
        return UNASSIGNED
    return next((code for code, name in found.labels().items() if name.casefold() == text.casefold()), text)


def _move(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.move(lead, a.to, reason=a.reason, authority_ref=a.authority, **who)


def _assign(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.assign(lead, _owner(t, a.owner), reason=a.reason, **who)


def _accept(t: Tracker, lead: str, _: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.accept_handoff(lead, **who)


def _acknowledge(t: Tracker, lead: str, _: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.acknowledge(lead, **who)


def _contact(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.contact(lead, a.outcome, channel=a.channel, **who)


def _prescreen(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.prescreen(lead, a.state, **who)


def _item(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.set_item(lead, a.item, a.state, due_at=_when(t, a.due), **who)


def _block(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.block(lead, a.blocker, due_at=_when(t, a.due), **who)


def _unblock(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.unblock(lead, a.blocker, **who)


def _action(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.set_action(lead, a.action, _need(t, a.due, "--due WHEN"), **who)


def _done(t: Tracker, lead: str, _: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.action_done(lead, **who)


def _schedule(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.schedule(lead, _need(t, a.visit_at, "the visit's date"), **who)


def _visit(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.visit(lead, a.state, **who)


def _ask(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.request_decision(lead, a.decision, role=a.of, due_at=_when(t, a.due), **who)


def _decide(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.record_decision(lead, a.decision, a.outcome, authority_ref=a.authority, **who)


def _note(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.note(lead, a.text, **who)


def _permit(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.permit(lead, channel=a.channel, evidence_ref=a.evidence, **who)


def _forbid(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.forbid(lead, channel=a.channel, **who)


def _erase(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.erase(lead, reason=a.reason, **who)


def _correct(t: Tracker, lead: str, a: argparse.Namespace, who: dict[str, Any]) -> Lead:
    return t.correct(lead, a.position, reason=a.reason, **who)


_REASON = ("--reason", {"default": "", "metavar": "CODE", "help": "the reason's code"})
_AUTHORITY = ("--authority", {"default": "", "metavar": "REF", "help": "the authority, e.g. a log entry id"})
_DUE = ("--due", {"metavar": "WHEN", "help": "until when"})
_CHANNEL = ("--channel", {"default": "*", "help": "phone, email, text, letter, or * for all"})

_Argument = tuple[str, dict[str, Any]]

_ACTS: tuple[tuple[str, str, Act, tuple[_Argument, ...]], ...] = (
    ("move", "move a lead to a status", _move, (("to", {"metavar": "STATUS"}), _REASON, _AUTHORITY)),
    ("assign", "hand a lead over to an owner", _assign, (("owner", {"metavar": "OWNER"}), _REASON)),
    ("accept", "accept a handoff", _accept, ()),
    ("acknowledge", "confirm to the referrer that the site has the lead", _acknowledge, ()),
    (
        "contact",
        "record one attempt to reach the person",
        _contact,
        (
            ("--outcome", {"default": "unknown", "help": "reached, no_answer, voicemail, sent, wrong_number"}),
            ("--channel", {"default": "phone", "help": "phone, email, text or letter"}),
        ),
    ),
    ("prescreen", "record the prescreen", _prescreen, (("state", {"choices": ["none", "started", "completed"]}),)),
    ("item", "set a readiness item", _item, (("item", {"metavar": "ITEM"}), ("state", {"metavar": "STATE"}), _DUE)),
    ("block", "record a blocker", _block, (("blocker", {"metavar": "KIND"}), _DUE)),
    ("unblock", "clear a blocker", _unblock, (("blocker", {"metavar": "KIND"}),)),
    ("action", "plan the next action for a date; also how to snooze", _action, (("action", {"metavar": "CODE"}), _DUE)),
    ("done", "the planned action was done", _done, ()),
    ("schedule", "schedule the visit", _schedule, (("visit_at", {"metavar": "WHEN"}),)),
    ("visit", "what became of the visit", _visit, (("state", {"choices": ["attended", "missed", "cancelled"]}),)),
    (
        "ask",
        "put a question to the study team",
        _ask,
        (("decision", {"metavar": "CODE"}), ("--of", {"default": "investigator", "help": "the deciding role"}), _DUE),
    ),
    (
        "decide",
        "quote what the study team decided",
        _decide,
        (("decision", {"metavar": "CODE"}), ("outcome", {"metavar": "OUTCOME"}), _AUTHORITY),
    ),
    ("note", "keep a note (it goes to the vault)", _note, (("text", {"metavar": "TEXT"}),)),
    (
        "permit",
        "the person allows contact",
        _permit,
        (_CHANNEL, ("--evidence", {"default": "", "metavar": "REF", "help": "what proves it"})),
    ),
    ("forbid", "the person forbids contact, at once", _forbid, (_CHANNEL,)),
    (
        "correct",
        "void one event of a lead, with a reason",
        _correct,
        (("position", {"type": int, "metavar": "POSITION"}), _REASON),
    ),
    ("erase", "erase identity and notes for good", _erase, (_REASON,)),
)


def _absence(args: argparse.Namespace) -> int:
    found = tracker(args)
    since = _need(found, args.since, "--since WHEN")
    owner = _owner(found, args.owner)
    found.absence(owner, since, _when(found, args.until), by=actor(args), at=_when(found, args.at))
    print(json.dumps({"format": "trialflow.changed/1", "owner": owner}) if args.json else f"{args.owner} is away")
    return OK


def _spend(args: argparse.Namespace) -> int:
    found = tracker(args)
    whole, _, cents = args.amount.partition(".")
    if not whole.isdigit() or (cents and (not cents.isdigit() or len(cents) > 2)):
        raise UsageError("an amount looks like 1250 or 1250.00")
    minor = int(whole) * 100 + int(cents.ljust(2, "0") or 0)
    since, until = _need(found, args.since, "--since"), _need(found, args.until, "--until")
    found.spend(args.source, minor, args.currency, since, until, by=actor(args), at=_when(found, args.at))
    told = {"format": "trialflow.changed/1", "source": args.source, "amount_minor": minor, "currency": args.currency}
    print(json.dumps(told) if args.json else f"{args.amount} {args.currency} recorded for {args.source}")
    return OK
