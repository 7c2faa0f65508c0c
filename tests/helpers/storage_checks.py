"""The storage contract (trialflow.adapters.ports, S1 to S9) as plain functions: each takes a maker of empty stores.

No test framework in here: a check that fails raises ``Broken`` with one sentence. Each docstring begins with the clause
it checks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from ledger_samples import MONDAY, Ticking, contacted, later_kind, moved, noted, received
from trialflow.adapters.ports import Append, Storage, SupportsBatch, SupportsHead
from trialflow.adapters.storages.verify import verify
from trialflow.model.codec import dumps
from trialflow.model.errors import Conflict, KeyReused, TrialflowError
from trialflow.model.events import Event, Unknown

__all__ = ["STORAGE_CHECKS", "Broken", "Make"]


class Make(Protocol):
    """Makes an empty store with this clock."""

    def __call__(self, clock: Callable[[], datetime] = ...) -> Storage: ...


class Broken(AssertionError):
    """A store does not keep a clause of its contract."""


def require(holds: bool, sentence: str) -> None:
    """Raise :class:`Broken` with ``sentence`` unless it holds."""
    if not holds:
        raise Broken(sentence)


def refused(error: type[TrialflowError], act: Callable[[], object], sentence: str) -> Any:
    """The error that ``act`` raises; :class:`Broken` when it does not."""
    try:
        act()
    except error as raised:
        return raised
    raise Broken(sentence)


def snapshot(store: Storage) -> list[object]:
    """All that a store holds, and its head."""
    return [*store.scan(), store.head() if isinstance(store, SupportsHead) else None]


def stores_all_events_in_one_append(make: Make) -> None:
    """S1: what one append brings is stored as a whole."""
    store = make()
    done = store.append("lead:a", [received(), contacted(1), contacted(2)], expected_version=0)
    require(tuple(store.read("lead:a")) == tuple(done), "append() must return exactly what was stored")
    require([r.version for r in done] == [1, 2, 3], "three events must be versions 1, 2 and 3")


def stores_nothing_of_a_failing_append(make: Make) -> None:
    """S1: an append that fails half-way leaves nothing behind."""
    store = make()
    store.append("lead:a", [received()], expected_version=0)
    before = snapshot(store)
    unwritable = Unknown(at=MONDAY, by=received().by, unknown_kind="odd", payload={"kind": "odd", "value": object()})
    try:
        store.append("lead:a", [contacted(1), unwritable], expected_version=1)
    except Exception:
        require(snapshot(store) == before, "an append that raised must leave the store as it was")
    else:
        raise Broken("an event that has no JSON must not be stored")


def stores_all_parts_of_a_batch_or_none(make: Make) -> None:
    """S1: a batch whose last part conflicts stores none of its parts."""
    store = make()
    if not isinstance(store, SupportsBatch):
        return
    store.append("lead:b", [received()], expected_version=0)
    before = snapshot(store)
    parts = [Append("lead:a", (received(),), 0), Append("lead:b", (contacted(1),), 0)]
    conflict = refused(Conflict, lambda: store.append_batch(parts), "a batch with a stale part must raise Conflict")
    require((conflict.stream, conflict.expected, conflict.actual) == ("lead:b", 0, 1), "Conflict names the stale part")
    require(snapshot(store) == before, "a refused batch must store nothing")


def takes_two_parts_of_one_stream_in_a_batch(make: Make) -> None:
    """S1: parts of one batch see each other: the second continues where the first ends."""
    store = make()
    if not isinstance(store, SupportsBatch):
        return
    done = store.append_batch([Append("lead:a", (received(),), 0), Append("lead:a", (contacted(1), contacted(2)), 1)])
    require([r.version for r in done] == [1, 2, 3], "two parts of one stream must be numbered on")
    require(verify(store).ok, "the chain must hold over both parts")
    stale = [Append("lead:a", (contacted(3),), 3), Append("lead:a", (contacted(4),), 3)]
    conflict = refused(Conflict, lambda: store.append_batch(stale), "the second part at a stale version must conflict")
    require(conflict.actual == 4, "Conflict must count the first part of its own batch")
    require(len(store.read("lead:a")) == 3, "a refused batch must store nothing")


def refuses_a_stale_version(make: Make) -> None:
    """S2: a wrong ``expected_version`` raises Conflict with both versions, below, above and for a new stream."""
    store = make()
    store.append("lead:a", [received(), contacted(1)], expected_version=0)
    before = snapshot(store)
    for wrong in (0, 1, 3, -1):
        conflict = refused(
            Conflict,
            partial(store.append, "lead:a", [contacted(2)], expected_version=wrong),
            f"append() at version {wrong} of a stream at 2 must raise Conflict",
        )
        require((conflict.expected, conflict.actual) == (wrong, 2), "Conflict must carry both versions")
    refused(
        Conflict, lambda: store.append("lead:b", [received()], expected_version=1), "an absent stream is at version 0"
    )
    require(snapshot(store) == before, "a conflict must store nothing")


def an_empty_append_checks_the_version(make: Make) -> None:
    """S2: an append of no events stores nothing, makes no stream, and still checks the version."""
    store = make()
    require(tuple(store.append("lead:a", [], expected_version=0)) == (), "no events, no records")
    require(tuple(store.scan()) == (), "an empty append must store nothing")
    refused(Conflict, lambda: store.append("lead:a", [], expected_version=1), "an empty append must check the version")
    store.append("lead:a", [received()], expected_version=0)
    require(len(store.read("lead:a")) == 1, "a stream must begin after an empty append as if there had been none")


def lets_one_of_two_writers_through(make: Make) -> None:
    """S2: of many threads that append at one version, exactly one succeeds and each other one gets Conflict."""
    store = make()
    store.append("lead:a", [received()], expected_version=0)
    results: list[str] = []

    def write(number: int) -> None:
        try:
            store.append("lead:a", [noted(f"note-{number}")], expected_version=1)
            results.append("stored")
        except Conflict:
            results.append("conflict")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    require(sorted(results) == ["conflict"] * 7 + ["stored"], f"one writer must win and seven must see it: {results}")
    require(len(store.read("lead:a")) == 2, "one event must be stored")


def numbers_without_gaps(make: Make) -> None:
    """S3: positions count over the store, versions over each stream, from 1 and without gaps, refusals included."""
    store = make()
    for number in range(3):
        store.append("lead:a", [noted(f"a{number}")], expected_version=number)
        refused(Conflict, lambda: store.append("lead:a", [noted("x")], expected_version=9), "stale")
        store.append("site:main", [noted(f"b{number}")], expected_version=number)
    found = list(store.scan())
    require([r.position for r in found] == [1, 2, 3, 4, 5, 6], "positions must be 1, 2, 3 ... without gaps")
    for stream in ("lead:a", "site:main"):
        require([r.version for r in store.read(stream)] == [1, 2, 3], f"versions of {stream} must be 1, 2, 3")


def reads_one_stream_in_order(make: Make) -> None:
    """S4: ``read`` gives one stream in the order of versions, and nothing for an unknown one."""
    store = make()
    for number in range(12):
        store.append(f"lead:{number % 2}", [noted(f"n{number}")], expected_version=number // 2)
    refs = [getattr(r.event, "ref", "") for r in store.read("lead:1")]
    require(refs == ["n1", "n3", "n5", "n7", "n9", "n11"], "read() must give the stream's events in order")
    for unknown in ("lead:none", "lead:", "", "lead:1 ", "LEAD:1", "lead:%"):
        require(tuple(store.read(unknown)) == (), f"the unknown stream {unknown!r} must be empty")


def scans_in_order_of_positions(make: Make) -> None:
    """S5: ``scan`` gives every record in the order of positions, beginning after the given one."""
    store = make()
    for number in range(6):
        store.append(f"lead:{number}", [received(), contacted(1)], expected_version=0)
    everything = list(store.scan())
    require([r.position for r in everything] == list(range(1, 13)), "scan() must give all in order")
    for after in (0, 1, 7, 12, 13, 1_000_000):
        require(list(store.scan(after=after)) == everything[after:], f"scan(after={after}) must start right behind it")


def a_scan_shows_no_late_arrival(make: Make) -> None:
    """S5: while threads write, a reader that goes on from what it saw sees every record once and in order."""
    store, writers, each = make(), 3, 40
    seen: list[int] = []

    def write(name: int) -> None:
        for number in range(each):
            store.append(f"lead:{name}", [noted(f"{name}-{number}")], expected_version=number)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
    for thread in threads:
        thread.start()
    while len(seen) < writers * each:
        running = any(thread.is_alive() for thread in threads)
        seen += [r.position for r in store.scan(after=seen[-1] if seen else 0)]
        if not running and len(seen) < writers * each:
            seen += [r.position for r in store.scan(after=seen[-1] if seen else 0)]
            break
    for thread in threads:
        thread.join()
    require(seen == list(range(1, writers * each + 1)), "a tailing reader must see every position once, in order")


def a_scan_may_be_interleaved_with_appends(make: Make) -> None:
    """S5: a scan under way neither blocks an append nor loses its place."""
    store = make()
    for number in range(3):
        store.append("lead:a", [noted(f"n{number}")], expected_version=number)
    scan: Iterator[Any] = iter(store.scan())
    first = next(scan)
    store.append("lead:a", [noted("n3")], expected_version=3)
    positions = [first.position, *(r.position for r in scan)]
    require(positions in ([1, 2, 3], [1, 2, 3, 4]), f"a scan must go on in order: {positions}")


def gives_back_what_was_stored(make: Make) -> None:
    """S6: every event comes back equal: unicode, microseconds, defaults, and kinds this version does not know."""
    store = make()
    given: list[Event] = [
        received(source="Bürgerfunk \u2028 \U0001f4fb"),
        contacted(1, MONDAY + timedelta(microseconds=1)),
        moved("contacting", MONDAY - timedelta(days=20_000)),
        later_kind(),
    ]
    store.append("lead:ü/1", given, expected_version=0)
    found = [r.event for r in store.read("lead:ü/1")]
    require(found == given, "events must come back equal")
    require([dumps(e) for e in found] == [dumps(e) for e in given], "an unknown kind must be written back verbatim")
    require([r.event for r in store.scan()] == given, "scan() must give them equal as well")


def stores_a_retried_append_once(make: Make) -> None:
    """S7: the same append again, recognised by a key, stores nothing and returns what was stored."""
    store = make()
    first = store.append("lead:a", [received(key="k1"), contacted(1)], expected_version=0)
    store.append("lead:a", [contacted(2)], expected_version=2)
    before = snapshot(store)
    for version in (0, 3, 99):
        again = store.append("lead:a", [received(key="k1"), contacted(1)], expected_version=version)
        require(tuple(again) == tuple(first), "a repeated append must return the stored records, whatever the version")
    require(snapshot(store) == before, "a repeated append must store nothing")


def stores_a_retried_batch_once(make: Make) -> None:
    """S7: a batch again stores only the parts that are new."""
    store = make()
    if not isinstance(store, SupportsBatch):
        return
    parts = [Append("lead:a", (received(key="a"),), 0), Append("lead:b", (received(key="b"), contacted(1)), 0)]
    first = tuple(store.append_batch(parts))
    more = tuple(store.append_batch([*parts, Append("lead:c", (received(key="c"),), 0)]))
    require(more[:3] == first, "parts stored before must come back as stored, in the order given")
    require([r.position for r in store.scan()] == [1, 2, 3, 4], "only the new part may be stored")


def refuses_a_key_that_stands_for_something_else(make: Make) -> None:
    """S7: a key used for another stream, other content or more events is refused, and the message does not show it."""
    store = make()
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


def stamps_with_its_own_clock(make: Make) -> None:
    """S8: ``recorded_at`` is what the store's clock says, whatever ``at`` the caller gives, also after a step back."""
    clock = Ticking(step=timedelta(0))
    store = make(clock)
    times = [MONDAY, MONDAY + timedelta(days=3650), MONDAY - timedelta(days=1), MONDAY - timedelta(days=1)]
    for number, now in enumerate(times):
        clock.now = now
        store.append("lead:a", [noted(f"n{number}", MONDAY + timedelta(days=99))], expected_version=number)
    require([r.recorded_at for r in store.scan()] == times, "recorded_at must be the store's clock, in recording order")
    require([r.position for r in store.scan()] == [1, 2, 3, 4], "the order must be the position, never the time")
    found = verify(store)
    require(found.ok and found.clock_steps_back == 1, "verify() must count one step back of the clock")


def refuses_a_clock_without_zone(make: Make) -> None:
    """S8: a store whose clock is naive stores nothing: nobody could say which instant was meant."""
    store = make(lambda: datetime(2026, 3, 2))  # noqa: DTZ001
    try:
        store.append("lead:a", [received()], expected_version=0)
    except ValueError:
        require(tuple(store.scan()) == (), "nothing may be stored under a naive clock")
    else:
        raise Broken("a naive clock must be refused")


def keeps_its_own_copy(make: Make) -> None:
    """S9: what a caller does to an event or a list after the append changes nothing stored."""
    store = make()
    event = later_kind(1)
    events = [received(), event]
    store.append("lead:a", events, expected_version=0)
    before = [dumps(r.event) for r in store.scan()]
    events.clear()
    assert isinstance(event, Unknown)
    event.payload["nested"] = "changed"
    require([dumps(r.event) for r in store.scan()] == before, "history must not change with the caller's objects")
    require(verify(store).ok, "the chain must still hold")


def seals_every_record(make: Make) -> None:
    """S9: the chain over all records holds and its head is the stored one; an earlier head is found on the way."""
    store = make()
    heads = []
    for number in range(5):
        store.append(f"lead:{number % 2}", [noted(f"n{number}")], expected_version=number // 2)
        heads.append(store.head() if isinstance(store, SupportsHead) else None)
    found = verify(store)
    require(found.ok and found.records == 5 and found.streams == 2, f"verify() must pass: {found.message}")
    for head in heads:
        require(verify(store, expected_head=head).ok, "every head noted on the way must be found again")


STORAGE_CHECKS: tuple[Callable[[Make], None], ...] = (
    stores_all_events_in_one_append,
    stores_nothing_of_a_failing_append,
    stores_all_parts_of_a_batch_or_none,
    takes_two_parts_of_one_stream_in_a_batch,
    refuses_a_stale_version,
    an_empty_append_checks_the_version,
    lets_one_of_two_writers_through,
    numbers_without_gaps,
    reads_one_stream_in_order,
    scans_in_order_of_positions,
    a_scan_shows_no_late_arrival,
    a_scan_may_be_interleaved_with_appends,
    gives_back_what_was_stored,
    stores_a_retried_append_once,
    stores_a_retried_batch_once,
    refuses_a_key_that_stands_for_something_else,
    stamps_with_its_own_clock,
    refuses_a_clock_without_zone,
    keeps_its_own_copy,
    seals_every_record,
)
