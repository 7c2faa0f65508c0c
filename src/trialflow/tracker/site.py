"""What belongs to no lead: who is away, what was spent, what was released."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from trialflow.model.errors import Refusal, Refused
from trialflow.model.parties import Actor, Source
from trialflow.model.site_events import AbsenceSet, SpendRecorded
from trialflow.rules.refusals import code_refusals, source_refusals
from trialflow.tracker.base import Base

__all__ = ["Site"]


class Site(Base):
    """Commands on the site's own stream. Each raises ``Refused``, ``Conflict``, ``StorageError`` or ``KeyReused``."""

    def absence(
        self,
        owner: str,
        since: datetime,
        until: datetime | None = None,
        *,
        by: Actor,
        at: datetime | None = None,
        key: str = "",
    ) -> None:
        """An owner is away in [since, until); leads of an absent owner count as unowned."""
        end = self.instant(until) if until is not None else None
        self._settle("absence", code_refusals(owner=owner) + _period(self.instant(since), end))
        event = partial(AbsenceSet, by=by, owner=owner, since=self.instant(since), until=end)
        self._do_site(event, at=at, key=key)

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
        key: str = "",
    ) -> None:
        """Money spent on a source in [since, until), in minor units (cents); a negative amount takes one back."""
        found = source_refusals(Source(id=source)) + code_refusals(currency=currency)
        self._settle("spend", found + _period(self.instant(since), self.instant(until)))
        event = partial(
            SpendRecorded,
            by=by,
            source=source,
            amount_minor=amount_minor,
            currency=currency,
            since=self.instant(since),
            until=self.instant(until),
        )
        self._do_site(event, at=at, key=key)

    def _settle(self, command: str, found: list[Refusal]) -> None:
        if found:
            raise Refused(command, "site", tuple(found))


def _period(since: datetime, until: datetime | None) -> list[Refusal]:
    """A refusal of a period [since, until) that holds no moment: nothing would ever count in it."""
    if until is None or since < until:
        return []
    return [Refusal("period_empty", "the period ends before it begins", "give an until after since")]
