"""The ledger and the vault in PostgreSQL keep their contracts, whichever way an append goes and whenever a connection
is lost. On a host's connection: test_host_contract.py."""

from __future__ import annotations

import pytest

from pg_server import skip_without_server
from pg_setups import postgres_stores, postgres_vaults
from tests_sizes import LONG
from trialflow.adapters.checks import StorageSetup, VaultSetup
from trialflow.adapters.checks.pytest_kit import StorageContract, VaultContract
from trialflow.adapters.checks.storages import STORAGE_CHECKS

_SLOW = (
    "behaves_like_the_store_in_memory",
    "keeps_what_it_acknowledged_when_killed",
    "lets_processes_share_a_stream",
)
"""Checks that the other class has run already; in a long run both have them."""


@pytest.fixture(autouse=True)
def _server() -> None:
    skip_without_server()


class TestPostgres(StorageContract):
    @pytest.fixture
    def setup(self) -> StorageSetup:
        return postgres_stores()


class TestPostgresTheLongWay(StorageContract):
    """Never guessing; and connections are lost after the server did what was asked, before it could say so."""

    checks = tuple(check for check in STORAGE_CHECKS if LONG or check.name not in _SLOW)

    @pytest.fixture
    def setup(self) -> StorageSetup:
        return postgres_stores("after", guess=False)


class TestPostgresVault(VaultContract):
    @pytest.fixture
    def setup(self) -> VaultSetup:
        return postgres_vaults()
