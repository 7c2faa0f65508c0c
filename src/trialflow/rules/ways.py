"""The ways out of a status, prepared once per workflow: where each leads, what it requires, whose decision it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

import attrs

from trialflow.model.events import Moved
from trialflow.model.lead import Lead
from trialflow.model.parties import SYSTEM
from trialflow.rules.authority import may
from trialflow.rules.workflow import Move, Workflow

__all__ = ["SET_STATUS", "Way", "Ways", "target", "ways"]

SET_STATUS = "set_status"
"""The way from a status that the workflow does not know to every one that it knows: how a lead leaves *unmapped*."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@attrs.frozen(kw_only=True)
class Way:
    """One way out of a status. ``reasons``: the close reasons it takes, ``needs_reason``: whether one is asked for.

    ``decided``: the study team decides where it leads, or a guard asks for its authority. ``ends_decided``: it leaves
    a status that the study team decided. ``asks_more``: any of the last three holds. ``varies``: it restores a status
    or opens an episode, so that its event depends on the lead. ``roles``: who may move at
    all. ``blank``: the event of this way, without what only the moment knows.
    """

    name: str
    to: str
    requires: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    only_these: bool = False
    needs_reason: bool = False
    decided: bool = False
    ends_decided: bool = False
    asks_more: bool = False
    restores: bool = False
    opens_episode: bool = False
    varies: bool = False
    roles: frozenset[str]
    blank: Moved


@attrs.frozen
class Ways:
    """All ways out of one status, in the workflow's order; ``direct``: by name, else by the status they lead to."""

    all: tuple[Way, ...]
    direct: Mapping[str, Way]


@lru_cache(maxsize=1024)
def ways(workflow: Workflow, status: str) -> Ways:
    """The ways out of ``status``."""
    unknown = workflow.status(status) is None
    moves = workflow.moves_from(status)
    if unknown:
        moves = tuple(Move(name=SET_STATUS, from_=(status,), to=s.code) for s in workflow.statuses)
    found = tuple(_way(workflow, status, move, irregular=unknown) for move in moves)
    by_name = {way.name: way for way in found if not unknown}
    return Ways(found, {way.to: way for way in reversed(found) if not way.restores} | by_name)


def _way(workflow: Workflow, status: str, move: Move, *, irregular: bool) -> Way:
    here, there = workflow.status(status), workflow.status(move.to)
    needs_reason = "reason" in move.requires or (there is not None and there.reason_required)
    decided = "authority" in move.requires or (there is not None and there.decides == "study_team")
    ends_decided = here is not None and here.decides == "study_team"
    return Way(
        name=move.name,
        to=move.to,
        requires=tuple(name for name in move.requires if name not in ("reason", "authority")),
        reasons=move.reasons or tuple(reason.code for reason in workflow.close_reasons),
        only_these=bool(move.reasons),
        needs_reason=needs_reason,
        decided=decided,
        ends_decided=ends_decided,
        asks_more=needs_reason or decided or ends_decided,
        restores=move.restores,
        opens_episode=move.opens_episode,
        varies=move.restores or move.opens_episode,
        roles=frozenset(role.code for role in workflow.roles if may(workflow, role.code, "move")),
        blank=Moved(
            at=_NEVER,
            by=SYSTEM,
            from_status=status,
            to_status=move.to,
            move=move.name,
            workflow=workflow.id,
            irregular=irregular,
        ),
    )


def target(workflow: Workflow, lead: Lead, way: Way) -> str:
    """Where ``way`` leads for this lead. Reopening restores the status that the history tells, the last one in
    which the site still worked; what a study team decided is entered by it anew."""
    if not way.restores:
        return way.to
    for stay in reversed(lead.trail):
        known = workflow.status(stay.status)
        if known is not None and not known.final and known.decides == "nobody":
            return known.code
    return way.to
