"""Every check of a storage, in the order of the clauses: S of :mod:`.ports`, then Q of :mod:`.queries`."""

from __future__ import annotations

from trialflow.adapters.checks.outcome import Check
from trialflow.adapters.checks.storage_appends import APPEND_CHECKS
from trialflow.adapters.checks.storage_failures import FAILURE_CHECKS
from trialflow.adapters.checks.storage_following import FOLLOWING_CHECKS
from trialflow.adapters.checks.storage_history import HISTORY_CHECKS
from trialflow.adapters.checks.storage_hosts import HOST_CHECKS
from trialflow.adapters.checks.storage_model import MODEL_CHECKS
from trialflow.adapters.checks.storage_processes import PROCESS_CHECKS
from trialflow.adapters.checks.storage_queries import QUERY_CHECKS
from trialflow.adapters.checks.storage_reads import READ_CHECKS
from trialflow.adapters.checks.storage_setup import StorageSetup
from trialflow.adapters.checks.storage_threads import THREAD_CHECKS

__all__ = ["STORAGE_CHECKS"]


def _place(check: Check[StorageSetup]) -> tuple[bool, int]:
    return check.clause[0] != "S", int(check.clause[1:])


_ALL = (
    *APPEND_CHECKS, *READ_CHECKS, *HISTORY_CHECKS, *THREAD_CHECKS, *PROCESS_CHECKS, *FAILURE_CHECKS, *HOST_CHECKS,
    *MODEL_CHECKS, *FOLLOWING_CHECKS, *QUERY_CHECKS,
)  # fmt: skip

STORAGE_CHECKS: tuple[Check[StorageSetup], ...] = tuple(sorted(_ALL, key=_place))
"""Sorted by clause; within a clause as written."""
