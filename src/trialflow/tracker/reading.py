"""What the site reads: leads, options, queue, dashboard and reports, now or as of any past instant."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import attrs

from trialflow.adapters.collector import nothing_collected
from trialflow.adapters.queries import LeadQuery, SupportsColumns, SupportsLeads
from trialflow.adapters.storages.verify import Verification, verify
from trialflow.model.errors import LeadNotFound
from trialflow.model.evolve import fold
from trialflow.model.lead import Lead
from trialflow.model.parties import Actor
from trialflow.model.recorded import Recorded
from trialflow.model.site import SiteState
from trialflow.reports.dashboard import Dashboard, dashboard
from trialflow.reports.diagnosis import Diagnosis, diagnose
from trialflow.reports.figures import Figures
from trialflow.reports.source_quality import SourceQuality, source_quality
from trialflow.rules.contact import Allow, Deny, may_contact
from trialflow.rules.moves import Option, options
from trialflow.rules.next_action import NextAction, assess
from trialflow.rules.ownership import Roster, effective_owner
from trialflow.rules.readiness import Readiness, readiness
from trialflow.rules.reminders import Reminder, VisitPreparation, reminders, visit_preparation
from trialflow.rules.slas import SlaStatus, sla_status
from trialflow.rules.worklist import WorkItem, worklist
from trialflow.tracker.base import Base
from trialflow.tracker.present import board, queued
from trialflow.tracker.view import View

__all__ = ["Reading"]

_WEEK = timedelta(days=7)
_MINUTE = timedelta(minutes=1)

When = datetime | date | None


class Reading(Base):
    """Reading changes nothing. ``as_of`` (a date: the start of that day at the site) defaults to now.

    As of an instant count the records dated up to it, in the order of recording; see :mod:`trialflow.tracker.book`.
    """

    def lead(self, lead_id: str, *, as_of: When = None) -> Lead:
        """One lead. Raises ``LeadNotFound``, also when it had not arrived by then.

        Without ``as_of`` its ``version`` is the one that a command names as ``expected_version``: what is recorded,
        with a date ahead, too.
        """
        records, until = self._records(lead_id), self.instant(as_of)
        found = fold(r for r in records if r.event.at <= until)
        if found is None:
            raise LeadNotFound(lead_id)
        present = as_of is None and found.version != len(records)
        return attrs.evolve(found, version=len(records)) if present else found

    def leads(self, query: LeadQuery | None = None, *, as_of: When = None) -> tuple[Lead, ...]:
        """The leads asked for by id; without a ``query`` all but those merged into others. A store that keeps its leads
        answers a query without reading the others."""
        if query is None:
            return self._view(as_of).leads
        if isinstance(self.storage, SupportsLeads):
            return tuple(self.storage.find(query, self.instant(as_of)))
        return tuple(filter(query.holds, self._view(as_of).everyone))

    def history(self, lead_id: str, *, as_of: When = None) -> Sequence[Recorded]:
        """Every record of a lead, voided ones included, or those dated up to ``as_of``. Raises ``LeadNotFound``."""
        records = self._records(lead_id)
        if as_of is None:
            return records
        until = self.instant(as_of)
        return tuple(r for r in records if r.event.at <= until)

    def options(self, lead_id: str, *, by: Actor, as_of: When = None) -> tuple[Option, ...]:
        """Every move out of the present status, each with why it would be refused."""
        at = self.instant(as_of)
        return options(self.lead(lead_id, as_of=at), self.workflow, at, by, guards=self.guards)

    def may_contact(
        self,
        lead_id: str,
        channel: str,
        *,
        at: datetime | None = None,
        zone: str | None = None,
        purpose: str = "recruitment",
        about: str = "",
    ) -> Allow | Deny:
        """Whether the person may be contacted; ``zone`` is the person's, by default the site's. ``about`` names the
        blocker or item that the contact is to settle."""
        chosen, now = zone or self.workflow.site.zone, self.instant(at)
        lead = self.lead(lead_id, as_of=now)
        return may_contact(lead, self.workflow, channel, now, zone=chosen, purpose=purpose, about=about)

    def owner_of(self, lead_id: str, *, as_of: When = None) -> str:
        """Who can act on a lead: its owner's id, or UNASSIGNED, also while the owner is absent."""
        at = self.instant(as_of)
        return effective_owner(self.lead(lead_id, as_of=at), self._roster_at(at), at)

    def blockers_of(self, lead_id: str, *, as_of: When = None) -> Readiness:
        """What stands before the next milestone: blockers and open items, each with its dates and whose turn it is."""
        return readiness(self.lead(lead_id, as_of=self.instant(as_of)), self.workflow)

    def next_for(self, lead_id: str, *, as_of: When = None) -> NextAction:
        """What to do next with a lead, until when, by which role, and why."""
        at = self.instant(as_of)
        return assess(self.lead(lead_id, as_of=at), self.workflow, at, self._roster_at(at)).action

    def sla_status(self, lead_id: str, *, as_of: When = None) -> tuple[SlaStatus, ...]:
        """Every service level of a lead, each by its own clock."""
        at = self.instant(as_of)
        return sla_status(self.lead(lead_id, as_of=at), self.workflow, at)

    def reminders(self, until: datetime | date, *, as_of: When = None) -> tuple[Reminder, ...]:
        """What is overdue or falls due before ``until``, the earliest first. Nothing is sent."""
        view = self._view(as_of)
        return reminders(view.leads, self.workflow, view.as_of, self.instant(until), self._roster(view))

    def visit_preparation(self, lead_id: str, *, as_of: When = None) -> VisitPreparation | None:
        """The checklist of a lead's planned visit, or None when none is planned."""
        return visit_preparation(self.lead(lead_id, as_of=self.instant(as_of)), self.workflow)

    def worklist(self, *, as_of: When = None, owner: str | None = None, ended: bool = True) -> tuple[WorkItem, ...]:
        """The queue in the order of work; ``owner`` keeps one owner's (or UNASSIGNED) part. ``ended=False`` leaves out
        the leads whose work has ended, which otherwise come last: what a screen asks for, and quick in a large store
        that keeps its leads."""
        if isinstance(self.storage, SupportsLeads) and (owner is not None or not ended):
            at = self.instant(as_of)
            roster = self._roster_at(at)
            leads = queued(self.storage, self.workflow, at, roster, owner, ended=ended)
        else:
            view = self._view(as_of)
            at, roster, leads = view.as_of, self._roster(view), view.leads
        if not ended:
            leads = tuple(lead for lead in leads if not self.workflow.is_final(lead.status))
        return worklist(leads, self.workflow, at, owner=owner, roster=roster)

    def figures(self, *, since: When = None, at_most: timedelta = _MINUTE) -> Figures:
        """The counts of the board, cheap after every record: time-dependent ones are up to ``at_most`` old."""
        start = self.instant(since) if since is not None else None
        return self._book.figures(self.storage, self.now(), start, self._site_stream, at_most)

    def dashboard(self, *, as_of: When = None, since: When = None) -> Dashboard:
        """The coordinator's board. Movement counts (since, as_of]; ``since`` defaults to the previous imported copy,
        else a week."""
        if isinstance(self.storage, SupportsColumns):
            at = self.instant(as_of)
            state = self.site_state(as_of=at)
            begin = self.instant(since) if since is not None else _since(state, at)
            return board(self.storage, self.workflow, at, Roster.of(state), begin)
        view = self._view(as_of, history=True)
        start = self.instant(since) if since is not None else _since(view.site, view.as_of)
        roster = self._roster(view)
        return dashboard(view.leads, self.workflow, view.as_of, history=view.history, roster=roster, since=start)

    def source_quality(self, *, as_of: When = None) -> SourceQuality:
        """What became of each source's leads, with intervals and maturity; cost where spend is recorded."""
        with nothing_collected():
            if isinstance(self.storage, SupportsColumns):
                at = self.instant(as_of)
                state, rows = self.site_state(as_of=at), self.storage.columns(self.workflow, at)
                return source_quality(rows, self.workflow, at, spend=state.spend)
            view = self._view(as_of, history=True)
            return source_quality(view.rows, self.workflow, view.as_of, spend=view.site.spend)

    def diagnose(self, *, as_of: When = None) -> Diagnosis:
        """Where leads wait, where records get lost, where follow-up slows, what needs an owner."""
        with nothing_collected():
            view = self._view(as_of, history=True)
            return diagnose(view.leads, self.workflow, view.as_of, history=view.rows, roster=self._roster(view))

    def labels(self) -> dict[str, str]:
        """What the site calls opaque ids: owners, unknown status words, and leads (the id in the sheet, else the
        person's name), so that a coordinator sees whom to call. For people at the site; never for sponsors."""
        known = {ref: text for ref, _, text in self.vault.items("label")}
        for lead_id, _, private in self.vault.items("identity"):
            identity = json.loads(private)
            called = identity.get("external_id") or identity.get("name")
            if called:
                known[lead_id] = str(called)
        return known

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

    def _view(self, as_of: When, *, history: bool = False) -> View:
        return self._book.view(self.storage, self.instant(as_of), self._site_stream, history=history)

    def _roster(self, view: View) -> Roster:
        return Roster.of(view.site)

    def _roster_at(self, as_of: datetime) -> Roster:
        return Roster.of(self.site_state(as_of=as_of))


def _since(state: SiteState, as_of: datetime) -> datetime:
    dates = sorted({c.as_of for c in state.copies if c.as_of <= as_of})
    return dates[-2] if len(dates) > 1 else as_of - _WEEK
