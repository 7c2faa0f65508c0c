"""Checks of S15: a store on a host's connection is a guest in the host's transaction."""

from __future__ import annotations

from trialflow.adapters.checks.outcome import Check, Skipped, quotes, refused, require
from trialflow.adapters.checks.samples import MONDAY, contacted, noted, received
from trialflow.adapters.checks.storage_setup import StorageSetup
from trialflow.adapters.ports import SupportsPending
from trialflow.model.errors import Conflict, KeyReused
from trialflow.model.events import Unknown

__all__ = ["HOST_CHECKS"]


@quotes("S15")
def goes_with_the_hosts_transaction(setup: StorageSetup) -> None:
    """What is appended is seen at once inside, gone when the host rolls back, there when it commits."""
    host = setup.hosted()
    store = host.storage
    host.begin()
    store.append("lead:a", [received(), contacted(1)], expected_version=0)
    require(len(store.read("lead:a")) == 2, "inside the transaction, an append must be seen at once")
    host.rollback()
    require(tuple(store.scan()) == (), "what was appended must be gone when the host rolls back")
    host.begin()
    store.append("lead:a", [received()], expected_version=0)
    store.append("lead:b", [received()], expected_version=0)
    host.commit()
    host.begin()
    host.rollback()
    found = [r.position for r in store.scan()]
    require(found == [1, 2], f"what was appended must be there when the host commits, from position 1 on: {found}")


@quotes("S15")
def leaves_the_hosts_work_to_the_host(setup: StorageSetup) -> None:
    """What the host wrote before and after an append is the host's to commit and to roll back."""
    host = setup.hosted()
    host.begin()
    host.write("before")
    host.storage.append("lead:a", [received()], expected_version=0)
    host.write("after")
    host.rollback()
    require(host.written() == [], f"an append must not commit what the host wrote: {host.written()}")
    host.begin()
    host.write("before")
    host.storage.append("lead:b", [noted("n")], expected_version=0)
    host.write("after")
    host.commit()
    require(host.written() == ["before", "after"], f"an append must undo nothing of the host's: {host.written()}")


@quotes("S15")
def leaves_the_transaction_usable(setup: StorageSetup) -> None:
    """After a conflict, a refused key and an append that failed, the host goes on in the same transaction."""
    host = setup.hosted()
    store = host.storage
    unwritable = Unknown(at=MONDAY, by=received().by, unknown_kind="odd", payload={"kind": "odd", "value": object()})
    host.begin()
    host.write("before")
    store.append("lead:a", [received(key="k")], expected_version=0)
    refused(
        Conflict, lambda: store.append("lead:a", [contacted(1)], expected_version=0), "a used version must conflict"
    )
    refused(KeyReused, lambda: store.append("lead:b", [received(key="k")], expected_version=0), "a used key")
    refused(Exception, lambda: store.append("lead:a", [unwritable], expected_version=1), "an event without JSON")
    store.append("lead:a", [contacted(1)], expected_version=1)
    host.write("after")
    host.commit()
    require(host.written() == ["before", "after"], "a refused append must undo nothing of the host's work")
    require([r.version for r in store.read("lead:a")] == [1, 2], "a refused append must undo nothing but itself")


@quotes("S15")
def tells_of_an_open_transaction(setup: StorageSetup) -> None:
    """``pending`` is true from the host's beginning of a transaction, or its first append, to its end; else false."""
    host = setup.hosted()
    store = host.storage
    if not isinstance(store, SupportsPending):
        raise Skipped("the store has no `pending` (SupportsPending)")
    for version, end in enumerate((host.commit, host.rollback)):
        host.begin()
        store.append("lead:a", [noted(f"n{version}")], expected_version=version)
        require(store.pending(), "pending() must be true while what was appended is not committed")
        end()
        require(not store.pending(), "pending() must be false once the host's transaction is over")


HOST_CHECKS: tuple[Check[StorageSetup], ...] = (
    goes_with_the_hosts_transaction,
    leaves_the_hosts_work_to_the_host,
    leaves_the_transaction_usable,
    tells_of_an_open_transaction,
)
