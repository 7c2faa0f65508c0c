"""Until when an action is due: the moments from which the spans of a workflow's actions count."""

from __future__ import annotations

from datetime import datetime

from trialflow.model.lead import Lead
from trialflow.rules.calendar import calendar_of
from trialflow.rules.staleness import last_movement
from trialflow.rules.workflow import ActionRule, Workflow

__all__ = ["due_at"]


def due_at(lead: Lead, workflow: Workflow, rule: ActionRule, moved_at: datetime | None = None) -> datetime:
    """Until when the action of ``rule`` is due for ``lead``, UTC: its span, counted from its anchor. ``moved_at``: its
    last movement, where the caller knows it already."""
    return calendar_of(workflow).add(_anchor(lead, workflow, rule, moved_at), rule.due)


def _anchor(lead: Lead, workflow: Workflow, rule: ActionRule, moved_at: datetime | None) -> datetime:
    anchor = rule.anchor
    if anchor == "received":
        return lead.received_at
    if anchor == "last_contact":
        return lead.last_contact_at or lead.status_since
    if anchor == "last_movement":
        return moved_at or last_movement(lead, workflow)[1].at
    if anchor == "visit" and lead.visit is not None and lead.visit.at is not None:
        return lead.visit.at
    if anchor == "handoff" and lead.handoffs:
        return lead.handoffs[-1].at
    if anchor == "blocked_since" and lead.blockers:
        return min(b.since for b in lead.blockers)
    if anchor == "readiness_since":
        return _readiness_since(lead)
    return lead.status_since


def _readiness_since(lead: Lead) -> datetime:
    """Since when readiness stands as it does: the last change of an item or blocker, not before the status began."""
    cleared = [lead.seen["unblocked"].at] if "unblocked" in lead.seen else []
    changes = [item.since for item in lead.items.values()] + [b.since for b in lead.blockers] + cleared
    return max([lead.status_since, *changes])
