"""Checks of S7 to S11: keys, the clock, history that nobody changes, seals, and what a store says of itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from trialflow.adapters.checks.outcome import Broken, Check, Skipped, quotes, refused, require
from trialflow.adapters.checks.samples import MONDAY, Ticking, contacted, later_kind, noted, received
from trialflow.adapters.checks.storage_appends import batching
from trialflow.adapters.checks.storage_setup import StorageSetup, snapshot
from trialflow.adapters.ports import Append, SupportsHead, SupportsRaw, SupportsSelfCheck
from trialflow.adapters.storages.raw_records import raw_record
from trialflow.adapters.storages.verify import verify
from trialflow.model.codec import dumps
from trialflow.model.errors import Conflict, KeyReused
from trialflow.model.events import Event, Unknown

__all__ = ["HISTORY_CHECKS"]


@quotes("S7")
def stores_a_retried_append_once(setup: StorageSetup) -> None:
    """The same append again, recognised by a key, stores nothing and returns what was stored."""
    store = setup.fresh()
    first = store.append("lead:a", [received(key="k1"), contacted(1)], expected_version=0)
    store.append("lead:a", [contacted(2)], expected_version=2)
    before = snapshot(store)
    for version in (0, 3, 99):
        again = store.append("lead:a", [received(key="k1"), contacted(1)], expected_version=version)
        require(tuple(again) == tuple(first), "a repeated append must return the stored records, whatever the version")
    require(snapshot(store) == before, "a repeated append must store nothing")


@quotes("S7")
def stores_a_retried_batch_once(setup: StorageSetup) -> None:
    """A batch again stores only the parts that are new."""
    store = setup.fresh()
    batch = batching(store)
    parts = [Append("lead:a", (received(key="a"),), 0), Append("lead:b", (received(key="b"), contacted(1)), 0)]
    first = tuple(batch.append_batch(parts))
    more = tuple(batch.append_batch([*parts, Append("lead:c", (received(key="c"),), 0)]))
    require(more[:3] == first, "parts stored before must come back as stored, in the order given")
    require([r.position for r in store.scan()] == [1, 2, 3, 4], "only the new part may be stored")


@quotes("S7")
def refuses_a_key_that_stands_for_something_else(setup: StorageSetup) -> None:
    """A key used for another stream, other content or more events is refused, and the message does not show it."""
    store = setup.fresh()
    store.append("lead:a", [received(key="secret-key")], expected_version=0)
    before = snapshot(store)
    others: list[tuple[str, list[Event], int]] = [
        ("lead:b", [received(key="secret-key")], 0),
        ("lead:a", [contacted(1, key="secret-key")], 1),
        ("lead:a", [received(source="Letter", key="secret-key")], 0),
        ("lead:a", [received(key="secret-key"), contacted(1)], 0),
        ("lead:a", [contacted(1), received(key="secret-key")], 1),
        ("lead:b", [received(key="new"), contacted(1, key="new")], 0),
    ]
    for stream, events, version in others:
        error = refused(
            KeyReused,
            partial(store.append, stream, events, expected_version=version),
            "a key that stands for something else must raise KeyReused",
        )
        require("secret-key" not in str(error), "the message must not show the key")
    require(snapshot(store) == before, "a refused key must store nothing")


@quotes("S8")
def stamps_with_its_own_clock(setup: StorageSetup) -> None:
    """``recorded_at`` is what the store's clock says, whatever ``at`` the caller gives, also after a step back."""
    clock = Ticking(step=timedelta(0))
    store = setup.fresh(clock)
    times = [MONDAY, MONDAY + timedelta(days=3650), MONDAY - timedelta(days=1), MONDAY - timedelta(days=1)]
    for number, now in enumerate(times):
        clock.now = now
        store.append("lead:a", [noted(f"n{number}", MONDAY + timedelta(days=99))], expected_version=number)
    require([r.recorded_at for r in store.scan()] == times, "recorded_at must be the store's clock, in recording order")
    require([r.position for r in store.scan()] == [1, 2, 3, 4], "the order must be the position, never the time")


@quotes("S8")
def stamps_the_present_instant(setup: StorageSetup) -> None:
    """Where nobody sets the clock, ``recorded_at`` is the instant of the append, aware and in UTC."""
    store, before = setup.fresh(), datetime.now(UTC)
    store.append("lead:a", [received(MONDAY)], expected_version=0)
    (stamp,) = [r.recorded_at for r in store.scan()]
    require(stamp.utcoffset() == timedelta(0), f"recorded_at must be aware and in UTC: {stamp!r}")
    # Another machine's clock may be a little off; a local time taken for UTC is off by more.
    allowed = timedelta(minutes=5)
    require(before - allowed <= stamp <= datetime.now(UTC) + allowed, f"recorded_at must be the present: {stamp}")


@quotes("S8")
def refuses_a_clock_without_zone(setup: StorageSetup) -> None:
    """A store whose clock is naive stores nothing: nobody could say which instant was meant."""
    store = setup.fresh(lambda: datetime(2026, 3, 2))  # noqa: DTZ001
    try:
        store.append("lead:a", [received()], expected_version=0)
    except ValueError:
        require(tuple(store.scan()) == (), "nothing may be stored under a naive clock")
    else:
        raise Broken("a naive clock must be refused with ValueError")


@quotes("S9")
def keeps_its_own_copy(setup: StorageSetup) -> None:
    """What a caller does to an event or a list after the append changes nothing stored."""
    store = setup.fresh()
    event = later_kind(1)
    events = [received(), event]
    store.append("lead:a", events, expected_version=0)
    before = [dumps(r.event) for r in store.scan()]
    events.clear()
    assert isinstance(event, Unknown)
    event.payload["nested"] = "changed"
    require([dumps(r.event) for r in store.scan()] == before, "history must not change with the caller's objects")


@quotes("S10")
def seals_every_record(setup: StorageSetup) -> None:
    """The chain over all records holds; where there is a head, it fits, and an earlier one is found on the way."""
    store = setup.fresh()
    heads = [store.head()] if isinstance(store, SupportsHead) else []
    for number in range(7):
        store.append(f"lead:{number % 2}", [noted(f"n{number}")], expected_version=number // 2)
        heads += [store.head()] if isinstance(store, SupportsHead) else []
    found = verify(store)
    require(found.ok and found.records == 7 and found.streams == 2, f"verify() must pass: {found.message}")
    require([position for position, _ in heads] in ([], list(range(8))), "head() must be at the last position")
    for head in heads:
        require(verify(store, expected_head=head).ok, "every head noted on the way must be found again")


@quotes("S11")
def shows_records_as_they_lie(setup: StorageSetup) -> None:
    """``raw`` gives for each record what its seal covers, and its key, beginning after the given position."""
    store = setup.fresh()
    if not isinstance(store, SupportsRaw):
        raise Skipped("the store has no `raw` (SupportsRaw)")
    for number in range(4):
        events = [received(key=f"k{number}"), contacted(1)]
        store.append(f"lead:{number % 2}", events, expected_version=number // 2 * 2)
    wanted = [raw_record(record) for record in store.scan()]
    for after in (0, 3, 8, 9):
        found = [row._replace(key=row.key or "") for row in store.raw(after=after)]  # None or "" where there is none
        require(found == wanted[after:], f"raw(after={after}) must be what the seals cover, each with its key")


@quotes("S11")
def finds_no_fault_in_itself(setup: StorageSetup) -> None:
    """``faults`` is empty for a store that was only used: appends, a conflict, a refused key, a retry."""
    store = setup.fresh()
    if not isinstance(store, SupportsSelfCheck):
        raise Skipped("the store has no `faults` (SupportsSelfCheck)")
    store.append("lead:a", [received(key="k")], expected_version=0)
    refused(Conflict, lambda: store.append("lead:a", [contacted(1)], expected_version=5), "a wrong version")
    refused(KeyReused, lambda: store.append("lead:b", [received(key="k")], expected_version=0), "a used key")
    store.append("lead:a", [received(key="k")], expected_version=0)
    require(not store.faults(), f"a store that was only used must have no faults: {tuple(store.faults())}")


HISTORY_CHECKS: tuple[Check[StorageSetup], ...] = (
    stores_a_retried_append_once,
    stores_a_retried_batch_once,
    refuses_a_key_that_stands_for_something_else,
    stamps_with_its_own_clock,
    stamps_the_present_instant,
    refuses_a_clock_without_zone,
    keeps_its_own_copy,
    seals_every_record,
    shows_records_as_they_lie,
    finds_no_fault_in_itself,
)
