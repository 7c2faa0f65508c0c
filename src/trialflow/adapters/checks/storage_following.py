"""The check of S17: whoever follows a store misses nothing."""

from __future__ import annotations

from itertools import islice

from trialflow.adapters.checks.outcome import Check, Skipped, quotes, require
from trialflow.adapters.checks.samples import noted
from trialflow.adapters.checks.storage_setup import StorageSetup
from trialflow.adapters.ports import SupportsSubscribe

__all__ = ["FOLLOWING_CHECKS"]

_PATIENCE = 20.0
_SOON = 0.2


@quotes("S17")
def tells_followers_of_every_append(setup: StorageSetup) -> None:
    """A follower gets what was there, what came while it read, and what comes later; then it ends when it should."""
    store = setup.shared()
    if not isinstance(store, SupportsSubscribe):
        raise Skipped("the store has no `subscribe` (SupportsSubscribe)")
    for number in range(3):
        store.append("lead:a", [noted(f"n{number}")], expected_version=number)
    following = iter(store.subscribe(after=1, timeout=_PATIENCE))
    seen = [next(following).position]
    for number in range(3, 6):
        store.append("lead:b", [noted(f"n{number}")], expected_version=number - 3)
    seen += [record.position for record in islice(following, 4)]
    store.append("lead:a", [noted("n6"), noted("n7")], expected_version=3)
    seen += [record.position for record in islice(following, 2)]
    require(seen == [2, 3, 4, 5, 6, 7, 8], f"a follower must get every record once and in order: {seen}")
    require(not list(store.subscribe(after=8, timeout=_SOON)), "where nothing comes, a follower must get nothing")
    stopped = store.subscribe(after=8, timeout=_PATIENCE, stop=lambda: True)
    require(not list(stopped), "a follower that is told to stop must end")


FOLLOWING_CHECKS: tuple[Check[StorageSetup], ...] = (tells_followers_of_every_append,)
