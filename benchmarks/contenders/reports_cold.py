"""Contender: the reports over a whole site, each by a tracker of its own, nothing warm but Python's imports.

``reports_cold.py LEADS [replay]``: source quality, diagnosis and sponsor update from what the store keeps of its leads;
with ``replay`` from every record of the ledger. The result is the digest of all three as JSON.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable

from history import report
from site_ledger import AS_OF, site_ledger
from trialflow.adapters.collector import nothing_collected
from trialflow.adapters.renderers.json_file import JsonRenderer
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.reports.diagnosis import diagnose
from trialflow.reports.source_quality import source_quality
from trialflow.reports.sponsor import sponsor_update
from trialflow.rules.ownership import Roster
from trialflow.tracker import Tracker
from trialflow.tracker.book import replay
from trialflow.tracker.view import View

Report = Callable[[Tracker], object]


def kept() -> tuple[Report, ...]:
    """As a tracker makes them."""
    return Tracker.source_quality, Tracker.diagnose, Tracker.sponsor_update


def folded() -> tuple[Report, ...]:
    """From every record."""

    def view(tracker: Tracker) -> View:
        with nothing_collected():
            storage = tracker.storage
            return replay(storage.scan(), storage, tracker.workflow, AS_OF, "site:main", history=True)

    def quality(tracker: Tracker) -> object:
        found = view(tracker)
        return source_quality(found.rows, tracker.workflow, AS_OF, spend=found.site.spend)

    def diagnosis(tracker: Tracker) -> object:
        found = view(tracker)
        return diagnose(found.leads, tracker.workflow, AS_OF, history=found.rows, roster=Roster.of(found.site))

    def sponsor(tracker: Tracker) -> object:
        found = view(tracker)
        return sponsor_update(
            found.leads,
            tracker.workflow,
            AS_OF,
            history=found.rows,
            position=found.position,
            roster=Roster.of(found.site),
        )

    return quality, diagnosis, sponsor


def main(leads: int, reports: tuple[Report, ...]) -> None:
    """Open, make one report, close; the mean of the three."""
    path = site_ledger(leads)
    with SqliteStorage(path) as store:
        store.fill()
    seconds, digest = list[float](), hashlib.sha256()
    for make in reports:
        started = time.perf_counter()
        with Tracker.open(path, clock=lambda: AS_OF) as tracker:
            found = make(tracker)
        seconds.append(time.perf_counter() - started)
        digest.update(JsonRenderer().render(found))
    names = ("quality", "diagnosis", "sponsor")
    report(digest.hexdigest(), seconds=sum(seconds) / len(seconds), **dict(zip(names, seconds, strict=True)))


if __name__ == "__main__":
    main(int(sys.argv[1]), folded() if "replay" in sys.argv else kept())
