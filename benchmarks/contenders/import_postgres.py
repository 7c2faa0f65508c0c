"""Contender: trialflow, a first copy into PostgreSQL, ledger and vault, every batch durable."""

from __future__ import annotations

import sys
from datetime import date

from append_common import postgres
from import_common import Work, counts, measure
from tracker_file import tracker_file
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.vault_postgres import PostgresVault
from trialflow.tracker import Tracker


def main(rows: int) -> None:
    """Import once into a fresh store."""
    path = tracker_file(rows)
    with postgres() as place:
        dsn, turns = " ".join(f"{name}={value}" for name, value in place.items()), iter(range(100))

        def prepare() -> Work:
            turn = next(turns)
            storage, vault = PostgresStorage(dsn, schema=f"site{turn}"), PostgresVault(dsn, schema=f"vault{turn}")
            tracker = Tracker(storage, vault)
            return lambda: counts(tracker.ingest(path, as_of=date(2026, 3, 2)))

        measure(prepare, rows)


if __name__ == "__main__":
    main(int(sys.argv[1]))
