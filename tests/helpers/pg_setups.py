"""Setups of the stores in PostgreSQL for the kit, and how a connection is lost at a chosen moment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import psycopg

from pg_server import dsn, fresh_schema
from trialflow.adapters.checks import Opener, StorageSetup, VaultSetup
from trialflow.adapters.ports import Storage, Vault
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.postgres_server import Server
from trialflow.adapters.storages.vault_postgres import PostgresVault

__all__ = ["When", "losing", "opened", "postgres_stores", "postgres_vaults", "the_long_way"]

HERE = str(Path(__file__).parent)
When = Literal["before", "after"]


def postgres_stores(when: When = "before", *, guess: bool = True) -> StorageSetup:
    """Stores in schemas of their own. Without ``guess`` every append goes the long way."""

    def make(**options: Any) -> Storage:
        store = PostgresStorage(dsn(), schema=fresh_schema(), **options)
        return store if guess else the_long_way(store)

    def reopen(store: Storage) -> Storage:
        return opened(_address(store))

    def failing(store: Storage, n: int) -> Any:
        return losing(_server(store), n, when)

    def opener(store: Storage) -> Opener:
        return Opener("pg_setups:opened", _address(store), path=(HERE,))

    return StorageSetup(make=make, reopen=reopen, opener=opener, failing=failing)


def postgres_vaults() -> VaultSetup:
    """Vaults in schemas of their own."""
    names: dict[int, str] = {}

    def make() -> Vault:
        name = fresh_schema()
        vault = PostgresVault(dsn(), schema=name)
        names[id(vault)] = name
        return vault

    return VaultSetup(make=make, reopen=lambda vault: PostgresVault(dsn(), schema=names[id(vault)]))


def the_long_way(store: PostgresStorage) -> PostgresStorage:
    """The same store, which never guesses where its ledger ends."""
    store._guess = None
    return store


def opened(address: str) -> PostgresStorage:
    """The store at an address, for another handle or another process."""
    place, schema = json.loads(address)
    return PostgresStorage(place, schema=schema)


def _address(store: Storage) -> str:
    return json.dumps([dsn(), _server(store).schema.strip('"')])


def _server(store: Storage) -> Server:
    assert isinstance(store, PostgresStorage)
    assert isinstance(store._access, Server)
    return store._access


@contextmanager
def losing(server: Server, n: int, when: When) -> Iterator[Callable[[], bool]]:
    """The server ends the connection before the ``n``-th statement from now on, or after it, before its answer."""
    watched: Any = server
    left, take, armed = [n], watched._take, list[Any]()

    def lent() -> Any:
        link = take()
        if link not in armed:
            armed.append(link)
            link.wait = _counting(link, left, when)
        return link

    watched._take = lent
    try:
        yield lambda: left[0] <= 0
    finally:
        watched._take = take
        for link in armed:
            del link.wait


def _counting(link: Any, left: list[int], when: When) -> Callable[..., Any]:
    wait, backend = link.wait, link.info.backend_pid

    def counted(*given: Any, **more: Any) -> Any:
        left[0] -= 1
        if left[0]:
            return wait(*given, **more)
        if when == "before":
            _end(backend)
            return wait(*given, **more)
        wait(*given, **more)
        _end(backend)
        link.pgconn.finish()
        raise psycopg.OperationalError("the connection is lost")

    return counted


def _end(backend: int) -> None:
    with psycopg.connect(dsn(), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 10000)", (backend,))
