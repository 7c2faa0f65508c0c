"""A store over records that exist already: to look at histories through a tracker, whole or in part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from trialflow.adapters.ports import Storage
from trialflow.model.events import Event
from trialflow.model.recorded import Recorded

__all__ = ["Replayed", "append_all"]


class Replayed:
    """Reads these records, positions and all; takes no others."""

    def __init__(self, records: Iterable[Recorded]) -> None:
        self.records = list(records)

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        """Not here."""
        raise NotImplementedError

    def read(self, stream: str) -> Sequence[Recorded]:
        """The records of one stream."""
        return tuple(r for r in self.records if r.stream == stream)

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        """The records above a position."""
        return (r for r in self.records if r.position > after)


def append_all(storage: Storage, appends: Iterable[tuple[str, Sequence[Event]]]) -> None:
    """Append (lead id, events) one after the other."""
    versions: dict[str, int] = {}
    for lead, events in appends:
        version = versions.get(lead, 0)
        storage.append(f"lead:{lead}", events, expected_version=version)
        versions[lead] = version + len(events)
