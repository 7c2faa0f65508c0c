"""Contender: trialflow, the same copy once more: nothing changed, and every row has to be found unchanged."""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path

from import_common import counts, measure
from tracker_file import tracker_file
from trialflow.adapters.storages.opening import open_store
from trialflow.tracker import Tracker


def main(rows: int) -> None:
    """Import into a store, unmeasured, then again."""
    path = tracker_file(rows)
    with tempfile.TemporaryDirectory() as folder:
        tracker = Tracker(*open_store(Path(folder) / "site.db"))
        first = tracker.ingest(path, as_of=date(2026, 3, 2))

        def again() -> dict[str, int]:
            report = tracker.ingest(path, as_of=date(2026, 3, 2))
            assert report.outcomes["unchanged"] == first.rows
            return counts(report)

        measure(lambda: again, rows)


if __name__ == "__main__":
    main(int(sys.argv[1]))
