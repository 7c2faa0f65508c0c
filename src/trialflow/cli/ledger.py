"""``verify`` and ``export``: whether the ledger is whole, and all of it in a file."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from trialflow.adapters.renderers.phrases import count
from trialflow.adapters.storages.export_file import ExportFile, export_lines
from trialflow.adapters.storages.verify import Verification, verify
from trialflow.cli.exits import OK, REFUSED, FileUnusable, UsageError
from trialflow.cli.options import add_command, add_json, add_store
from trialflow.cli.session import print_json, tracker
from trialflow.reports.json import plain

if TYPE_CHECKING:
    from trialflow.cli.options import Commands

__all__ = ["add_commands"]

_ANCHOR = re.compile(r"(\d+):([0-9a-f]{64})")
_VERIFY = """\
A chain alone cannot show that its end was cut off. Note the anchor that this command prints, outside the store, and
give it back with --anchor."""
_EXPORT = """\
One JSON document a line: a header with the anchor, then every record with its hash. `trialflow verify --file` checks
such a file without the store. Names and notes are in the vault and stay there."""


def add_commands(commands: Commands) -> None:
    """Register the commands."""
    checking = add_command(commands, "verify", "check every link of the ledger's hash chain", _verify, more=_VERIFY)
    add_store(checking)
    checking.add_argument("--file", metavar="FILE", help="check an exported file instead of the store")
    checking.add_argument("--anchor", metavar="POSITION:HEAD", help="a head noted earlier, to find a cut tail")
    add_json(checking)
    export = add_command(commands, "export", "write the whole ledger as JSON lines, lossless", _export, more=_EXPORT)
    add_store(export)
    export.add_argument("--out", metavar="FILE", help="where to write (default: standard output)")


def _verify(args: argparse.Namespace) -> int:
    anchor = _anchor(args.anchor)
    result = (
        verify(ExportFile(Path(args.file)), expected_head=anchor) if args.file else tracker(args).verify(anchor=anchor)
    )
    if args.json:
        print_json({"format": "trialflow.verify/1", **plain(result)})
    else:
        _say(result)
    return OK if result.ok else REFUSED


def _anchor(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    read = _ANCHOR.fullmatch(text)
    if read is None:
        raise UsageError(f"{text!r} is no anchor; write POSITION:HEAD as `trialflow verify` printed it")
    return int(read[1]), read[2]


def _say(result: Verification) -> None:
    print(f"{'intact' if result.ok else 'DAMAGED'}: {result.message}")
    print(f"{count(result.records, 'record')} in {count(result.streams, 'stream')}")
    if result.ok:
        print(f"anchor {result.records}:{result.head}")
    if result.clock_steps_back:
        print(f"the store's clock was set back {result.clock_steps_back} times; doubt those stamps, not the order")


def _export(args: argparse.Namespace) -> int:
    found = tracker(args)
    if not args.out:
        sys.stdout.writelines(export_lines(found.storage))
        return OK
    try:
        with Path(args.out).open("x", encoding="utf-8", newline="\n") as file:
            file.writelines(export_lines(found.storage))
    except FileExistsError:
        raise FileUnusable(f"{args.out} is there already; name a new file") from None
    except OSError as error:
        raise FileUnusable(f"{args.out} cannot be written: {error.strerror}") from None
    print(f"written to {args.out}", file=sys.stderr)
    return OK
