"""The stores of this package keep the contract, by the class that an adapter's author derives from."""

from __future__ import annotations

import sqlite3
import uuid
from pathlib import Path
from typing import Any

import pytest

from trialflow.adapters.checks import StorageSetup
from trialflow.adapters.checks.pytest_kit import StorageContract
from trialflow.adapters.ports import Storage
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.sqlite_file import SAFE_WAL


class TestMemory(StorageContract):
    @pytest.fixture
    def setup(self) -> StorageSetup:
        return StorageSetup(make=MemoryStorage)


def reopened(store: Storage) -> Storage:
    assert isinstance(store, SqliteStorage)
    return SqliteStorage(store.path)


def in_files(folder: Path) -> StorageSetup:
    def make(**options: Any) -> Storage:
        return SqliteStorage(folder / f"{uuid.uuid4()}.db", **options)

    return StorageSetup(make=make, reopen=reopened)


class TestSqlite(StorageContract):
    @pytest.fixture
    def setup(self, tmp_path: Path) -> StorageSetup:
        return in_files(tmp_path)


class TestSqliteWithAWriteAheadLog(StorageContract):
    """What a newer SQLite will use. The fault of older ones needs far more writing than these checks do."""

    @pytest.fixture
    def setup(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StorageSetup:
        monkeypatch.setattr(sqlite3, "sqlite_version_info", SAFE_WAL)
        return in_files(tmp_path)
