"""Care of the record: owners, decisions quoted, permissions, notes, proposals, merges, corrections, erasure."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from trialflow.adapters.ports import Append, Entry
from trialflow.model.lead import Lead
from trialflow.model.parties import SYSTEM, Actor, Source
from trialflow.rules import decide
from trialflow.rules.proposals import proposals
from trialflow.tracker.base import Base

__all__ = ["Stewardship"]


class Stewardship(Base):
    """Who has a lead, what was decided about it, what the record says. Answers and errors as in ``Work``."""

    def assign(
        self, lead_id: str, owner: str, *, by: Actor, at: datetime | None = None, reason: str = "", key: str = ""
    ) -> Lead:
        """Hand over to ``owner`` (an id or UNASSIGNED); ``reason`` is the context code."""
        rule = partial(decide.assign, self.workflow, owner=owner, by=by, reason=reason)
        return self._do(lead_id, rule, at=at, key=key)

    def accept_handoff(self, lead_id: str, *, by: Actor, at: datetime | None = None, key: str = "") -> Lead:
        """The new owner takes it over."""
        return self._do(lead_id, partial(decide.accept_handoff, self.workflow, by=by), at=at, key=key)

    def request_decision(
        self,
        lead_id: str,
        decision: str,
        *,
        role: str,
        by: Actor,
        at: datetime | None = None,
        due_at: datetime | None = None,
        key: str = "",
    ) -> Lead:
        """Put a question to the study team."""
        due = self.instant(due_at) if due_at is not None else None
        rule = partial(decide.request_decision, self.workflow, decision=decision, by=by, due_at=due, role=role)
        return self._do(lead_id, rule, at=at, key=key)

    def record_decision(
        self,
        lead_id: str,
        decision: str,
        outcome: str,
        *,
        by: Actor,
        authority_ref: str,
        at: datetime | None = None,
        key: str = "",
    ) -> Lead:
        """Quote what the study team decided: a person in a deciding role, on a named authority."""
        rule = partial(
            decide.record_decision,
            self.workflow,
            decision=decision,
            outcome=outcome,
            by=by,
            authority_ref=authority_ref,
        )
        return self._do(lead_id, rule, at=at, key=key)

    def permit(
        self,
        lead_id: str,
        *,
        by: Actor,
        evidence_ref: str,
        channel: str = "*",
        purpose: str = "*",
        text_version: str = "",
        at: datetime | None = None,
        key: str = "",
    ) -> Lead:
        """The person allows contact; the evidence is named."""
        rule = partial(
            decide.permit,
            self.workflow,
            allowed=True,
            by=by,
            channel=channel,
            purpose=purpose,
            text_version=text_version,
            evidence_ref=evidence_ref,
        )
        return self._do(lead_id, rule, at=at, key=key)

    def forbid(
        self,
        lead_id: str,
        *,
        by: Actor,
        channel: str = "*",
        purpose: str = "*",
        at: datetime | None = None,
        key: str = "",
    ) -> Lead:
        """The person forbids contact, at once."""
        rule = partial(decide.permit, self.workflow, allowed=False, by=by, channel=channel, purpose=purpose)
        return self._do(lead_id, rule, at=at, key=key)

    def note(self, lead_id: str, text: str, *, by: Actor, at: datetime | None = None, key: str = "") -> Lead:
        """Keep a note: its text goes to the vault, the ledger gets a reference."""
        when = at if at is not None else self.now()
        name = f"{lead_id}:{key or self.instant(when).isoformat()}:{text}"
        ref = f"note-{uuid.uuid5(self.namespace(), name).hex[:12]}"
        rule = partial(decide.note, self.workflow, ref=ref, by=by)
        keep = partial(self.vault.put, [Entry("note", ref, lead_id, text)])
        return self._do(lead_id, rule, at=at if key else when, key=key, private=keep)

    def set_source(self, lead_id: str, source: Source, *, by: Actor, at: datetime | None = None, key: str = "") -> Lead:
        """Correct the source."""
        return self._do(lead_id, partial(decide.set_source, self.workflow, source=source, by=by), at=at, key=key)

    def merge(
        self, lead_id: str, into: str, *, by: Actor, at: datetime | None = None, reason: str = "", key: str = ""
    ) -> Lead:
        """Two leads are the same person in the same study: this one is counted no more. Can be taken back.

        What the person forbade as this lead is forbidden for the other one, too, in the same append.
        """
        other = self._read(into)

        def carried(lead: Lead, now: datetime) -> Sequence[Append]:
            events = decide.carried_refusals(self.workflow, lead, other, at=now, by=by)
            return [Append(f"lead:{into}", events, other.version)] if events else ()

        rule = partial(decide.merge, self.workflow, into=other, by=by, reason=reason)
        return self._do(lead_id, rule, at=at, key=key, beside=carried)

    def unmerge(self, lead_id: str, *, by: Actor, at: datetime | None = None, reason: str = "", key: str = "") -> Lead:
        """Take a merge back."""
        return self._do(lead_id, partial(decide.unmerge, self.workflow, by=by, reason=reason), at=at, key=key)

    def correct(
        self, lead_id: str, position: int, *, reason: str, by: Actor, at: datetime | None = None, key: str = ""
    ) -> Lead:
        """Void one event of this lead by its position; it stays readable, the fold leaves it out."""
        history = self._records(lead_id)
        rule = partial(decide.correct, self.workflow, history=history, position=position, by=by, reason=reason)
        return self._do(lead_id, rule, at=at, key=key)

    def erase(self, lead_id: str, *, reason: str, by: Actor, at: datetime | None = None, key: str = "") -> Lead:
        """Erase identity, notes and remembered rows from the vault; the ledger's codes stay, a tombstone stays.

        The vault is erased before the ledger says so: cut off in between, nothing private is left, and the command
        given again completes it.
        """

        def forget() -> None:
            self.vault.put([Entry("tombstone", lead_id, lead_id, "erased")])
            self.vault.forget(lead_id)

        rule = partial(decide.erase, self.workflow, by=by, reason=reason)
        return self._do(lead_id, rule, at=at, key=key, private=forget)

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
        key: str = "",
    ) -> Lead:
        """Automation suggests; nothing changes until a person accepts."""
        until = self.instant(expires_at) if expires_at is not None else None
        rule = partial(
            decide.propose,
            self.workflow,
            proposal=proposal,
            command=command,
            by=by,
            target=target,
            reason=reason,
            expires_at=until,
        )
        return self._do(lead_id, rule, at=at, key=key)

    def suggest(self, *, by: Actor = SYSTEM, at: datetime | None = None) -> tuple[Lead, ...]:
        """Record what the rules suggest at that moment for every open lead, as proposals that a person answers. Gives
        the leads that have a new one; what stands open, or was declined since its cause arose, is not repeated."""
        now = self.instant(at)
        found: dict[str, Lead] = {}
        for lead in self._book.view(self.storage, now).leads:
            for s in proposals(lead, self.workflow, now):
                found[lead.id] = self.propose(
                    lead.id, s.proposal, s.command, by=by, target=s.target, reason=s.reason, at=now,
                    expires_at=s.expires_at,
                )  # fmt: skip
        return tuple(found.values())

    def accept_proposal(
        self,
        lead_id: str,
        proposal: str,
        *,
        by: Actor,
        at: datetime | None = None,
        authority_ref: str = "",
        key: str = "",
    ) -> Lead:
        """A person accepts: the proposed command is carried out in the same append, under its own refusals."""
        return self.resolve_proposal(lead_id, proposal, "accepted", by=by, at=at, authority_ref=authority_ref, key=key)

    def decline_proposal(
        self, lead_id: str, proposal: str, *, by: Actor, at: datetime | None = None, key: str = ""
    ) -> Lead:
        """A person declines; the proposal is kept among the past ones."""
        return self.resolve_proposal(lead_id, proposal, "declined", by=by, at=at, key=key)

    def resolve_proposal(
        self,
        lead_id: str,
        proposal: str,
        outcome: str,
        *,
        by: Actor,
        at: datetime | None = None,
        authority_ref: str = "",
        key: str = "",
    ) -> Lead:
        """Accept, decline, or mark as expired."""
        rule = partial(
            decide.close_proposal,
            self.workflow,
            proposal=proposal,
            outcome=outcome,
            by=by,
            authority_ref=authority_ref,
            guards=self.guards,
        )
        return self._do(lead_id, rule, at=at, key=key)
