"""An import gives one event to many leads: each record is sealed as if it stood alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from trialflow.adapters.ports import Append
from trialflow.adapters.storages import sealing
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.verify import verify
from trialflow.model.codec import dumps
from trialflow.model.events import Event, Noted, Unknown
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


def test_an_event_shared_by_leads_is_written_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also from one append to the next, where it came more than once; and never for another event in its place."""
    written: list[Event] = []

    def counted(event: Event) -> str:
        written.append(event)
        return dumps(event)

    monkeypatch.setattr(sealing, "dumps", counted)
    store = MemoryStorage(clock=lambda: NOON)
    store.append_batch([Append(f"lead:{n}", (SHARED,), 0) for n in range(100)])
    store.append_batch([Append(f"lead:{n}", (SHARED, OTHER), 1) for n in range(100)])
    assert written == [SHARED, OTHER]
    for number in range(100):
        store.append("lead:own", [Noted(at=NOON, by=SHARED.by, ref=f"own-{number}")], expected_version=number)
    assert len(written) == 102
    assert [record.event for record in store.read("lead:own")] == written[2:]
    assert verify(store).ok


def test_what_is_remembered_of_shared_events_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_MOST_SHARED", 10)
    store = MemoryStorage(clock=lambda: NOON)
    for number in range(30):
        twice = Noted(at=NOON, by=SHARED.by, ref=f"note-{number}")
        store.append_batch([Append(f"lead:{lead}", (twice,), number) for lead in "ab"])
        assert len(store._texts) <= 11
    assert verify(store).ok


def test_an_event_that_its_caller_changes_is_written_out_anew() -> None:
    """One that holds a dict: what was appended stays, what is appended next is as it is then."""
    payload = {"kind": "later_kind", "v": 1, "at": "2026-03-02T12:00:00Z", "by": {"id": "a"}, "note": "first"}
    event = Unknown(at=NOON, by=Actor(id="a"), unknown_kind="later_kind", unknown_v=1, payload=payload)
    store = MemoryStorage(clock=lambda: NOON)
    store.append_batch([Append(f"lead:{lead}", (event,), 0) for lead in "ab"])
    payload["note"] = "second"
    store.append("lead:a", [event], expected_version=1)
    assert ["first" in row.payload for row in store.raw()] == [True, True, False]
    assert verify(store).ok
