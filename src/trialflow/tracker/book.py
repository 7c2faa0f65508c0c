"""The leads and the site as the ledger tells them, kept up to date by reading only what is new."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from trialflow.adapters.ports import Storage
from trialflow.model.events import Corrected
from trialflow.model.evolve import evolve, fold
from trialflow.model.lead import Lead
from trialflow.model.recorded import Recorded
from trialflow.model.site import SiteState, evolve_site

__all__ = ["Book"]

_NEVER = datetime.min.replace(tzinfo=UTC)


class Book:
    """A fold of the whole store up to ``position``; ``latest`` is the latest business time in it."""

    def __init__(self) -> None:
        self.leads: dict[str, Lead] = {}
        self.sites: dict[str, SiteState] = {}
        self.position = 0
        self.latest = _NEVER

    def refresh(self, storage: Storage) -> None:
        """Fold what was recorded since the last call."""
        stale: set[str] = set()
        for record in storage.scan(after=self.position):
            self.add(record)
            if isinstance(record.event, Corrected):
                stale.add(record.stream)
        for stream in stale:
            self._refold(stream, storage.read(stream))

    def add(self, record: Recorded) -> None:
        """Fold one record."""
        self.position = record.position
        self.latest = max(self.latest, record.event.at)
        kind, _, name = record.stream.partition(":")
        if kind == "lead":
            lead = evolve(self.leads.get(name), record.event, record.position, lead_id=name)
            if lead is not None:
                self.leads[name] = lead
        else:
            state = self.sites.get(record.stream) or SiteState()
            self.sites[record.stream] = evolve_site(state, record.event)

    def _refold(self, stream: str, records: Iterable[Recorded]) -> None:
        name = stream.removeprefix("lead:")
        lead = fold(records)
        if lead is not None:
            self.leads[name] = lead
        else:
            self.leads.pop(name, None)

    @classmethod
    def at(cls, storage: Storage, as_of: datetime) -> Book:
        """The book as of a past instant: only what had happened by then, corrections included only from then on."""
        book = cls()
        corrected: dict[str, list[Recorded]] = {}
        kept: dict[str, bool] = {}
        for record in storage.scan():
            if record.event.at > as_of:
                continue
            book.add(record)
            if isinstance(record.event, Corrected):
                kept[record.stream] = True
        for stream in kept:
            corrected[stream] = [r for r in storage.read(stream) if r.event.at <= as_of]
            book._refold(stream, corrected[stream])
        return book
