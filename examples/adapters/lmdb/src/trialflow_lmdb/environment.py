"""LMDB environments, shared: a process may open a directory only once, however many stores use it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import lmdb

from trialflow import StorageError

__all__ = ["Environment"]

_MB = 1024 * 1024
_open: dict[Path, Environment] = {}
_lock = threading.Lock()


class Environment:
    """One LMDB directory with its three tables. Safe for threads."""

    def __init__(self, path: Path, size_mb: int) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path, self.users = path, 0
        self.env = lmdb.open(str(path), map_size=size_mb * _MB, max_dbs=3, mode=0o600)
        self.records = self.env.open_db(b"records")
        """Position to record."""
        self.streams = self.env.open_db(b"streams")
        """Stream and version to position."""
        self.keys = self.env.open_db(b"keys")
        """Idempotency key to position."""

    @classmethod
    def acquire(cls, path: Path, size_mb: int) -> Environment:
        """The environment of ``path``; give it back with :meth:`release`. Raises ``StorageError``."""
        where = path.resolve()
        try:
            with _lock:
                found = _open.get(where) or _open.setdefault(where, cls(where, size_mb))
                found.users += 1
                return found
        except (lmdb.Error, OSError, OverflowError) as error:
            raise StorageError("not stored", f"{where} cannot be opened: {type(error).__name__}") from error

    def release(self) -> None:
        """Close it when nobody uses it any more."""
        with _lock:
            self.users -= 1
            if not self.users:
                del _open[self.path]
                self.env.close()

    @contextmanager
    def writing(self) -> Iterator[lmdb.Transaction]:
        """The one write transaction, on the disk when it ends; all of it, or nothing after an error.

        Raises ``StorageError``: "not stored" before the commit, "unknown" when the commit itself fails.
        """
        try:
            transaction = self.env.begin(write=True)
        except lmdb.Error as error:
            raise self._failed("not stored", error) from error
        try:
            yield transaction
        except lmdb.Error as error:
            transaction.abort()
            raise self._failed("not stored", error) from error
        except BaseException:
            transaction.abort()
            raise
        try:
            transaction.commit()
        except lmdb.Error as error:
            raise self._failed("unknown", error) from error

    @contextmanager
    def reading(self) -> Iterator[lmdb.Transaction]:
        """One moment of the store, for as long as it is looked at. Raises ``StorageError``."""
        try:
            with self.env.begin() as transaction:
                yield transaction
        except lmdb.Error as error:
            raise self._failed("not stored", error) from error

    def _failed(self, outcome: str, error: lmdb.Error) -> StorageError:
        if isinstance(error, lmdb.MapFullError):
            return StorageError("not stored", f"{self.path.name} is full; open it with a larger size_mb")
        detail = f"{self.path.name}: {type(error).__name__}"
        return StorageError("unknown" if outcome == "unknown" else "not stored", detail)
