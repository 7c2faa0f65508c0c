"""Stores with one fault each in what they keep and say of themselves (S6 to S16): ``breaks`` is the clause.

Those of :data:`ALONE` are noticed by one check each, and by no other: without it they would pass.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from faulty_store import Faulty
from trialflow.adapters.ports import Append, RawRecord
from trialflow.model.codec import dumps, loads
from trialflow.model.errors import Conflict, KeyReused, TrialflowError
from trialflow.model.events import Event, Received, Unknown
from trialflow.model.recorded import Recorded

__all__ = ["ALONE"]

Clock = Callable[[], datetime]


class Normalises(Faulty):
    """Stores texts in another Unicode form than they were given in."""

    breaks = "S6"

    def fault(self, event: Event) -> Event:
        return loads(unicodedata.normalize("NFC", dumps(event)))


class DropsWhatItDoesNotKnow(Faulty):
    """Stores of an unknown kind only what this version understands."""

    breaks = "S6"

    def fault(self, event: Event) -> Event:
        if isinstance(event, Unknown):
            return attrs.evolve(event, payload={k: v for k, v in event.payload.items() if k != "nested"})
        return event


class Truncates(Faulty):
    """Cuts a long text, as a column of 64 kB does where nobody told it to complain."""

    breaks = "S6"

    def fault(self, event: Event) -> Event:
        if isinstance(event, Received) and len(event.source.id) > 65_535:
            return attrs.evolve(event, source=attrs.evolve(event.source, id=event.source.id[:65_535]))
        return event


class Milliseconds(Faulty):
    """Keeps instants to the millisecond."""

    breaks = "S6"

    def fault(self, event: Event) -> Event:
        return attrs.evolve(event, at=event.at.replace(microsecond=event.at.microsecond // 1000 * 1000))


class ForgetsForWhom(Faulty):
    """Has no column for the person on whose behalf somebody acted."""

    breaks = "S6"

    def fault(self, event: Event) -> Event:
        if isinstance(event, Unknown):
            return event
        return attrs.evolve(event, by=attrs.evolve(event.by, on_behalf_of=""))


class RetriesAtTheSameVersionOnly(Faulty):
    """Recognises a repeated append only where it names the same version again."""

    breaks = "S7"

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        done = super().append(stream, events, expected_version=expected_version)
        if done and done[0].version != expected_version + 1:
            raise Conflict(stream, expected_version, len(self.read(stream)))
        return done


class KnowsBatchesAsAWhole(Faulty):
    """Recognises a repeated batch only where all of it is repeated."""

    breaks = "S7"

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        known = {record.event.idempotency_key for record in self.scan()} - {""}
        keys = [event.idempotency_key for part in parts for event in part.events if event.idempotency_key]
        if len(parts) > 1 and any(key in known for key in keys) and not all(key in known for key in keys):
            raise KeyReused(parts[0].stream, keys[0])
        return super().append_batch(parts)


class KeyAlone(Faulty):
    """Takes any known key for a repetition, without looking at what it stood for."""

    breaks = "S7"

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        try:
            return super().append(stream, events, expected_version=expected_version)
        except KeyReused as error:
            return tuple(r for r in self.scan() if r.event.idempotency_key == error.key)


class MonotonicClock(Faulty):
    """Hides that its clock was set back."""

    breaks = "S8"

    def __init__(self, *, clock: Clock = lambda: datetime.now(UTC)) -> None:
        last: list[datetime] = []

        def smoothed() -> datetime:
            last.append(max([clock(), *last[-1:]]))
            return last[-1]

        super().__init__(clock=smoothed)


class LocalClock(Faulty):
    """Takes the local time of another zone for UTC where nobody gives it a clock."""

    breaks = "S8"

    def __init__(self, *, clock: Clock = lambda: datetime.now(UTC) - timedelta(hours=6)) -> None:
        super().__init__(clock=clock)


class GuessesTheZone(Faulty):
    """Takes a naive clock for one in UTC."""

    breaks = "S8"

    def __init__(self, *, clock: Clock = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock=lambda: now if (now := clock()).tzinfo else now.replace(tzinfo=UTC))


class KeepsReferences(Faulty):
    """Gives back the very object it was given, which the caller may have changed since."""

    breaks = "S9"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.given: dict[tuple[str, int], Event] = {}

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        done = super().append(stream, events, expected_version=expected_version)
        unknown = [(r, e) for r, e in zip(done, events, strict=True) if isinstance(e, Unknown)]
        self.given.update(((stream, record.version), event) for record, event in unknown)
        return done

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        for record in super().scan(after=after):
            event = self.given.get((record.stream, record.version))
            yield record if event is None else record._replace(event=event)


class StaleHead(Faulty):
    """Writes the head of every seventh record too late."""

    breaks = "S10"

    before = ""

    def head(self) -> tuple[int, str]:
        position, head = super().head()
        if position and position % 7 == 0:
            return position, self.before
        self.before = head
        return position, head


class RawWithoutKeys(Faulty):
    """Shows its records without their keys."""

    breaks = "S11"

    def raw(self, *, after: int = 0) -> Iterator[RawRecord]:
        return (row._replace(key=None) for row in super().raw(after=after))


class Complains(Faulty):
    """Takes an append that was refused for a fault of the file."""

    breaks = "S11"

    refused = 0

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        try:
            return super().append(stream, events, expected_version=expected_version)
        except TrialflowError:
            self.refused += 1
            raise

    def faults(self) -> Sequence[str]:
        return ("an append was not finished",) * self.refused


class ReordersAfterAConflict(Faulty):
    """Stores events in another order where the writer's last append had come too late."""

    breaks = "S16"

    late = ""

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        given = list(events)[::-1] if stream == self.late and len(events) > 1 else events
        try:
            done = super().append(stream, given, expected_version=expected_version)
        except Conflict:
            self.late = stream
            raise
        self.late = ""
        return done


ALONE: tuple[type[Faulty], ...] = (
    Normalises, DropsWhatItDoesNotKnow, Truncates, Milliseconds, ForgetsForWhom, RetriesAtTheSameVersionOnly,
    KnowsBatchesAsAWhole, KeyAlone, MonotonicClock, LocalClock, GuessesTheZone, KeepsReferences, StaleHead,
    RawWithoutKeys, Complains, ReordersAfterAConflict,
)  # fmt: skip
