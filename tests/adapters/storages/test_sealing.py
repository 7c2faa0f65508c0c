"""An import gives one event to many leads: each record is sealed as if it stood alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from trialflow.adapters.ports import Append
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.verify import verify
from trialflow.model.events import Noted
from trialflow.model.parties import Actor

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SHARED = Noted(at=NOON, by=Actor(id="tracker", kind="source"), ref="note-1")
OTHER = Noted(at=NOON, by=Actor(id="tracker", kind="source"), ref="note-2")


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_an_event_shared_by_leads_is_sealed_in_each_as_if_alone(kind: str, tmp_path: Path) -> None:
    together, apart = (
        MemoryStorage(clock=lambda: NOON)
        if kind == "memory"
        else SqliteStorage(tmp_path / f"{name}.db", clock=lambda: NOON)
        for name in ("together", "apart")
    )
    parts = [
        Append("lead:a", (SHARED, OTHER, SHARED), 0),
        Append("lead:b", (SHARED,), 0),
        Append("lead:a", (OTHER,), 3),
    ]
    together.append_batch(parts)
    for part in parts:
        apart.append(part.stream, part.events, expected_version=part.expected_version)
    assert tuple(together.raw()) == tuple(apart.raw())
    assert together.head() == apart.head()
    assert verify(together).ok
