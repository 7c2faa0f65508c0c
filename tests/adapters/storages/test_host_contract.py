"""The kit inside a host's open transaction: ledger and vault keep their whole contracts there.

One host of each driver and framework, all of them under `make long`; test_host_transactions.py goes through all.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hosts import HOSTS, Host
from tests_sizes import LONG
from trialflow.adapters.checks import StorageSetup, VaultSetup
from trialflow.adapters.checks.pytest_kit import StorageContract, VaultContract
from trialflow.adapters.ports import Clock, Storage, Vault
from trialflow.adapters.storages.hosted import storage_on, vault_on

FEW = ["sqlite3, isolation_level ''", "Django, SQLite", "psycopg", "SQLAlchemy session, PostgreSQL"]
KINDS = list(HOSTS) if LONG else FEW


class Guests:
    """Gives stores and vaults inside transactions. A store that is closed takes its transaction back, and its host
    serves the next one."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._kind, self._folder = kind, folder
        self._hosts: list[Host] = []
        self._free: list[Host] = []

    def host(self) -> Host:
        """A new host, outside of any transaction."""
        self._hosts.append(HOSTS[self._kind](self._folder))
        return self._hosts[-1]

    def storage(self, **options: Clock) -> Storage:
        """A ledger inside a transaction of its host."""
        host = self._begun()
        return self._handed_back(storage_on(host.connection, **options), host)  # type: ignore[no-any-return]

    def vault(self) -> Vault:
        """A vault inside a transaction of its host."""
        host = self._begun()
        return self._handed_back(vault_on(host.connection), host)  # type: ignore[no-any-return]

    def _begun(self) -> Host:
        host = self._free.pop() if self._free else self.host()
        host.begin()
        host.write("of the same transaction")
        return host

    def _handed_back(self, thing: Any, host: Host) -> Any:
        def close() -> None:
            host.rollback()
            self._free.append(host)

        thing.close, thing.host = close, host
        return thing

    def same_storage(self, storage: Any) -> Storage:
        """Another handle on the same connection."""
        return storage_on(storage.host.connection)

    def same_vault(self, vault: Any) -> Vault:
        """Another handle on the same connection."""
        return vault_on(vault.host.connection)

    def close(self) -> None:
        """Close every host."""
        for host in self._hosts:
            host.close()


@pytest.fixture(params=KINDS, scope="module")
def guests(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guests]:
    made = Guests(request.param, tmp_path_factory.mktemp("hosts"))
    yield made
    made.close()


class TestLedgerInAHostsTransaction(StorageContract):
    @pytest.fixture
    def setup(self, guests: Guests) -> StorageSetup:
        return StorageSetup(make=guests.storage, reopen=guests.same_storage, host=guests.host, threads=False)


class TestVaultInAHostsTransaction(VaultContract):
    @pytest.fixture
    def setup(self, guests: Guests) -> VaultSetup:
        return VaultSetup(make=guests.vault, reopen=guests.same_vault, host=guests.host, threads=False)
