"""Our tables in a host's own SQLite database, in the host's own transactions.

* The tables are named ``trialflow_...`` and made by :func:`migrate_host`, which a host calls in a migration of its own.
  ``trialflow_schema`` holds their version: the stamps in the file's header belong to the host.
* Inside a transaction of the host a write is a savepoint of it: a write that fails is undone and nothing else is,
  nothing is ever committed, and a host that rolls back takes our records along.
* Outside one a write does what the host's own INSERT would do. Where each statement is committed
  (``isolation_level=None``, ``autocommit=True``) it is a transaction of its own. Where Python begins transactions for
  the host (any other ``isolation_level``, ``autocommit=False``) one is begun, and left for the host to commit.

The host's settings of the connection (row factory, text factory, pragmas) are neither relied on nor changed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trialflow.adapters.storages.sqlite_access import Database, failure
from trialflow.adapters.storages.sqlite_schema import Schema
from trialflow.model.errors import StorageError

__all__ = ["HostDatabase", "migrate_host"]

_PREFIX = "trialflow_"
_NAME = "the host's database"
_VERSIONS = f"CREATE TABLE IF NOT EXISTS {_PREFIX}schema (part TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT"
_VERSION = f"SELECT version FROM {_PREFIX}schema WHERE part = ?"
_SET_VERSION = f"INSERT OR REPLACE INTO {_PREFIX}schema VALUES (?, ?)"
_LOCK = f"DELETE FROM {_PREFIX}schema WHERE version < 0"
_HOW = "trialflow.adapters.storages.hosted.migrate(connection)"


class HostDatabase(Database):
    """The part ``schema`` of a host's database. ``connect`` gives the host's connection of this moment."""

    prefix = _PREFIX
    writes_alone = False
    _first = _LOCK

    def __init__(self, connect: Callable[[], sqlite3.Connection], schema: Schema) -> None:
        super().__init__(_NAME)
        self._connect, self._schema, self._checked = connect, schema, False

    def connection(self) -> sqlite3.Connection:
        """The host's connection. Raises ``StorageError`` where our tables are missing or of another version."""
        db = self._connect()
        if not self._checked:
            try:
                _check(db, self._schema)
            except sqlite3.Error as error:
                raise failure("not stored", self.name, "read", error) from error
            self._checked = True
        return db

    @property
    def pending(self) -> bool:
        """Whether the host's transaction is open. Raises ``StorageError`` where the host has closed its connection."""
        try:
            return self._connect().in_transaction
        except sqlite3.Error as error:
            raise failure("not stored", self.name, "used", error) from error

    @property
    def path(self) -> Path:
        """Where the host's file lies; ``:memory:`` where it has none."""
        return Path(self.rows("PRAGMA database_list")[0][2] or ":memory:")

    def rows(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        """All rows of a query, as tuples with texts. Raises ``StorageError``."""
        try:
            with _texts(self.connection()) as db:
                return sqlite3.Cursor(db).execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise failure("not stored", self.name, "read", error) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Cursor]:
        """All of it, or nothing: see above. Raises ``StorageError``."""
        db = self.connection()
        own = super().transaction()
        with self._joined(db) if self.pending else own, _texts(db), _overwriting(db, self._schema.private):
            yield sqlite3.Cursor(db)

    @contextmanager
    def _joined(self, db: sqlite3.Connection) -> Iterator[None]:
        try:
            db.execute(f"SAVEPOINT {_PREFIX}write")
            try:
                # The write lock before the first look, else a writer in between makes the lock impossible to get.
                db.execute(self._first)
                yield
            except BaseException:
                if db.in_transaction:
                    db.execute(f"ROLLBACK TO {_PREFIX}write")
                raise
            finally:
                if db.in_transaction:
                    db.execute(f"RELEASE {_PREFIX}write")
        except sqlite3.Error as error:
            said = failure("not stored", self.name, "written", error)
            if db.in_transaction:
                raise said from error
            detail = f"{said.detail}; SQLite has rolled back the host's whole transaction"
            raise StorageError("not stored", detail) from error

    def _commit(self, db: sqlite3.Connection) -> None:
        if _commits_alone(db):
            super()._commit(db)

    def damage(self) -> list[str]:
        """What SQLite finds wrong with our tables; the host's are not looked at."""
        tables = self.rows(f"SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB '{_PREFIX}*'")
        checks = (self.rows(f"PRAGMA integrity_check('{name}')") for (name,) in tables)
        return [row[0] for check in checks for row in check if row[0] != "ok"]

    def close(self) -> None:
        """Nothing: the connection is the host's."""


class _Tables(HostDatabase):
    """The same before our tables are there."""

    _first = _VERSIONS

    def connection(self) -> sqlite3.Connection:
        return self._connect()


def migrate_host(connection: sqlite3.Connection, schema: Schema) -> None:
    """Make the tables of ``schema`` in a host's database, or bring them up to date, in the host's transaction.

    Raises ``StorageError`` where the host has tables of these names, or ours are of a newer trialflow.
    """
    with _Tables(lambda: connection, schema).transaction() as db:
        db.execute(_VERSIONS)
        version = _version(connection, schema)
        _refuse_newer(version, schema)
        for statement in schema.statements(version, _PREFIX):
            db.execute(statement)
        db.execute(_SET_VERSION, (schema.what, schema.latest))


def _check(db: sqlite3.Connection, schema: Schema) -> None:
    version = _version(db, schema)
    _refuse_newer(version, schema)
    if version < schema.latest:
        found = f"its {schema.what} in schema {version}" if version else f"no {schema.what} of trialflow"
        detail = f"{_NAME} has {found}; call {_HOW} once, in a migration of yours"
        raise StorageError("not stored", detail)


def _refuse_newer(version: int, schema: Schema) -> None:
    if version > schema.latest:
        detail = f"{_NAME} has a {schema.what} of a newer trialflow (schema {version}, here {schema.latest})"
        raise StorageError("not stored", f"{detail}; upgrade trialflow")


def _version(db: sqlite3.Connection, schema: Schema) -> int:
    """The version of a part; 0 where there is none. Raises ``sqlite3.Error`` for any other failure."""
    there = f"SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '{_PREFIX}schema'"
    if not sqlite3.Cursor(db).execute(there).fetchone():
        return 0
    row = sqlite3.Cursor(db).execute(_VERSION, (schema.what,)).fetchone()
    return int(row[0]) if row else 0


def _commits_alone(db: sqlite3.Connection) -> bool:
    """Whether each statement outside a transaction is committed at once. Python 3.12 has ``autocommit`` for that."""
    legacy = getattr(sqlite3, "LEGACY_TRANSACTION_CONTROL", -1)
    autocommit = getattr(db, "autocommit", legacy)
    return db.isolation_level is None if autocommit == legacy else bool(autocommit)


@contextmanager
def _texts(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Texts come as ``str``, whatever the host has them made into."""
    before = db.text_factory
    db.text_factory = str
    try:
        yield db
    finally:
        db.text_factory = before


@contextmanager
def _overwriting(db: sqlite3.Connection, wanted: bool) -> Iterator[None]:
    """What is deleted or replaced meanwhile is overwritten in the file."""
    if not wanted:
        yield
        return
    before = ("OFF", "ON", "FAST")[sqlite3.Cursor(db).execute("PRAGMA secure_delete").fetchone()[0]]
    db.execute("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        db.execute(f"PRAGMA secure_delete = {before}")
