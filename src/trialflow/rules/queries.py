"""Ownership, blockers, next actions and movement as questions over leads, not only as something rendered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from trialflow.model.facts import Blocker, Mark
from trialflow.model.lead import Lead
from trialflow.rules.next_action import NextAction, next_action
from trialflow.rules.ownership import Roster, effective_owner
from trialflow.rules.staleness import last_movement
from trialflow.rules.workflow import Workflow

__all__ = ["blockers_of", "movement_of", "next_for", "owner_of"]


def owner_of(leads: Iterable[Lead], as_of: datetime, roster: Roster | None = None) -> dict[str, str]:
    """Who can act on each lead at ``as_of``, by lead id; UNASSIGNED where nobody can. Merged leads are left out."""
    return {lead.id: effective_owner(lead, roster, as_of) for lead in leads if not lead.merged_into}


def blockers_of(leads: Iterable[Lead]) -> dict[str, tuple[Blocker, ...]]:
    """What blocks each lead, by lead id; only leads that something blocks. Merged leads are left out."""
    return {lead.id: lead.blockers for lead in leads if lead.blockers and not lead.merged_into}


def next_for(
    leads: Iterable[Lead],
    workflow: Workflow,
    as_of: datetime,
    *,
    owner: str | None = None,
    roster: Roster | None = None,
) -> dict[str, NextAction]:
    """The next action of each lead at ``as_of``, by lead id; with ``owner``, those that are that owner's turn."""
    found = {lead.id: next_action(lead, workflow, as_of, roster) for lead in leads if not lead.merged_into}
    return {lead: action for lead, action in found.items() if owner is None or action.owner == owner}


def movement_of(
    leads: Iterable[Lead], workflow: Workflow, *, since: datetime | None = None
) -> dict[str, tuple[str, Mark]]:
    """The last meaningful movement of each lead, by lead id: the kind of event and its mark; with ``since``, of the
    leads that moved after that instant. Merged leads are left out."""
    moved = {lead.id: last_movement(lead, workflow) for lead in leads if not lead.merged_into}
    return {lead: found for lead, found in moved.items() if since is None or found[1].at > since}
