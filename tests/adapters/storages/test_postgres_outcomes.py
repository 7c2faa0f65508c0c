"""What is said of an append whose connection was lost: "unknown" only where no answer came to what commits it."""

from __future__ import annotations

from itertools import count

import psycopg
import pytest

from ledger_samples import received
from pg_server import dsn, fresh_schema, skip_without_server
from pg_setups import When, losing, the_long_way
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.postgres_server import Server
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import Conflict, StorageError


@pytest.fixture
def schema() -> str:
    skip_without_server()
    return fresh_schema()


def server_of(store: PostgresStorage) -> Server:
    assert isinstance(store._access, Server)
    return store._access


def told(store: PostgresStorage, stream: str) -> str:
    """The outcome of an append to a new stream; "" when it was stored."""
    try:
        store.append(stream, [received()], expected_version=0)
    except StorageError as failed:
        named = failed.detail.startswith(f"{server_of(store).name} cannot be written: ")
        return failed.outcome if named else failed.detail
    return ""


@pytest.mark.parametrize("when", ["before", "after"])
def test_of_a_transaction_only_the_commit_may_have_happened(schema: str, when: When) -> None:
    """The connection is lost at each statement in turn, before the server did it or before it could say so."""
    with PostgresStorage(dsn(), schema=schema) as store:
        the_long_way(store)
        outcomes, stored = list[str](), list[int]()
        for n in count(1):
            with losing(server_of(store), n, when) as reached:
                outcomes.append(told(store, f"lead:{n}"))
                stored.append(len(store.read(f"lead:{n}")) if reached() else -1)
            if not reached():
                break
        *lost, last, through = outcomes
        assert (set(lost), last, through) == ({"not stored"}, "unknown", "")
        assert len(lost) >= 2, "the statements before the commit must have been reached"
        assert stored[:-1] == [0] * len(lost) + [int(when == "after")]
        assert verify(store).ok


@pytest.mark.parametrize("when", ["before", "after"])
def test_of_one_statement_without_an_answer_nobody_knows(schema: str, when: When) -> None:
    with PostgresStorage(dsn(), schema=schema) as store:
        store.append("lead:a", [received()], expected_version=0)
        with losing(server_of(store), 1, when) as reached:
            assert told(store, "lead:b") == "unknown"
            assert reached()
        assert len(store.read("lead:b")) == int(when == "after")
        assert verify(store).ok


def test_a_refusal_leaves_a_hosts_connection_open_and_without_a_transaction(schema: str) -> None:
    """Else it would hold the ledger against every other writer."""
    with PostgresStorage(dsn(), schema=schema) as store, psycopg.connect(dsn(), autocommit=True) as host:
        guest = PostgresStorage.on(host, schema=schema)
        with pytest.raises(Conflict):
            guest.append("lead:a", [received()], expected_version=1)
        assert not host.closed
        assert not guest.pending()
        store.append("lead:a", [received()], expected_version=0)


def test_a_schema_that_is_not_there_is_told_on_each_connection_of_a_host(schema: str) -> None:
    with psycopg.connect(dsn()) as host:
        guest = PostgresStorage.over(lambda: host, schema=schema)
        for _ in range(2):
            with pytest.raises(StorageError, match=f"schema {schema} is not there; run `trialflow storage migrate`"):
                guest.read("lead:a")
