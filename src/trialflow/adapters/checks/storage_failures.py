"""The check of S14: where the medium fails, a store says truly what it left, and works again afterwards."""

from __future__ import annotations

from trialflow.adapters.checks.outcome import Broken, Check, Skipped, quotes, require
from trialflow.adapters.checks.samples import noted, received
from trialflow.adapters.checks.storage_setup import StorageSetup
from trialflow.adapters.ports import Storage
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import StorageError

__all__ = ["FAILURE_CHECKS"]

_MOST = 200
"""Operations of one append after which a store is taken to count wrongly."""
_EVENTS = [noted("one", key="k1"), noted("two"), noted("three")]


@quotes("S14")
def tells_what_a_failed_write_left(setup: StorageSetup) -> None:
    """Each operation of an append fails once: the outcome is true, and the retry with the same key stores it once."""
    if setup.failing is None:
        raise Skipped("no `failing` is given: a context in which the n-th operation of the store fails")
    for n in range(1, _MOST):
        store = setup.fresh()
        store.append("lead:a", [received()], expected_version=0)
        with setup.failing(store, n) as reached:
            outcome = _attempt(store)
        if not reached():
            require(n > 1, "`failing` must let at least one operation of an append fail")
            return
        stored = len(store.read("lead:a")) - 1
        allowed = {"stored": (3,), "not stored": (0,), "unknown": (0, 3)}[outcome]
        said = f"operation {n} failed and append() said {outcome!r}, but {stored} of 3 events were there"
        require(stored in allowed, said)
        store.append("lead:a", _EVENTS, expected_version=1)
        found = [getattr(r.event, "ref", "") for r in store.read("lead:a")[1:]]
        require(found == ["one", "two", "three"], f"after operation {n} failed, a retry must store the append once")
        require(verify(store).ok, f"after operation {n} failed and a retry, the chain must hold")
        setup.release(store)
    raise Broken(f"one append takes {_MOST} operations on the medium, or `failing` does not count them")


def _attempt(store: Storage) -> str:
    try:
        store.append("lead:a", _EVENTS, expected_version=1)
    except StorageError as error:
        return error.outcome
    except Exception as error:
        raise Broken(f"a write that fails must raise StorageError, not {type(error).__name__}") from error
    return "stored"


FAILURE_CHECKS: tuple[Check[StorageSetup], ...] = (tells_what_a_failed_write_left,)
