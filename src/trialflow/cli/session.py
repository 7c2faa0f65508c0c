"""What the commands share: options, the tracker over the chosen store, dates, lead ids, printing."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

from trialflow.adapters.renderers.formats import FORMATS, render
from trialflow.adapters.renderers.terminal import show
from trialflow.adapters.storages.opening import open_store
from trialflow.cli.exits import UsageError
from trialflow.model.errors import ImportRejected, LeadNotFound, Problem
from trialflow.model.parties import Actor
from trialflow.rules.loading import default_workflow, loads
from trialflow.rules.workflow import Workflow
from trialflow.tracker import Tracker

__all__ = [
    "actor",
    "add_actor",
    "add_moment",
    "add_output",
    "add_store",
    "lead_id",
    "moment",
    "output",
    "site_labels",
    "tracker",
    "workflow",
]

_STORE = "trialflow.db"


def add_store(parser: argparse.ArgumentParser, *, workflow_only: bool = False) -> None:
    """``--db`` and ``--workflow``."""
    if not workflow_only:
        default = os.environ.get("TRIALFLOW_DB", _STORE)
        parser.add_argument("--db", default=default, metavar="PATH", help=f"the site's store (default: {_STORE})")
    parser.add_argument("--workflow", metavar="FILE", help="a workflow in TOML instead of the shipped one")


def add_moment(parser: argparse.ArgumentParser, what: str = "--as-of", text: str = "as of this moment") -> None:
    """A date (the start of that day at the site) or an instant with its offset."""
    parser.add_argument(what, metavar="WHEN", help=f"{text}: 2026-03-02 (start of the day at the site) or ISO 8601")


def add_output(parser: argparse.ArgumentParser) -> None:
    """``--json``, ``--format``, ``--html``."""
    parser.add_argument("--json", action="store_true", help="print the JSON document")
    parser.add_argument("--format", choices=sorted(FORMATS), help="print in this format")
    parser.add_argument("--html", metavar="FILE", help="write a self-contained page to FILE")


def add_actor(parser: argparse.ArgumentParser) -> None:
    """``--by`` and ``--role``: every change is somebody's."""
    parser.add_argument(
        "--by", default=os.environ.get("TRIALFLOW_BY"), metavar="ID", help="who does it (or TRIALFLOW_BY)"
    )
    parser.add_argument("--role", default=os.environ.get("TRIALFLOW_ROLE", "coordinator"), help="in which role")
    parser.add_argument("--at", metavar="WHEN", help="when it happened (default: now)")


def actor(args: argparse.Namespace) -> Actor:
    """The person behind a command. Raises :class:`UsageError` without one."""
    if not args.by:
        raise UsageError("who does this? give --by ID, or set TRIALFLOW_BY")
    return Actor(id=args.by, role=args.role)


def moment(text: str | None) -> datetime | date | None:
    """A date or an instant. Raises :class:`UsageError` for anything else, also an instant without its offset."""
    if text is None:
        return None
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no date; write 2026-03-02 or 2026-03-02T09:00:00-06:00") from None
    if found.tzinfo is None:
        raise UsageError(f"{text!r} has no offset; write 2026-03-02T09:00:00-06:00, or the date alone")
    return found


def workflow(args: argparse.Namespace) -> Workflow:
    """The workflow that ``--workflow`` names, else the shipped one."""
    return load_workflow(args.workflow) if getattr(args, "workflow", None) else default_workflow()


def load_workflow(path: str) -> Workflow:
    """A workflow file. Raises ``WorkflowError`` with all problems, ``ImportRejected`` when it cannot be read."""
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(Path(path).name, "file_unreadable", f"the workflow cannot be read: {error}")
        raise ImportRejected((problem,)) from None
    return loads(text)


def tracker(args: argparse.Namespace, *, create: bool = False) -> Tracker:
    """The tracker over ``--db``. A store is made only where ``create`` says so."""
    path = Path(args.db)
    if not create and not path.exists():
        raise UsageError(f"there is no store {path.name}; `trialflow import FILE --db {path}` makes one")
    storage, vault = open_store(path)
    return Tracker(storage, vault, workflow=workflow(args))


def lead_id(found: Tracker, text: str) -> str:
    """A lead's id from the id itself, the start of it, or the id it has in the site's sheet."""
    if found.storage.read(f"lead:{text}"):
        return text
    ids = [lead.id for lead in found.leads()]
    starts = [known for known in ids if len(text) >= 4 and known.startswith(text.lower())]
    if len(starts) == 1:
        return starts[0]
    wanted = text.casefold()
    outside = [known for known in ids if found.identity(known).get("external_id", "").casefold() == wanted]
    if len(outside) == 1:
        return outside[0]
    if len(starts) + len(outside) > 1:
        raise UsageError("more than one lead fits; give more of the id")
    raise LeadNotFound(text)


def site_labels(found: Tracker) -> dict[str, str]:
    """What the site calls its owners, its own status words, and its leads (the id in the sheet, else the name).

    For people at the site. A lead whose identity was erased keeps its opaque id."""
    labels = found.labels()
    for lead, _, text in found.vault.items("identity"):
        known = json.loads(text)
        called = known.get("external_id") or known.get("name")
        if called:
            labels[lead] = str(called)
    return labels


def output(args: argparse.Namespace, report: Any, labels: dict[str, str]) -> None:
    """Print a report as asked: JSON, another format, a page to a file, else for the terminal."""
    if args.html:
        Path(args.html).write_bytes(render(report, "html", labels=labels))
        print(f"page written to {args.html}", file=sys.stderr if args.json or args.format else sys.stdout)
    if args.json or args.format:
        sys.stdout.buffer.write(render(report, "json" if args.json else args.format, labels=labels))
        sys.stdout.buffer.flush()
    elif not args.html:
        show(report, labels=labels)
