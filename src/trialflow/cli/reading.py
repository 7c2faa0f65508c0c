"""``board``, ``worklist``, ``sponsor``, ``sources``, ``diagnose``, ``gaps``, ``stale``: what is read."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from trialflow.adapters.renderers.names import Names
from trialflow.adapters.renderers.phrases import Calendar, count
from trialflow.cli.config_formats import rehearse
from trialflow.cli.exits import OK
from trialflow.cli.options import (
    add_actor,
    add_command,
    add_json,
    add_moment,
    add_names,
    add_output,
    add_store,
    code,
)
from trialflow.cli.session import actor, labels, moment, output, print_json, queue_owner, tracker
from trialflow.model.errors import Refusal, Refused
from trialflow.model.moments import iso
from trialflow.reports.json import plain
from trialflow.reports.queue import worklist_report
from trialflow.rules.gaps import gap_report, stale_review
from trialflow.rules.ownership import Roster
from trialflow.tracker import Tracker

if TYPE_CHECKING:
    from trialflow.cli.options import Commands, Run

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Register the commands."""
    board = _report(commands, "board", "the coordinator's dashboard: what to do today, and why", _board)
    add_names(board)
    add_moment(board, "--since", "movement after this moment (default: the previous copy, else a week)")
    queue = _report(commands, "worklist", "the queue in the order of work", _worklist)
    add_names(queue)
    queue.add_argument("--owner", metavar="ID", help="one owner's part (an id or a name), or UNASSIGNED")
    update = _report(commands, "sponsor", "the sponsor update since the last release: counts, never a lead", _sponsor)
    update.add_argument(
        "--release", type=code, metavar="NAME", help="record this update as released; the next one starts where it ends"
    )
    add_actor(update, required=False)
    _report(commands, "sources", "what became of each source's leads, with intervals and cost", _sources)
    _report(commands, "diagnose", "where leads wait and work gets lost, and the review checklist", _diagnose)
    for name, text, run in (
        ("gaps", "the usual gaps, with the leads that have them", _gaps),
        ("stale", "the weekly review: every stale lead, the longest first, with its cause", _stale),
    ):
        parser = add_command(commands, name, text, run)
        add_store(parser)
        add_moment(parser)
        add_json(parser)
        add_names(parser)


def _report(commands: Commands, name: str, text: str, run: Run) -> argparse.ArgumentParser:
    parser = add_command(commands, name, text, run)
    add_store(parser)
    add_moment(parser)
    add_output(parser)
    return parser


def _board(args: argparse.Namespace) -> int:
    found = tracker(args)
    output(args, found.dashboard(as_of=moment(args.as_of), since=moment(args.since)), labels(args, found))
    return OK


def _worklist(args: argparse.Namespace) -> int:
    found = tracker(args)
    whose = queue_owner(found, args.owner) if args.owner else None
    at = found.instant(moment(args.as_of))
    items = found.worklist(as_of=at, owner=whose, ended=False)
    output(args, worklist_report(items, found.workflow, at, owner=whose), labels(args, found))
    return OK


def _sponsor(args: argparse.Namespace) -> int:
    found = tracker(args)
    by = actor(args, found) if args.release else None
    if args.release:
        _refuse_twice(found, args.release)
        rehearse(args, found.sponsor_update(as_of=moment(args.as_of)))
    update = found.sponsor_update(as_of=moment(args.as_of), release=args.release or "", by=by)
    output(args, update, {})
    if args.release:
        print(f"released as {args.release}; the next update starts where this one ends", file=sys.stderr)
    return OK


def _refuse_twice(found: Tracker, name: str) -> None:
    if any(release.release == name for release in found.site_state().releases):
        refusal = Refusal("release_exists", f"an update named {name} went out already", "choose another name")
        raise Refused("release", "released", (refusal,))


def _sources(args: argparse.Namespace) -> int:
    output(args, (found := tracker(args)).source_quality(as_of=moment(args.as_of)), found.labels())
    return OK


def _diagnose(args: argparse.Namespace) -> int:
    output(args, (found := tracker(args)).diagnose(as_of=moment(args.as_of)), found.labels())
    return OK


def _gaps(args: argparse.Namespace) -> int:
    found = tracker(args)
    at = found.instant(moment(args.as_of))
    report = gap_report(found.leads(as_of=at), found.workflow, at, Roster.of(found.site_state(as_of=at)))
    if args.json:
        print_json({"format": "trialflow.gaps/1", "as_of": iso(at), **plain(report)})
        return OK
    names = labels(args, found)
    print(f"{report.distinct} of {report.leads} open leads have a gap; a lead may be in several.")
    for gap, ids in report.gaps.items():
        print(f"\n{Names().gap(gap)}: {len(ids)}")
        for lead in ids:
            print(f"  {names.get(lead, lead)}")
    return OK


def _stale(args: argparse.Namespace) -> int:
    found = tracker(args)
    at = found.instant(moment(args.as_of))
    rows = stale_review(found.leads(as_of=at), found.workflow, at)
    if args.json:
        print_json({"format": "trialflow.stale/1", "as_of": iso(at), "leads": plain(rows)})
        return OK
    names, said = labels(args, found), Names(blockers={b.code: b.label for b in found.workflow.blockers})
    calendar = Calendar(found.workflow.site.zone, at)
    each = "Each needs an outcome: an action now, an action for a date, or a close." if rows else "Nothing to review."
    print(f"{count(len(rows), 'stale lead')}. {each}")
    for row in rows:
        since = calendar.day(row.stale.stale_at) if row.stale.stale_at is not None else "not known"
        print(f"  {names.get(row.lead_id, row.lead_id):<12}  stale since {since}: {said.cause(row.cause).lower()}")
    return OK
