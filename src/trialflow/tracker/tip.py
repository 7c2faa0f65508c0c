"""Whether the records that were read are still the beginning of the store."""

from __future__ import annotations

from collections.abc import Iterator

from trialflow.adapters.ports import Storage, SupportsHead
from trialflow.model.recorded import GENESIS, Recorded, next_head

__all__ = ["Rewritten", "Tip"]


class Rewritten(Exception):
    """Records that were read are no longer there: what was folded from them is void."""


class Tip:
    """Position and head of the chain over the records read so far, compared with the store's own at each reading.

    A store on a host's connection shows what the host has not committed yet. When the host rolls back, those records
    are gone and others take their positions, so that reading on from a position would miss them. A backup that is
    restored under a running process does the same. A store without a head (``SupportsHead``) cannot be asked.
    """

    def __init__(self) -> None:
        self.position = 0
        self._head: str | None = GENESIS

    def read_on(self, storage: Storage) -> Iterator[Recorded]:
        """The records after those read so far. Raises :class:`Rewritten`, before or after some of them."""
        due, head = storage.head() if isinstance(storage, SupportsHead) else (self.position, self._head)
        if due < self.position or (due == self.position and self._head not in (None, head)):
            raise Rewritten
        if not self.position:
            self._head = None  # a first reading has nothing to compare: it takes the store's word, and hashes nothing
        for record in storage.scan(after=self.position):
            now = None if self._head is None else next_head(self._head, record.hash)
            if record.position == due:
                if now not in (None, head):
                    raise Rewritten
                now = head
            yield record
            self.position, self._head = record.position, now
