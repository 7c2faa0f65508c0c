"""What the commands share: who acts, dates, lead ids, names, printing; and the store, from :mod:`.config_store`."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from trialflow.adapters.queries import LeadQuery
from trialflow.adapters.renderers.terminal import show
from trialflow.cli.config_formats import in_format
from trialflow.cli.config_store import load_workflow, tracker, workflow
from trialflow.cli.config_use import picked, plugins
from trialflow.cli.exits import FileUnusable, UsageError
from trialflow.cli.printing import print_json, write_bytes
from trialflow.model.errors import LeadNotFound
from trialflow.model.parties import UNASSIGNED, Actor
from trialflow.tracker import Tracker

__all__ = [
    "actor",
    "labels",
    "lead_id",
    "load_workflow",
    "moment",
    "output",
    "owner",
    "picked",
    "plugins",
    "print_json",
    "queue_owner",
    "site_labels",
    "tracker",
    "workflow",
    "write_bytes",
    "write_file",
]

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHORTEST = 4
"""How much of a lead's own id has to be given."""
_YEARS = range(1900, 2200)
"""What a year may be: beyond it, somebody's finger slipped, and a date some days later may not exist."""


def moment(text: str | None) -> datetime | date | None:
    """A date or an instant. Raises :class:`UsageError` for anything else: an instant without its offset, a far year."""
    if text is None:
        return None
    try:
        found = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no date; write 2026-03-02 or 2026-03-02T09:00:00-06:00") from None
    if found.year not in _YEARS:
        raise UsageError(f"the year of {text!r} cannot be right; give one from {_YEARS[0]} to {_YEARS[-1]}")
    if isinstance(found, datetime) and found.tzinfo is None:
        raise UsageError(f"{text!r} has no offset; write 2026-03-02T09:00:00-06:00, or the date alone")
    return found


def actor(args: argparse.Namespace, found: Tracker) -> Actor:
    """The person behind a command. Raises :class:`UsageError` without one, and for a name instead of an id."""
    if not args.by:
        raise UsageError("who does this? give --by ID, or set TRIALFLOW_BY")
    return Actor(id=_person(found, args.by), role=args.role)


def owner(found: Tracker, text: str) -> str:
    """An owner's id from the id, from the name in the sheet, or UNASSIGNED."""
    return UNASSIGNED if text.upper() == UNASSIGNED else _person(found, text)


def queue_owner(found: Tracker, text: str) -> str:
    """An owner whose queue can be shown. Raises :class:`UsageError` for one nobody knows: a slip of the pen in a name
    must not read as "nothing to do"."""
    whose = owner(found, text)
    named = {code for code in found.labels() if code.startswith("own-")}
    if whose in named or whose == UNASSIGNED or found.leads(LeadQuery(owners={whose})):
        return whose
    raise UsageError(f"nobody called {text!r} ever had a lead; `trialflow board` lists the owners")


def _person(found: Tracker, text: str) -> str:
    known = {code: name for code, name in found.labels().items() if code.startswith("own-")}
    for code, name in known.items():
        if text == code or text.casefold() == name.casefold():
            return code
    if _ID.fullmatch(text):
        return text
    raise UsageError(
        f"the sheet names nobody {text!r}, and the ledger holds no names: give an id of letters, digits and . _ -"
    )


def lead_id(found: Tracker, text: str) -> str:
    """A lead's id from the id itself, the start of it, or the id it has in the site's sheet."""
    if found.storage.read(f"lead:{text}"):
        return text
    identities = {known: json.loads(private) for known, _, private in found.vault.items("identity")}
    # A lead that was merged away is in no report any more, but can still be named.
    ids = {*identities, *(lead.id for lead in found.leads(LeadQuery(merged=True)))}
    starts = {known for known in ids if len(text) >= _SHORTEST and known.startswith(text.lower())}
    wanted = text.casefold()
    outside = {known for known, one in identities.items() if str(one.get("external_id", "")).casefold() == wanted}
    fitting = starts | outside
    if len(fitting) > 1:
        raise UsageError(f"{len(fitting)} leads fit; give more of the id")
    if not fitting:
        raise LeadNotFound(text)
    return fitting.pop()


def labels(args: argparse.Namespace, found: Tracker) -> dict[str, str]:
    """:func:`site_labels`, or nothing where ``--no-names`` was said."""
    return {} if getattr(args, "no_names", False) else site_labels(found)


def site_labels(found: Tracker) -> dict[str, str]:
    """What the site calls its owners, its own status words, and its leads; for people at the site."""
    return found.labels()


def output(args: argparse.Namespace, report: Any, names: Mapping[str, str]) -> None:
    """Print a report as asked: JSON, another format, a page to a file, else for the terminal."""
    if args.html:
        write_file(args.html, in_format(args, report, "html", names))
        print(f"page written to {args.html}", file=sys.stderr if args.json or args.format else sys.stdout)
    if args.json or args.format:
        write_bytes(in_format(args, report, "json" if args.json else args.format, names))
    elif not args.html:
        show(report, labels=names)


def write_file(path: str, content: bytes) -> None:
    """Write a file the user named. Raises :class:`FileUnusable`."""
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise FileUnusable(f"{path} cannot be written: {error.strerror}") from None
