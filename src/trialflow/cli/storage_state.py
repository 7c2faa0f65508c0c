"""``storage rebuild | check``: what a store keeps of its leads, made anew from the ledger or compared with it."""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from typing import TYPE_CHECKING

from trialflow.adapters.queries import SupportsRebuild
from trialflow.cli.config_store import tracker
from trialflow.cli.exits import OK, REFUSED
from trialflow.cli.options import add_command, add_json, add_store
from trialflow.cli.session import print_json

if TYPE_CHECKING:
    from trialflow.cli.options import Commands

__all__ = ["add_kinds"]

_REBUILD = """\
A store keeps, beside its records, where each lead stands, so that a queue or a board needs no replay of the ledger. All
of it follows from the records, and is erased and made anew here. Others may read and append meanwhile; what was begun
and stopped is gone on with by whoever needs it next."""
_CHECK = """\
Every lead is folded from its records and compared with what the store keeps of it; then the counts are. A difference
means that somebody worked on the store by hand, or that its disk failed: `trialflow verify` tells whether the records
are whole, and `trialflow storage rebuild` makes the rest anew. The exit code is 1 where something differs."""
_SHOWN = 50


def add_kinds(kinds: Commands) -> None:
    """Register the commands beside the others of ``storage``."""
    for name, text, run, more in (
        ("rebuild", "make anew what a store keeps of its leads", _rebuild, _REBUILD),
        ("check", "compare what a store keeps of its leads with a full replay", _check, _CHECK),
    ):
        parser = add_command(kinds, name, text, run, more=more)
        add_store(parser)
        add_json(parser)


def _rebuild(args: argparse.Namespace) -> int:
    storage = tracker(args).storage
    leads = storage.rebuild(_tell if sys.stderr.isatty() else _silent) if isinstance(storage, SupportsRebuild) else None
    if args.json:
        print_json({"format": "trialflow.rebuild/1", "leads": leads})
    else:
        print(_NOTHING if leads is None else f"made anew: {leads:,} {'lead' if leads == 1 else 'leads'}")
    return OK


def _check(args: argparse.Namespace) -> int:
    storage = tracker(args).storage
    kept = isinstance(storage, SupportsRebuild)
    found = list(islice(storage.differences(), _SHOWN + 1)) if isinstance(storage, SupportsRebuild) else []
    shown, more = found[:_SHOWN], len(found) > _SHOWN
    if args.json:
        print_json({"format": "trialflow.storage_check/1", "kept": kept, "differences": shown, "more": more})
    elif found:
        print("\n".join(["DIFFERENT from the records:", *shown, *(["..."] if more else []), _MENDED]))
    else:
        print("what the store keeps of its leads is as its records say" if kept else _NOTHING)
    return REFUSED if found else OK


_MENDED = "`trialflow verify` tells whether the records are whole; `trialflow storage rebuild` makes the rest anew"
_NOTHING = "this store keeps nothing beside its records"


def _tell(done: int, leads: int) -> None:
    print(f"\r{done:,} of {leads:,} leads", end="\n" if done == leads else "", file=sys.stderr, flush=True)


def _silent(_done: int, _leads: int) -> None:
    """Nobody looks."""
