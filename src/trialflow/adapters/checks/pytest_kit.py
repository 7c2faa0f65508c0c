"""The checks as tests: derive a class from the contract of a port, give its setup as a fixture.

    class TestAcme(StorageContract):
        expected_failures = {"shows_no_late_arrival": "ACME-12: no order over all streams yet"}

        @pytest.fixture
        def setup(self, tmp_path):
            return StorageSetup(make=lambda clock: AcmeStorage(tmp_path / f"{uuid.uuid4()}.acme", clock=clock))

Each class has one test, ``test_contract``, with the name of a check in brackets: ``TestAcme::test_contract[...]``.
There is nothing to override but ``setup`` and ``expected_failures``. The latter is strict: a check that passes though
it was expected to fail is a failure, and so is a name that is no check's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from trialflow.adapters.checks.guards import GUARD_CHECKS
from trialflow.adapters.checks.outcome import Check, Outcome, unknown_names
from trialflow.adapters.checks.renderers import RENDERER_CHECKS
from trialflow.adapters.checks.running import run_one
from trialflow.adapters.checks.sources import SOURCE_CHECKS
from trialflow.adapters.checks.storages import STORAGE_CHECKS
from trialflow.adapters.checks.vaults import VAULT_CHECKS
from trialflow.adapters.checks.workflows import WORKFLOW_CHECKS

__all__ = [
    "GuardContract",
    "RendererContract",
    "SourceContract",
    "StorageContract",
    "VaultContract",
    "WorkflowContract",
]


class _Contract:
    """One test over a list of checks."""

    checks: ClassVar[tuple[Check[Any], ...]] = ()
    expected_failures: ClassVar[Mapping[str, str]] = {}
    """Names of checks that fail for now, and why."""

    @pytest.fixture
    def setup(self) -> Any:
        """What the checks are run on. To be overridden."""
        raise NotImplementedError(f"{type(self).__name__} needs a fixture `setup` that gives what the checks run on")

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each check, and one that fails for each expected failure that is no check."""
        if "check" in metafunc.fixturenames:
            unknown = unknown_names(self.checks, self.expected_failures)
            rows = [*self.checks, *unknown]
            metafunc.parametrize("check", rows, ids=[getattr(r, "name", getattr(r, "check", "")) for r in rows])

    def test_contract(self, check: Check[Any] | Outcome, setup: Any) -> None:
        """The adapter keeps the clause that the check quotes."""
        found = check if isinstance(check, Outcome) else run_one(check, setup, expected_failures=self.expected_failures)
        if found.status == "skipped":
            pytest.skip(found.message)
        if found.status == "expected":
            pytest.xfail(found.message)
        if found.status == "failed":
            raise AssertionError(f"{found.clause}: {found.message}".removeprefix(": ")) from found.error


class StorageContract(_Contract):
    """The contract of :class:`~trialflow.adapters.ports.Storage`. ``setup`` gives a ``StorageSetup``."""

    checks = STORAGE_CHECKS


class VaultContract(_Contract):
    """The contract of :class:`~trialflow.adapters.ports.Vault`. ``setup`` gives a ``VaultSetup``."""

    checks = VAULT_CHECKS


class SourceContract(_Contract):
    """The contract of :class:`~trialflow.adapters.ports.LeadSource`. ``setup`` gives a ``SourceSetup``."""

    checks = SOURCE_CHECKS


class RendererContract(_Contract):
    """The contract of :class:`~trialflow.adapters.ports.Renderer`. ``setup`` gives a ``RendererSetup``."""

    checks = RENDERER_CHECKS


class GuardContract(_Contract):
    """The contract of a guard (:mod:`trialflow.adapters.checks.guards`). ``setup`` gives a ``GuardSetup``."""

    checks = GUARD_CHECKS


class WorkflowContract(_Contract):
    """The contract of a workflow (:mod:`trialflow.adapters.checks.workflows`). ``setup`` gives a ``WorkflowSetup``."""

    checks = WORKFLOW_CHECKS
