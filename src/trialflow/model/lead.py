"""A lead: one person's interest in one study at one site, as its events tell it so far.

A host that keeps only current state builds ``Lead`` values from its own rows; what only history can tell stays at
its default there and reports say "not known".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import attrs

from trialflow.model.facts import (
    Blocker,
    ContactAttempt,
    Decision,
    Episode,
    Handoff,
    Mark,
    OpenDecision,
    Permission,
    PlannedAction,
    PrescreenState,
    Proposal,
    ReadinessItem,
    Stay,
    Visit,
)
from trialflow.model.moments import validate_utc
from trialflow.model.parties import UNASSIGNED, Source

__all__ = ["Lead", "fill_lead", "owned"]

_NONE: Mapping[str, ReadinessItem] = MappingProxyType({})
_NEVER: Mapping[str, Mark] = MappingProxyType({})


def owned(owner: str) -> str:
    """An owner is an id or UNASSIGNED: a host's blank cell is a lead that nobody owns."""
    return owner if owner and owner.strip() else UNASSIGNED


@attrs.frozen(kw_only=True, slots=False)
class Lead:
    """One lead at one moment. All times are UTC.

    ``version`` is the number of events folded (0: built from a host's row). ``trail`` is the list of stays in statuses,
    the current one last; ``seen`` holds, per event kind but moves, when it last happened. Of both, staleness asks
    (:meth:`last`) for the kinds that the workflow counts as movement. ``firsts`` holds when each thing first happened
    in the present episode (``contact_attempted:reached``, ``item_set:records:requested``): the clocks of service
    levels, which no later event resets. ``close_reason`` is the reason of the move into the present status.
    ``proposals`` are the open ones, ``past_proposals`` those accepted, declined or expired.
    """

    id: str
    source: Source
    received_at: datetime = attrs.field(validator=validate_utc)
    status: str = "new"
    status_since: datetime = attrs.field(
        default=attrs.Factory(lambda self: self.received_at, takes_self=True), validator=validate_utc
    )
    version: int = 0
    study: str = ""
    site: str = ""
    person_ref: str = ""
    external_ref: str = ""
    close_reason: str = ""
    owner: str = attrs.field(default=UNASSIGNED, converter=owned)
    owner_since: datetime | None = None
    handoffs: tuple[Handoff, ...] = ()
    acknowledged_at: datetime | None = None
    attempts: int = 0
    contacts: tuple[ContactAttempt, ...] = ()
    last_contact_at: datetime | None = None
    first_attempt_at: datetime | None = None
    first_reached_at: datetime | None = None
    prescreen: PrescreenState = "none"
    prescreen_at: datetime | None = None
    items: Mapping[str, ReadinessItem] = _NONE
    blockers: tuple[Blocker, ...] = ()
    action: PlannedAction | None = None
    visit: Visit | None = None
    missed_visits: int = 0
    open_decisions: tuple[OpenDecision, ...] = ()
    decisions: tuple[Decision, ...] = ()
    permissions: tuple[Permission, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    past_proposals: tuple[Proposal, ...] = ()
    notes: tuple[str, ...] = ()
    trail: tuple[Stay, ...] = ()
    episode: int = 1
    episode_since: datetime | None = None
    episodes: tuple[Episode, ...] = ()
    irregular_moves: int = 0
    merged_into: str = ""
    erased_at: datetime | None = None
    seen: Mapping[str, Mark] = _NEVER
    firsts: Mapping[str, Mark] = _NEVER

    def last(self, kind: str) -> Mark | None:
        """When an event of this kind last happened, by business time; of two at one instant the one recorded later.

        The trail tells the moves, ``seen`` everything else.
        """
        latest = self.seen.get(kind)
        if kind == "moved" and len(self.trail) > 1:
            moved = max([stay[1:3] for stay in self.trail[1:]])
            return Mark(*moved) if latest is None or moved > latest else latest
        return latest

    @property
    def unowned(self) -> bool:
        """Whether nobody owns it. An absent owner is found by :func:`trialflow.rules.ownership.effective_owner`."""
        return self.owner == UNASSIGNED


fill_lead = Lead.__dict__["__dict__"].__set__
"""Gives a new lead its fields, which were checked before: what ``object.__setattr__`` does with ``__dict__``, without
looking it up."""
