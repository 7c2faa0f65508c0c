"""Care of a lead: owners, decisions quoted, permissions, notes, where it came from."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import partial

from trialflow.adapters.ports import Entry
from trialflow.model.lead import Lead
from trialflow.model.parties import Actor, Source
from trialflow.rules import decide
from trialflow.tracker.base import Base

__all__ = ["Stewardship"]


class Stewardship(Base):
    """Who has a lead, what was decided about it, what the person allows. Answers and errors as in ``Work``."""

    def assign(
        self,
        lead_id: str,
        owner: str,
        *,
        by: Actor,
        at: datetime | None = None,
        reason: str = "",
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """Hand over to ``owner`` (an id or UNASSIGNED); ``reason`` is the context code."""
        rule = partial(decide.assign, self.workflow, owner=owner, by=by, reason=reason)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def accept_handoff(
        self, lead_id: str, *, by: Actor, at: datetime | None = None, key: str = "", expected_version: int | None = None
    ) -> Lead:
        """The new owner takes it over."""
        rule = partial(decide.accept_handoff, self.workflow, by=by)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

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
        expected_version: int | None = None,
    ) -> Lead:
        """Put a question to the study team."""
        due = self.instant(due_at) if due_at is not None else None
        rule = partial(decide.request_decision, self.workflow, decision=decision, by=by, due_at=due, role=role)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

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
        expected_version: int | None = None,
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
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

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
        expected_version: int | None = None,
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
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def forbid(
        self,
        lead_id: str,
        *,
        by: Actor,
        channel: str = "*",
        purpose: str = "*",
        at: datetime | None = None,
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """The person forbids contact, at once."""
        rule = partial(decide.permit, self.workflow, allowed=False, by=by, channel=channel, purpose=purpose)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def note(
        self,
        lead_id: str,
        text: str,
        *,
        by: Actor,
        at: datetime | None = None,
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """Keep a note: its text goes to the vault, the ledger gets a reference."""
        when = at if at is not None else self.now()
        name = f"{lead_id}:{key or self.instant(when).isoformat()}:{text}"
        ref = f"note-{uuid.uuid5(self.namespace(), name).hex[:12]}"
        rule = partial(decide.note, self.workflow, ref=ref, by=by)
        keep = partial(self.vault.put, [Entry("note", ref, lead_id, text)])
        return self._do(lead_id, rule, at=at if key else when, key=key, expected_version=expected_version, private=keep)

    def set_source(
        self,
        lead_id: str,
        source: Source,
        *,
        by: Actor,
        at: datetime | None = None,
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """Correct the source."""
        rule = partial(decide.set_source, self.workflow, source=source, by=by)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)
