"""How an append continues the chain, once for every store that keeps one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from trialflow.model.codec import dumps
from trialflow.model.events import Event, Unknown
from trialflow.model.moments import micros
from trialflow.model.recorded import Recorded, next_head, seal
from trialflow.model.site_events import CopyImported

__all__ = ["WITH_DICTS", "Sealing", "Texts"]

WITH_DICTS: frozenset[type[Event]] = frozenset({Unknown, CopyImported})
"""Events that hold a dict, which a caller may change later."""

Texts = dict[int, tuple[Event, str]]
"""Canonical texts by the identity of their event, which is kept alive here."""

_MOST_SHARED = 20_000
_tuple = tuple.__new__


class Sealing:
    """Where the store ends while one append goes on: ``position`` and ``head``. ``at`` is the store's clock, UTC.

    An import gives the same event to many leads, so that each event object is written out once. ``shared`` holds, from
    one append of a store to its next, the texts of those that came more than once.
    """

    def __init__(self, position: int, head: str, at: datetime, shared: Texts) -> None:
        self.position, self.head = position, head
        self._at, self._at_us = at, micros(at)
        if len(shared) > _MOST_SHARED:
            shared.clear()
        self._shared, self._texts = shared, shared.copy()
        self.payloads: list[str] = []
        """The canonical texts of the events sealed last."""

    def seal(self, stream: str, version: int, before: str, events: Sequence[Event]) -> list[Recorded]:
        """The records of ``events`` after ``version`` of ``stream``, whose last hash is ``before``."""
        at, at_us, text = self._at, self._at_us, self._text
        position, head, made, payloads = self.position, self.head, [], []
        for event in events:
            position += 1
            version += 1
            payload = text(event)
            payloads.append(payload)
            digest = seal(before, stream, version, position, at_us, payload)
            made.append(_tuple(Recorded, (position, stream, version, at, event, before, digest)))
            head, before = next_head(head, digest), digest
        self.position, self.head, self.payloads = position, head, payloads
        return made

    def _text(self, event: Event) -> str:
        number = id(event)
        found = self._texts.get(number)
        if found is None:
            found = self._texts[number] = (event, dumps(event))
        elif type(event) not in WITH_DICTS:
            self._shared[number] = found
        return found[1]
