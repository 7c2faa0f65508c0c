"""Automation proposes, people answer."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from trialflow.model.lead import Lead
from trialflow.model.parties import SYSTEM, Actor
from trialflow.rules import decide
from trialflow.rules.proposals import proposals
from trialflow.tracker.base import Base

__all__ = ["Proposing"]


class Proposing(Base):
    """Proposals, and what a person says to them. Answers and errors as in ``Work``."""

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
        expected_version: int | None = None,
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
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def suggest(self, *, by: Actor = SYSTEM, at: datetime | None = None) -> tuple[Lead, ...]:
        """Record what the rules suggest at that moment for every open lead, as proposals that a person answers. Gives
        the leads that have a new one; what stands open, or was declined since its cause arose, is not repeated."""
        now = self.instant(at)
        found: dict[str, Lead] = {}
        for lead in self._book.view(self.storage, now, self._site_stream).leads:
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
        expected_version: int | None = None,
    ) -> Lead:
        """A person accepts: the proposed command is carried out in the same append, under its own refusals."""
        return self.resolve_proposal(
            lead_id,
            proposal,
            "accepted",
            by=by,
            at=at,
            authority_ref=authority_ref,
            key=key,
            expected_version=expected_version,
        )

    def decline_proposal(
        self,
        lead_id: str,
        proposal: str,
        *,
        by: Actor,
        at: datetime | None = None,
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """A person declines; the proposal is kept among the past ones."""
        return self.resolve_proposal(
            lead_id, proposal, "declined", by=by, at=at, key=key, expected_version=expected_version
        )

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
        expected_version: int | None = None,
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
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)
