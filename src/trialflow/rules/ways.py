"""The ways out of a status, prepared once per workflow: where each leads, what it requires, whose decision it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import attrs

from trialflow.model.lead import Lead
from trialflow.rules.workflow import Move, Workflow

__all__ = ["SET_STATUS", "Way", "Ways", "target", "ways"]

SET_STATUS = "set_status"
"""The way from a status that the workflow does not know to every one that it knows: how a lead leaves *unmapped*."""


@attrs.frozen(kw_only=True)
class Way:
    """One way out of a status. ``reasons``: the close reasons it takes, ``needs_reason``: whether one is asked for.

    ``decided``: the study team decides where it leads, or a guard asks for its authority. ``ends_decided``: it leaves
    a status that the study team decided.
    """

    name: str
    to: str
    requires: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    only_these: bool = False
    needs_reason: bool = False
    decided: bool = False
    ends_decided: bool = False
    restores: bool = False
    opens_episode: bool = False
    irregular: bool = False


@attrs.frozen
class Ways:
    """All ways out of one status, in the workflow's order, and those that can be found without looking at the lead."""

    all: tuple[Way, ...]
    by_name: Mapping[str, Way]
    by_target: Mapping[str, Way]


@lru_cache(maxsize=1024)
def ways(workflow: Workflow, status: str) -> Ways:
    """The ways out of ``status``."""
    if workflow.status(status) is None:
        codes = (s.code for s in workflow.statuses)
        moves = [Move(name=SET_STATUS, from_=(status,), to=code) for code in codes]
        found = tuple(attrs.evolve(_way(workflow, status, move), irregular=True) for move in moves)
    else:
        found = tuple(_way(workflow, status, move) for move in workflow.moves_from(status))
    named = {way.name: way for way in reversed(found) if way.name != SET_STATUS}
    return Ways(found, named, {way.to: way for way in reversed(found) if not way.restores})


def _way(workflow: Workflow, status: str, move: Move) -> Way:
    here, there = workflow.status(status), workflow.status(move.to)
    asks = there is not None and there.reason_required
    decided = there is not None and there.decides == "study_team"
    return Way(
        name=move.name,
        to=move.to,
        requires=tuple(name for name in move.requires if name not in ("reason", "authority")),
        reasons=move.reasons or tuple(reason.code for reason in workflow.close_reasons),
        only_these=bool(move.reasons),
        needs_reason=asks or "reason" in move.requires,
        decided=decided or "authority" in move.requires,
        ends_decided=here is not None and here.decides == "study_team",
        restores=move.restores,
        opens_episode=move.opens_episode,
    )


def target(workflow: Workflow, lead: Lead, way: Way) -> str:
    """Where ``way`` leads for this lead. Reopening restores the status that the history tells (R40), the last one in
    which the site still worked; what a study team decided is entered by it anew."""
    if not way.restores:
        return way.to
    for stay in reversed(lead.trail):
        known = workflow.status(stay.status)
        if known is not None and not known.final and known.decides == "nobody":
            return known.code
    return way.to
