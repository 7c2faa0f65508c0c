"""What a host is told when PostgreSQL fails: the outcome, what to do, and nothing that could be a secret."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs
import psycopg
import pytest

from ledger_samples import MONDAY, Ticking, contacted, received
from pg_server import dsn, fresh_schema, server, skip_without_server
from pg_setups import the_long_way
from trialflow.adapters.ports import Append, Entry
from trialflow.adapters.storages import postgres_migration, vault_postgres
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.postgres_access import lost
from trialflow.adapters.storages.postgres_schema import quoted
from trialflow.adapters.storages.vault_postgres import PostgresVault
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import Conflict, StorageError

SECRET = "s3cr3t-pa55word"


@pytest.fixture
def schema() -> str:
    skip_without_server()
    return fresh_schema()


def sql(*statements: str) -> None:
    with psycopg.connect(dsn(), autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.encode())


def test_a_server_that_is_read_only_is_named(schema: str) -> None:
    with PostgresStorage(dsn(), schema=schema):
        pass
    with (
        PostgresStorage(dsn(options="-c default_transaction_read_only=on"), schema=schema) as store,
        pytest.raises(StorageError, match=r"cannot be written: the server is read-only.*25006") as refused,
    ):
        store.append("lead:a", [received()], expected_version=0)
    assert refused.value.outcome == "not stored"


def test_a_ledger_that_another_transaction_holds_is_not_waited_for_for_ever(schema: str) -> None:
    with (
        PostgresStorage(dsn(options="-c lock_timeout=50"), schema=schema) as store,
        psycopg.connect(dsn()) as host,
    ):
        PostgresStorage.on(host, schema=schema).append("lead:a", [received()], expected_version=0)
        with pytest.raises(StorageError, match="another transaction holds it; try again") as refused:
            store.append("lead:b", [received()], expected_version=0)
        assert refused.value.outcome == "not stored"
        host.commit()
        assert store.append("lead:b", [received()], expected_version=0)[0].position == 2


def test_a_wait_has_an_end_by_default_and_commits_are_durable(schema: str) -> None:
    with PostgresStorage(dsn(options="-c synchronous_commit=off"), schema=schema) as store:
        [(wait, durable)] = store._access.rows(
            b"SELECT current_setting('lock_timeout'), current_setting('synchronous_commit')"
        )
    assert (wait, durable) == ("30s", "on")


def test_two_hosts_that_lock_each_other_out_are_told_apart(schema: str) -> None:
    """A deadlock of the host's making: one of the two goes on, the other is told, and its transaction goes on."""
    with PostgresStorage(dsn(), schema=schema):
        sql(f"CREATE TABLE {schema}_host (n int)", f"INSERT INTO {schema}_host VALUES (1)")
    touch = f"UPDATE {schema}_host SET n = n + 1".encode()
    told: list[StorageError] = []
    with psycopg.connect(dsn()) as first, psycopg.connect(dsn()) as second:
        one, two = (PostgresStorage.on(link, schema=schema) for link in (first, second))
        one.append("lead:a", [received()], expected_version=0)
        second.execute(touch)

        def append() -> None:
            try:
                two.append("lead:b", [received()], expected_version=0)
            except StorageError as error:
                told.append(error)
                assert two.read("lead:b") == ()
            second.commit()

        thread = threading.Thread(target=append)
        thread.start()
        try:
            first.execute(touch)
            first.commit()
        except psycopg.errors.DeadlockDetected:
            first.rollback()
        thread.join()
        stored = len(one.read("lead:a")) + len(one.read("lead:b"))
    sql(f"DROP TABLE {schema}_host")
    assert stored == 1
    assert all("another transaction came in between" in error.detail for error in told)


def test_a_hosts_old_snapshot_is_no_conflict_but_begin_anew(schema: str) -> None:
    with PostgresStorage(dsn(), schema=schema) as store, psycopg.connect(dsn()) as host:
        host.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        guest = PostgresStorage.on(host, schema=schema)
        host.rollback()
        host.execute("SELECT 1")
        guest.read("lead:a")
        store.append("lead:a", [received()], expected_version=0)
        with pytest.raises(StorageError, match="begin anew, and try again") as refused:
            guest.append("lead:b", [received()], expected_version=0)
        assert refused.value.outcome == "not stored"
        assert host.execute("SELECT 1").fetchall() == [(1,)], "the host's transaction goes on"
        host.rollback()
        guest.append("lead:b", [received()], expected_version=0)
        host.commit()
        assert verify(store).records == 2


def without_lock(store: PostgresStorage, schema: str, meanwhile: Callable[[], object]) -> None:
    """Make ``hold`` idle; something is done ``meanwhile`` an append of ``store`` looks at its clock."""
    sql(f"CREATE OR REPLACE FUNCTION {schema}.hold() RETURNS void LANGUAGE sql AS ''")
    the_long_way(store)
    clock = store._clock

    def late() -> datetime:
        meanwhile()
        return clock()

    store._clock = late


def test_a_writer_that_takes_no_lock_still_meets_unique_and_gets_the_conflict(schema: str) -> None:
    """UNIQUE (stream, version) is the lock: with ``hold`` made idle, the loser is told both versions all the same."""
    with PostgresStorage(dsn(), schema=schema) as store, PostgresStorage(dsn(), schema=schema) as other:
        store.append("lead:a", [received()], expected_version=0)
        without_lock(store, schema, lambda: other.append("lead:a", [contacted(1)], expected_version=1))
        with pytest.raises(Conflict) as lost:
            store.append("lead:a", [contacted(2)], expected_version=1)
        assert (lost.value.expected, lost.value.actual) == (1, 2)


def test_of_a_batch_that_met_another_writer_the_part_that_lost_is_named(schema: str) -> None:
    """Not one before it, though that takes up a stream which the batch itself has lengthened."""
    with PostgresStorage(dsn(), schema=schema) as store, PostgresStorage(dsn(), schema=schema) as other:
        store.append("lead:a", [received()], expected_version=0)
        without_lock(store, schema, lambda: other.append("lead:c", [received(), contacted(1)], expected_version=0))
        parts = [
            Append("lead:a", (contacted(1), contacted(2)), 1),
            Append("lead:a", (contacted(3),), 3),
            Append("lead:c", (received(),), 0),
        ]
        with pytest.raises(Conflict) as lost:
            store.append_batch(parts)
        assert (lost.value.stream, lost.value.expected, lost.value.actual) == ("lead:c", 0, 2)


def test_a_connection_is_lost_where_it_is_closed_or_the_server_said_its_last_word(schema: str) -> None:
    """FATAL is no answer to the statement: nobody knows what became of it."""

    class Said(psycopg.Error):
        def __init__(self, severity: str) -> None:
            super().__init__("x")
            self.severity = severity

        @property
        def diag(self) -> Any:
            return attrs.make_class("Diag", {"severity_nonlocalized": attrs.field()})(self.severity)

    link = psycopg.connect(dsn())
    assert not lost(link)
    assert not lost(link, Said("ERROR"))
    assert lost(link, Said("FATAL"))
    assert lost(link, Said("PANIC"))
    link.close()
    assert lost(link)
    assert lost(link, Said("ERROR"))


def test_what_cannot_be_read_is_told(schema: str) -> None:
    with PostgresStorage(dsn(), schema=schema) as store, PostgresVault(dsn(), schema=f"{schema}v") as vault:
        sql(f"DROP SCHEMA {schema} CASCADE", f"DROP SCHEMA {schema}v CASCADE")
        for name, read in ((f"the ledger {schema}", store.head), (f"the vault {schema}v", vault.namespace)):
            with pytest.raises(StorageError) as refused:
                read()
            assert refused.value.outcome == "not stored"
            assert refused.value.detail.startswith(f"{name} cannot be read: ")
            assert "42P01" in refused.value.detail


def test_a_vault_that_lost_its_key_says_so(schema: str) -> None:
    with PostgresVault(dsn(), schema=schema) as vault:
        assert list(vault.items("key")) == [("namespace", "", str(vault.namespace()))]
        sql(f"DELETE FROM {schema}.entries WHERE kind = 'key'")
        with pytest.raises(StorageError) as refused:
            vault.namespace()
        assert refused.value.outcome == "not stored"
        assert refused.value.detail == f"the vault {schema} has lost its key; restore it from a backup"


def test_a_vault_gives_its_entries_page_by_page(schema: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_postgres, "_PAGE", 2)
    with PostgresVault(dsn(), schema=schema) as vault:
        vault.put([Entry("note", str(n), "a", f"text {n}") for n in range(5)])
        assert list(vault.items("note")) == [(str(n), "a", f"text {n}") for n in range(5)]


def test_on_a_hosts_connection_the_clock_is_the_one_that_was_given(schema: str) -> None:
    with PostgresStorage(dsn(), schema=schema):
        pass
    with psycopg.connect(dsn()) as host:
        guest = PostgresStorage.on(host, schema=schema, clock=lambda: MONDAY)
        assert guest.append("lead:a", [received()], expected_version=0)[0].recorded_at == MONDAY


def test_what_a_text_of_postgresql_cannot_hold_is_refused_as_a_whole(schema: str) -> None:
    with PostgresStorage(dsn(), schema=schema) as store:
        store.append("lead:a", [received()], expected_version=0)
        for stream, event, version in (("lead:\0", received(), 0), ("lead:a", contacted(1, key="\0"), 1)):
            with pytest.raises(StorageError, match="NUL") as refused:
                store.append(stream, [event], expected_version=version)
            assert refused.value.outcome == "not stored"
        assert store.read("lead:\0") == ()
        with pytest.raises(StorageError, match="too long"):
            store.append("lead:" + os.urandom(4000).hex(), [received()], expected_version=0)
        assert verify(store).records == 1
    with PostgresVault(dsn(), schema=fresh_schema()) as vault:
        vault.put([Entry("note", "1", "a", "with \0 in it")])
        assert vault.get("note", "1") == "with \0 in it"
        assert vault.get("note", "\0") is None


def test_a_host_in_a_failed_transaction_or_a_pipeline_is_told(schema: str) -> None:
    with PostgresStorage(dsn(), schema=schema):
        pass
    with psycopg.connect(dsn()) as host:
        guest = PostgresStorage.on(host, schema=schema)
        assert guest.read("lead:a") == ()
        with pytest.raises(psycopg.errors.SyntaxError):
            host.execute("nonsense")
        with pytest.raises(
            StorageError, match=f"the ledger {schema}: the host's transaction has failed; roll it back first"
        ) as refused:
            guest.append("lead:a", [received()], expected_version=0)
        assert refused.value.outcome == "not stored"
        host.rollback()
        said = f"the ledger {schema}: the host's connection is in pipeline mode; leave it first"
        with host.pipeline(), pytest.raises(StorageError, match=said) as refused:
            guest.append("lead:a", [received()], expected_version=0)
        assert refused.value.outcome == "not stored"
        guest.append("lead:a", [received()], expected_version=0)
        host.commit()
        host.close()
        said = f"the ledger {schema} cannot be written: the connection was lost"
        with pytest.raises(StorageError, match=said):
            guest.append("lead:b", [received()], expected_version=0)
        with pytest.raises(StorageError, match=f"schema {schema} cannot be read: the connection was lost") as refused:
            PostgresStorage.on(host, schema=schema)
        assert refused.value.outcome == "not stored"


def test_a_bulk_that_conflicts_stores_nothing(schema: str) -> None:
    """A bulk goes another way (COPY) than a few events."""
    with PostgresStorage(dsn(), schema=schema, clock=Ticking()) as store:
        store.append("lead:x", [received()], expected_version=0)
        many = [Append(f"lead:{n}", (received(key=f"k{n}"), contacted(1)), 0) for n in range(200)]
        with pytest.raises(Conflict):
            store.append_batch([*many, Append("lead:x", (contacted(1),), 0)])
        assert verify(store).records == 1
        first = tuple(store.append_batch(many))
        assert tuple(store.append_batch(many)) == first
        assert verify(store).records == 401


def test_a_schemas_name_is_plain(schema: str) -> None:
    for name in ("", "Upper", "a b", 'a"b', "pg_x", "x" * 49, "1a"):
        with pytest.raises(ValueError, match="small letters"):
            PostgresStorage(dsn(), schema=name)
    assert quoted("select") == '"select"'


def test_a_server_that_is_too_old_or_speaks_another_encoding_is_refused(
    schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql(f"CREATE DATABASE {schema} ENCODING 'SQL_ASCII' TEMPLATE template0")
    with pytest.raises(StorageError, match="SQL_ASCII; a store needs 14 or newer, and UTF8") as refused:
        PostgresStorage(dsn(dbname=schema))
    assert refused.value.outcome == "not stored"
    monkeypatch.setattr(postgres_migration, "OLDEST", server().version)
    PostgresStorage(dsn(), schema=schema).close()
    monkeypatch.setattr(postgres_migration, "OLDEST", server().version + 1)
    with pytest.raises(StorageError, match=f"the server is PostgreSQL {server().version} with UTF8; a store needs"):
        PostgresStorage(dsn(), schema=schema)
    sql(f"DROP DATABASE {schema}")
