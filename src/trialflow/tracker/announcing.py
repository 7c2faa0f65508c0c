"""Between a tracker's appends and the plugins that want to hear of them: after the commit, and at nobody's cost."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from trialflow.adapters.ports import Append, Storage, SupportsBatch, SupportsPending
from trialflow.model.events import Event
from trialflow.model.recorded import Recorded

if TYPE_CHECKING:
    from trialflow.adapters.plugins import Plugins

__all__ = ["Announcer"]

_MOST_HELD = 1000
"""Appends within one transaction of a host that are remembered until it commits."""

Tell = Callable[[Sequence[Recorded]], None]


class Announcer:
    """Tells the subscribers of ``plugins`` what a tracker appended.

    What was appended inside a host's open transaction is held back, thread by thread, until :meth:`committed`.
    """

    def __init__(self, plugins: Plugins) -> None:
        self._plugins = plugins
        self._held = _Held()

    def over(self, storage: Storage) -> Storage:
        """``storage``; with subscribers, one that tells them of every append."""
        if not self._plugins.listening:
            return storage

        def tell(records: Sequence[Recorded]) -> None:
            # The append is done: whatever fails here must not look like its failure.
            with contextlib.suppress(Exception):
                self._tell(storage, records)

        return _Told(storage, tell) if not isinstance(storage, SupportsBatch) else _ToldOfBatches(storage, tell)

    def committed(self, storage: Storage) -> None:
        """Announce what was held back and is in ``storage`` now; what a rollback took away is forgotten.

        Does nothing while the host's transaction is still open.
        """
        if _pending(storage):
            return
        while self._held.appends:
            records = self._held.appends.popleft()
            if _stored(storage, records[-1]):
                self._plugins.announce(records)

    def _tell(self, storage: Storage, records: Sequence[Recorded]) -> None:
        if not records:
            return
        if _pending(storage):
            self._held.appends.append(tuple(records))
            return
        self.committed(storage)
        self._plugins.announce(records)


class _Held(threading.local):
    """What waits for this thread's transaction."""

    def __init__(self) -> None:
        self.appends: deque[Sequence[Recorded]] = deque(maxlen=_MOST_HELD)


class _Told:
    """A storage that says what it stored, once it is stored."""

    def __init__(self, storage: Storage, tell: Tell) -> None:
        self._storage = storage
        self._tell = tell

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        records = self._storage.append(stream, events, expected_version=expected_version)
        self._tell(records)
        return records

    def read(self, stream: str) -> Sequence[Recorded]:
        return self._storage.read(stream)

    def scan(self, *, after: int = 0) -> Iterable[Recorded]:
        return self._storage.scan(after=after)


class _ToldOfBatches(_Told):
    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        assert isinstance(self._storage, SupportsBatch)
        records = self._storage.append_batch(parts)
        self._tell(records)
        return records


def _pending(storage: Storage) -> bool:
    return isinstance(storage, SupportsPending) and storage.pending()


def _stored(storage: Storage, record: Recorded) -> bool:
    there = storage.read(record.stream)
    return len(there) >= record.version and there[record.version - 1].hash == record.hash
