"""``board``, ``worklist``, ``lead``, ``sponsor``, ``sources``, ``diagnose``, ``verify``, ``export``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from trialflow.cli.exits import OK, REFUSED
from trialflow.cli.session import actor, add_moment, add_output, add_store, lead_id, moment, output, tracker
from trialflow.model.codec import encode
from trialflow.model.moments import iso
from trialflow.model.parties import UNASSIGNED
from trialflow.reports.queue import queue_row, worklist_report
from trialflow.rules.next_action import assess
from trialflow.rules.worklist import work_item
from trialflow.tracker import Tracker

__all__ = ["add_commands"]

Commands = argparse._SubParsersAction


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the commands."""
    for name, text, run in (
        ("board", "the coordinator's dashboard", _board),
        ("worklist", "the queue in the order of work", _worklist),
        ("sponsor", "the sponsor update since the last release", _sponsor),
        ("sources", "what became of each source's leads", _sources),
        ("diagnose", "where leads wait, and the review checklist", _diagnose),
    ):
        parser = commands.add_parser(name, help=text)
        add_store(parser)
        add_moment(parser)
        add_output(parser)
        parser.set_defaults(run=run)
        if name == "board":
            add_moment(parser, "--since", "movement after this moment (default: the previous copy, else a week)")
        elif name == "worklist":
            parser.add_argument("--owner", metavar="ID", help="one owner's part (id or name), or UNASSIGNED")
        elif name == "sponsor":
            parser.add_argument("--release", metavar="NAME", help="record this update as released under NAME")
            parser.add_argument("--by", metavar="ID", help="who releases it")
            parser.add_argument("--role", default="site_lead", help="in which role")
    lead = commands.add_parser("lead", help="one lead: status, next action, options, history")
    lead.add_argument("lead", metavar="ID", help="the lead's id, the start of it, or its id in the sheet")
    add_store(lead)
    add_moment(lead)
    lead.add_argument("--json", action="store_true", help="print the JSON document")
    lead.add_argument("--by", default="reader", metavar="ID", help="whose options to show")
    lead.add_argument("--role", default="coordinator", help="in which role")
    lead.set_defaults(run=_lead)
    verify = commands.add_parser("verify", help="check every link of the ledger's hash chain")
    add_store(verify)
    verify.add_argument("--json", action="store_true", help="print the JSON document")
    verify.add_argument("--anchor", metavar="POSITION:HEAD", help="a head noted earlier, to find a cut tail")
    verify.set_defaults(run=_verify)
    export = commands.add_parser("export", help="write the whole ledger as JSON lines")
    add_store(export)
    export.add_argument("--out", metavar="FILE", help="where to write (default: standard output)")
    export.set_defaults(run=_export)


def _board(args: argparse.Namespace) -> int:
    found = tracker(args)
    output(args, found.dashboard(as_of=moment(args.as_of), since=moment(args.since)), found.labels())
    return OK


def _worklist(args: argparse.Namespace) -> int:
    found = tracker(args)
    labels = found.labels()
    owner = _owner(args.owner, labels)
    at = found.instant(moment(args.as_of))
    items = found.worklist(as_of=at, owner=owner)
    output(args, worklist_report(items, found.workflow, at, owner=owner), labels)
    return OK


def _owner(text: str | None, labels: dict[str, str]) -> str | None:
    if text is None or text == UNASSIGNED or text in labels:
        return text
    return next((code for code, name in labels.items() if name.casefold() == text.casefold()), text)


def _sponsor(args: argparse.Namespace) -> int:
    found = tracker(args)
    by = actor(args) if args.release else None
    update = found.sponsor_update(as_of=moment(args.as_of), release=args.release or "", by=by)
    output(args, update, {})
    return OK


def _sources(args: argparse.Namespace) -> int:
    found = tracker(args)
    output(args, found.source_quality(as_of=moment(args.as_of)), {})
    return OK


def _diagnose(args: argparse.Namespace) -> int:
    found = tracker(args)
    output(args, found.diagnose(as_of=moment(args.as_of)), found.labels())
    return OK


def _lead(args: argparse.Namespace) -> int:
    found = tracker(args)
    document = _lead_document(found, lead_id(found, args.lead), args)
    if args.json:
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return OK
    row, zone = document["row"], ZoneInfo(found.workflow.site.zone)
    labels = found.labels()
    identity = document["identity"]
    print(f"{identity.get('external_id', '')} {identity.get('name', '')}".strip() or document["lead"])
    print(f"  id           {document['lead']}")
    print(f"  status       {row['status_label']} since {row['since'][:10]}")
    print(f"  owner        {labels.get(row['owner'], row['owner'])}")
    print(
        f"  next action  {row['action_label']}"
        + (f", due {row['due_at'][:10]} ({row['due']})" if row["due_at"] else "")
    )
    print(f"  because      {', '.join(reason['code'] for reason in row['reasons'])}")
    print(f"  last moved   {row['last_movement'][:10]} ({row['last_movement_kind']}), {row['stale']}")
    for option in document["options"]:
        reasons = "; ".join(refusal["message"] for refusal in option["refusals"])
        print(f"  can move to  {option['label']}" + (f": not yet: {reasons}" if reasons else ""))
    for note in document["notes"]:
        print(f"  note         {note}")
    print("  history")
    for record in document["history"]:
        when = found.instant(_parsed(record["at"])).astimezone(zone)
        print(f"    {record['position']:>6}  {when:%Y-%m-%d %H:%M}  {record['kind']:<18} {_short(record, labels)}")
    return OK


def _lead_document(found: Tracker, known: str, args: argparse.Namespace) -> dict:  # type: ignore[type-arg]
    from trialflow.reports.json import plain

    at = found.instant(moment(args.as_of))
    lead = found.lead(known, as_of=at)
    item = work_item(assess(lead, found.workflow, at), found.workflow, at)
    by = actor(args)
    return {
        "format": "trialflow.lead/1",
        "as_of": iso(at),
        "lead": lead.id,
        "identity": found.identity(lead.id),
        "row": plain(queue_row(item, found.workflow)),
        "options": [plain(option) for option in found.options(lead.id, by=by, as_of=at)],
        "notes": list(found.notes(lead.id)),
        "history": [
            {"position": r.position, "recorded_at": iso(r.recorded_at), **encode(r.event)}
            for r in found.history(lead.id)
            if r.event.at <= at
        ],
    }


def _parsed(text: str):  # type: ignore[no-untyped-def]
    from trialflow.model.moments import parse_iso

    return parse_iso(text)


def _short(record: dict, labels: dict[str, str]) -> str:  # type: ignore[type-arg]
    skip = ("position", "recorded_at", "kind", "v", "at", "by", "workflow", "site", "observed_after", "seen_at")
    told = {k: v for k, v in record.items() if k not in skip}
    return ", ".join(
        f"{k} {labels.get(str(v), v) if not isinstance(v, dict) else v.get('id', '')}" for k, v in told.items()
    )


def _verify(args: argparse.Namespace) -> int:
    found = tracker(args)
    anchor = None
    if args.anchor:
        position, _, head = args.anchor.partition(":")
        anchor = (int(position), head)
    result = found.verify(anchor=anchor)
    if args.json:
        from trialflow.reports.json import plain

        print(json.dumps({"format": "trialflow.verify/1", **plain(result)}))
    else:
        print(f"{'intact' if result.ok else 'DAMAGED'}: {result.message}")
        print(f"{result.records} records in {result.streams} streams; anchor {result.records}:{result.head}")
    return OK if result.ok else REFUSED


def _export(args: argparse.Namespace) -> int:
    found = tracker(args)
    with Path(args.out).open("w", encoding="utf-8") if args.out else _Standard() as file:
        for r in found.storage.scan():
            line = {
                "position": r.position,
                "stream": r.stream,
                "version": r.version,
                "recorded_at": iso(r.recorded_at),
                "event": encode(r.event),
                "prev_hash": r.prev_hash,
                "hash": r.hash,
            }
            print(json.dumps(line, ensure_ascii=False), file=file)
    return OK


class _Standard:
    """Standard output, which nobody closes."""

    def __enter__(self):  # type: ignore[no-untyped-def]
        return sys.stdout

    def __exit__(self, *_: object) -> None:
        return None
