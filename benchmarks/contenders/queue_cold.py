"""Contender: what one coordinator has to do today, out of a whole site, nothing warm but Python's imports.

``queue_cold.py LEADS [replay]``: from the tables of leads that the store keeps; with ``replay`` from every record.
The result is the digest of the queues of three owners, one of them nobody, as JSON.
"""

from __future__ import annotations

import hashlib
import sys
import time
from statistics import median

from history import report
from site_ledger import AS_OF, OWNERS, site_ledger
from trialflow.adapters.renderers.json_file import JsonRenderer
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.model.parties import UNASSIGNED
from trialflow.reports.queue import worklist_report
from trialflow.rules.ownership import Roster
from trialflow.rules.worklist import WorkItem, worklist
from trialflow.tracker import Tracker
from trialflow.tracker.book import replay

WHOSE = (OWNERS[1], OWNERS[0], UNASSIGNED)
"""A coordinator, one who is away, and nobody: the leads of the one who is away are nobody's."""
REPEATS = 15


def main(leads: int, *, folded: bool) -> None:
    """Open, ask, close; the median of some times."""
    path = site_ledger(leads)
    with SqliteStorage(path) as store:
        store.fill()
    times, texts = [], []
    for owner in WHOSE[:1] if folded else WHOSE:
        for _ in range(1 if folded else REPEATS):
            started = time.perf_counter()
            with Tracker.open(path, clock=lambda: AS_OF) as tracker:
                items = _replayed(tracker, owner) if folded else tracker.worklist(owner=owner, ended=False)
                times.append(time.perf_counter() - started)
        texts.append(_text(tracker, items, owner))
    if folded:  # the time of one owner is told, the words of all are compared
        with Tracker.open(path, clock=lambda: AS_OF) as tracker:
            texts += [_text(tracker, _replayed(tracker, owner), owner) for owner in WHOSE[1:]]
    report(hashlib.sha256(b"".join(texts)).hexdigest(), seconds=median(times), slowest=max(times))


def _replayed(tracker: Tracker, owner: str) -> tuple[WorkItem, ...]:
    storage, workflow = tracker.storage, tracker.workflow
    view = replay(storage.scan(), storage, workflow, AS_OF, "site:main")
    standing = [lead for lead in view.leads if not workflow.is_final(lead.status)]
    return worklist(standing, workflow, AS_OF, owner=owner, roster=Roster.of(view.site))


def _text(tracker: Tracker, items: tuple[WorkItem, ...], owner: str) -> bytes:
    return JsonRenderer().render(worklist_report(items, tracker.workflow, AS_OF, owner=owner))


if __name__ == "__main__":
    main(int(sys.argv[1]), folded="replay" in sys.argv)
