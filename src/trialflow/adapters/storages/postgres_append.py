"""One append to the ledger in PostgreSQL: where the store and its streams end, and what is to be added."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from trialflow.adapters.ports import Append
from trialflow.adapters.storages.postgres_access import Access, Link, run
from trialflow.adapters.storages.postgres_driver import psycopg
from trialflow.adapters.storages.repeats import repeated
from trialflow.adapters.storages.sealing import Sealing, Texts
from trialflow.model.codec import loads
from trialflow.model.errors import Conflict
from trialflow.model.moments import from_micros, micros, utc
from trialflow.model.recorded import GENESIS, Recorded

__all__ = ["BULK", "STORED", "Ends", "Made", "Statements", "recorded", "sealed", "store"]

BULK = 50
"""From so many events on, they are sent by COPY."""

STORED = "position, stream, version, recorded_at, payload, prev_hash, hash"
"""The columns of a record; see :func:`recorded`."""

_COLUMNS = f"{STORED}, idempotency_key"
_TYPES = ("int8", "text", "int8", "int8", "text", "bytea", "bytea", "text")
_ROW = f"({', '.join(f'%s::{kind}' for kind in _TYPES)})"
_NOTHING = (0, GENESIS)
"""Where a stream ends that does not exist, and an empty store: its version or position, its hash or head."""


@attrs.frozen
class Ends:
    """Where the store ends (``position``, ``head``) and where streams end (version, hash); others do not exist."""

    position: int
    head: str
    streams: Mapping[str, tuple[int, str]]


@attrs.frozen
class Made:
    """The records an append asked for, in the order of its parts; the rows that are new; where the store ends then."""

    records: tuple[Recorded, ...]
    rows: list[tuple[object, ...]]
    ends: Ends


class Statements:
    """The statements of an append, with the schema's name in them. Arrays are sent in binary: as text, psycopg looks at
    each element by a regular expression."""

    def __init__(self, access: Access) -> None:
        made = self._made = access.statement
        self.ends = made("SELECT name, number, digest FROM {schema}.ends(%b)")
        self.head = made("SELECT position, head FROM {schema}.heads ORDER BY position DESC LIMIT 1")
        self.stream = made(f"SELECT {STORED} FROM {{schema}}.events WHERE stream = %s ORDER BY version")
        self.keys = made("SELECT idempotency_key, stream, version FROM {schema}.events WHERE idempotency_key = ANY(%b)")
        self.copy = made(f"COPY {{schema}}.events ({_COLUMNS}) FROM STDIN (FORMAT BINARY)")
        self.end = made("INSERT INTO {schema}.heads (position, head) VALUES (%s, %s)")

    @functools.cached_property
    def inserts(self) -> dict[int, bytes]:
        """By the number of rows: the rows and the store's new end in one statement."""
        return self._by_number("")

    @functools.cached_property
    def guesses(self) -> dict[int, bytes]:
        """The same; nothing is written unless the store had the given head at the given position."""
        return self._by_number("WHERE EXISTS (SELECT FROM {schema}.heads WHERE position = %s AND head = %s)")

    def _by_number(self, where: str) -> dict[int, bytes]:
        return {
            number: self._made(
                f"WITH fresh AS (INSERT INTO {{schema}}.events ({_COLUMNS}) "
                f"SELECT * FROM (VALUES {', '.join([_ROW] * number)}) AS given {where} RETURNING position) "
                "INSERT INTO {schema}.heads (position, head) "
                "SELECT max(position), %s::bytea FROM fresh HAVING count(*) > 0"
            )
            for number in range(1, BULK)
        }


def store(
    link: Link,
    say: Statements,
    parts: Sequence[Append],
    clock: Callable[[], datetime],
    shared: Texts,
    *,
    keyed: bool,
) -> Made:
    """Add every part in the transaction open on ``link``. Raises :class:`Conflict`, :class:`KeyReused`.

    ``clock`` is read while the store is held: of two appends the later one has the later stamp.
    """
    keys = [event.idempotency_key for part in parts for event in part.events if event.idempotency_key]
    ends = _ends(run(link, say.ends, ([part.stream for part in parts],)).fetchall())
    known = {}
    if keyed:
        known = {key: (name, version) for key, name, version in run(link, say.keys, (keys,)).fetchall()}

    def read(stream: str) -> tuple[Recorded, ...]:
        return tuple(map(recorded, run(link, say.stream, (stream,))))

    made = sealed(parts, ends, utc(clock()), shared, lambda part: repeated(part, known.get, read) if known else None)
    if made.rows:
        _write(link, say, made)
    return made


def sealed(
    parts: Sequence[Append],
    ends: Ends,
    at: datetime,
    shared: Texts,
    stored: Callable[[Append], Sequence[Recorded] | None] = lambda _: None,
) -> Made:
    """What is to be written after ``ends``. ``stored`` gives the records of a part that is there already.

    Raises :class:`Conflict` of the first part that does not fit.
    """
    chain, at_us, bytes_of = Sealing(ends.position, ends.head, at, shared), micros(at), bytes.fromhex
    streams, done = dict(ends.streams), list[Recorded]()
    rows: list[tuple[object, ...]] = []
    for part in parts:
        before = stored(part)
        if before is not None:
            done += before
            continue
        version, digest = streams.get(part.stream, _NOTHING)
        if version != part.expected_version:
            raise Conflict(part.stream, part.expected_version, version)
        made = chain.seal(part.stream, version, digest, part.events)
        for r, text in zip(made, chain.payloads, strict=True):
            hashes = bytes_of(r.prev_hash), bytes_of(r.hash)
            rows.append((r.position, r.stream, r.version, at_us, text, *hashes, r.event.idempotency_key or None))
        if made:
            streams[part.stream] = (made[-1].version, made[-1].hash)
        done += made
    return Made(tuple(done), rows, Ends(chain.position, chain.head, streams))


def _ends(rows: Sequence[tuple[Any, ...]]) -> Ends:
    found = {name: (number, digest.hex()) for name, number, digest in rows}
    return Ends(*found.pop(None, _NOTHING), found)


def _write(link: Link, say: Statements, made: Made) -> None:
    head = bytes.fromhex(made.ends.head)
    if len(made.rows) < BULK:
        run(link, say.inserts[len(made.rows)], [*itertools.chain.from_iterable(made.rows), head])
        return
    with psycopg.Cursor(link).copy(say.copy) as copy:
        copy.set_types(_TYPES)
        for row in made.rows:
            copy.write_row(row)
    run(link, say.end, (made.ends.position, head))


def recorded(row: tuple[Any, ...]) -> Recorded:
    """A row of :data:`STORED` as the record it is."""
    position, stream, version, recorded_us, payload, before, digest = row
    return Recorded(position, stream, version, from_micros(recorded_us), loads(payload), before.hex(), digest.hex())
