"""What the broken stores have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.model.events import Event
from trialflow.model.recorded import Recorded

__all__ = ["Faulty"]


class Faulty(MemoryStorage):
    """What all of these share. ``fault`` is what is done to every event before it is stored."""

    breaks: ClassVar[str] = ""

    def fault(self, event: Event) -> Event:
        return event

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        return super().append(stream, list(map(self.fault, events)), expected_version=expected_version)
