"""The kit that proves an adapter right: for each port plain checks, each quoting the clause of the contract it tests.

One list of checks has three faces. In Python, :func:`run` gives outcomes; in pytest, the classes of
:mod:`trialflow.adapters.checks.pytest_kit` make one test of each; at the shell, ``trialflow check storage NAME`` prints
them. docs/conformance.md shows all three, and says when checks may be added.

Nothing here needs a test framework; the check against the reference in memory needs Hypothesis, and is skipped without
it (``pip install trialflow[testing]`` brings both).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialflow.adapters.checks.guards import GUARD_CHECKS, GuardSetup
    from trialflow.adapters.checks.outcome import Broken, Check, Outcome, Skipped
    from trialflow.adapters.checks.renderer_setup import RendererSetup
    from trialflow.adapters.checks.renderers import RENDERER_CHECKS
    from trialflow.adapters.checks.running import run
    from trialflow.adapters.checks.source_setup import SourceSetup
    from trialflow.adapters.checks.sources import SOURCE_CHECKS
    from trialflow.adapters.checks.storage_setup import Host, Opener, StorageSetup
    from trialflow.adapters.checks.storages import STORAGE_CHECKS
    from trialflow.adapters.checks.vault_setup import VaultHost, VaultSetup
    from trialflow.adapters.checks.vaults import VAULT_CHECKS
    from trialflow.adapters.checks.workflows import WORKFLOW_CHECKS, WorkflowSetup

__all__ = [
    "GUARD_CHECKS",
    "RENDERER_CHECKS",
    "SOURCE_CHECKS",
    "STORAGE_CHECKS",
    "VAULT_CHECKS",
    "WORKFLOW_CHECKS",
    "Broken",
    "Check",
    "GuardSetup",
    "Host",
    "Opener",
    "Outcome",
    "RendererSetup",
    "Skipped",
    "SourceSetup",
    "StorageSetup",
    "VaultHost",
    "VaultSetup",
    "WorkflowSetup",
    "run",
]

_HOMES = {
    "Broken": "outcome",
    "Check": "outcome",
    "GUARD_CHECKS": "guards",
    "GuardSetup": "guards",
    "Host": "storage_setup",
    "Opener": "storage_setup",
    "Outcome": "outcome",
    "RENDERER_CHECKS": "renderers",
    "RendererSetup": "renderer_setup",
    "SOURCE_CHECKS": "sources",
    "STORAGE_CHECKS": "storages",
    "Skipped": "outcome",
    "SourceSetup": "source_setup",
    "StorageSetup": "storage_setup",
    "VAULT_CHECKS": "vaults",
    "VaultHost": "vault_setup",
    "VaultSetup": "vault_setup",
    "WORKFLOW_CHECKS": "workflows",
    "WorkflowSetup": "workflows",
    "run": "running",
}


def __getattr__(name: str) -> Any:
    """Load a name when it is first used: another process that writes to a store needs no reports."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
