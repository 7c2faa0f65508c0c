"""Care of the record: merges, corrections, erasure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from trialflow.adapters.ports import Append, Entry
from trialflow.model.lead import Lead
from trialflow.model.parties import Actor
from trialflow.rules import decide
from trialflow.tracker.base import Base

__all__ = ["Corrections"]


class Corrections(Base):
    """What the record says, set right; nothing recorded is changed. Answers and errors as in ``Work``."""

    def merge(
        self,
        lead_id: str,
        into: str,
        *,
        by: Actor,
        at: datetime | None = None,
        reason: str = "",
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """Two leads are the same person in the same study: this one is counted no more. Can be taken back.

        What the person forbade as this lead is forbidden for the other one, too, in the same append.
        """
        other = self._read(into)

        def carried(lead: Lead, now: datetime) -> Sequence[Append]:
            events = decide.carried_refusals(self.workflow, lead, other, at=now, by=by)
            return [Append(f"lead:{into}", events, other.version)] if events else ()

        rule = partial(decide.merge, self.workflow, into=other, by=by, reason=reason)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version, beside=carried)

    def unmerge(
        self,
        lead_id: str,
        *,
        by: Actor,
        at: datetime | None = None,
        reason: str = "",
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """Take a merge back."""
        rule = partial(decide.unmerge, self.workflow, by=by, reason=reason)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def correct(
        self,
        lead_id: str,
        position: int,
        *,
        reason: str,
        by: Actor,
        at: datetime | None = None,
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """Void one event of this lead by its position; it stays readable, the fold leaves it out."""
        history = self._records(lead_id)
        rule = partial(decide.correct, self.workflow, history=history, position=position, by=by, reason=reason)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def erase(
        self,
        lead_id: str,
        *,
        reason: str,
        by: Actor,
        at: datetime | None = None,
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """Erase identity, notes and remembered rows from the vault; the ledger's codes stay, a tombstone stays.

        The vault is erased before the ledger says so: cut off in between, nothing private is left, and the command
        given again completes it.
        """

        def forget() -> None:
            self.vault.put([Entry("tombstone", lead_id, lead_id, "erased")])
            self.vault.forget(lead_id)

        rule = partial(decide.erase, self.workflow, by=by, reason=reason)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version, private=forget)
