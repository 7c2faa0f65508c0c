"""The writes of an import: batched, and settled with whoever wrote first.

Order of writes per batch: identities and notes (vault), events (ledger), row memory (vault). After a crash in between
the same copy is imported again: what the ledger has already makes no second event.
"""

from __future__ import annotations

from typing import NamedTuple

import attrs

from trialflow.adapters.ports import Append, Entry, Storage, SupportsBatch, Vault
from trialflow.adapters.sources.copies import Copy
from trialflow.adapters.sources.reconcile import changes, source_change
from trialflow.adapters.sources.row_memory import RowMemory
from trialflow.adapters.sources.rows import Values
from trialflow.model.errors import Conflict
from trialflow.model.events import Event
from trialflow.model.evolve import fold

__all__ = ["Change", "Writer"]

_BATCH = 25_000
"""Rows. Ids are random, so that every batch writes most pages of an index anew: fewer, larger ones write less."""
_TRIES = 5


class Change(NamedTuple):
    """What one row does to one lead: the events, the version they follow, and what to decide anew from when
    somebody else was first."""

    lead_id: str
    events: tuple[Event, ...]
    version: int
    before: Values
    after: Values
    note_ref: str
    source: str = ""
    """The corrected source, where it was."""

    @property
    def append(self) -> Append:
        """The part of the batch."""
        return Append(f"lead:{self.lead_id}", self.events, self.version)


@attrs.define
class Writer:
    """Collects changes and private entries and writes them in batches."""

    storage: Storage
    vault: Vault
    memory: RowMemory
    copy: Copy
    _changes: list[Change] = attrs.field(factory=list)
    _private: list[Entry] = attrs.field(factory=list)

    def keep(self, entry: Entry) -> None:
        """An identity, a note or a label for the vault."""
        self._private.append(entry)

    def add(self, change: Change) -> None:
        """A change for the ledger."""
        self._changes.append(change)

    def flush_if_full(self) -> None:
        """Write when a batch is together."""
        if len(self._changes) >= _BATCH or len(self._private) >= 2 * _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write everything. Raises ``Conflict`` only when others keep writing the same leads."""
        if self._private:
            self.vault.put(self._private)
            self._private = []
        if self._changes:
            self._store(self._changes)
            self._changes = []
        self.memory.flush()

    def _store(self, pending: list[Change]) -> None:
        for left in reversed(range(_TRIES)):
            try:
                self._append(pending)
                return
            except Conflict:
                if not left:
                    raise
                pending = [again for change in pending if (again := self._settled(change)) is not None]

    def _append(self, pending: list[Change]) -> None:
        if isinstance(self.storage, SupportsBatch):
            self.storage.append_batch([change.append for change in pending])
            return
        while pending:
            change = pending[0]
            self.storage.append(f"lead:{change.lead_id}", change.events, expected_version=change.version)
            pending = pending[1:]

    def _settled(self, change: Change) -> Change | None:
        """The change as it has to be after what the ledger holds now; None when nothing is left to record."""
        records = self.storage.read(f"lead:{change.lead_id}")
        if len(records) == change.version:
            return change
        since = tuple(record.event for record in records[change.version :])
        if since[: len(change.events)] == change.events:
            return None  # a run before this one was cut off after these were stored
        lead = fold(records)
        if lead is None:
            return None
        events = changes(self.copy, change.before, change.after, lead, note_ref=change.note_ref)
        events += source_change(self.copy, change.source, lead)
        if not events:
            return None
        return change._replace(events=tuple(events), version=lead.version)
