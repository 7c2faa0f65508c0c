"""The kit that proves an adapter right: for each port plain checks, each quoting the clause of the contract it tests.

One list of checks has three faces. In Python, :func:`run` gives outcomes; in pytest, the classes of
:mod:`trialflow.adapters.checks.pytest_kit` make one test of each; at the shell, ``trialflow check storage NAME`` prints
them. docs/conformance.md shows all three, and says when checks may be added.

Nothing here needs a test framework; the check against the reference in memory needs Hypothesis, and is skipped without
it (``pip install trialflow[testing]`` brings both).
"""

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
