"""Streams in memory: the reference every other store is compared with. Safe for threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from trialflow.adapters.ports import Append, RawRecord
from trialflow.adapters.storages.raw_records import raw_record
from trialflow.adapters.storages.repeats import refuse_twins, repeated
from trialflow.model.codec import dumps, loads
from trialflow.model.errors import Conflict
from trialflow.model.events import Event, Unknown
from trialflow.model.moments import micros, utc
from trialflow.model.recorded import GENESIS, Recorded, next_head, seal
from trialflow.model.site_events import CopyImported

__all__ = ["MemoryStorage"]

_WITH_DICTS = (Unknown, CopyImported)
_PAGE = 5000


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class MemoryStorage:
    """A store that lives as long as its process. ``clock`` gives ``recorded_at``."""

    def __init__(self, *, clock: Callable[[], datetime] = _wall_clock) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._records: list[Recorded] = []
        self._streams: dict[str, list[Recorded]] = {}
        self._keys: dict[str, tuple[str, int]] = {}
        self._head = GENESIS

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        """Store after ``expected_version``. Raises :class:`Conflict`, :class:`KeyReused`."""
        return self.append_batch([Append(stream, tuple(events), expected_version)])

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        """Store all parts or none. Raises :class:`Conflict` of the first part that does not fit."""
        refuse_twins(parts)
        with self._lock:
            at, fresh, done = utc(self._clock()), list[Recorded](), list[Recorded]()
            tails: dict[str, tuple[int, str]] = {}
            for part in parts:
                stored = repeated(part, self._keys.get, self.read)
                if stored is None:
                    stored = self._sealed(part, at, tails, len(self._records) + len(fresh))
                    fresh += stored
                done += stored
            self._keep(fresh)
            return tuple(done)

    def _sealed(self, part: Append, at: datetime, tails: dict[str, tuple[int, str]], last: int) -> tuple[Recorded, ...]:
        stream = part.stream
        version, before = tails.get(stream) or self._tail(stream)
        if version != part.expected_version:
            raise Conflict(stream, part.expected_version, version)
        made, moment = [], micros(at)
        for position, event in enumerate(part.events, start=last + 1):
            version, payload = version + 1, dumps(event)
            digest = seal(before, stream, version, position, moment, payload)
            # A copy of its own where an event holds a dict: what the caller changes later changes no history.
            kept = loads(payload) if isinstance(event, _WITH_DICTS) else event
            made.append(Recorded(position, stream, version, at, kept, before, digest))
            before = digest
        tails[stream] = (version, before)
        return tuple(made)

    def _tail(self, stream: str) -> tuple[int, str]:
        rows = self._streams.get(stream)
        return (rows[-1].version, rows[-1].hash) if rows else (0, GENESIS)

    def _keep(self, fresh: Sequence[Recorded]) -> None:
        for record in fresh:
            self._streams.setdefault(record.stream, []).append(record)
            self._records.append(record)
            self._head = next_head(self._head, record.hash)
            if record.event.idempotency_key:
                self._keys[record.event.idempotency_key] = (record.stream, record.version)

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
