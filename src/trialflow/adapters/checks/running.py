"""Run the checks of a port on an adapter, from Python."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from trialflow.adapters.checks.guards import GUARD_CHECKS, GuardSetup
from trialflow.adapters.checks.outcome import Check, Outcome, outcome_of, unknown_names
from trialflow.adapters.checks.renderer_setup import RendererSetup
from trialflow.adapters.checks.renderers import RENDERER_CHECKS
from trialflow.adapters.checks.source_setup import SourceSetup
from trialflow.adapters.checks.sources import SOURCE_CHECKS
from trialflow.adapters.checks.storage_setup import StorageSetup
from trialflow.adapters.checks.storages import STORAGE_CHECKS
from trialflow.adapters.checks.vault_setup import VaultSetup
from trialflow.adapters.checks.vaults import VAULT_CHECKS
from trialflow.adapters.checks.workflows import WORKFLOW_CHECKS, WorkflowSetup

__all__ = ["CHECKS", "checks_of", "run", "run_one"]

CHECKS: Mapping[type, tuple[Check[Any], ...]] = MappingProxyType(
    {
        StorageSetup: STORAGE_CHECKS,
        VaultSetup: VAULT_CHECKS,
        SourceSetup: SOURCE_CHECKS,
        RendererSetup: RENDERER_CHECKS,
        GuardSetup: GUARD_CHECKS,
        WorkflowSetup: WORKFLOW_CHECKS,
    }
)
"""The checks of each port, by what they are run on."""

_NONE: Mapping[str, str] = MappingProxyType({})


def checks_of(setup: Any) -> tuple[Check[Any], ...]:
    """The checks that are run on a setup."""
    return CHECKS[type(setup)]


def run(setup: Any, *, expected_failures: Mapping[str, str] = _NONE) -> tuple[Outcome, ...]:
    """Run every check of the port that ``setup`` is for (``StorageSetup`` ... ``WorkflowSetup``).

    ``expected_failures`` maps the names of checks to the reasons why they fail for now. It is strict: a check on it
    that passes has failed, and so has a name that is no check's.
    """
    checks = checks_of(setup)
    found = [run_one(check, setup, expected_failures=expected_failures) for check in checks]
    return (*found, *unknown_names(checks, expected_failures))


def run_one(check: Check[Any], setup: Any, *, expected_failures: Mapping[str, str] = _NONE) -> Outcome:
    """Run one check and close what it opened. What cannot be closed has failed, too."""
    found: Outcome | None = None
    try:
        with setup.closing():
            found = outcome_of(check, setup, expected_failures)
    except Exception as error:
        if found is None or found.ok:
            return Outcome(check.name, check.clause, "failed", f"close() raised {type(error).__name__}: {error}", error)
    assert found is not None
    return found
