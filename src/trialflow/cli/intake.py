"""``import``, ``report`` and ``mapping``: from a tracker spreadsheet to a history."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import attrs

from trialflow.adapters.import_report import ImportReport, LineProblem
from trialflow.adapters.renderers.phrases import count
from trialflow.adapters.sources.mapping import Mapping, read_mapping
from trialflow.adapters.sources.mapping_file import write_mapping
from trialflow.adapters.sources.sheet import open_sheet
from trialflow.cli.exits import OK, UsageError
from trialflow.cli.options import add_command, add_moment, add_names, add_output, add_store
from trialflow.cli.progress import progress
from trialflow.cli.session import labels, moment, output, tracker, workflow, write_file
from trialflow.model.parties import Actor
from trialflow.tracker import Tracker

if TYPE_CHECKING:
    from trialflow.cli.options import Commands

__all__ = ["add_commands", "told"]

_MOST_PROBLEMS = 20
_MOST_NUMBERS = 6
_ORDERS = ("DMY", "MDY", "YMD")


def add_commands(commands: Commands) -> None:
    """Register the commands."""
    adding = add_command(commands, "import", "import copies of a tracker (CSV or XLSX) into the store", _import)
    _file_options(adding)
    add_store(adding)
    adding.add_argument("--json", action="store_true", help="print one JSON document a file, one a line")
    report = add_command(commands, "report", "import copies into memory and print the dashboard", _report)
    _file_options(report)
    add_store(report, workflow_only=True)
    add_output(report)
    add_names(report)
    text = "write a mapping file for a tracker, to be corrected by a person"
    mapping = add_command(commands, "mapping", text, _mapping)
    mapping.add_argument("file", help="a copy of the tracker")
    mapping.add_argument("--out", metavar="FILE", help="where to write it (default: print it)")
    mapping.add_argument("--mapping", metavar="FILE", help="start from this mapping file")
    mapping.add_argument("--date-order", choices=_ORDERS, help="how all-numeric dates are written")
    mapping.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook (default: the one whose header fits)")
    add_store(mapping, workflow_only=True)


def _file_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="copies of one tracker, the oldest first")
    add_moment(parser, text="the copy's date (one file only); else a date in its name, else today")
    parser.add_argument("--mapping", metavar="FILE", help="what the headings and words of this site mean")
    parser.add_argument("--date-order", choices=_ORDERS, help="how all-numeric dates are written")
    parser.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook (default: the one whose header fits)")
    parser.add_argument("--tracker", default="tracker", metavar="NAME", help="which tracker, if a site has several")
    parser.add_argument("--allow-older", action="store_true", help="import a copy older than the newest one")
    parser.add_argument("--decided-by", metavar="ID", help="the study-team member who recorded the sheet's decisions")
    parser.add_argument("--decider-role", default="investigator", metavar="ROLE", help="that person's role")
    parser.add_argument("--authority", default="", metavar="REF", help="on which authority, e.g. a log entry id")


def _import(args: argparse.Namespace) -> int:
    _ingest(args, tracker(args, create=True), quiet=args.json)
    return OK


def _report(args: argparse.Namespace) -> int:
    found = Tracker(workflow=workflow(args))
    reports = _ingest(args, found, quiet=bool(args.json or args.format))
    output(args, found.dashboard(as_of=max(done.as_of for done in reports)), labels(args, found))
    return OK


def _ingest(args: argparse.Namespace, found: Tracker, *, quiet: bool) -> list[ImportReport]:
    if args.as_of and len(args.files) > 1:
        raise UsageError("--as-of dates one file; with several, put the date into each file's name")
    mapping = _declared(args)
    decider = Actor(id=args.decided_by, role=args.decider_role) if args.decided_by else None
    reports = []
    for name in args.files:
        path = Path(name)
        with progress(path) as advance:
            done = found.ingest(
                path,
                as_of=moment(args.as_of),
                mapping=mapping,
                sheet=args.tracker,
                allow_older=args.allow_older,
                decided_by=decider,
                authority_ref=args.authority,
                progress=advance,
            )
        reports.append(done)
        if getattr(args, "json", False) and args.run is _import:
            print(json.dumps(done.to_json(), ensure_ascii=False), flush=True)
        elif not quiet:
            print(told(done, found), flush=True)
    return reports


def _declared(args: argparse.Namespace) -> Mapping | None:
    mapping = read_mapping(args.mapping, workflow(args)) if args.mapping else None
    if args.date_order:
        mapping = mapping or Mapping()
        mapping.dates.setdefault("*", args.date_order)
    if args.sheet:
        mapping = attrs.evolve(mapping or Mapping(), sheet=args.sheet)
    return mapping


def told(done: ImportReport, found: Tracker) -> str:
    """The outcome of one copy for a person: what happened to its rows, and every line that needs a look."""
    day = done.as_of.astimezone(_zone(found)).date().isoformat()
    source = {"given": "as given", "file name": "from the file's name", "today": "today"}[done.as_of_from]
    outcomes = ", ".join(f"{n} {name}" for name, n in done.outcomes.items() if n)
    sheet = f", sheet {done.sheet!r}" if done.sheet else ""
    lines = [f"{done.file}{sheet}, as of {day} ({source}): {count(done.rows, 'row')}: {outcomes or 'none'}"]
    lines += [f"  {line}" for line in _happened(done)]
    lines += [f"  {problem}" for problem in done.file_problems]
    return "\n".join([*lines, *_grouped(done.problems)])


def _happened(done: ImportReport) -> Iterator[str]:
    if done.repeated:
        yield "this copy was imported before" + ("" if done.events else ": nothing changed")
    elif done.older:
        yield "a newer copy was imported before: only what it does not tell was taken from this one"
    if done.moves:
        yield "moves: " + ", ".join(f"{move} {n}" for move, n in sorted(done.moves.items()))
    if done.irregular:
        not_in = count(done.irregular, "of these moves is", "of these moves are")
        yield f"{not_in} not in the workflow; recorded as irregular"
    if done.absent:
        missing = count(done.absent, "known lead is", "known leads are")
        stays = "it stays as it was" if done.absent == 1 else "they stay as they were"
        yield f"{missing} missing from this copy; {stays}"
    if done.unmapped:
        words = ", ".join(f"{word!r} ({count(n, 'row')})" for word, n in sorted(done.unmapped.items()))
        yield f"status words with no meaning yet: {words}; `trialflow mapping` writes a file to say what they mean"
    if done.ignored_columns:
        yield f"columns not used: {', '.join(done.ignored_columns)}"


def _grouped(problems: Sequence[LineProblem]) -> list[str]:
    """One sentence for all lines that have the same problem."""
    same: dict[tuple[str, str, str], list[int]] = {}
    for problem in problems:
        same.setdefault((problem.column, problem.code, problem.message), []).append(problem.line)
    told = []
    for (column, code, message), numbers in same.items():
        where = f"line {numbers[0]}" if len(numbers) == 1 else f"lines {', '.join(map(str, numbers[:_MOST_NUMBERS]))}"
        more = f" and {len(numbers) - _MOST_NUMBERS} more" if len(numbers) > _MOST_NUMBERS else ""
        told.append(f"  {where}{more}{f', {column}' if column else ''}: {message} [{code}]")
    hidden = len(told) - _MOST_PROBLEMS
    return told if hidden <= 0 else [*told[:_MOST_PROBLEMS], f"  and {hidden} more kinds; --json lists every line"]


def _zone(found: Tracker) -> ZoneInfo:
    return ZoneInfo(found.workflow.site.zone)


def _mapping(args: argparse.Namespace) -> int:
    said, chosen = _declared(args), workflow(args)
    sheet = open_sheet(args.file, mapping=said)
    for _ in sheet.rows():
        pass
    text = write_mapping(sheet, chosen, said)
    if args.out:
        write_file(args.out, text.encode())
        print(f"mapping written to {args.out}: fill its blanks, then import with --mapping {args.out}")
    else:
        print(text, end="")
    return OK
