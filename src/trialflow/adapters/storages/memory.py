"""Streams in memory: the reference every other store is compared with. Safe for threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from trialflow.adapters.ports import Append
from trialflow.model.codec import dumps
from trialflow.model.errors import Conflict
from trialflow.model.events import Event
from trialflow.model.moments import micros, utc
from trialflow.model.recorded import GENESIS, Recorded, next_head, seal

__all__ = ["MemoryStorage"]


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class MemoryStorage:
    """A store that lives as long as its process. ``clock`` gives ``recorded_at``."""

    def __init__(self, *, clock: Callable[[], datetime] = _wall_clock) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._records: list[Recorded] = []
        self._streams: dict[str, list[Recorded]] = {}
        self._keys: dict[str, Recorded] = {}
        self._head = GENESIS

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        """Store after ``expected_version``. Raises :class:`Conflict`."""
        return self.append_batch([Append(stream, tuple(events), expected_version)])

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        """Store all parts or none. Raises :class:`Conflict` of the first part that does not fit."""
        with self._lock:
            ahead: dict[str, int] = {}
            fresh = [self._fresh(part, ahead) for part in parts]
            at = utc(self._clock())
            done: list[Recorded] = []
            for part, events in zip(parts, fresh, strict=True):
                if len(events) < len(part.events):
                    done += [self._keys[e.idempotency_key] for e in part.events if e.idempotency_key in self._keys]
                done += [self._store(part.stream, event, at) for event in events]
            return tuple(done)

    def _fresh(self, part: Append, ahead: dict[str, int]) -> list[Event]:
        fresh = list(part.events)
        if any(e.idempotency_key for e in fresh):
            fresh = [e for e in fresh if not e.idempotency_key or e.idempotency_key not in self._keys]
        if part.events and not fresh:
            return fresh
        actual = ahead.get(part.stream, len(self._streams.get(part.stream, ())))
        if actual != part.expected_version:
            raise Conflict(part.stream, part.expected_version, actual)
        ahead[part.stream] = actual + len(fresh)
        return fresh

    def _store(self, stream: str, event: Event, at: datetime) -> Recorded:
        rows = self._streams.setdefault(stream, [])
        version, position = len(rows) + 1, len(self._records) + 1
        before = rows[-1].hash if rows else GENESIS
        digest = seal(before, stream, version, position, micros(at), dumps(event))
        record = Recorded(position, stream, version, at, event, before, digest)
        rows.append(record)
        self._records.append(record)
        self._head = next_head(self._head, digest)
        if event.idempotency_key:
            self._keys[event.idempotency_key] = record
        return record

    def read(self, stream: str) -> Sequence[Recorded]:
        """One stream in the order of versions."""
        with self._lock:
            return tuple(self._streams.get(stream, ()))

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        """Everything above position ``after``."""
        position = after
        while True:
            with self._lock:
                page = self._records[position : position + 5000]
            if not page:
                return
            yield from page
            position = page[-1].position

    def head(self) -> tuple[int, str]:
        """Last position and head of the chain."""
        with self._lock:
            return len(self._records), self._head

    def raw(self) -> Iterator[tuple[int, str, int, int, str, str, str]]:
        """(position, stream, version, recorded_at in microseconds, payload, prev_hash, hash) of every record."""
        for r in self.scan():
            yield r.position, r.stream, r.version, micros(r.recorded_at), dumps(r.event), r.prev_hash, r.hash
