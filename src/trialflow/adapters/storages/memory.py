"""Streams in memory: the reference every other store is compared with. Safe for threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from trialflow.adapters.ports import Append, RawRecord
from trialflow.adapters.storages.raw_records import raw_record
from trialflow.adapters.storages.repeats import refuse_twins, repeated
from trialflow.adapters.storages.sealing import WITH_DICTS, Sealing, Texts
from trialflow.adapters.wall_clock import wall_clock
from trialflow.model.codec import dumps, loads
from trialflow.model.errors import Conflict
from trialflow.model.events import Event
from trialflow.model.moments import utc
from trialflow.model.recorded import GENESIS, Recorded

__all__ = ["MemoryStorage"]

_PAGE = 5000


class MemoryStorage:
    """A store that lives as long as its process. ``clock`` gives ``recorded_at``."""

    def __init__(self, *, clock: Callable[[], datetime] = wall_clock) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._records: list[Recorded] = []
        self._streams: dict[str, list[Recorded]] = {}
        self._keys: dict[str, tuple[str, int]] = {}
        self._head = GENESIS
        self._texts: Texts = {}

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        """Store after ``expected_version``. Raises :class:`Conflict`, :class:`KeyReused`."""
        return self.append_batch([Append(stream, tuple(events), expected_version)])

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        """Store all parts or none. Raises :class:`Conflict` of the first part that does not fit."""
        keyed = refuse_twins(parts)
        with self._lock:
            chain = Sealing(len(self._records), self._head, utc(self._clock()), self._texts)
            fresh, done = list[list[Recorded]](), list[Recorded]()
            tails: dict[str, tuple[int, str]] = {}
            for part in parts:
                stored = repeated(part, self._keys.get, self.read) if keyed else None
                if stored is None:
                    made = self._sealed(part, chain, tails)
                    fresh.append(made)
                    done += made
                else:
                    done += stored
            self._keep(fresh, chain.head, keyed=keyed)
            return tuple(done)

    def _sealed(self, part: Append, chain: Sealing, tails: dict[str, tuple[int, str]]) -> list[Recorded]:
        stream = part.stream
        version, before = tails.get(stream) or self._tail(stream)
        if version != part.expected_version:
            raise Conflict(stream, part.expected_version, version)
        made = chain.seal(stream, version, before, part.events)
        if not WITH_DICTS.isdisjoint(map(type, part.events)):
            made = [_own(record) for record in made]
        if made:
            tails[stream] = (made[-1].version, made[-1].hash)
        return made

    def _tail(self, stream: str) -> tuple[int, str]:
        rows = self._streams.get(stream)
        return (rows[-1].version, rows[-1].hash) if rows else (0, GENESIS)

    def _keep(self, fresh: Sequence[list[Recorded]], head: str, *, keyed: bool) -> None:
        streams = self._streams
        for made in fresh:
            if not made:
                continue
            self._records += made
            stream = made[0].stream
            if stream in streams:
                streams[stream] += made
            else:
                streams[stream] = made
            for record in made if keyed else ():
                if record.event.idempotency_key:
                    self._keys[record.event.idempotency_key] = (stream, record.version)
        self._head = head

    def read(self, stream: str) -> Sequence[Recorded]:
        """One stream in the order of versions."""
        with self._lock:
            return tuple(self._streams.get(stream, ()))

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        """Everything above position ``after``."""
        position = max(after, 0)
        while True:
            with self._lock:
                page = self._records[position : position + _PAGE]
            if not page:
                return
            yield from page
            position = page[-1].position

    def head(self) -> tuple[int, str]:
        """Last position and head of the chain."""
        with self._lock:
            return len(self._records), self._head

    def raw(self, *, after: int = 0) -> Iterator[RawRecord]:
        """Every record above ``after`` as the seal covers it."""
        return map(raw_record, self.scan(after=after))


def _own(record: Recorded) -> Recorded:
    """A copy of its own where an event holds a dict: what the caller changes later changes no history."""
    event = record.event
    return record._replace(event=loads(dumps(event))) if type(event) in WITH_DICTS else record
