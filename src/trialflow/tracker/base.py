"""What every part of the tracker needs: its collaborators, the present instant, one lead, one append."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from trialflow.adapters.ports import Append, Clock, Storage, SupportsBatch, Vault
from trialflow.adapters.storages.closing import Closing
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.opening import open_store
from trialflow.adapters.storages.vault_memory import MemoryVault
from trialflow.adapters.wall_clock import wall_clock
from trialflow.model.codec import decode, encode
from trialflow.model.errors import Conflict, KeyReused, LeadNotFound
from trialflow.model.events import Event
from trialflow.model.evolve import fold
from trialflow.model.lead import Lead
from trialflow.model.moments import utc
from trialflow.model.parties import Actor
from trialflow.model.recorded import Recorded
from trialflow.model.site import SiteState, fold_site
from trialflow.rules.calendar import SiteCalendar
from trialflow.rules.guards import GUARDS, Guard
from trialflow.rules.loading import default_workflow
from trialflow.rules.workflow import Workflow
from trialflow.tracker.announcing import Announcer
from trialflow.tracker.book import Book
from trialflow.tracker.retry import RetryKey
from trialflow.tracker.view import site_at

if TYPE_CHECKING:
    from trialflow.adapters.plugins import Plugins

__all__ = ["Base", "check_actor", "readable"]

Decide = partial[tuple[Event, ...]]
"""A rule with all that the caller asked for; it lacks the lead and the moment."""


class Base(Closing):
    """Collaborators and the two primitives: read a lead, append to it.

    Raises ``ValueError`` for a storage of any other kind than memory without its vault: who is who, and the secret
    under which ids are made, would be gone with the process.
    """

    def __init__(
        self,
        storage: Storage | None = None,
        vault: Vault | None = None,
        *,
        workflow: Workflow | None = None,
        clock: Clock | None = None,
        site: str = "main",
        guards: Mapping[str, Guard] = GUARDS,
        plugins: Plugins | None = None,
    ) -> None:
        if vault is None and not isinstance(storage, MemoryStorage | None):
            raise ValueError("a ledger that is kept needs a vault that is kept: give both, or use Tracker.open(path)")
        self._clock = clock if clock is not None else wall_clock
        self.storage: Storage = storage if storage is not None else MemoryStorage(clock=self._clock)
        self.vault: Vault = vault if vault is not None else MemoryVault()
        self.workflow = workflow if workflow is not None else default_workflow()
        self.site = site
        self.guards = guards if plugins is None else {**plugins.working_guards(), **guards}
        self._announcer = Announcer(plugins) if plugins is not None else None
        self._book = Book(self.workflow)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        workflow: Workflow | None = None,
        clock: Clock | None = None,
        site: str = "main",
        guards: Mapping[str, Guard] = GUARDS,
        plugins: Plugins | None = None,
    ) -> Self:
        """A tracker over the SQLite ledger at ``path`` and the vault beside it, made when they are not there.

        Raises ``StorageError`` when the files cannot be used. Close it, or use it as a context manager.
        """
        storage, vault = open_store(path, clock=clock)
        return cls(storage, vault, workflow=workflow, clock=clock, site=site, guards=guards, plugins=plugins)

    def close(self) -> None:
        """Close storage and vault, where they can be closed."""
        for part in (self.storage, self.vault):
            close = getattr(part, "close", None)
            if close is not None:
                close()

    def committed(self) -> None:
        """Say that the host's transaction is committed: what was appended in it is announced to plugins now.

        Nothing to do where the storage commits by itself. Does nothing while that transaction is open.
        """
        if self._announcer is not None:
            self._announcer.committed(self.storage)

    def now(self) -> datetime:
        """The present instant by the tracker's clock, UTC."""
        return utc(self._clock())

    def instant(self, when: datetime | date | None) -> datetime:
        """``when`` in UTC: a date means the start of that day at the site, None means now.

        Raises ``ValueError`` for a datetime without a zone, ``TypeError`` for what is neither.
        """
        if when is None:
            return self.now()
        if isinstance(when, datetime):
            return utc(when)
        if not isinstance(when, date):
            raise TypeError(f"a moment is a datetime with its zone, or a date; this is a {type(when).__name__}")
        return SiteCalendar(self.workflow.site).day_start(when).astimezone(UTC)

    def namespace(self) -> uuid.UUID:
        """The secret under which this site's lead ids are made; it lives in the vault."""
        return self.vault.namespace()

    def site_state(self, *, as_of: datetime | date | None = None) -> SiteState:
        """Absences, spend, releases and imported copies of this site; with ``as_of``, what was recorded of them with a
        date up to then."""
        if as_of is None:
            return fold_site(self.storage.read(self._site_stream))
        return site_at(self.storage, self._site_stream, self.instant(as_of))

    @property
    def _ledger(self) -> Storage:
        """The storage to append to: the same one, and plugins hear of what was stored."""
        return self.storage if self._announcer is None else self._announcer.over(self.storage)

    @property
    def _site_stream(self) -> str:
        return f"site:{self.site}"

    def _records(self, lead_id: str) -> Sequence[Recorded]:
        records = self.storage.read(f"lead:{lead_id}")
        if not records:
            raise LeadNotFound(lead_id)
        return records

    def _read(self, lead_id: str) -> Lead:
        return _folded(self._records(lead_id), lead_id)

    def _do(
        self,
        lead_id: str,
        decide: Decide,
        *,
        at: datetime | None,
        key: str,
        expected_version: int | None = None,
        private: Callable[[], None] | None = None,
        beside: Callable[[Lead, datetime], Sequence[Append]] = lambda _lead, _now: (),
    ) -> Lead:
        """Read, decide, append: the lead as it is afterwards.

        ``expected_version`` is the version on which whoever asks had decided (None: the present one). It is looked at
        before the rules are: of a lead that went on since, there is something to read before anything is refused.
        ``private`` is what the vault does once nothing is refused; ``beside`` gives appends to other streams, stored
        together with this one.
        """
        _check_actor(decide)
        stream, records = f"lead:{lead_id}", self._records(lead_id)
        retry = self._retry(key, stream, decide, at)
        if retry is not None and retry.stored(records):
            return _folded(records, lead_id)
        _check_version(expected_version, stream, len(records))
        lead, now = _folded(records, lead_id), self.instant(at)
        events = readable(decide(lead=lead, at=now))
        if private is not None:
            private()
        stamped = retry.stamped(events) if retry is not None else events
        try:
            self._append([*beside(lead, now), Append(stream, stamped, len(records))])
        except (Conflict, KeyReused):
            # The same command under the same key, given twice at once: the other one got through.
            if retry is None or not retry.stored(self._records(lead_id)):
                raise
        return self._read(lead_id)

    def _do_site(self, make: partial[Any], *, at: datetime | None, key: str) -> None:
        records = self.storage.read(self._site_stream)
        retry = self._retry(key, self._site_stream, make, at)
        if retry is not None and retry.stored(records):
            return
        _check_actor(make)
        events: tuple[Event, ...] = readable((make(at=self.instant(at)),))
        stamped = retry.stamped(events) if retry is not None else events
        self._ledger.append(self._site_stream, stamped, expected_version=len(records))

    def _append(self, parts: Sequence[Append]) -> None:
        ledger = self._ledger
        if len(parts) > 1 and isinstance(ledger, SupportsBatch):
            ledger.append_batch(parts)
            return
        for part in parts:
            ledger.append(part.stream, part.events, expected_version=part.expected_version)

    def _retry(self, key: str, stream: str, command: partial[Any], at: datetime | None) -> RetryKey | None:
        return RetryKey.of(key, stream, self.namespace(), command, at) if key else None


def _check_actor(command: partial[Any]) -> None:
    check_actor(command.keywords.get("by"))


def _check_version(expected: int | None, stream: str, actual: int) -> None:
    if expected is not None and (isinstance(expected, bool) or not isinstance(expected, int)):
        raise TypeError(f"`expected_version` is the version of a lead, a number; this is a {type(expected).__name__}")
    if expected is not None and expected != actual:
        raise Conflict(stream, expected, actual)


def check_actor(by: object) -> None:
    """Raises ``TypeError`` where something else stands in place of who acts."""
    if not isinstance(by, Actor):
        raise TypeError(f"`by` is who acts, Actor(id=..., role=...); this is a {type(by).__name__}")


def readable(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The events as they are. Raises ``DecodeError`` for a value of a wrong type, which a host may pass: it would be
    stored for good, and nobody could read the lead again."""
    for event in events:
        decode(encode(event))
    return events


def _folded(records: Sequence[Recorded], lead_id: str) -> Lead:
    lead = fold(records)
    if lead is None:
        raise LeadNotFound(lead_id)
    return lead
