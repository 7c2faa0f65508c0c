"""Stores with one fault each: a check that lets one of them pass is no check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import attrs

from trialflow.adapters.ports import Append
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.model.errors import Conflict
from trialflow.model.events import Event
from trialflow.model.recorded import Recorded

__all__ = ["BROKEN_STORES"]


class LastWriteWins(MemoryStorage):
    """Takes every version as the right one."""

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        fitted = [attrs.evolve(p, expected_version=len(self.read(p.stream))) for p in parts]
        return super().append_batch(fitted)


class HalfBatches(MemoryStorage):
    """Stores the parts of a batch one after the other."""

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        return tuple(r for part in parts for r in super(HalfBatches, self).append_batch([part]))


class OneByOne(MemoryStorage):
    """Stores the events of an append one after the other."""

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        done: list[Recorded] = []
        for index, event in enumerate(events):
            done += super().append(stream, [event], expected_version=expected_version + index)
        return tuple(done)


class Forgetful(MemoryStorage):
    """Knows no idempotency key again."""

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        self._keys.clear()
        return super().append_batch(parts)


class KeyAlone(MemoryStorage):
    """Takes any known key for a repetition, without looking at what it stood for."""

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        known = [self._keys.get(e.idempotency_key) for p in parts for e in p.events if e.idempotency_key]
        found = [self.read(stream)[version - 1] for stream, version in filter(None, known)]
        return tuple(found) or super().append_batch(parts)


class CallersClock(MemoryStorage):
    """Takes the recording time from the event."""

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        kept = self._clock
        self._clock = lambda: events[0].at if events else kept()
        try:
            return super().append(stream, events, expected_version=expected_version)
        finally:
            self._clock = kept


class MonotonicClock(MemoryStorage):
    """Hides that its clock was set back."""

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        last: list[datetime] = []

        def smoothed() -> datetime:
            last.append(max([clock(), *last[-1:]]))
            return last[-1]

        super().__init__(clock=smoothed)


class LateArrivals(MemoryStorage):
    """Shows a record only when the next one is there, in the wrong order."""

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        found = list(super().scan(after=after))
        return iter([*found[1:2], *found[:1], *found[2:]])


class OffByOne(MemoryStorage):
    """Begins a scan with the record already seen."""

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        return super().scan(after=after - 1)


class LosesTheThird(MemoryStorage):
    """Loses the third event of a stream on reading."""

    def read(self, stream: str) -> Sequence[Recorded]:
        return tuple(r for r in super().read(stream) if r.version != 3)


class PrefixReader(MemoryStorage):
    """Trims the names of streams."""

    def read(self, stream: str) -> Sequence[Recorded]:
        return super().read(stream.strip().lower())


class SkipsPositions(MemoryStorage):
    """Uses up a position for every refused append, as a database sequence does."""

    _lost = 0

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        try:
            return super().append_batch(parts)
        except Conflict:
            self._lost += 1
            raise

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        return (r._replace(position=r.position + self._lost) for r in super().scan(after=after))


BROKEN_STORES = (
    LastWriteWins,
    HalfBatches,
    OneByOne,
    Forgetful,
    KeyAlone,
    CallersClock,
    MonotonicClock,
    LateArrivals,
    OffByOne,
    LosesTheThird,
    PrefixReader,
    SkipsPositions,
)
