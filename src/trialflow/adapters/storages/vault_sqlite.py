"""Private values in a file of their own beside the ledger: readable by its owner only, erasable for good."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from trialflow.adapters.ports import Entry
from trialflow.adapters.storages.sqlite_schema import connect
from trialflow.model.errors import StorageError

__all__ = ["SqliteVault"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    kind TEXT NOT NULL, ref TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (kind, ref)
) STRICT
"""
_APPLICATION = 0x7472766C  # "trvl"
_PUT = (
    "INSERT INTO entries VALUES (?,?,?,?) "
    "ON CONFLICT (kind, ref) DO UPDATE SET subject = excluded.subject, text = excluded.text"
)


class SqliteVault:
    """A vault in one file, with ``secure_delete`` on: what is erased is overwritten. Safe for threads and processes."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()
        self._db = connect(self.path)
        with self._failing("opened"):
            self._db.execute("PRAGMA secure_delete=ON")
            # A write-ahead log would keep erased pages until its next checkpoint.
            self._db.execute("PRAGMA journal_mode=DELETE")
            self._check_owner()
            self._db.execute(_SCHEMA)
            self._db.execute("INSERT OR IGNORE INTO entries VALUES ('key', 'namespace', '', ?)", (str(uuid.uuid4()),))

    def _check_owner(self) -> None:
        owner = self._db.execute("PRAGMA application_id").fetchone()[0]
        if owner == 0 and not self._db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            self._db.execute(f"PRAGMA application_id = {_APPLICATION}")
        elif owner != _APPLICATION:
            raise StorageError("not stored", f"{self.path.name} is not a vault of trialflow; choose another file")

    def namespace(self) -> uuid.UUID:
        """The secret under which ids are made; drawn when the vault was created."""
        text = self.get("key", "namespace")
        if text is None:
            raise StorageError("not stored", f"{self.path.name} has lost its key; restore it from a backup")
        return uuid.UUID(text)

    def put(self, entries: Iterable[Entry]) -> None:
        """Store or replace, all or none."""
        # Sorted, neighbours in the index are written together.
        rows = sorted((e.kind, e.ref, e.subject, e.text) for e in entries)
        with self._lock, self._failing("written"):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany(_PUT, rows)
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def get(self, kind: str, ref: str) -> str | None:
        """One text, or None."""
        with self._lock, self._failing("read"):
            row = self._db.execute("SELECT text FROM entries WHERE kind = ? AND ref = ?", (kind, ref)).fetchone()
        return str(row[0]) if row else None

    def items(self, kind: str) -> Iterator[tuple[str, str, str]]:
        """(ref, subject, text) of one kind, page by page."""
        query = "SELECT ref, subject, text FROM entries WHERE kind = ? AND ref > ? ORDER BY ref LIMIT 10000"
        last = ""
        while True:
            with self._lock, self._failing("read"):
                page = self._db.execute(query, (kind, last)).fetchall()
            if not page:
                return
            yield from page
            last = page[-1][0]

    def forget(self, subject: str) -> int:
        """Erase every entry of ``subject`` but its tombstone, overwriting the bytes; how many there were."""
        if not subject:
            return 0
        with self._lock, self._failing("written"):
            done = self._db.execute("DELETE FROM entries WHERE subject = ? AND kind <> 'tombstone'", (subject,))
            return done.rowcount

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _failing(self, what: str) -> _Failing:
        return _Failing(self.path.name, what)


class _Failing:
    """Turns SQLite's errors into ``StorageError``."""

    def __init__(self, name: str, what: str) -> None:
        self._detail = f"the vault {name} cannot be {what}"

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise StorageError("unknown" if "written" in self._detail else "not stored", f"{self._detail}: {error}")
