"""Checks of S4 to S6: streams in order, scans in order, and everything comes back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from trialflow.adapters.checks.outcome import Check, quotes, require
from trialflow.adapters.checks.samples import ANNA, MONDAY, contacted, later_kind, moved, noted, received
from trialflow.adapters.checks.storage_setup import StorageSetup
from trialflow.adapters.ports import Storage
from trialflow.model.codec import dumps
from trialflow.model.events import Event
from trialflow.model.parties import Actor, Source
from trialflow.model.site_events import CopyImported

__all__ = ["READ_CHECKS"]

_HARD = "Bürgerfunk \u2028 \u2067\u200b\x7f\x1b \U0001f4fb e\u0301 \ufb01 '; DROP TABLE events; -- %s {} \\ \"\n\t"
"""Separators, direction marks, controls, astral, combining and compatibility characters, quotes and placeholders."""


def _returned(store: Storage, stream: str, given: list[Event]) -> None:
    """Store ``given`` and require that it comes back equal, by both ways of reading, and would be written alike."""
    store.append(stream, given, expected_version=0)
    found = [r.event for r in store.read(stream)]
    require(found == given, "read() must give back events equal to what was stored")
    require([dumps(e) for e in found] == [dumps(e) for e in given], "every event must be written back verbatim")
    require([r.event for r in store.scan()] == given, "scan() must give back events equal to what was stored")


@quotes("S4")
def reads_one_stream_in_order(setup: StorageSetup) -> None:
    """``read`` gives one stream in the order of versions, and nothing for an unknown one."""
    store = setup.fresh()
    for number in range(12):
        store.append(f"lead:{number % 2}", [noted(f"n{number}")], expected_version=number // 2)
    refs = [getattr(r.event, "ref", "") for r in store.read("lead:1")]
    require(refs == ["n1", "n3", "n5", "n7", "n9", "n11"], f"read() must give the stream's events in order: {refs}")
    for unknown in ("lead:none", "lead:", "", "lead:1 ", "LEAD:1", "lead:%", "lead:_"):
        require(tuple(store.read(unknown)) == (), f"the unknown stream {unknown!r} must be empty")


@quotes("S5")
def scans_in_order_of_positions(setup: StorageSetup) -> None:
    """``scan`` gives every record in the order of positions, beginning after the given one."""
    store = setup.fresh()
    for number in range(6):
        store.append(f"lead:{number}", [received(), contacted(1)], expected_version=0)
    everything = list(store.scan())
    require([r.position for r in everything] == list(range(1, 13)), "scan() must give all records in order")
    for after in (0, 1, 7, 12, 13, 2**32):
        require(list(store.scan(after=after)) == everything[after:], f"scan(after={after}) must start right behind it")


@quotes("S5")
def lets_appends_in_while_a_scan_runs(setup: StorageSetup) -> None:
    """A scan under way neither blocks an append nor loses its place."""
    store = setup.fresh()
    for number in range(3):
        store.append("lead:a", [noted(f"n{number}")], expected_version=number)
    scan: Iterator[Any] = iter(store.scan())
    first = next(scan)
    store.append("lead:a", [noted("n3")], expected_version=3)
    positions = [first.position, *(r.position for r in scan)]
    require(positions in ([1, 2, 3], [1, 2, 3, 4]), f"a scan must go on in order: {positions}")


@quotes("S6")
def gives_back_hard_characters(setup: StorageSetup) -> None:
    """Every character comes back, in events and in names of streams: none is trimmed, folded or normalised."""
    store = setup.fresh()
    _returned(store, f"lead:{_HARD}", [received(source=f"{_HARD}\0"), noted(f" {_HARD} ", key=_HARD)])
    names = ["lead:\u00e9", "lead:e\u0301", "lead:E\u0301", "lead: \u00e9"]
    for name in names:
        store.append(name, [noted(name)], expected_version=0)
    found = [[getattr(r.event, "ref", "") for r in store.read(name)] for name in names]
    require(found == [[name] for name in names], "streams whose names look alike must be kept apart")


@quotes("S6")
def gives_back_unknown_kinds(setup: StorageSetup) -> None:
    """An event of a kind this version does not know comes back verbatim, with all that only a later one understands."""
    _returned(setup.fresh(), "lead:a", [later_kind(1), received(), later_kind(2)])


@quotes("S6")
def gives_back_big_payloads(setup: StorageSetup) -> None:
    """A large event is neither cut nor refused: a quarter of a million characters, a list of ten thousand."""
    copy = CopyImported(
        at=MONDAY, by=ANNA, sheet="tracker", as_of=MONDAY, digest="d" * 64, rows=2**53,
        outcomes={f"o{n}": n for n in range(2_000)}, absent=tuple(f"lead-{n}" for n in range(10_000)),
    )  # fmt: skip
    _returned(setup.fresh(), "site:main", [received(source="ä" * 250_000), copy])


@quotes("S6")
def gives_back_every_instant(setup: StorageSetup) -> None:
    """Instants come back to the microsecond, from the first year to the last, and in UTC."""
    days = [MONDAY + timedelta(microseconds=1), datetime(1, 1, 1, tzinfo=UTC), datetime(1969, 7, 20, 20, tzinfo=UTC)]
    days += [datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), MONDAY - timedelta(microseconds=1)]
    store = setup.fresh()
    _returned(store, "lead:a", [moved("contacting", at) for at in days])
    require(all(r.event.at.tzinfo is UTC for r in store.read("lead:a")), "instants must come back in UTC")


@quotes("S6")
def gives_back_every_field(setup: StorageSetup) -> None:
    """Fields that are rarely used come back as well, and those that were not given come back as their defaults."""
    by = Actor(id="robot", kind="system", role="system", on_behalf_of="dr-example")
    full = received(source="Letter")
    full = attrs.evolve(
        full, by=by, reason="late", seen_at=MONDAY, external_ref="ref-1", person_ref="p-1", study="st", site="si",
        status="contacting", owner="own-1", workflow="default@1",
        source=Source(id="Letter", category="paid", channel="mail", campaign="spring"),
    )  # fmt: skip
    move = attrs.evolve(moved("closed"), reason="declined", irregular=True, authority_ref="a-1", observed_after=MONDAY)
    _returned(setup.fresh(), "lead:a", [full, received(), move, contacted(1, key="k")])


READ_CHECKS: tuple[Check[StorageSetup], ...] = (
    reads_one_stream_in_order,
    scans_in_order_of_positions,
    lets_appends_in_while_a_scan_runs,
    gives_back_hard_characters,
    gives_back_unknown_kinds,
    gives_back_big_payloads,
    gives_back_every_instant,
    gives_back_every_field,
)
