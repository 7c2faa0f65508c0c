"""Hosts of every kind, each with a new database, a table of its own, and the ledger and the vault beside it.

Each keeps to ``trialflow.adapters.checks.Host``: ``begin``, ``commit`` and ``rollback`` are the host's own words for
that. ``committed()`` is what a second connection sees.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from ledger_samples import Ticking
from pg_server import dsn
from trialflow.adapters.ports import Clock, Storage, Vault
from trialflow.adapters.storages.hosted import migrate, storage_on, vault_on

__all__ = ["HOSTS", "POSTGRES_HOSTS", "SQLITE_HOSTS", "Host", "Make", "opened"]

_numbers = itertools.count(1)
_INSERT = "INSERT INTO host_rows (text) VALUES ('{}')"
_TABLE = "CREATE TABLE host_rows (id INTEGER PRIMARY KEY{}, text TEXT NOT NULL)"


class Host:
    """``connection`` is what the host hands in. ``place`` is a file of SQLite, or the name of a PostgreSQL database."""

    def __init__(self, connection: Any, place: Path | str, clock: Clock | None = None) -> None:
        self.connection, self.place = connection, place
        clock = clock or Ticking()
        self.run(_TABLE.format("" if isinstance(place, Path) else " GENERATED ALWAYS AS IDENTITY"))
        migrate(connection)
        self.commit_setup()
        self.storage: Storage = storage_on(connection, clock=clock)
        self.vault: Vault = vault_on(connection)

    def run(self, sql: str) -> list[Any]:
        """The rows of a statement, where there are any."""
        raise NotImplementedError

    def commit_setup(self) -> None:
        """What was made so far is committed."""
        self.commit()

    def begin(self) -> None:
        """Begin a transaction of the host: nothing to say where the driver does it."""

    def commit(self) -> None:
        self.connection.commit()

    def rollback(self) -> None:
        self.connection.rollback()

    def write(self, text: str) -> None:
        """A row of the host's own."""
        self.run(_INSERT.format(text))

    def written(self) -> list[str]:
        """The host's rows as its own connection sees them."""
        return [str(row[0]) for row in self.run("SELECT text FROM host_rows ORDER BY id")]

    def committed(self) -> tuple[list[str], int, int]:
        """Of a second connection: the host's rows, the number of records, the number of private values."""
        file = isinstance(self.place, Path)
        tables = ("trialflow_events", "trialflow_entries") if file else ("trialflow.events", "trialflow_vault.entries")
        with closing(self.look()) as db:
            rows = [str(row[0]) for row in db.execute("SELECT text FROM host_rows ORDER BY id").fetchall()]
            records, private = (db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)
            return rows, records, private

    def look(self) -> Any:
        """A second connection, to be closed by the caller."""
        if isinstance(self.place, Path):
            return sqlite3.connect(self.place, timeout=0)
        return psycopg.connect(dsn(dbname=self.place), autocommit=True)

    def close(self) -> None:
        """Close the host's connection."""
        self.connection.close()


Make = Callable[..., Host]
"""Makes a host; ``folder`` is where a file may lie, ``clock`` the store's clock."""


class _Plain(Host):
    """sqlite3 or psycopg."""

    def __init__(self, connection: Any, place: Path | str, clock: Clock | None, begin: str = "") -> None:
        self._begin = begin
        super().__init__(connection, place, clock)

    def run(self, sql: str) -> list[Any]:
        cursor = self.connection.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []

    def begin(self) -> None:
        if self._begin:
            self.run(self._begin)


class _Bare(_Plain):
    """A connection that commits each statement: the host says BEGIN, COMMIT, ROLLBACK itself."""

    def commit_setup(self) -> None:
        """It is committed already."""

    def commit(self) -> None:
        self.run("COMMIT")

    def rollback(self) -> None:
        self.run("ROLLBACK")


def plain_sqlite(begin: str = "", kind: type[_Plain] = _Plain, **options: Any) -> Make:
    def make(folder: Path, clock: Clock | None = None) -> Host:
        path = folder / f"host{next(_numbers)}.db"
        connection = sqlite3.connect(path, **options)
        if options.get("isolation_level") == "EXCLUSIVE":
            connection.execute("PRAGMA journal_mode=WAL")  # else nobody else could read meanwhile
        return kind(connection, path, clock, begin)

    return make


def new_postgres() -> str:
    """A new database of the session's server; its name."""
    name = f"host{next(_numbers)}"
    with psycopg.connect(dsn(), autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name}".encode())
    return name


def plain_postgres(begin: str = "", kind: type[_Plain] = _Plain, **options: Any) -> Make:
    def make(folder: Path, clock: Clock | None = None) -> Host:
        name = new_postgres()
        return kind(psycopg.connect(dsn(dbname=name), **options), name, clock, begin)

    return make


class _Alchemy(Host):
    """An SQLAlchemy connection, or a session."""

    def run(self, sql: str) -> list[Any]:
        result = self.connection.execute(sa.text(sql))
        return list(result.fetchall()) if result.returns_rows else []


def alchemy(database: str, wrap: Callable[[sa.Engine], Any], *, says_begin: bool = False) -> Make:
    def make(folder: Path, clock: Clock | None = None) -> Host:
        place: Path | str
        if database == "sqlite":
            place = folder / f"host{next(_numbers)}.db"
            engine = sa.create_engine(f"sqlite:///{place}", poolclass=NullPool)
        else:
            place = new_postgres()
            url = sa.URL.create("postgresql+psycopg", query={"host": dsn_host()}, username="postgres", database=place)
            engine = sa.create_engine(url, poolclass=NullPool)
        if says_begin:
            _begin_by_event(engine)
        return _Alchemy(wrap(engine), place, clock)

    return make


def dsn_host() -> str:
    return str(psycopg.conninfo.conninfo_to_dict(dsn())["host"])


def _begin_by_event(engine: sa.Engine) -> None:
    """What SQLAlchemy's documentation advises for savepoints on SQLite."""

    @sa.event.listens_for(engine, "connect")
    def no_begin_by_python(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")


def _open_django(**database: Any) -> Any:
    """Django's connection to a database of these settings, under an alias of its own."""
    import django
    from django.conf import settings
    from django.db import connections

    if not settings.configured:
        settings.configure(USE_TZ=True, DATABASES={}, INSTALLED_APPS=[])
        django.setup()
    alias = f"host{next(_numbers)}"
    connections.settings[alias] = {**_DJANGO, **database}
    return connections[alias]


_DJANGO: dict[str, Any] = {
    "ATOMIC_REQUESTS": False,
    "AUTOCOMMIT": True,
    "CONN_MAX_AGE": 0,
    "CONN_HEALTH_CHECKS": False,
    "HOST": "",
    "OPTIONS": {},
    "PASSWORD": "",
    "PORT": "",
    "TEST": {"CHARSET": None, "COLLATION": None, "MIGRATE": True, "MIRROR": None, "NAME": None},
    "TIME_ZONE": None,
    "USER": "",
}


class _Django(Host):
    def __init__(self, connection: Any, place: Path | str, clock: Clock | None) -> None:
        self._block: Any = None
        super().__init__(connection, place, clock)

    def run(self, sql: str) -> list[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []

    def commit_setup(self) -> None:
        """Django commits each statement outside of ``atomic``."""

    def begin(self) -> None:
        from django.db import transaction

        self._block = transaction.atomic(using=self.connection.alias)
        self._block.__enter__()

    def commit(self) -> None:
        self._block.__exit__(None, None, None)

    def rollback(self) -> None:
        self.connection.set_rollback(True)
        self._block.__exit__(None, None, None)

    def close(self) -> None:
        from django.db import connections

        if self.connection.in_atomic_block:
            self.rollback()
        super().close()
        connections.settings.pop(self.connection.alias, None)


def django_on(database: str) -> Make:
    def make(folder: Path, clock: Clock | None = None) -> Host:
        if database == "sqlite":
            path = folder / f"host{next(_numbers)}.db"
            return _Django(_open_django(ENGINE="django.db.backends.sqlite3", NAME=path), path, clock)
        name = new_postgres()
        where = {"HOST": dsn_host(), "USER": "postgres", "NAME": name}
        return _Django(_open_django(ENGINE="django.db.backends.postgresql", **where), name, clock)

    return make


SQLITE_HOSTS: dict[str, Make] = {
    "sqlite3, isolation_level None": plain_sqlite("BEGIN", _Bare, isolation_level=None),
    "sqlite3, isolation_level ''": plain_sqlite(),
    "sqlite3, isolation_level '' and BEGIN": plain_sqlite("BEGIN"),
    "sqlite3, isolation_level IMMEDIATE": plain_sqlite(isolation_level="IMMEDIATE"),
    "sqlite3, isolation_level EXCLUSIVE, write-ahead log": plain_sqlite(isolation_level="EXCLUSIVE"),
    "SQLAlchemy connection, SQLite": alchemy("sqlite", lambda engine: engine.connect()),
    "SQLAlchemy session, SQLite": alchemy("sqlite", Session),
    "SQLAlchemy session, SQLite, BEGIN by event": alchemy("sqlite", Session, says_begin=True),
    "Django, SQLite": django_on("sqlite"),
}
if hasattr(sqlite3, "LEGACY_TRANSACTION_CONTROL"):
    SQLITE_HOSTS["sqlite3, autocommit True"] = plain_sqlite("BEGIN", _Bare, autocommit=True)
    SQLITE_HOSTS["sqlite3, autocommit False"] = plain_sqlite(autocommit=False)

POSTGRES_HOSTS: dict[str, Make] = {
    "psycopg": plain_postgres(),
    "psycopg, autocommit": plain_postgres("BEGIN", _Bare, autocommit=True),
    "SQLAlchemy connection, PostgreSQL": alchemy("postgres", lambda engine: engine.connect()),
    "SQLAlchemy session, PostgreSQL": alchemy("postgres", Session),
    "Django, PostgreSQL": django_on("postgres"),
}

HOSTS = {**SQLITE_HOSTS, **POSTGRES_HOSTS}


@contextlib.contextmanager
def opened(make: Make, folder: Path) -> Iterator[Host]:
    """A host, closed at the end."""
    host = make(folder)
    try:
        yield host
    finally:
        host.close()
