"""What this package brings beside its storages keeps its contract: vaults, inbox, formats, guards, workflow."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit_setups import formats, inbox, sqlite_vaults
from trialflow.adapters.checks import GuardSetup, RendererSetup, SourceSetup, VaultSetup, WorkflowSetup
from trialflow.adapters.checks.pytest_kit import (
    GuardContract,
    RendererContract,
    SourceContract,
    VaultContract,
    WorkflowContract,
)
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


class TestInbox(SourceContract):
    @pytest.fixture
    def setup(self, tmp_path: Path) -> SourceSetup:
        folder = tmp_path / "inbox"
        folder.mkdir()
        return inbox(folder)


class TestFormats(RendererContract):
    @pytest.fixture(params=sorted(FORMATS))
    def setup(self, request: pytest.FixtureRequest) -> RendererSetup:
        return formats(request.param)


class TestGuards(GuardContract):
    @pytest.fixture(params=sorted(GUARDS))
    def setup(self, request: pytest.FixtureRequest) -> GuardSetup:
        return GuardSetup(make=lambda: GUARDS[request.param])


class TestDefaultWorkflow(WorkflowContract):
    @pytest.fixture
    def setup(self) -> WorkflowSetup:
        return WorkflowSetup(make=default_workflow)
