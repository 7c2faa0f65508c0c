"""Pulls an inbox into a store and kills itself at the n-th write: ``dying_pull.py DB INBOX N``.

Odd numbers die before the write, even ones after it.
"""

from __future__ import annotations

import sys

from dying_import import Deadly
from trialflow.adapters.sources import jsonl_inbox
from trialflow.adapters.storages.opening import open_store
from trialflow.tracker import Tracker

__all__ = ["main"]


def main(db: str, inbox: str, last: str) -> None:
    """Pull, and die at the write that was named."""
    jsonl_inbox._BATCH = 5
    storage, vault = open_store(db)
    deadly = Deadly(int(last))
    vault.put = deadly.wrap(vault.put)  # type: ignore[method-assign]
    storage.append_batch = deadly.wrap(storage.append_batch)  # type: ignore[method-assign]
    Tracker(storage, vault).pull(jsonl_inbox.JsonLinesInbox(inbox), name="inbox")


if __name__ == "__main__":
    main(*sys.argv[1:])
