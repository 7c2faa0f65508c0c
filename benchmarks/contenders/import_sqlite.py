"""Contender: trialflow, a first copy into a ledger file with its vault beside it, every batch durable."""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path

from import_common import Work, counts, measure
from tracker_file import tracker_file
from trialflow.adapters.storages.opening import open_store
from trialflow.tracker import Tracker


def main(rows: int) -> None:
    """Import once into a fresh store."""
    path = tracker_file(rows)
    with tempfile.TemporaryDirectory() as folder:
        turns = iter(range(100))

        def prepare() -> Work:
            tracker = Tracker(*open_store(Path(folder) / f"site{next(turns)}.db"))
            return lambda: counts(tracker.ingest(path, as_of=date(2026, 3, 2)))

        measure(prepare, rows)


if __name__ == "__main__":
    main(int(sys.argv[1]))
