"""Stores with one fault each in how they append and read (S1 to S5): ``breaks`` is the clause.

Those of :data:`ALONE` are noticed by one check each, and by no other: without it they would pass.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from faulty_store import Faulty
from trialflow.adapters.ports import Append
from trialflow.model.errors import Conflict, KeyReused, StorageError, TrialflowError
from trialflow.model.events import Event
from trialflow.model.recorded import Recorded

__all__ = ["ALONE"]


class ReturnsUnsealed(Faulty):
    """Returns from an append something else than what it stored."""

    breaks = "S1"

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        done = super().append(stream, events, expected_version=expected_version)
        return tuple(record._replace(hash="") for record in done)


class KeepsWhatItGot(Faulty):
    """Stores the events before the one that cannot be written."""

    breaks = "S1"

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        try:
            return super().append(stream, events, expected_version=expected_version)
        except TrialflowError:
            raise
        except Exception:
            for number, event in enumerate(events):
                super().append(stream, [event], expected_version=expected_version + number)
            raise


class HalfBatches(Faulty):
    """Keeps the parts of a batch that came before the one in conflict."""

    breaks = "S1"

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        try:
            return super().append_batch(parts)
        except Conflict as conflict:
            for part in parts:
                if part.stream == conflict.stream:
                    break
                super().append_batch([part])
            raise


class SeesOnlyTheStore(Faulty):
    """Looks every part of a batch up in the store, as it was before the batch."""

    breaks = "S1"

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        if len({part.stream for part in parts}) < len(parts):
            raise Conflict(parts[-1].stream, parts[-1].expected_version, len(self.read(parts[-1].stream)))
        return super().append_batch(parts)


class WrongNumbers(Faulty):
    """Names in a conflict the version after the expected one, wherever the stream is."""

    breaks = "S2"

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        try:
            return super().append(stream, events, expected_version=expected_version)
        except Conflict as conflict:
            raise Conflict(stream, expected_version, conflict.expected + 1) from None


class IgnoresEmptyAppends(Faulty):
    """Has nothing to do for an append of nothing, and does not look at the version."""

    breaks = "S2"

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        return super().append(stream, events, expected_version=expected_version) if events else ()


class ChecksThenActs(Faulty):
    """Compares the version, then appends: of two writers at once both get through (a lost update)."""

    breaks = "S2"

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        seen = len(self.read(stream))
        time.sleep(0.002)
        try:
            return super().append(stream, events, expected_version=expected_version)
        except Conflict:
            if seen != expected_version:
                raise
            return super().append(stream, events, expected_version=len(self.read(stream)))


class LosesPositions(Faulty):
    """Uses up a position for an append it refuses, as a database sequence does."""

    breaks = "S3"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.lost, self.shift = 0, dict[int, int]()

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        try:
            done = super().append(stream, events, expected_version=expected_version)
        except KeyReused:
            self.lost += 1
            raise
        self.shift.update((record.position, self.lost) for record in done if record.position not in self.shift)
        return tuple(map(self._shown, done))

    def _shown(self, record: Recorded) -> Recorded:
        return record._replace(position=record.position + self.shift.get(record.position, 0))

    def read(self, stream: str) -> Sequence[Recorded]:
        return tuple(map(self._shown, super().read(stream)))

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        return map(self._shown, super().scan(after=after))


class Patterns(Faulty):
    """Takes ``%`` in the name of a stream for any text, as LIKE does."""

    breaks = "S4"

    def read(self, stream: str) -> Sequence[Recorded]:
        if stream.endswith("%"):
            return tuple(r for r in self.scan() if r.stream.startswith(stream[:-1]))
        return super().read(stream)


class ShortPositions(Faulty):
    """Keeps positions in thirty-two bits."""

    breaks = "S5"

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        return super().scan(after=after & 0xFFFFFFFF if after > 0 else after)


class LocksWhileScanning(Faulty):
    """Lets nobody write while the same thread reads."""

    breaks = "S5"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.scanning = threading.local()

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        self.scanning.now = getattr(self.scanning, "now", 0) + 1
        try:
            yield from super().scan(after=after)
        finally:
            self.scanning.now -= 1

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        if getattr(self.scanning, "now", 0):
            raise StorageError("not stored", "the table is locked")
        return super().append(stream, events, expected_version=expected_version)


class LateArrivals(Faulty):
    """Numbers records before they can be seen: with several writers a lower position appears after a higher one."""

    breaks = "S5"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.gate, self.writing, self.hidden = threading.Lock(), 0, set[int]()

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        with self.gate:
            self.writing += 1
        time.sleep(0.001)
        try:
            with self.gate:
                done = super().append(stream, events, expected_version=expected_version)
                late = {r.position for r in done if r.position % 3 == 0} if self.writing > 1 else set()
                self.hidden |= late
            if late:
                time.sleep(0.004)
            with self.gate:
                self.hidden -= late
            return done
        finally:
            with self.gate:
                self.writing -= 1

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        with self.gate:
            hidden, found = set(self.hidden), list(super().scan(after=after))
        return (record for record in found if record.position not in hidden)


ALONE: tuple[type[Faulty], ...] = (
    ReturnsUnsealed, KeepsWhatItGot, HalfBatches, SeesOnlyTheStore, WrongNumbers, IgnoresEmptyAppends,
    ChecksThenActs, LosesPositions, Patterns, ShortPositions, LocksWhileScanning, LateArrivals,
)  # fmt: skip
