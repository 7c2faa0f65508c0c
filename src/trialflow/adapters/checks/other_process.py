"""What another process does to a store: ``python -m trialflow.adapters.checks.other_process OPENER ADDRESS DEED NAME``.

``write``: append to streams of its own for ever, and say each one on standard output once it is stored. ``share``:
append to a stream that others append to as well, each time at the version it has just read.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import import_module

from trialflow.adapters.checks.samples import noted
from trialflow.adapters.ports import Storage
from trialflow.model.errors import Conflict

__all__ = ["EACH", "SHARED", "TURNS", "open_store", "share", "write"]

EACH = 3
"""Events of one append: all of them are there, or none."""
TURNS = 8
"""Appends of one process to the shared stream."""
SHARED = "lead:shared"

_MEANWHILE = 0.005
"""Seconds between reading and appending, so that others get in between."""


def open_store(function: str, address: str) -> Storage:
    """Open a store as its author says: ``function`` is ``module:name``."""
    module, _, name = function.partition(":")
    opening: Callable[[str], Storage] = getattr(import_module(module), name)
    return opening(address)


def write(store: Storage, name: str) -> None:
    """Append, then say so, until killed."""
    for number in range(1_000_000):
        events = [noted(f"n{part}") for part in range(EACH)]
        store.append(f"lead:{name}.{number}", events, expected_version=0)
        print(f"{name}.{number}", flush=True)


def share(store: Storage, name: str) -> None:
    """Append ``TURNS`` times to the shared stream, reading again after a conflict. Each event says the version it was
    meant to follow."""
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(TURNS):
        while True:
            version = len(store.read(SHARED))
            time.sleep(_MEANWHILE)
            try:
                store.append(SHARED, [noted(f"{name}.{number}@{version}")], expected_version=version)
            except Conflict:
                continue
            break


if __name__ == "__main__":
    {"write": write, "share": share}[sys.argv[3]](open_store(sys.argv[1], sys.argv[2]), sys.argv[4])
