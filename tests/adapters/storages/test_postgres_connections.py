"""Connections are kept, lent, given up when the server ended them, and never shared with a fork."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from multiprocessing import get_context

import psycopg
import pytest

from ledger_samples import contacted, noted, received
from pg_server import dsn, fresh_schema, skip_without_server
from pg_setups import the_long_way
from trialflow.adapters.storages import postgres_server
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.postgres_access import Link
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import StorageError


@pytest.fixture
def schema() -> str:
    skip_without_server()
    return fresh_schema()


def end_connections(name: str) -> None:
    """As an administrator ends them."""
    with psycopg.connect(dsn(), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = %s", (name,)
        )


@pytest.mark.parametrize("long_way", [False, True])
def test_connections_the_server_ended_meanwhile_are_noticed(schema: str, long_way: bool) -> None:
    with PostgresStorage(dsn(application_name=schema), schema=schema) as store:
        if long_way:
            the_long_way(store)
        for number in range(3):
            store.append("lead:a", [noted(str(number))], expected_version=number)
            end_connections(schema)
            assert len(store.read("lead:a")) == number + 1
        assert verify(store).ok


def test_a_ledger_that_was_restored_meanwhile_is_continued_where_it_ends_now(schema: str) -> None:
    """What a store remembers of a position is right only as long as it is the same ledger."""
    with PostgresStorage(dsn(), schema=schema) as store:
        store.append("lead:a", [noted("1")], expected_version=0)
        store.append("lead:a", [noted("2")], expected_version=1)
        with psycopg.connect(dsn(), autocommit=True) as admin:
            admin.execute(f"DROP SCHEMA {schema} CASCADE".encode())
        with PostgresStorage(dsn(), schema=schema) as other:
            other.append("lead:b", [noted("3"), noted("4")], expected_version=0)
        assert store.append("lead:c", [noted("5")], expected_version=0)[0].position == 3
        found = verify(store)
        assert (found.ok, found.records) == (True, 3)


def _append_in_a_child(store: PostgresStorage, say: Callable[[object], None]) -> None:
    store.append("lead:child", [received()], expected_version=0)
    say(os.getpid())


def test_a_fork_shares_no_connection(schema: str) -> None:
    with PostgresStorage(dsn(), schema=schema) as store:
        store.append("lead:a", [received()], expected_version=0)
        context = get_context("fork")
        queue = context.Queue()
        child = context.Process(target=_append_in_a_child, args=(store, queue.put))
        child.start()
        assert queue.get(timeout=30) == child.pid
        child.join(30)
        assert child.exitcode == 0
        store.append("lead:a", [contacted(1)], expected_version=1)
        assert verify(store).records == 3


def test_after_close_it_says_so_and_many_threads_leave_few_connections(schema: str) -> None:
    store = PostgresStorage(dsn(application_name=schema), schema=schema)
    threads = [
        threading.Thread(target=lambda n=n: store.append(f"lead:{n}", [received()], expected_version=0))
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify(store).records == 20
    query = f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{schema}'".encode()
    [(kept,)] = store._access.rows(query)
    assert kept <= 8
    assert isinstance(store._access, postgres_server.Server)
    links = list(store._access._kept)
    store.close()
    store.close()
    assert links
    assert all(link.closed for link in links)
    with pytest.raises(StorageError, match=f"the ledger {schema} was closed; open it again") as refused:
        store.read("lead:a")
    assert refused.value.outcome == "not stored"


def test_calls_one_after_another_share_one_connection(schema: str) -> None:
    with PostgresStorage(dsn(), schema=schema) as store:
        store.append("lead:a", [received()], expected_version=0)
        first = store._access.rows(b"SELECT pg_backend_pid()")
        store.append("lead:a", [contacted(1)], expected_version=1)
        assert store._access.rows(b"SELECT pg_backend_pid()") == first


def test_a_store_that_nobody_closed_leaves_no_connection_behind(schema: str) -> None:
    store = PostgresStorage(dsn(), schema=schema)
    assert isinstance(store._access, postgres_server.Server)
    links = list(store._access._kept)
    assert [link.closed for link in links] == [False]
    del store
    gc.collect()
    assert [link.closed for link in links] == [True]


def test_a_connection_lost_as_soon_as_it_was_made_is_told(schema: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = postgres_server.connect

    def connect(given: str, name: str) -> Link:
        link = real(given, name)
        with psycopg.connect(dsn(), autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", (link.info.backend_pid,))
        return link

    monkeypatch.setattr(postgres_server, "connect", connect)
    with pytest.raises(StorageError) as refused:
        PostgresStorage(dsn(), schema=schema)
    assert refused.value.outcome == "not stored"
    assert refused.value.detail.startswith(f"the ledger {schema} cannot be opened: ")


def test_a_connection_says_whose_it_is_and_speaks_utf_8(schema: str) -> None:
    query = b"SELECT current_setting('application_name'), current_setting('client_encoding')"
    with PostgresStorage(dsn(client_encoding="latin1"), schema=schema) as store:
        assert store._access.rows(query) == [("trialflow", "UTF8")]
