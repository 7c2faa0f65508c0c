"""On every PostgreSQL there is; and a dump taken while somebody writes is a whole ledger up to some moment."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import pytest

from ledger_samples import contacted, noted, received
from pg_server import Server, dsn, fresh_schema, installed, server, skip_without_server
from tests_sizes import LONG, size
from trialflow.adapters.checks import STORAGE_CHECKS, StorageSetup
from trialflow.adapters.checks.running import run_one
from trialflow.adapters.ports import Entry, Storage
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.vault_postgres import PostgresVault
from trialflow.adapters.storages.verify import verify

_SHORT = {f"S{number}" for number in range(1, 12)}
"""Clauses looked at in an ordinary run: those by which one server can differ from another."""


@pytest.mark.parametrize("version", sorted(installed())[:-1])
def test_older_servers_keep_the_contract_too(version: int) -> None:
    """The newest one is what every other test runs on."""
    older = Server(version)

    def make(**options: Any) -> Storage:
        return PostgresStorage(older.dsn(), schema=fresh_schema(), **options)

    try:
        setup, checks = StorageSetup(make=make), [c for c in STORAGE_CHECKS if LONG or c.clause in _SHORT]
        assert [found for check in checks if not (found := run_one(check, setup)).ok] == []
        with PostgresStorage(older.dsn()) as store:
            store.append("lead:a", [noted(str(number)) for number in range(100)], expected_version=0)
            assert verify(store).ok
    finally:
        older.stop()


def test_a_dump_taken_while_somebody_writes_is_a_whole_ledger() -> None:
    """As docs/deployment.md says: the ledger first, then the vault, into which a writer puts before it appends."""
    skip_without_server()
    schema, private, stop = fresh_schema(), fresh_schema(), threading.Event()
    store, vault = PostgresStorage(dsn(), schema=schema), PostgresVault(dsn(), schema=private)

    def write(name: int) -> None:
        number = 0
        while not stop.is_set():
            vault.put([Entry("identity", f"{name}.{number}", "", "text")])
            store.append(f"lead:{name}.{number}", [received(), contacted(1)], expected_version=0)
            number += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    try:
        dumps = [(dumped(schema), dumped(private)) for _ in range(size(ci=2, long=100))]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    everything = list(store.scan())
    for pair in dumps:
        with Restored(*pair) as database:
            copy, names = PostgresStorage(database, schema=schema), PostgresVault(database, schema=private)
            with copy, names:
                assert verify(copy).ok
                assert copy.faults() == ()
                records = list(copy.scan())
                assert records == everything[: len(records)]
                assert {r.stream.removeprefix("lead:") for r in records} <= {
                    ref for ref, _, _ in names.items("identity")
                }
                assert verify(store, expected_head=copy.head()).ok, "its head is an anchor of the original"
                copy.append("lead:after", [received()], expected_version=0)
    assert len(everything) > 0
    store.close()
    vault.close()


def dumped(schema: str) -> str:
    """The file that pg_dump writes of one schema."""
    name = f"{fresh_schema()}.dump"
    server().run("pg_dump", "-Fc", "-n", schema, "-f", name, "postgres")
    return name


class Restored:
    """A new database with what is in some dumps."""

    def __init__(self, *dumps: str) -> None:
        self._dumps, self._name = dumps, fresh_schema()

    def __enter__(self) -> str:
        with psycopg.connect(dsn(), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {self._name}".encode())
        for dump in self._dumps:
            server().run("pg_restore", "--exit-on-error", "-d", self._name, dump)
        return dsn(dbname=self._name)

    def __exit__(self, *_: object) -> None:
        with psycopg.connect(dsn(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {self._name} (FORCE)".encode())
