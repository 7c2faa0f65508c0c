"""One history in memory, in SQLite and in PostgreSQL: the same records, the same head, the same reports to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger_samples import Ticking
from pg_server import dsn, fresh_schema, skip_without_server
from tests_sizes import size
from trialflow.adapters.ports import Storage
from trialflow.adapters.renderers.formats import render
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.raw_records import raw_records
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.vault_memory import MemoryVault
from trialflow.model.events import Unknown
from trialflow.rules.loading import default_workflow
from trialflow.tracker import Tracker
from wild_histories import START, wild_records


def told(storage: Storage, seed: int) -> list[object]:
    """A wild history appended record by record; what the store and a tracker over it say then."""
    versions: dict[str, int] = {}
    history = [r for r in wild_records(seed, 120, default_workflow()) if not isinstance(r.event, Unknown)]
    for record in history:
        version = versions.get(record.stream, 0)
        storage.append(record.stream, [record.event], expected_version=version)
        versions[record.stream] = version + 1
    tracker = Tracker(storage, MemoryVault(), clock=Ticking(START))
    as_of = max(record.recorded_at for record in history)
    reports = [tracker.dashboard(as_of=as_of), tracker.dashboard(as_of=START), tracker.source_quality(as_of=as_of)]
    # Stores differ in what they say of a missing key.
    rows = [row._replace(key=row.key or None) for row in raw_records(storage)]
    return [rows, list(storage.scan()), *(render(report, "json") for report in reports)]


@pytest.mark.parametrize("seed", range(size(ci=3, long=200)))
def test_every_store_says_the_same(seed: int, tmp_path: Path) -> None:
    skip_without_server()
    with (
        SqliteStorage(tmp_path / "a.db", clock=Ticking()) as file,
        PostgresStorage(dsn(), schema=fresh_schema(), clock=Ticking()) as server,
    ):
        expected = told(MemoryStorage(clock=Ticking()), seed)
        assert told(file, seed) == expected
        assert told(server, seed) == expected
        assert server.head() == file.head()
