"""How an append continues the chain, once for every store that keeps one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from trialflow.model.codec import dumps
from trialflow.model.events import Event
from trialflow.model.moments import micros
from trialflow.model.recorded import Recorded, next_head, seal

__all__ = ["Sealing"]


class Sealing:
    """Where the store ends while one append goes on: ``position`` and ``head``. ``at`` is the store's clock, UTC.

    The parts of the append must stay alive meanwhile. An import gives the same event to many leads, so that each
    event object is written out once.
    """

    def __init__(self, position: int, head: str, at: datetime) -> None:
        self.position, self.head = position, head
        self._at, self._at_us = at, micros(at)
        self._texts: dict[int, str] = {}

    def seal(self, stream: str, version: int, before: str, events: Sequence[Event]) -> list[Recorded]:
        """The records of ``events`` after ``version`` of ``stream``, whose last hash is ``before``."""
        at, at_us = self._at, self._at_us
        position, head, made = self.position, self.head, []
        for event in events:
            position += 1
            version += 1
            payload = self.text(event)
            digest = seal(before, stream, version, position, at_us, payload)
            made.append(Recorded(position, stream, version, at, event, before, digest))
            head, before = next_head(head, digest), digest
        self.position, self.head = position, head
        return made

    def text(self, event: Event) -> str:
        """The canonical text of an event of this append."""
        found = self._texts.get(id(event))
        if found is None:
            found = self._texts[id(event)] = dumps(event)
        return found
