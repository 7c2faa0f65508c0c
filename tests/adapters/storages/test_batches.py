"""Batches at their edges, the same in every store: empty parts, retries whose key comes late, keys that are taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from ledger_samples import Ticking, contacted, noted, received
from pg_server import dsn, fresh_schema, skip_without_server
from trialflow.adapters.ports import Append, Storage, SupportsBatch, SupportsRaw
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.model.errors import Conflict, KeyReused


class Store(Storage, SupportsBatch, SupportsRaw, Protocol):
    """What every store of this package is."""


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStorage(clock=Ticking())
    elif request.param == "sqlite":
        with SqliteStorage(tmp_path / "site.db", clock=Ticking()) as made:
            yield made
    else:
        skip_without_server()
        from trialflow.adapters.storages.postgres import PostgresStorage

        with PostgresStorage(dsn(), schema=fresh_schema(), clock=Ticking()) as kept:
            yield kept


def test_an_empty_part_keeps_nothing_from_the_others(store: Store) -> None:
    done = store.append_batch([Append("lead:a", (), 0), Append("lead:b", (received(),), 0), Append("lead:a", (), 0)])
    assert [record.stream for record in done] == ["lead:b"]
    assert tuple(store.read("lead:b")) == tuple(done)
    assert store.append("lead:b", [contacted(1)], expected_version=1)[0].version == 2
    assert [row.position for row in store.raw()] == [1, 2]
    assert [row.position for row in store.raw(after=1)] == [2]


def test_a_retry_is_recognised_by_a_key_that_comes_late_in_its_part(store: Store) -> None:
    """Not every event of a part need have a key; its first one that has says where the part lies."""
    store.append("lead:a", [received()], expected_version=0)
    part = [noted("one"), noted("two"), contacted(1, key="k-1")]
    stored = tuple(store.append("lead:a", part, expected_version=1))
    assert tuple(store.append("lead:a", part, expected_version=1)) == stored
    assert len(store.read("lead:a")) == 4


def test_a_key_that_is_taken_is_named_with_the_stream_that_wanted_it(store: Store) -> None:
    store.append("lead:a", [received(), contacted(1, key="k-1")], expected_version=0)
    for stream, events in (
        ("lead:b", [received(), contacted(1, key="k-1")]),
        ("lead:a", [contacted(2, key="k-1")]),
        ("lead:a", [received(), contacted(1, key="k-1"), contacted(2)]),
        ("lead:a", [noted("one"), noted("two"), contacted(1, key="k-1")]),
    ):
        with pytest.raises(KeyReused) as refused:
            store.append(stream, events, expected_version=len(store.read(stream)))
        assert (refused.value.stream, refused.value.key) == (stream, "k-1")
    assert [record.position for record in store.scan()] == [1, 2]


def test_a_key_that_stands_twice_in_a_batch_is_named_with_the_second_stream(store: Store) -> None:
    parts = [Append("lead:a", (received(key="k-1"),), 0), Append("lead:b", (received(key="k-1"),), 0)]
    with pytest.raises(KeyReused) as refused:
        store.append_batch(parts)
    assert (refused.value.stream, refused.value.key) == ("lead:b", "k-1")
    assert [*store.scan()] == []


def test_a_batch_that_is_stored_in_part_gives_the_records_of_all_its_parts(store: Store) -> None:
    first, second = Append("lead:a", (received(key="k-a"),), 0), Append("lead:b", (received(key="k-b"),), 0)
    stored = tuple(store.append_batch([second]))
    done = tuple(store.append_batch([first, second]))
    assert [(record.stream, record.position) for record in done] == [("lead:a", 2), ("lead:b", 1)]
    assert done[1:] == stored
    assert tuple(store.append_batch([first, second])) == done
    assert [record.position for record in store.scan()] == [1, 2]


def test_a_batch_that_takes_a_stream_for_new_which_is_there_is_refused_as_a_whole(store: Store) -> None:
    store.append("lead:2", [received(), contacted(1)], expected_version=0)
    with pytest.raises(Conflict) as refused:
        store.append_batch([Append(f"lead:{n}", (received(),), 0) for n in range(4)])
    assert (refused.value.stream, refused.value.expected, refused.value.actual) == ("lead:2", 0, 2)
    assert [record.position for record in store.scan()] == [1, 2]
    done = store.append_batch([Append("lead:1", (received(),), 0), Append("lead:2", (contacted(2),), 2)])
    assert [(record.stream, record.version) for record in done] == [("lead:1", 1), ("lead:2", 3)]
