"""The tracker over the store that the settings name; on first start, over a demonstration."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from trialflow import Tracker, Workflow, default_workflow, loads
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow_service.settings import DEMO, Settings

__all__ = ["StoryClock", "open_tracker"]


class StoryClock:
    """The demonstration's time: it goes on from the last record at every start, not from today."""

    def __init__(self, start: datetime) -> None:
        self._start, self._at = start, time.monotonic()

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._at)


def open_tracker(settings: Settings) -> Tracker:
    """Open the store. Raises ``StorageError`` where it cannot be used, ``WorkflowError`` for a workflow with faults."""
    workflow = _workflow(settings.workflow)
    if settings.store is None:
        return _demo(DEMO, workflow)
    if settings.store.startswith(("postgresql://", "postgres://")):
        return _postgres(settings.store, settings.schema, workflow)
    return Tracker.open(settings.store, workflow=workflow)


def _workflow(path: Path | None) -> Workflow:
    return loads(path.read_text("utf-8")) if path is not None else default_workflow()


def _postgres(dsn: str, schema: str, workflow: Workflow) -> Tracker:
    from trialflow.adapters.storages.postgres import PostgresStorage
    from trialflow.adapters.storages.vault_postgres import PostgresVault

    return Tracker(PostgresStorage(dsn, schema=schema), PostgresVault(dsn, schema=f"{schema}_vault"), workflow=workflow)


def _demo(path: Path, workflow: Workflow) -> Tracker:
    if not path.exists():
        command = [sys.executable, "-m", "trialflow", "demo", "--out", str(path.parent)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return Tracker.open(path, workflow=workflow, clock=StoryClock(_last_moment(path)))


def _last_moment(path: Path) -> datetime:
    """When the last record was made."""
    with SqliteStorage(path) as storage:
        last, _ = storage.head()
        return next((r.recorded_at for r in storage.scan(after=last - 1)), datetime.now(UTC))
