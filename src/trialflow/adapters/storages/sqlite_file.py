"""One SQLite file: how it is opened, one connection per thread, transactions, and errors that say what to do.

A connection is closed when its thread ends, and never used across a fork: a child opens its own.

The journal is rollback (DELETE) below SQLite 3.51.3, whose write-ahead log could corrupt a file under two writers
(https://sqlite.org/wal.html#walresetbug). ``synchronous`` is FULL with a write-ahead log and EXTRA with a rollback
journal: there a commit is the unlinking of the journal, and only EXTRA syncs the directory after it
(https://sqlite.org/pragma.html#pragma_synchronous).
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

from trialflow.adapters.storages.sqlite_access import Database, failure
from trialflow.adapters.storages.sqlite_schema import Schema, check_owner, migrate
from trialflow.model.errors import StorageError

__all__ = ["SAFE_WAL", "SqliteFile"]

SAFE_WAL = (3, 51, 3)
"""The first SQLite whose write-ahead log is safe under two writers."""

_BUSY_SECONDS = 30.0


class SqliteFile(Database):
    """Connections to the file at ``path``. Raises ``StorageError`` when it is no file of this ``schema``."""

    def __init__(self, path: str | Path, schema: Schema) -> None:
        if str(path) in ("", ":memory:"):
            raise StorageError("not stored", f"a {schema.what} needs a file; for memory use MemoryStorage, MemoryVault")
        # Absolute, so that SQLite can take no name for a URI or for memory, and a later chdir changes nothing.
        self.path = Path(path).absolute()
        super().__init__(self.path.name)
        self._schema = schema
        self._closed = False
        self.forget_connections()
        _FILES.add(self)
        self.connection()

    def connection(self) -> sqlite3.Connection:
        """This thread's connection. Raises ``StorageError`` after :meth:`close`."""
        held: _Held | None = getattr(self._local, "held", None)
        if held is None:
            if self._closed:
                raise StorageError("not stored", f"{self.name} was closed; open it again")
            held = self._local.held = _Held(_connect(self.path, self._schema))
            with self._lock:
                self._held.add(held)
        return held.db

    def damage(self) -> list[str]:
        """What SQLite finds wrong with the file."""
        return [row[0] for row in self.rows("PRAGMA integrity_check(10)") if row[0] != "ok"]

    def _give_up(self) -> None:
        self._local.held = None  # the next use opens a new one

    def close(self) -> None:
        """Close every thread's connection; further use raises ``StorageError``. May be called twice."""
        self._closed = True
        with self._lock:
            for held in list(self._held):
                held.close()
        self._local = threading.local()

    def forget_connections(self) -> None:
        """Start without connections; those there were are left alone (a fork's child must not touch its parent's)."""
        self._lock = threading.Lock()
        self._local = threading.local()
        self._held: weakref.WeakSet[_Held] = weakref.WeakSet()


class _Held:
    """Owns one connection: gone with the thread that holds it."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self._process = os.getpid()

    def close(self, *, getpid: Callable[[], int] = os.getpid) -> None:
        if getpid() == self._process:
            self.db.close()
        else:
            # Closing a connection inherited over a fork could roll back what the parent is writing.
            _INHERITED.append(self.db)

    def __del__(self) -> None:
        self.close()


_FILES: weakref.WeakSet[SqliteFile] = weakref.WeakSet()
_INHERITED: list[sqlite3.Connection] = []


def _after_fork() -> None:
    for file in list(_FILES):
        file.forget_connections()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _connect(path: Path, schema: Schema) -> sqlite3.Connection:
    try:
        _prepare(path, schema)
        db = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False)
    except OSError as error:
        raise StorageError("not stored", f"{path.name} cannot be opened: {error.strerror}") from error
    except sqlite3.Error as error:
        raise failure("not stored", path.name, "opened", error) from error
    try:
        check_owner(db, schema, path.name)  # before anything is set: a foreign file is left as it is
        _settle(db, schema)
        migrate(db, schema, path.name)
    except sqlite3.Error as error:
        db.close()
        raise failure("not stored", path.name, "opened", error) from error
    except BaseException:
        db.close()
        raise
    return db


def _prepare(path: Path, schema: Schema) -> None:
    """A new file is readable by its owner only; SQLite gives its journals the same mode. An old vault is tightened."""
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    elif schema.private and os.name == "posix" and path.is_file() and path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _settle(db: sqlite3.Connection, schema: Schema) -> None:
    log_ahead = sqlite3.sqlite_version_info >= SAFE_WAL and not schema.private
    # A vault has no write-ahead log: it would keep erased pages until its next checkpoint.
    db.execute(f"PRAGMA journal_mode={'WAL' if log_ahead else 'DELETE'}")
    db.execute(f"PRAGMA synchronous={'FULL' if log_ahead else 'EXTRA'}")
    db.execute(f"PRAGMA secure_delete={'ON' if schema.private else 'OFF'}")
    db.execute("PRAGMA recursive_triggers=ON")
    db.execute("PRAGMA trusted_schema=OFF")
    db.execute("PRAGMA cache_size=-65536")
