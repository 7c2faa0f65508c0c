"""What is read: leads, options, queue, dashboard and reports, now or as of any past instant."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from trialflow.adapters.storages.verify import Verification, verify
from trialflow.model.errors import LeadNotFound
from trialflow.model.evolve import fold
from trialflow.model.lead import Lead
from trialflow.model.parties import Actor
from trialflow.model.recorded import Recorded
from trialflow.model.site import SiteState
from trialflow.model.site_events import ReleaseRecorded
from trialflow.reports.column_rows import columns_of
from trialflow.reports.columns import Columns
from trialflow.reports.dashboard import Dashboard, dashboard
from trialflow.reports.diagnosis import Diagnosis, diagnose
from trialflow.reports.source_quality import SourceQuality, source_quality
from trialflow.reports.sponsor import SponsorUpdate, sponsor_update
from trialflow.rules.contact import Allow, Deny, may_contact
from trialflow.rules.moves import Option, options
from trialflow.rules.ownership import Roster
from trialflow.rules.worklist import WorkItem, worklist
from trialflow.tracker.base import Base
from trialflow.tracker.book import Book

__all__ = ["Reading"]

_WEEK = timedelta(days=7)


class Reading(Base):
    """Reading never changes anything. ``as_of`` (a date: the start of that day at the site) defaults to now."""

    def lead(self, lead_id: str, *, as_of: datetime | date | None = None) -> Lead:
        """One lead. Raises ``LeadNotFound``, also when it had not arrived by then."""
        records = self.storage.read(f"lead:{lead_id}")
        if as_of is not None:
            until = self.instant(as_of)
            records = [r for r in records if r.event.at <= until]
        found = fold(records)
        if found is None:
            raise LeadNotFound(lead_id)
        return found

    def leads(self, *, as_of: datetime | date | None = None) -> tuple[Lead, ...]:
        """All leads by id, without those merged into others."""
        book = self._book_at(self.instant(as_of))
        return tuple(lead for _, lead in sorted(book.leads.items()) if not lead.merged_into)

    def history(self, lead_id: str) -> Sequence[Recorded]:
        """Every record of a lead, voided ones included. Raises ``LeadNotFound``."""
        records = self.storage.read(f"lead:{lead_id}")
        if not records:
            raise LeadNotFound(lead_id)
        return records

    def options(self, lead_id: str, *, by: Actor, as_of: datetime | date | None = None) -> tuple[Option, ...]:
        """Every move out of the present status, each with why it would be refused."""
        return options(self.lead(lead_id), self.workflow, self.instant(as_of), by, guards=self.guards)

    def may_contact(
        self, lead_id: str, channel: str, *, at: datetime | None = None, zone: str | None = None
    ) -> Allow | Deny:
        """Whether the person may be contacted; ``zone`` is the person's, by default the site's."""
        chosen = zone or self.workflow.site.zone
        return may_contact(self.lead(lead_id), self.workflow, channel, self.instant(at), zone=chosen)

    def worklist(self, *, as_of: datetime | date | None = None, owner: str | None = None) -> tuple[WorkItem, ...]:
        """The queue in the order of work; ``owner`` keeps one owner's (or UNASSIGNED) part."""
        at = self.instant(as_of)
        book = self._book_at(at)
        leads = [lead for lead in book.leads.values() if not lead.merged_into]
        return worklist(leads, self.workflow, at, owner=owner, roster=self._roster(book))

    def dashboard(self, *, as_of: datetime | date | None = None, since: datetime | date | None = None) -> Dashboard:
        """The coordinator's board. Movement counts (since, as_of]; ``since`` defaults to the previous imported copy,
        else a week."""
        at = self.instant(as_of)
        book = self._book_at(at)
        leads = [lead for _, lead in sorted(book.leads.items()) if not lead.merged_into]
        start = self.instant(since) if since is not None else self._since(book, at)
        return dashboard(leads, self.workflow, at, history=self._columns(at), roster=self._roster(book), since=start)

    def source_quality(self, *, as_of: datetime | date | None = None) -> SourceQuality:
        """What became of each source's leads, with intervals and maturity; cost where spend is recorded."""
        at = self.instant(as_of)
        book = self._book_at(at)
        return source_quality(self._columns(at), self.workflow, at, spend=self._site_of(book).spend)

    def diagnose(self, *, as_of: datetime | date | None = None) -> Diagnosis:
        """Where leads wait, where records get lost, where follow-up slows, what needs an owner."""
        at = self.instant(as_of)
        book = self._book_at(at)
        leads = [lead for _, lead in sorted(book.leads.items()) if not lead.merged_into]
        return diagnose(leads, self.workflow, at, history=self._columns(at), roster=self._roster(book))

    def sponsor_update(
        self,
        *,
        as_of: datetime | date | None = None,
        release: str = "",
        by: Actor | None = None,
        audience: str = "sponsor",
    ) -> SponsorUpdate:
        """The update since the last release. With ``release`` (its name) and ``by`` it is recorded as released, so
        that the next one starts exactly where this one ended."""
        at = self.instant(as_of)
        book = self._book_at(at)
        releases = [r for r in self._site_of(book).releases if r.audience == audience]
        last = releases[-1] if releases else None
        position = self._last_position()
        leads = [lead for _, lead in sorted(book.leads.items()) if not lead.merged_into]
        update = sponsor_update(
            leads,
            self.workflow,
            at,
            history=self._columns(at),
            last_release=last,
            position=position,
            roster=self._roster(book),
        )
        if release and by is not None:
            self._append_site(
                ReleaseRecorded(
                    at=at,
                    by=by,
                    release=release,
                    audience=audience,
                    after_position=last.position if last is not None else 0,
                    position=position,
                    since=last.until if last is not None else None,
                    until=at,
                )
            )
        return update

    def labels(self) -> dict[str, str]:
        """What the site calls opaque ids (owners, unknown status words); for coordinators, never for sponsors."""
        return {ref: text for ref, _, text in self.vault.items("label")}

    def identity(self, lead_id: str) -> dict[str, str]:
        """Name, phone, e-mail of a lead, from the vault; empty when unknown or erased."""
        text = self.vault.get("identity", lead_id)
        return {str(k): str(v) for k, v in json.loads(text).items()} if text else {}

    def notes(self, lead_id: str) -> tuple[str, ...]:
        """The texts of a lead's notes, oldest first."""
        texts = (self.vault.get("note", ref) for ref in self.lead(lead_id).notes)
        return tuple(text for text in texts if text is not None)

    def verify(self, *, anchor: tuple[int, str] | None = None) -> Verification:
        """Check every link of the hash chain; ``anchor`` is a head noted elsewhere, to find a cut tail."""
        return verify(self.storage, expected_head=anchor)

    def _book_at(self, as_of: datetime) -> Book:
        self._book.refresh(self.storage)
        return self._book if as_of >= self._book.latest else Book.at(self.storage, as_of)

    def _site_of(self, book: Book) -> SiteState:
        return book.sites.get(self._site_stream) or SiteState()

    def _roster(self, book: Book) -> Roster:
        return Roster.of(self._site_of(book))

    def _columns(self, as_of: datetime) -> Columns:
        return columns_of(self._until(as_of), self.workflow)

    def _until(self, as_of: datetime) -> Iterator[Recorded]:
        return (record for record in self.storage.scan() if record.event.at <= as_of)

    def _last_position(self) -> int:
        self._book.refresh(self.storage)
        return self._book.position

    def _since(self, book: Book, as_of: datetime) -> datetime:
        dates = sorted({c.as_of for c in self._site_of(book).copies if c.as_of <= as_of})
        return dates[-2] if len(dates) > 1 else as_of - _WEEK
