"""Stores with faults that several checks notice: ``breaks`` is the clause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from faulty_store import Faulty
from trialflow.adapters.ports import Append
from trialflow.model.errors import Conflict
from trialflow.model.events import Event
from trialflow.model.recorded import Recorded

__all__ = ["TOGETHER"]


class LastWriteWins(Faulty):
    """Takes every version as the right one: a lost update."""

    breaks = "S2"

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        return super().append_batch([p._replace(expected_version=len(self.read(p.stream))) for p in parts])


class AcceptsGaps(Faulty):
    """Takes a version beyond the end of the stream."""

    breaks = "S2"

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        expected = min(expected_version, len(self.read(stream)))
        return super().append(stream, events, expected_version=expected)


class OneByOne(Faulty):
    """Stores the events of an append one after the other."""

    breaks = "S1"

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        done: list[Recorded] = []
        for index, event in enumerate(events):
            done += super().append(stream, [event], expected_version=expected_version + index)
        return tuple(done)


class Overwrites(Faulty):
    """Shows in place of an event the one that somebody wanted to store at its version, and says nothing."""

    breaks = "S2"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.written: dict[tuple[str, int], Event] = {}

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        try:
            return super().append(stream, events, expected_version=expected_version)
        except Conflict as conflict:
            if not 0 <= expected_version < conflict.actual:
                raise
            self.written[stream, expected_version + 1] = events[0]
            return self.read(stream)[expected_version:]

    def _shown(self, record: Recorded) -> Recorded:
        event = self.written.get((record.stream, record.version))
        return record if event is None else record._replace(event=event)

    def read(self, stream: str) -> Sequence[Recorded]:
        return tuple(map(self._shown, super().read(stream)))


class Reorders(Faulty):
    """Stores the events of one append in another order."""

    breaks = "S1"

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        return super().append(stream, list(events)[::-1], expected_version=expected_version)


class SwapsInScans(Faulty):
    """Shows the first two records of a scan in the wrong order."""

    breaks = "S5"

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        found = list(super().scan(after=after))
        return iter([*found[1:2], *found[:1], *found[2:]])


class OffByOne(Faulty):
    """Begins a scan with the record already seen."""

    breaks = "S5"

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        return super().scan(after=after - 1)


class LosesTheThird(Faulty):
    """Loses the third event of a stream on reading."""

    breaks = "S4"

    def read(self, stream: str) -> Sequence[Recorded]:
        return tuple(r for r in super().read(stream) if r.version != 3)


class TrimsNames(Faulty):
    """Trims and folds the names of streams."""

    breaks = "S4"

    def read(self, stream: str) -> Sequence[Recorded]:
        return super().read(stream.strip().lower())


class Forgetful(Faulty):
    """Knows no idempotency key again."""

    breaks = "S7"

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        self._keys.clear()
        return super().append(stream, events, expected_version=expected_version)


class CallersClock(Faulty):
    """Takes the recording time from the event."""

    breaks = "S8"

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        kept = self._clock
        self._clock = lambda: events[0].at if events else kept()
        try:
            return super().append(stream, events, expected_version=expected_version)
        finally:
            self._clock = kept


class NaiveTimes(Faulty):
    """Gives the recording time back without its zone."""

    breaks = "S8"

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        return (r._replace(recorded_at=r.recorded_at.replace(tzinfo=None)) for r in super().scan(after=after))


class BreaksTheChain(Faulty):
    """Seals nothing: the hash of every record is empty."""

    breaks = "S10"

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        return (record._replace(hash="") for record in super().scan(after=after))


TOGETHER: tuple[type[Faulty], ...] = (
    LastWriteWins, AcceptsGaps, OneByOne, Overwrites, Reorders, SwapsInScans, OffByOne,
    LosesTheThird, TrimsNames, Forgetful, CallersClock, NaiveTimes, BreaksTheChain,
)  # fmt: skip
