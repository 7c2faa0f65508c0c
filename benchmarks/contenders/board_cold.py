"""Contender: the dashboard of a whole site from its SQLite file, nothing warm but Python's imports.

``board_cold.py LEADS [POPULATION] [replay]``: from the tables of leads that the store keeps; with ``replay`` by folding
every record of the ledger. The result is the digest of the dashboard as JSON: both must give the same bytes.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable

from history import report
from site_ledger import AS_OF, CROWDED, TYPICAL, site_ledger
from trialflow.adapters.queries import SupportsRebuild
from trialflow.adapters.renderers.json_file import JsonRenderer
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.reports.dashboard import Dashboard, dashboard
from trialflow.rules.ownership import Roster
from trialflow.tracker import Tracker
from trialflow.tracker.book import replay

REPEATS = 3


def kept(tracker: Tracker) -> Dashboard:
    """As a tracker makes it."""
    return tracker.dashboard()


def folded(tracker: Tracker) -> Dashboard:
    """From every record."""
    storage, workflow = tracker.storage, tracker.workflow
    view = replay(storage.scan(), storage, workflow, AS_OF, "site:main", history=True)
    roster = Roster.of(view.site)
    return dashboard(view.leads, workflow, AS_OF, history=view.history, roster=roster)


def main(leads: int, population: str, make: Callable[[Tracker], Dashboard]) -> None:
    """Open, make the board, close; the best of some times."""
    path = site_ledger(leads, {each.name: each for each in (TYPICAL, CROWDED)}[population])
    with SqliteStorage(path) as store:
        if isinstance(store, SupportsRebuild):
            store.fill()
    best = float("inf")
    for _ in range(REPEATS if make is kept else 1):
        started = time.perf_counter()
        with Tracker.open(path, clock=lambda: AS_OF) as tracker:
            board = make(tracker)
            best = min(best, time.perf_counter() - started)
    started = time.perf_counter()
    text = JsonRenderer().render(board)
    rendered = time.perf_counter() - started
    digest = hashlib.sha256(text).hexdigest()
    report([digest, board.leads], seconds=best, rendered=rendered, open=board.open, size_mb=len(text) / 1e6)


if __name__ == "__main__":
    names = [name for name in sys.argv[2:] if name != "replay"]
    main(int(sys.argv[1]), names[0] if names else TYPICAL.name, folded if "replay" in sys.argv else kept)
