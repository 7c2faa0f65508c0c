"""Checks of S2, S5 and S12 with several threads and several handles."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from trialflow.adapters.checks.outcome import Check, quotes, refused, require
from trialflow.adapters.checks.samples import contacted, noted, received
from trialflow.adapters.checks.storage_setup import StorageSetup
from trialflow.adapters.ports import Storage
from trialflow.model.errors import Conflict, KeyReused
from trialflow.model.recorded import Recorded

__all__ = ["THREAD_CHECKS"]

_PATIENCE = 60.0
"""Seconds after which a thread that has not come back is taken to wait for ever."""


def _together(jobs: list[Callable[[], None]], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Run every job in a thread of its own, begun at one moment. Raises what the first of them raised."""
    raised: list[BaseException] = []
    gate = threading.Barrier(len(jobs))

    def guarded(job: Callable[[], None]) -> None:
        try:
            gate.wait(_PATIENCE)
            job()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) and not raised:
        meanwhile()
        threads[0].join(0.001)
        if not threads[0].is_alive():
            threads.append(threads.pop(0))
    _joined(threads)
    if raised:
        raise raised[0]


def _joined(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(_PATIENCE)
        require(not thread.is_alive(), "threads that append at once must not wait for each other for ever")


@quotes("S2")
def lets_one_of_many_threads_through(setup: StorageSetup) -> None:
    """Of many threads that append at one version, exactly one succeeds and each other one gets Conflict."""
    store = setup.shared()
    store.append("lead:a", [received()], expected_version=0)
    results: list[str] = []

    def write(number: int) -> None:
        try:
            store.append("lead:a", [noted(f"note-{number}")], expected_version=1)
            results.append("stored")
        except Conflict:
            results.append("conflict")

    _together([lambda n=n: write(n) for n in range(8)])  # type: ignore[misc]
    require(sorted(results) == ["conflict"] * 7 + ["stored"], f"one writer must win and seven must see it: {results}")
    require(len(store.read("lead:a")) == 2, "one event must be stored")


@quotes("S5")
def shows_no_late_arrival(setup: StorageSetup) -> None:
    """While threads write, a reader that goes on from what it saw sees every record once and in order."""
    store, writers, each = setup.shared(), 4, 30
    seen: list[int] = []

    def write(name: int) -> None:
        for number in range(each):
            store.append(f"lead:{name}", [noted(f"{name}-{number}")], expected_version=number)

    def read_on() -> None:
        seen.extend(r.position for r in store.scan(after=seen[-1] if seen else 0))

    _together([lambda n=n: write(n) for n in range(writers)], read_on)  # type: ignore[misc]
    read_on()
    missed = sorted(set(range(1, writers * each + 1)) - set(seen))
    require(not missed, f"a reader that goes on from what it saw must miss nothing; it missed positions {missed[:5]}")
    require(seen == sorted(set(seen)), "a reader that goes on from what it saw must see every position once, in order")


@quotes("S12")
def shows_every_handle_the_same(setup: StorageSetup) -> None:
    """What one handle appended, another one reads at once: streams, scans, and what it had read before."""
    store = setup.fresh()
    other = setup.again(store)
    for number in range(4):
        writer, reader = (store, other) if number % 2 else (other, store)
        require(len(reader.read("lead:a")) == number, "a handle must read what there is")
        writer.append("lead:a", [noted(f"n{number}")], expected_version=number)
        require(tuple(reader.read("lead:a")) == tuple(writer.read("lead:a")), "read() must be the same on every handle")
        require(list(reader.scan()) == list(writer.scan()), "scan() must be the same on every handle")


@quotes("S12")
def keeps_versions_and_keys_over_handles(setup: StorageSetup) -> None:
    """A handle knows the versions and keys that another one used."""
    store = setup.fresh()
    other = setup.again(store)
    first = _append(store, 0, key="k1")
    _append(other, 1, key="k2")
    conflict = refused(Conflict, lambda: _append(store, 1), "a version that another handle used up must conflict")
    require((conflict.expected, conflict.actual) == (1, 2), "Conflict must carry the version another handle made")
    require(tuple(_append(other, 0, key="k1")) == tuple(first), "a retry on another handle must be recognised")
    refused(KeyReused, lambda: _append(store, 2, key="k2"), "a key that another handle used must be refused")
    _append(store, 2)
    require([r.position for r in other.scan()] == [1, 2, 3], "positions must go on over all handles")


def _append(store: Storage, version: int, *, key: str = "") -> Sequence[Recorded]:
    # The number is part of the event: the same key with another number stands for something else.
    return store.append("lead:a", [contacted(version + 1, key=key)], expected_version=version)


THREAD_CHECKS: tuple[Check[StorageSetup], ...] = (
    lets_one_of_many_threads_through,
    shows_no_late_arrival,
    shows_every_handle_the_same,
    keeps_versions_and_keys_over_handles,
)
