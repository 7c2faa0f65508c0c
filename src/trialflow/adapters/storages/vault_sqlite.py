"""Private values in a file of their own beside the ledger: readable by its owner only, erasable for good."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from trialflow.adapters.ports import Entry
from trialflow.adapters.storages.closing import Closing
from trialflow.adapters.storages.sqlite_file import SqliteFile
from trialflow.adapters.storages.sqlite_schema import VAULT
from trialflow.model.errors import StorageError

__all__ = ["SqliteVault"]

_PUT = (
    "INSERT INTO entries VALUES (?,?,?,?) "
    "ON CONFLICT (kind, ref) DO UPDATE SET subject = excluded.subject, text = excluded.text"
)
_PAGE = 10_000


class SqliteVault(Closing):
    """A vault in one file, with ``secure_delete`` on: what is erased or replaced is overwritten in the file.

    Safe for threads and processes. A context manager; close it. What a file system or a backup keeps of the file's
    earlier blocks is beyond its reach: encrypt the disk, let backups expire.
    """

    def __init__(self, path: str | Path) -> None:
        self._file = SqliteFile(path, VAULT)
        if self.get("key", "namespace") is None:
            with self._file.transaction() as db:
                key = ("key", "namespace", "", str(uuid.uuid4()))
                db.execute("INSERT OR IGNORE INTO entries VALUES (?,?,?,?)", key)

    @property
    def path(self) -> Path:
        """Where the file lies, absolute."""
        return self._file.path

    def namespace(self) -> uuid.UUID:
        """The secret under which ids are made, drawn once, with the vault. Raises ``StorageError`` when it is gone."""
        text = self.get("key", "namespace")
        if text is None:
            raise StorageError("not stored", f"{self.path.name} has lost its key; restore it from a backup")
        return uuid.UUID(text)

    def put(self, entries: Iterable[Entry]) -> None:
        """Store or replace, all or none."""
        # Sorted, neighbours in the index are written together.
        rows = sorted(entries)
        with self._file.transaction() as db:
            db.executemany(_PUT, rows)

    def get(self, kind: str, ref: str) -> str | None:
        """One text, or None."""
        rows = self._file.rows("SELECT text FROM entries WHERE kind = ? AND ref = ?", (kind, ref))
        return str(rows[0][0]) if rows else None

    def items(self, kind: str) -> Iterator[tuple[str, str, str]]:
        """(ref, subject, text) of one kind in the order of refs, page by page."""
        query = "SELECT ref, subject, text FROM entries WHERE kind = ? AND ref > ? ORDER BY ref LIMIT ?"
        last = ""
        while page := self._file.rows(query, (kind, last, _PAGE)):
            yield from page
            last = page[-1][0]

    def forget(self, subject: str) -> int:
        """Erase every entry of ``subject`` but its tombstone, overwriting the bytes; how many there were."""
        if not subject:
            return 0
        with self._file.transaction() as db:
            return db.execute("DELETE FROM entries WHERE subject = ? AND kind <> 'tombstone'", (subject,)).rowcount

    def close(self) -> None:
        """Close the file for every thread."""
        self._file.close()
