"""The commands: each reads the lead, decides by the rules, appends. Refusals and conflicts reach the caller."""

from __future__ import annotations

import uuid
from datetime import datetime

from trialflow.adapters.ports import Entry
from trialflow.model.facts import ItemState, PrescreenState, VisitState
from trialflow.model.lead import Lead
from trialflow.model.parties import Actor, Source
from trialflow.model.site_events import AbsenceSet, SpendRecorded
from trialflow.rules import decide
from trialflow.tracker.base import Base

__all__ = ["Commands"]


class Commands(Base):
    """Everything a person does to a lead. ``at`` is when it happened (default: now); times are aware.

    Each method gives the lead as it is afterwards and raises ``Refused`` (with every reason), ``Conflict`` (somebody
    was faster; look again) or ``LeadNotFound``.
    """

    def move(
        self,
        lead_id: str,
        to: str,
        *,
        by: Actor,
        at: datetime | None = None,
        reason: str = "",
        authority_ref: str = "",
    ) -> Lead:
        """Move to a status (its code, or the name of a move). Study-team statuses need a decider and an authority."""
        lead = self._read(lead_id)
        events = decide.move(
            self.workflow,
            lead,
            to,
            at=self.instant(at),
            by=by,
            reason=reason,
            authority_ref=authority_ref,
            guards=self.guards,
        )
        return self._append(lead, events)

    def acknowledge(self, lead_id: str, *, by: Actor, at: datetime | None = None) -> Lead:
        """Confirm to the referrer that the site has the lead."""
        lead = self._read(lead_id)
        return self._append(lead, decide.acknowledge(self.workflow, lead, at=self.instant(at), by=by))

    def assign(self, lead_id: str, owner: str, *, by: Actor, at: datetime | None = None, reason: str = "") -> Lead:
        """Hand over to ``owner`` (an id or UNASSIGNED); ``reason`` is the context code."""
        lead = self._read(lead_id)
        return self._append(lead, decide.assign(self.workflow, lead, owner, at=self.instant(at), by=by, reason=reason))

    def accept_handoff(self, lead_id: str, *, by: Actor, at: datetime | None = None) -> Lead:
        """The new owner takes it over."""
        lead = self._read(lead_id)
        return self._append(lead, decide.accept_handoff(self.workflow, lead, at=self.instant(at), by=by))

    def contact(
        self, lead_id: str, outcome: str = "unknown", *, by: Actor, at: datetime | None = None, channel: str = "phone"
    ) -> Lead:
        """Record one attempt to reach the person."""
        lead = self._read(lead_id)
        events = decide.contact(self.workflow, lead, at=self.instant(at), by=by, outcome=outcome, channel=channel)
        return self._append(lead, events)

    def prescreen(self, lead_id: str, state: PrescreenState, *, by: Actor, at: datetime | None = None) -> Lead:
        """The prescreen was started or completed."""
        lead = self._read(lead_id)
        return self._append(lead, decide.prescreen(self.workflow, lead, state, at=self.instant(at), by=by))

    def set_item(
        self,
        lead_id: str,
        item: str,
        state: ItemState,
        *,
        by: Actor,
        at: datetime | None = None,
        due_at: datetime | None = None,
    ) -> Lead:
        """A readiness item goes to a state (records: needed, requested, received, reviewed)."""
        lead = self._read(lead_id)
        due = self.instant(due_at) if due_at is not None else None
        events = decide.set_item(self.workflow, lead, item, state, at=self.instant(at), by=by, due_at=due)
        return self._append(lead, events)

    def block(
        self,
        lead_id: str,
        kind: str,
        *,
        by: Actor,
        at: datetime | None = None,
        owner: str = "",
        due_at: datetime | None = None,
    ) -> Lead:
        """Progress stops for a named reason."""
        lead = self._read(lead_id)
        due = self.instant(due_at) if due_at is not None else None
        events = decide.block(self.workflow, lead, kind, at=self.instant(at), by=by, owner=owner, due_at=due)
        return self._append(lead, events)

    def unblock(self, lead_id: str, kind: str, *, by: Actor, at: datetime | None = None) -> Lead:
        """A blocker is cleared."""
        lead = self._read(lead_id)
        return self._append(lead, decide.unblock(self.workflow, lead, kind, at=self.instant(at), by=by))

    def set_action(
        self, lead_id: str, action: str, due_at: datetime, *, by: Actor, at: datetime | None = None, owner: str = ""
    ) -> Lead:
        """Plan the one next action; until its date the lead is not stale."""
        lead = self._read(lead_id)
        due = self.instant(due_at)
        events = decide.set_action(self.workflow, lead, action, due_at=due, at=self.instant(at), by=by, owner=owner)
        return self._append(lead, events)

    def action_done(self, lead_id: str, *, by: Actor, at: datetime | None = None) -> Lead:
        """The planned action was done."""
        lead = self._read(lead_id)
        return self._append(lead, decide.action_done(self.workflow, lead, at=self.instant(at), by=by))

    def schedule(self, lead_id: str, visit_at: datetime, *, by: Actor, at: datetime | None = None) -> Lead:
        """Give the visit a slot and move to ``scheduled`` when the lead is not there yet; both or neither."""
        lead, now, slot = self._read(lead_id), self.instant(at), self.instant(visit_at)
        again = lead.visit is not None and lead.visit.state in ("scheduled", "rescheduled")
        state: VisitState = "rescheduled" if again else "scheduled"
        events = decide.visit(self.workflow, lead, state, at=now, by=by, visit_at=slot)
        if lead.status != "scheduled":
            events += decide.move(self.workflow, lead, "scheduled", at=now, by=by, visit_at=slot, guards=self.guards)
        return self._append(lead, events)

    def visit(
        self, lead_id: str, state: VisitState, *, by: Actor, at: datetime | None = None, reason: str = ""
    ) -> Lead:
        """What became of the visit: attended, missed or cancelled. The status is moved apart, by :meth:`move`."""
        lead = self._read(lead_id)
        events = decide.visit(self.workflow, lead, state, at=self.instant(at), by=by, reason=reason)
        return self._append(lead, events)

    def request_decision(
        self,
        lead_id: str,
        decision: str,
        *,
        role: str,
        by: Actor,
        at: datetime | None = None,
        due_at: datetime | None = None,
    ) -> Lead:
        """Put a question to the study team."""
        lead = self._read(lead_id)
        due = self.instant(due_at) if due_at is not None else None
        events = decide.request_decision(
            self.workflow, lead, decision, at=self.instant(at), by=by, due_at=due, role=role
        )
        return self._append(lead, events)

    def record_decision(
        self, lead_id: str, decision: str, outcome: str, *, by: Actor, authority_ref: str, at: datetime | None = None
    ) -> Lead:
        """Quote what the study team decided: a person in a deciding role, on a named authority."""
        lead = self._read(lead_id)
        events = decide.record_decision(
            self.workflow, lead, decision, outcome, at=self.instant(at), by=by, authority_ref=authority_ref
        )
        return self._append(lead, events)

    def permit(
        self, lead_id: str, *, by: Actor, channel: str = "*", evidence_ref: str, at: datetime | None = None
    ) -> Lead:
        """The person allows contact; the evidence is named."""
        lead = self._read(lead_id)
        events = decide.permit(
            self.workflow, lead, True, at=self.instant(at), by=by, channel=channel, evidence_ref=evidence_ref
        )
        return self._append(lead, events)

    def forbid(self, lead_id: str, *, by: Actor, channel: str = "*", at: datetime | None = None) -> Lead:
        """The person forbids contact, at once."""
        lead = self._read(lead_id)
        return self._append(
            lead, decide.permit(self.workflow, lead, False, at=self.instant(at), by=by, channel=channel)
        )

    def note(self, lead_id: str, text: str, *, by: Actor, at: datetime | None = None) -> Lead:
        """Keep a note: its text goes to the vault, the ledger gets a reference."""
        lead = self._read(lead_id)
        ref = f"note-{uuid.uuid5(self.namespace(), f'{lead_id}:{len(lead.notes)}:{text}').hex[:12]}"
        events = decide.note(self.workflow, lead, ref, at=self.instant(at), by=by)
        self.vault.put([Entry("note", ref, lead_id, text)])
        return self._append(lead, events)

    def set_source(self, lead_id: str, source: Source, *, by: Actor, at: datetime | None = None) -> Lead:
        """Correct the source."""
        lead = self._read(lead_id)
        return self._append(lead, decide.set_source(self.workflow, lead, source, at=self.instant(at), by=by))

    def merge(self, lead_id: str, into: str, *, by: Actor, at: datetime | None = None) -> Lead:
        """Two leads are the same person in the same study: this one is counted no more. Can be taken back."""
        lead, other, now = self._read(lead_id), self._read(into), self.instant(at)
        events = decide.merge(self.workflow, lead, other, at=now, by=by)
        # First what must hold for the other lead: said twice it does no harm, left out it would.
        carried = decide.carried_refusals(self.workflow, lead, other, at=now, by=by)
        if carried:
            self._append(other, carried)
        return self._append(lead, events)

    def unmerge(self, lead_id: str, *, by: Actor, at: datetime | None = None) -> Lead:
        """Take a merge back."""
        lead = self._read(lead_id)
        return self._append(lead, decide.unmerge(self.workflow, lead, at=self.instant(at), by=by))

    def correct(self, lead_id: str, position: int, *, reason: str, by: Actor, at: datetime | None = None) -> Lead:
        """Void one event of this lead by its position; it stays readable, the fold leaves it out."""
        lead, records = self._read(lead_id), self.storage.read(f"lead:{lead_id}")
        events = decide.correct(self.workflow, lead, records, position, at=self.instant(at), by=by, reason=reason)
        return self._append(lead, events)

    def erase(self, lead_id: str, *, reason: str, by: Actor, at: datetime | None = None) -> Lead:
        """Erase identity, notes and remembered rows from the vault; the ledger's codes stay, a tombstone stays."""
        lead = self._read(lead_id)
        events = decide.erase(self.workflow, lead, at=self.instant(at), by=by, reason=reason)
        self.vault.put([Entry("tombstone", lead_id, lead_id, "erased")])
        self.vault.forget(lead_id)
        return self._append(lead, events)

    def propose(
        self,
        lead_id: str,
        proposal: str,
        command: str,
        *,
        by: Actor,
        target: str = "",
        reason: str = "",
        at: datetime | None = None,
        expires_at: datetime | None = None,
    ) -> Lead:
        """Automation suggests; a person decides by :meth:`resolve_proposal`."""
        lead = self._read(lead_id)
        events = decide.propose(
            self.workflow,
            lead,
            proposal,
            command,
            at=self.instant(at),
            by=by,
            target=target,
            reason=reason,
            expires_at=expires_at,
        )
        return self._append(lead, events)

    def resolve_proposal(
        self,
        lead_id: str,
        proposal: str,
        outcome: str,
        *,
        by: Actor,
        at: datetime | None = None,
        authority_ref: str = "",
    ) -> Lead:
        """Accept, decline or expire a proposal; what was accepted is carried out in the same append."""
        lead = self._read(lead_id)
        events = decide.close_proposal(
            self.workflow,
            lead,
            proposal,
            outcome,
            at=self.instant(at),
            by=by,
            authority_ref=authority_ref,
            guards=self.guards,
        )
        return self._append(lead, events)

    def absence(
        self, owner: str, since: datetime, until: datetime | None = None, *, by: Actor, at: datetime | None = None
    ) -> None:
        """An owner is away in [since, until); leads of an absent owner count as unowned."""
        end = self.instant(until) if until is not None else None
        event = AbsenceSet(at=self.instant(at), by=by, owner=owner, since=self.instant(since), until=end)
        self._append_site(event)

    def spend(
        self,
        source: str,
        amount_minor: int,
        currency: str,
        since: datetime,
        until: datetime,
        *,
        by: Actor,
        at: datetime | None = None,
    ) -> None:
        """Money spent on a source in [since, until), in minor units (cents)."""
        event = SpendRecorded(
            at=self.instant(at),
            by=by,
            source=source,
            amount_minor=amount_minor,
            currency=currency,
            since=self.instant(since),
            until=self.instant(until),
        )
        self._append_site(event)
