"""Which appends are one statement: those of a writer that is alone and knows where its ledger and its streams end.

What is stored is the same either way; what a wrong guess costs is one question in vain, and nothing is written by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

import pytest

from ledger_samples import contacted, noted, received
from pg_server import dsn, fresh_schema, skip_without_server
from trialflow.adapters.ports import Append
from trialflow.adapters.storages import postgres_guess
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.postgres_access import Link
from trialflow.adapters.storages.postgres_append import BULK
from trialflow.adapters.storages.postgres_server import Server
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import Conflict, KeyReused, StorageError

LONG, SHORT, MISSED = "hold, look, write", "one statement", "one statement in vain"


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How each append went; a question in vain is followed by the long way."""
    found: list[str] = []
    long, short = Server.transaction, Server.at_once

    def transaction(server: Server) -> AbstractContextManager[Link]:
        found.append(LONG)
        return long(server)

    def at_once(server: Server, query: bytes, values: Sequence[object]) -> int:
        found.append(MISSED)
        wrote = short(server, query, values)
        if wrote:
            found[-1] = SHORT
        return wrote

    monkeypatch.setattr(Server, "transaction", transaction)
    monkeypatch.setattr(Server, "at_once", at_once)
    return found


@pytest.fixture
def store(ways: list[str]) -> Iterator[PostgresStorage]:
    """A store that has appended its first record."""
    skip_without_server()
    with PostgresStorage(dsn(), schema=fresh_schema()) as made:
        made.append("lead:a", [received()], expected_version=0)
        del ways[:]
        yield made
        assert verify(made).ok


def other(store: PostgresStorage) -> PostgresStorage:
    return PostgresStorage(dsn(), schema=store._access.schema.strip('"'))


def test_a_first_append_looks_and_the_next_ones_know(ways: list[str]) -> None:
    skip_without_server()
    with PostgresStorage(dsn(), schema=fresh_schema()) as store:
        del ways[:]
        store.append("lead:a", [received()], expected_version=0)
        store.append("lead:a", [contacted(1), contacted(2)], expected_version=1)
        store.append("lead:b", [received()], expected_version=0)
        store.append_batch([Append("lead:a", (contacted(3),), 3), Append("lead:c", (received(),), 0)])
        assert ways == [LONG, SHORT, SHORT, SHORT]
        assert [record.position for record in store.scan()] == [1, 2, 3, 4, 5, 6]
        assert verify(store).records == 6


def test_a_batch_that_comes_twice_to_a_stream_and_a_bulk_take_the_long_way(
    store: PostgresStorage, ways: list[str]
) -> None:
    store.append_batch([Append("lead:a", (contacted(1),), 1), Append("lead:a", (contacted(2),), 2)])
    store.append("lead:b", [noted(str(n)) for n in range(BULK)], expected_version=0)
    store.append("lead:c", [noted(str(n)) for n in range(BULK - 1)], expected_version=0)
    store.append("lead:c", [], expected_version=BULK - 1)
    assert ways == [LONG, LONG, SHORT, LONG]


def test_a_version_that_cannot_fit_is_not_tried(store: PostgresStorage, ways: list[str]) -> None:
    for version in (0, 2):
        with pytest.raises(Conflict) as refused:
            store.append("lead:a", [contacted(1)], expected_version=version)
        assert refused.value.actual == 1
    assert ways == [LONG, LONG]


def test_what_was_read_is_known(store: PostgresStorage, ways: list[str]) -> None:
    with other(store) as again:
        again.append("lead:b", [received()], expected_version=0)
        again.append("lead:a", [contacted(1)], expected_version=1)
        assert ways == [LONG, LONG], "nobody told it where lead:a ends"
        again.append("lead:a", [contacted(2)], expected_version=2)
    with other(store) as third:
        third.append("lead:c", [received()], expected_version=0)
        third.read("lead:none")
        third.read("lead:a")
        third.append("lead:a", [contacted(3)], expected_version=3)
    assert ways[2:] == [SHORT, LONG, SHORT]


def test_who_is_not_alone_looks_until_nobody_came_in_between(store: PostgresStorage, ways: list[str]) -> None:
    store.append("lead:a", [contacted(1)], expected_version=1)
    with other(store) as another:
        another.append("lead:b", [received()], expected_version=0)
    del ways[:]
    for number in range(2, 6):
        store.append("lead:a", [contacted(number)], expected_version=number)
    assert ways == [MISSED, LONG, LONG, SHORT, SHORT]
    with other(store) as another:
        another.append("lead:a", [contacted(6)], expected_version=6)
    with pytest.raises(Conflict):
        store.append("lead:a", [contacted(6)], expected_version=6)
    assert ways[5:] == [LONG, MISSED, LONG]
    store.append("lead:c", [received()], expected_version=0)
    assert ways[8:] == [LONG], "who met another looks first"


def test_a_key_that_is_taken_is_found_out_by_the_server(store: PostgresStorage, ways: list[str]) -> None:
    stored = store.append("lead:a", [contacted(1, key="k-1")], expected_version=1)
    with pytest.raises(KeyReused):
        store.append("lead:b", [received(key="k-1")], expected_version=0)
    assert tuple(store.append("lead:a", [contacted(1, key="k-1")], expected_version=1)) == tuple(stored)
    assert ways == [SHORT, MISSED, LONG, LONG]


def test_what_is_remembered_of_streams_has_an_end(
    store: PostgresStorage, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_guess, "_MOST", 3)
    for name in "bcd":
        store.append(f"lead:{name}", [received()], expected_version=0)
    store.append("lead:d", [contacted(1)], expected_version=1)
    store.append("lead:a", [contacted(1)], expected_version=1)
    store.append("lead:a", [contacted(2)], expected_version=2)
    assert ways == [SHORT, SHORT, SHORT, SHORT, LONG, SHORT]


@pytest.mark.parametrize(("streams", "way"), [(BULK, SHORT), (BULK + 1, LONG)])
def test_a_bulk_of_leads_is_not_remembered(store: PostgresStorage, ways: list[str], streams: int, way: str) -> None:
    """An import is not where one works on."""
    store.append_batch([Append(f"lead:i{n}", (received(),), 0) for n in range(streams)])
    store.append("lead:i7", [contacted(1)], expected_version=1)
    assert ways == [LONG, way]


def test_a_guess_whose_answer_is_lost_may_have_been_stored(
    store: PostgresStorage, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_once(server: Server, query: bytes, values: Sequence[object]) -> int:
        raise StorageError("unknown", "the connection was lost")

    monkeypatch.setattr(Server, "at_once", at_once)
    with pytest.raises(StorageError) as lost:
        store.append("lead:a", [contacted(1)], expected_version=1)
    assert lost.value.outcome == "unknown"
    assert ways == [], "it is not tried again the long way"
