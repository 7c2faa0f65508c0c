"""What this package brings beside its storages keeps its contract: vaults, every format, every guard, the workflow."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit_setups import hosted_sqlite_vault, sqlite_vaults
from trialflow.adapters.checks import GuardSetup, RendererSetup, VaultSetup, WorkflowSetup
from trialflow.adapters.checks.pytest_kit import GuardContract, RendererContract, VaultContract, WorkflowContract
from trialflow.adapters.renderers.formats import FORMATS
from trialflow.adapters.storages.vault_memory import MemoryVault
from trialflow.rules.guards import GUARDS
from trialflow.rules.loading import default_workflow


class TestMemoryVault(VaultContract):
    @pytest.fixture
    def setup(self) -> VaultSetup:
        return VaultSetup(make=MemoryVault)


class TestSqliteVault(VaultContract):
    @pytest.fixture
    def setup(self, tmp_path: Path) -> VaultSetup:
        return sqlite_vaults(tmp_path)


class TestSqliteVaultInsideAHostsTransaction(VaultContract):
    @pytest.fixture
    def setup(self, tmp_path: Path) -> VaultSetup:
        return hosted_sqlite_vault(tmp_path)


class TestFormats(RendererContract):
    @pytest.fixture(params=sorted(FORMATS))
    def setup(self, request: pytest.FixtureRequest) -> RendererSetup:
        return RendererSetup(make=type(FORMATS[request.param]))


class TestGuards(GuardContract):
    @pytest.fixture(params=sorted(GUARDS))
    def setup(self, request: pytest.FixtureRequest) -> GuardSetup:
        return GuardSetup(make=lambda: GUARDS[request.param])


class TestDefaultWorkflow(WorkflowContract):
    @pytest.fixture
    def setup(self) -> WorkflowSetup:
        return WorkflowSetup(make=default_workflow)
