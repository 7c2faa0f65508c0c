"""What another process does: ``python -m trialflow.adapters.checks.other_process OPENER ADDRESS DEED NAME``.

``write``: append to streams of its own for ever, and say each one on standard output once it is stored. ``share``:
append to a stream that others append to as well, each time at the version it has just read. ``render``: say the digest
of every report as the renderer makes it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from trialflow.adapters.checks.samples import noted
from trialflow.adapters.ports import Renderer, Storage
from trialflow.model.errors import Conflict, Unsupported

__all__ = ["EACH", "SHARED", "TURNS", "digests", "opened_by", "render", "share", "write"]

EACH = 3
"""Events of one append: all of them are there, or none."""
TURNS = 8
"""Appends of one process to the shared stream."""
SHARED = "lead:shared"


def opened_by(function: str, address: str) -> Any:
    """What an author's function gives for an address: ``function`` is ``module:name``."""
    module, _, name = function.partition(":")
    opening: Callable[[str], Any] = getattr(import_module(module), name)
    return opening(address)


def write(store: Storage, name: str) -> None:
    """Append, then say so, until killed."""
    for number in range(1_000_000):
        events = [noted(f"n{part}") for part in range(EACH)]
        store.append(f"lead:{name}.{number}", events, expected_version=0)
        print(f"{name}.{number}", flush=True)


def share(store: Storage, name: str) -> None:
    """Append ``TURNS`` times to the shared stream, reading again after a conflict. Each event says the version it was
    meant to follow. Every turn begins when all have read, so that they meet however busy the machine is."""
    for number in range(TURNS):
        version = len(store.read(SHARED))
        print("read", flush=True)
        sys.stdin.readline()
        while True:
            try:
                store.append(SHARED, [noted(f"{name}.{number}@{version}")], expected_version=version)
            except Conflict:
                version = len(store.read(SHARED))
                continue
            break


def digests(renderer: Renderer) -> dict[str, str]:
    """The digest of each report that the renderer makes, full and empty."""
    from trialflow.adapters.checks.report_samples import OWNER, WORD, reports  # what a store needs not wait for

    found = {}
    for empty in (False, True):
        for kind, report in reports(empty=empty).items():
            with contextlib.suppress(Unsupported):
                data = renderer.render(report, labels={OWNER: "Maya Example", WORD: "call later??"})
                found[f"empty {kind}" if empty else kind] = hashlib.sha256(data).hexdigest()
    return found


def render(renderer: Renderer, _name: str) -> None:
    """Say the digests."""
    print(json.dumps(digests(renderer)), flush=True)


_DEEDS: dict[str, Callable[[Any, str], None]] = {"write": write, "share": share, "render": render}

if __name__ == "__main__":
    _DEEDS[sys.argv[3]](opened_by(sys.argv[1], sys.argv[2]), sys.argv[4])
