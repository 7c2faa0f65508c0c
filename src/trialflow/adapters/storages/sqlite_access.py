"""How a SQLite database is used: rows are read, write transactions say how they ended."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from trialflow.model.errors import StorageError

__all__ = ["Database", "failure"]

_ADVICE = {
    sqlite3.SQLITE_BUSY: "another program holds it; try again",
    sqlite3.SQLITE_LOCKED: "another program holds it; try again",
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_READONLY: "it is read-only; check its permissions and its folder's",
    sqlite3.SQLITE_CANTOPEN: "check that it is a file, its permissions and its folder's",
    sqlite3.SQLITE_NOTADB: "it is no SQLite file; choose another",
    sqlite3.SQLITE_CORRUPT: "it is damaged; restore it from a backup",
    sqlite3.SQLITE_IOERR: "the disk failed; check it before the next attempt",
}


class Database:
    """One database, called ``name`` in messages. The names of its tables begin with ``prefix``."""

    prefix = ""
    writes_alone = True
    """Whether a question may write what it has worked out: nobody else's transaction is touched by it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def connection(self) -> sqlite3.Connection:
        """The connection to use now. Raises ``StorageError`` when there is none."""
        raise NotImplementedError

    def rows(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        """All rows of a query. Raises ``StorageError``."""
        try:
            return self.connection().execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise failure("not stored", self.name, "read", error) from error

    @contextmanager
    def view(self) -> Iterator[None]:
        """All rows read within are of one moment. Raises ``StorageError``."""
        db = self.connection()
        if db.in_transaction:
            yield
            return
        try:
            db.execute("BEGIN")
        except sqlite3.Error as error:
            raise failure("not stored", self.name, "read", error) from error
        try:
            yield
        finally:
            self._undo(db)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection | sqlite3.Cursor]:
        """A write transaction: all of it, or nothing. Raises ``StorageError`` that says whether it may be stored."""
        db, committing = self.connection(), False
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            committing = True
            self._commit(db)
        except sqlite3.Error as error:
            # Still open after a failed COMMIT and rolled back: certainly not stored. Else the bytes may be on disk.
            undone = self._undo(db)
            raise failure(
                "unknown" if committing and not undone else "not stored", self.name, "written", error
            ) from error
        except BaseException:
            self._undo(db)
            raise

    def _commit(self, db: sqlite3.Connection) -> None:
        db.execute("COMMIT")

    def _undo(self, db: sqlite3.Connection) -> bool:
        """Roll back; whether there was something open, and it could be."""
        try:
            was_open = db.in_transaction
            if was_open:
                db.execute("ROLLBACK")
            return was_open
        except sqlite3.Error:
            self._give_up()
            return False

    def _give_up(self) -> None:
        """The connection is in an unknown state."""


def failure(outcome: Literal["not stored", "unknown"], name: str, what: str, error: sqlite3.Error) -> StorageError:
    """What a host is told when ``name`` could not be read, written or opened (``what``)."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return StorageError(outcome, f"{name} cannot be {what}: {_ADVICE.get(code, str(error))}")
