"""The stores of this package keep the contract, by the class that an adapter's author derives from.

PostgreSQL: tests/adapters/storages/test_postgres_contract.py. On hosts' connections: test_host_contract.py beside it.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import attrs
import pytest

from kit_setups import in_memory, sqlite_files
from trialflow.adapters.checks import StorageSetup
from trialflow.adapters.checks.pytest_kit import StorageContract
from trialflow.adapters.storages.sqlite_file import SAFE_WAL


class TestMemory(StorageContract):
    @pytest.fixture
    def setup(self) -> StorageSetup:
        return in_memory()


class TestSqlite(StorageContract):
    @pytest.fixture
    def setup(self, tmp_path: Path) -> StorageSetup:
        return sqlite_files(tmp_path)


class TestSqliteWithAWriteAheadLog(StorageContract):
    """What a newer SQLite will use. The fault of older ones needs far more writing than these checks do.

    Other processes would open the file with the journal of the installed SQLite: they are left out.
    """

    @pytest.fixture
    def setup(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StorageSetup:
        monkeypatch.setattr(sqlite3, "sqlite_version_info", SAFE_WAL)
        return attrs.evolve(sqlite_files(tmp_path), opener=None)
