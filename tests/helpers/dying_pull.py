"""Pulls an inbox into new stores, and dies at another write in each: ``dying_pull.py FOLDER INBOX N``.

The store that dies at its n-th moment is ``n.db``. Odd numbers die before a write, even ones after it. Each dies in a
process of its own; what ended them is printed, a signal as a negative number.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from dying_import import Deadly
from trialflow.adapters.sources import jsonl_inbox
from trialflow.adapters.storages.opening import open_store
from trialflow.tracker import Tracker

__all__ = ["die", "pull"]


def pull(db: Path, inbox: str, last: int) -> None:
    """Pull, five inquiries at a time, and die at the moment that was named."""
    jsonl_inbox._BATCH = 5
    storage, vault = open_store(db)
    deadly = Deadly(last)
    vault.put = deadly.wrap(vault.put)  # type: ignore[method-assign]
    storage.append_batch = deadly.wrap(storage.append_batch)  # type: ignore[method-assign]
    Tracker(storage, vault).pull(jsonl_inbox.JsonLinesInbox(inbox), name="inbox")


def die(db: Path, inbox: str, last: int) -> int:
    """The same in a process of its own; what ended it."""
    child = os.fork()
    if not child:
        pull(db, inbox, last)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    folder, lines, moments = sys.argv[1:]
    print(json.dumps([die(Path(folder) / f"{n}.db", lines, n) for n in range(1, int(moments) + 1)]))
