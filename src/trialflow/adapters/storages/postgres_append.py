"""One append to the ledger in PostgreSQL: where the store and its streams end, and what is to be added."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from trialflow.adapters.ports import Append
from trialflow.adapters.storages.postgres_access import Access, Link, run
from trialflow.adapters.storages.repeats import repeated
from trialflow.adapters.storages.sealing import Sealing, Texts
from trialflow.model.codec import loads
from trialflow.model.errors import Conflict
from trialflow.model.moments import from_micros, micros, utc
from trialflow.model.recorded import GENESIS, Recorded

__all__ = ["BULK", "STORED", "Statements", "Writer", "recorded"]

BULK = 200
"""From so many events on, they are sent by COPY."""

STORED = "position, stream, version, recorded_at, payload, prev_hash, hash"
"""The columns of a record; see :func:`recorded`."""

_COLUMNS = f"{STORED}, idempotency_key"
_TYPES = ("int8", "text", "int8", "int8", "text", "bytea", "bytea", "text")
_NOTHING = (0, GENESIS)
"""Where a stream ends that does not exist: its version, its hash."""


class Statements:
    """The statements of an append, with the schema's name in them."""

    def __init__(self, access: Access) -> None:
        made = access.statement
        self.stream = made(f"SELECT {STORED} FROM {{schema}}.events WHERE stream = %s ORDER BY version")
        self.hold = made("SELECT {schema}.hold()")
        self.head = made("SELECT position, head FROM {schema}.heads ORDER BY position DESC LIMIT 1")
        # Each stream's end by its own step in the index, however many versions it has.
        self.tails = made(
            "SELECT s.name, t.version, t.hash FROM unnest(%s::text[]) AS s (name) CROSS JOIN LATERAL "
            "(SELECT version, hash FROM {schema}.events WHERE stream = s.name ORDER BY version DESC LIMIT 1) AS t"
        )
        self.keys = made(
            "SELECT idempotency_key, stream, version FROM {schema}.events WHERE idempotency_key = ANY(%s::text[])"
        )
        self.insert = made(
            f"INSERT INTO {{schema}}.events ({_COLUMNS}) SELECT * FROM unnest(%s::int8[], %s::text[], %s::int8[], "
            "%s::int8[], %s::text[], %s::bytea[], %s::bytea[], %s::text[])"
        )
        self.copy = made(f"COPY {{schema}}.events ({_COLUMNS}) FROM STDIN (FORMAT BINARY)")
        self.ends = made("INSERT INTO {schema}.heads (position, head) VALUES (%s, %s)")


class Writer:
    """One append in one write transaction. ``clock`` is read when the store is held: stamps follow positions."""

    def __init__(self, link: Link, statements: Statements, clock: Callable[[], datetime], shared: Texts) -> None:
        self._link, self._statements = link, statements
        self._clock, self._shared = clock, shared
        self._tails: dict[str, tuple[int, str]] = {}
        self._keys: dict[str, tuple[str, int]] = {}
        self._rows: list[tuple[object, ...]] = []

    def store(self, parts: Sequence[Append], *, keyed: bool) -> tuple[Recorded, ...]:
        """Add every part. Raises :class:`Conflict`, :class:`KeyReused`; then nothing may be committed."""
        self._look(parts, keyed=keyed)
        done: list[Recorded] = []
        for part in parts:
            stored = repeated(part, self._keys.get, self._read) if keyed else None
            done += self._sealed(part) if stored is None else stored
        self._write()
        return tuple(done)

    def _look(self, parts: Sequence[Append], *, keyed: bool) -> None:
        """Hold the store; then see where it ends, where the streams end, and which keys are taken."""
        say, link = self._statements, self._link
        # On a connection in pipeline mode all of these travel together; the first answer is asked for below.
        run(link, say.hold)
        head = run(link, say.head)
        tails = run(link, say.tails, ([part.stream for part in parts],))
        keys = [event.idempotency_key for part in parts for event in part.events] if keyed else []
        taken = run(link, say.keys, ([key for key in keys if key],)) if keyed else None
        last = head.fetchone()
        self._tails = {name: (version, digest.hex()) for name, version, digest in tails.fetchall()}
        if taken is not None:
            self._keys = {key: (stream, version) for key, stream, version in taken.fetchall()}
        at = utc(self._clock())
        self._at_us = micros(at)
        position, chained = (last[0], last[1].hex()) if last else _NOTHING
        self._chain = Sealing(position, chained, at, self._shared)

    def _sealed(self, part: Append) -> list[Recorded]:
        stream, chain = part.stream, self._chain
        version, before = self._tails.get(stream) or _NOTHING
        if version != part.expected_version:
            raise Conflict(stream, part.expected_version, version)
        made, at_us, bytes_of = chain.seal(stream, version, before, part.events), self._at_us, bytes.fromhex
        for r, text in zip(made, chain.payloads, strict=True):
            key = r.event.idempotency_key or None
            hashes = bytes_of(r.prev_hash), bytes_of(r.hash)
            self._rows.append((r.position, stream, r.version, at_us, text, *hashes, key))
        if made:
            self._tails[stream] = (made[-1].version, made[-1].hash)
        return made

    def _read(self, stream: str) -> tuple[Recorded, ...]:
        return tuple(map(recorded, run(self._link, self._statements.stream, (stream,))))

    def _write(self) -> None:
        if not self._rows:
            return
        say, link = self._statements, self._link
        if len(self._rows) < BULK:
            run(link, say.insert, [list(column) for column in zip(*self._rows, strict=True)])
        else:
            with link.cursor().copy(say.copy) as copy:
                copy.set_types(_TYPES)
                for row in self._rows:
                    copy.write_row(row)
        run(link, say.ends, (self._chain.position, bytes.fromhex(self._chain.head)))


def recorded(row: tuple[Any, ...]) -> Recorded:
    """A row of :data:`STORED` as the record it is."""
    position, stream, version, recorded_us, payload, before, digest = row
    return Recorded(position, stream, version, from_micros(recorded_us), loads(payload), before.hex(), digest.hex())
