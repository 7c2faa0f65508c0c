"""Contender: trialflow, a first copy into memory: events, hash chain, identities, row memory."""

from __future__ import annotations

import sys
from datetime import date

from import_common import Work, counts, measure
from tracker_file import tracker_file
from trialflow.tracker import Tracker


def main(rows: int) -> None:
    """Import once into a fresh tracker."""
    path = tracker_file(rows)

    def prepare() -> Work:
        tracker = Tracker()
        return lambda: counts(tracker.ingest(path, as_of=date(2026, 3, 2)))

    measure(prepare, rows)


if __name__ == "__main__":
    main(int(sys.argv[1]))
