"""Contender: trialflow's storages. ``sqlite`` as this SQLite is opened by default, ``wal`` with a write-ahead log and
synchronous=FULL as the peer has it, or ``postgres``."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from append_common import EACH, measure, postgres
from trialflow.adapters.ports import Storage
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.sqlite_file import SAFE_WAL
from trialflow.model.events import ContactAttempted, Event, Received
from trialflow.model.parties import Actor, Source

_AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
_ANNA = Actor(id="anna", role="coordinator")


def events() -> list[Event]:
    """Somebody asks, and three attempts are made to reach them."""
    return [
        Received(at=_AT, by=_ANNA, source=Source(id="Radio")),
        *(
            ContactAttempted(at=_AT, by=_ANNA, outcome="no_answer", before=number, after=number + 1)
            for number in range(EACH - 1)
        ),
    ]


def run(storage: Storage) -> None:
    """Append and count."""

    def write(number: int) -> None:
        storage.append(f"lead:{number:08}-0000-4000-8000-000000000000", events(), expected_version=0)

    measure(write, lambda: sum(1 for _ in storage.scan()))


def main(kind: str) -> None:
    """One of the storages."""
    if kind == "postgres":
        with postgres() as place, PostgresStorage(" ".join(f"{k}={v}" for k, v in place.items())) as storage:
            run(storage)
        return
    if kind == "wal":
        # The choice that newer versions of SQLite get; one writer alone does not meet the fault of older ones.
        setattr(sqlite3, "sqlite_version_info", SAFE_WAL)  # noqa: B010
    with tempfile.TemporaryDirectory() as folder, SqliteStorage(Path(folder) / "site.db") as file:
        run(file)


if __name__ == "__main__":
    main(sys.argv[1])
