"""Who really has the lead now: an absent or inactive owner leaves it effectively unowned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED, Owner
from trialflow.model.site import SiteState
from trialflow.model.site_events import AbsenceSet

__all__ = ["Roster", "effective_owner", "handoff_waiting", "unowned", "unrecorded_handoffs"]


@attrs.frozen(kw_only=True)
class Roster:
    """The site's owners and their absences. An owner the roster does not list counts as present."""

    owners: Mapping[str, Owner] = attrs.field(factory=dict)
    absences: tuple[AbsenceSet, ...] = ()

    @classmethod
    def of(cls, state: SiteState, owners: Iterable[Owner] = ()) -> Roster:
        """The roster that a site's stream tells."""
        return cls(owners={owner.id: owner for owner in owners}, absences=state.absences)

    def away(self, owner: str, as_of: datetime) -> bool:
        """Whether ``owner`` is inactive, or absent at ``as_of``; absences are half-open [since, until)."""
        known = self.owners.get(owner)
        if known is not None and not known.active:
            return True
        for a in self.absences:  # a loop: asked some times of every lead of a board, mostly without any absence
            if a.owner == owner and a.since <= as_of and (a.until is None or as_of < a.until):
                return True
        return False


def effective_owner(lead: Lead, roster: Roster | None, as_of: datetime) -> str:
    """The owner who can act on ``lead`` at ``as_of``, or UNASSIGNED."""
    if roster is not None and roster.away(lead.owner, as_of):
        return UNASSIGNED
    return lead.owner


def handoff_waiting(lead: Lead) -> bool:
    """Whether the last handoff to a person has not been accepted."""
    return bool(lead.handoffs) and not lead.unowned and lead.handoffs[-1].accepted_at is None


def unowned(leads: Iterable[Lead], roster: Roster | None, as_of: datetime) -> tuple[Lead, ...]:
    """Those of the leads that nobody can act on, the longest waiting first; merged ones are left out."""
    standing = (lead for lead in leads if not lead.merged_into)
    found = [lead for lead in standing if effective_owner(lead, roster, as_of) == UNASSIGNED]
    return tuple(sorted(found, key=lambda lead: (lead.owner_since or lead.received_at, lead.id)))


def unrecorded_handoffs(leads: Iterable[Lead]) -> tuple[Lead, ...]:
    """Leads that changed hands without a context code: what was agreed lives in somebody's memory.

    A first owner is no handoff: nobody had anything to pass on.
    """
    return tuple(lead for lead in leads if any(not h.reason and h.from_owner != UNASSIGNED for h in lead.handoffs))
