"""Checks of S1 to S3: appends are whole, versions are the lock, numbers have no gaps."""

from __future__ import annotations

import contextlib
from functools import partial

from trialflow.adapters.checks.outcome import Broken, Check, Skipped, quotes, refused, require
from trialflow.adapters.checks.samples import MONDAY, contacted, noted, received
from trialflow.adapters.checks.storage_setup import StorageSetup, snapshot
from trialflow.adapters.ports import Append, Storage, SupportsBatch
from trialflow.model.errors import Conflict, KeyReused
from trialflow.model.events import Unknown

__all__ = ["APPEND_CHECKS", "batching"]


def batching(store: Storage) -> SupportsBatch:
    """``store`` where it takes batches. Raises ``Skipped``."""
    if not isinstance(store, SupportsBatch):
        raise Skipped("the store has no `append_batch` (SupportsBatch)")
    return store


@quotes("S1")
def stores_all_events_in_one_append(setup: StorageSetup) -> None:
    """What one append brings is stored as a whole, and returned as stored."""
    store = setup.fresh()
    events = [received(), contacted(1), contacted(2)]
    done = store.append("lead:a", events, expected_version=0)
    require(tuple(store.read("lead:a")) == tuple(done), "append() must return exactly what was stored")
    require([r.event for r in done] == events, "append() must store the events in the order given")
    require([r.version for r in done] == [1, 2, 3], "three events must be versions 1, 2 and 3")


@quotes("S1")
def stores_nothing_of_a_failing_append(setup: StorageSetup) -> None:
    """An append that fails half-way leaves nothing behind."""
    store = setup.fresh()
    store.append("lead:a", [received()], expected_version=0)
    before = snapshot(store)
    unwritable = Unknown(at=MONDAY, by=received().by, unknown_kind="odd", payload={"kind": "odd", "value": object()})
    try:
        store.append("lead:a", [contacted(1), unwritable], expected_version=1)
    except Exception:
        require(snapshot(store) == before, "an append that raised must leave the store as it was")
    else:
        raise Broken("an event that has no JSON must not be stored")


@quotes("S1")
def stores_all_parts_of_a_batch_or_none(setup: StorageSetup) -> None:
    """A batch whose last part conflicts stores none of its parts."""
    store = setup.fresh()
    batch = batching(store)
    store.append("lead:b", [received()], expected_version=0)
    before = snapshot(store)
    parts = [Append("lead:a", (received(),), 0), Append("lead:b", (contacted(1),), 0)]
    conflict = refused(Conflict, lambda: batch.append_batch(parts), "a batch with a stale part must raise Conflict")
    require((conflict.stream, conflict.expected, conflict.actual) == ("lead:b", 0, 1), "Conflict names the stale part")
    require(snapshot(store) == before, "a refused batch must store nothing")


@quotes("S1")
def takes_two_parts_of_one_stream_in_a_batch(setup: StorageSetup) -> None:
    """Parts of one batch see each other: the second continues where the first ends."""
    store = setup.fresh()
    batch = batching(store)
    done = batch.append_batch([Append("lead:a", (received(),), 0), Append("lead:a", (contacted(1), contacted(2)), 1)])
    require([r.version for r in done] == [1, 2, 3], "two parts of one stream must be numbered on")
    stale = [Append("lead:a", (contacted(3),), 3), Append("lead:a", (contacted(4),), 3)]
    conflict = refused(Conflict, lambda: batch.append_batch(stale), "the second part at a stale version must conflict")
    require(conflict.actual == 4, "Conflict must count the first part of its own batch")
    require(len(store.read("lead:a")) == 3, "a refused batch must store nothing")


@quotes("S2")
def refuses_a_stale_version(setup: StorageSetup) -> None:
    """A wrong ``expected_version`` raises Conflict with both versions: below, above and for a new stream."""
    store = setup.fresh()
    store.append("lead:a", [received(), contacted(1)], expected_version=0)
    before = snapshot(store)
    for wrong in (0, 1, 3, -1):
        conflict = refused(
            Conflict,
            partial(store.append, "lead:a", [contacted(2)], expected_version=wrong),
            f"append() at version {wrong} of a stream at 2 must raise Conflict",
        )
        require((conflict.expected, conflict.actual) == (wrong, 2), "Conflict must carry both versions")
    new = refused(
        Conflict, lambda: store.append("lead:b", [received()], expected_version=1), "an absent stream is at version 0"
    )
    require((new.stream, new.expected, new.actual) == ("lead:b", 1, 0), "Conflict must carry both versions")
    require(snapshot(store) == before, "a conflict must store nothing")


@quotes("S2")
def checks_the_version_of_an_empty_append(setup: StorageSetup) -> None:
    """An append of no events stores nothing, makes no stream, and still checks the version."""
    store = setup.fresh()
    require(tuple(store.append("lead:a", [], expected_version=0)) == (), "no events, no records")
    require(tuple(store.scan()) == (), "an empty append must store nothing")
    refused(Conflict, lambda: store.append("lead:a", [], expected_version=1), "an empty append must check the version")
    store.append("lead:a", [received()], expected_version=0)
    require(len(store.read("lead:a")) == 1, "a stream must begin after an empty append as if there had been none")


@quotes("S3")
def numbers_without_gaps(setup: StorageSetup) -> None:
    """Positions count over the store, versions over each stream, from 1 and without gaps, refusals in between."""
    store = setup.fresh()
    for number in range(3):
        store.append("lead:a", [noted(f"a{number}", key=f"a{number}")], expected_version=number)
        with contextlib.suppress(Conflict):
            store.append("lead:a", [noted("x")], expected_version=9)
        with contextlib.suppress(KeyReused):
            store.append("site:main", [noted("x", key=f"a{number}")], expected_version=number)
        store.append("site:main", [noted(f"b{number}")], expected_version=number)
    found = [r.position for r in store.scan()]
    require(found == [1, 2, 3, 4, 5, 6], f"positions must be 1 to 6 without gaps, also after refusals: {found}")
    for stream in ("lead:a", "site:main"):
        require([r.version for r in store.read(stream)] == [1, 2, 3], f"versions of {stream} must be 1, 2, 3")


APPEND_CHECKS: tuple[Check[StorageSetup], ...] = (
    stores_all_events_in_one_append,
    stores_nothing_of_a_failing_append,
    stores_all_parts_of_a_batch_or_none,
    takes_two_parts_of_one_stream_in_a_batch,
    refuses_a_stale_version,
    checks_the_version_of_an_empty_append,
    numbers_without_gaps,
)
