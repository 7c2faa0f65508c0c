"""Private values in a file of their own beside the ledger: readable by its owner only, erasable for good."""

from __future__ import annotations

import functools
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

from trialflow.adapters.ports import Entry
from trialflow.adapters.storages.closing import Closing
from trialflow.adapters.storages.sqlite_file import SqliteFile
from trialflow.adapters.storages.sqlite_host import HostDatabase, migrate_host
from trialflow.adapters.storages.sqlite_schema import VAULT
from trialflow.model.errors import StorageError

__all__ = ["SqliteVault"]

_PAGE = 10_000


class _Sql:
    """The statements, for a table whose name begins with ``p``."""

    def __init__(self, p: str) -> None:
        self.add = f"INSERT OR IGNORE INTO {p}entries VALUES (?,?,?,?)"
        self.put = (
            f"INSERT INTO {p}entries VALUES (?,?,?,?) "
            "ON CONFLICT (kind, ref) DO UPDATE SET subject = excluded.subject, text = excluded.text"
        )
        self.get = f"SELECT text FROM {p}entries WHERE kind = ? AND ref = ?"
        self.page = f"SELECT ref, subject, text FROM {p}entries WHERE kind = ? AND ref > ? ORDER BY ref LIMIT ?"
        self.forget = f"DELETE FROM {p}entries WHERE subject = ? AND kind <> 'tombstone'"


_sql = functools.cache(_Sql)


class SqliteVault(Closing):
    """A vault in one file, with ``secure_delete`` on: what is erased or replaced is overwritten in the file.

    Safe for threads and processes. A context manager; close it. What a file system or a backup keeps of the file's
    earlier blocks is beyond its reach: encrypt the disk, let backups expire.
    """

    def __init__(self, path: str | Path) -> None:
        self._over(SqliteFile(path, VAULT))
        self._draw_key()

    @classmethod
    def on(cls, connection: sqlite3.Connection) -> Self:
        """The same vault in a host's database and transactions: :mod:`trialflow.adapters.storages.sqlite_host`.

        There a write-ahead log keeps what is erased until its next checkpoint.
        """
        return cls.over(HostDatabase(lambda: connection, VAULT))

    @classmethod
    def migrate(cls, connection: sqlite3.Connection) -> None:
        """Make the table in a host's database, or bring it up to date, in the host's transaction.

        Raises ``StorageError`` where that cannot be.
        """
        migrate_host(connection, VAULT)
        cls.on(connection)._draw_key()

    @classmethod
    def over(cls, database: HostDatabase) -> Self:
        """The same vault where the host's connection is asked for at each use."""
        made = cls.__new__(cls)
        made._over(database)
        return made

    def _over(self, database: SqliteFile | HostDatabase) -> None:
        self._file, self._sql = database, _sql(database.prefix)

    def _draw_key(self) -> None:
        if self.get("key", "namespace") is None:
            with self._file.transaction() as db:
                db.execute(self._sql.add, ("key", "namespace", "", str(uuid.uuid4())))

    @property
    def path(self) -> Path:
        """Where the file lies, absolute."""
        return self._file.path

    def namespace(self) -> uuid.UUID:
        """The secret under which ids are made, drawn once, with the vault. Raises ``StorageError`` when it is gone."""
        text = self.get("key", "namespace")
        if text is None:
            raise StorageError("not stored", f"{self._file.name} has lost its key; restore it from a backup")
        return uuid.UUID(text)

    def put(self, entries: Iterable[Entry]) -> None:
        """Store or replace, all or none."""
        # Sorted, neighbours in the index are written together.
        rows = sorted(entries)
        with self._file.transaction() as db:
            db.executemany(self._sql.put, rows)

    def get(self, kind: str, ref: str) -> str | None:
        """One text, or None."""
        rows = self._file.rows(self._sql.get, (kind, ref))
        return str(rows[0][0]) if rows else None

    def items(self, kind: str) -> Iterator[tuple[str, str, str]]:
        """(ref, subject, text) of one kind in the order of refs, page by page."""
        last = ""
        while page := self._file.rows(self._sql.page, (kind, last, _PAGE)):
            yield from page
            last = page[-1][0]

    def forget(self, subject: str) -> int:
        """Erase every entry of ``subject`` but its tombstone, overwriting the bytes; how many there were."""
        if not subject:
            return 0
        with self._file.transaction() as db:
            return db.execute(self._sql.forget, (subject,)).rowcount

    def close(self) -> None:
        """Close the file for every thread; a host's connection stays as it is."""
        self._file.close()
