"""What every part of the tracker needs: its collaborators, the present instant, one lead, one append."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from trialflow.adapters.ports import Clock, Storage, Vault
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.vault_memory import MemoryVault
from trialflow.model.errors import LeadNotFound
from trialflow.model.events import Event
from trialflow.model.evolve import fold
from trialflow.model.lead import Lead
from trialflow.model.moments import utc
from trialflow.model.site import SiteState, fold_site
from trialflow.rules.calendar import SiteCalendar
from trialflow.rules.guards import GUARDS, Guard
from trialflow.rules.loading import default_workflow
from trialflow.rules.workflow import Workflow
from trialflow.tracker.book import Book

__all__ = ["Base"]


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class Base:
    """Collaborators and the two primitives: read a lead, append to it."""

    def __init__(
        self,
        storage: Storage | None = None,
        vault: Vault | None = None,
        *,
        workflow: Workflow | None = None,
        clock: Clock | None = None,
        site: str = "main",
        guards: Mapping[str, Guard] = GUARDS,
    ) -> None:
        self.storage: Storage = storage if storage is not None else MemoryStorage()
        self.vault: Vault = vault if vault is not None else MemoryVault()
        self.workflow = workflow if workflow is not None else default_workflow()
        self.site = site
        self.guards = guards
        self._clock = clock if clock is not None else _wall_clock
        self._book = Book()

    def now(self) -> datetime:
        """The present instant by the tracker's clock, UTC."""
        return utc(self._clock())

    def instant(self, when: datetime | date | None) -> datetime:
        """``when`` in UTC: a date means the start of that day at the site, None means now."""
        if when is None:
            return self.now()
        if isinstance(when, datetime):
            return utc(when)
        return SiteCalendar(self.workflow.site).day_start(when).astimezone(UTC)

    def namespace(self) -> uuid.UUID:
        """The secret under which this site's lead ids are made; it lives in the vault."""
        return self.vault.namespace()

    def site_state(self) -> SiteState:
        """Absences, spend, releases and imported copies of this site."""
        return fold_site(self.storage.read(self._site_stream))

    @property
    def _site_stream(self) -> str:
        return f"site:{self.site}"

    def _read(self, lead_id: str) -> Lead:
        lead = fold(self.storage.read(f"lead:{lead_id}"))
        if lead is None:
            raise LeadNotFound(lead_id)
        return lead

    def _append(self, lead: Lead, events: Sequence[Event]) -> Lead:
        self.storage.append(f"lead:{lead.id}", events, expected_version=lead.version)
        return self._read(lead.id)

    def _append_site(self, event: Event) -> None:
        version = self.site_state().version
        self.storage.append(self._site_stream, [event], expected_version=version)
