"""The kit that proves an adapter right: for each port plain checks, each quoting the clause of the contract it tests.

One list of checks has three faces. In Python, :func:`run` gives outcomes; in pytest, the classes of
:mod:`trialflow.adapters.checks.pytest_kit` make one test of each; at the shell, ``trialflow check storage NAME`` prints
them. docs/conformance.md shows all three, and says when checks may be added.

Nothing here needs a test framework; the check against the reference in memory needs Hypothesis, and is skipped without
it (``pip install trialflow[testing]`` brings both).
"""

from trialflow.adapters.checks.outcome import Broken, Check, Outcome, Skipped
from trialflow.adapters.checks.running import run
from trialflow.adapters.checks.storage_setup import Host, Opener, StorageSetup
from trialflow.adapters.checks.storages import STORAGE_CHECKS

__all__ = ["STORAGE_CHECKS", "Broken", "Check", "Host", "Opener", "Outcome", "Skipped", "StorageSetup", "run"]
