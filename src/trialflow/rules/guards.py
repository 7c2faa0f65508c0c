"""Guards: named conditions of a move. Each says what is missing and what would mend it; all that fail are reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from trialflow.model.errors import Refusal
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED, Actor
from trialflow.rules.authority import decision_refusals
from trialflow.rules.contact import may_contact
from trialflow.rules.readiness import readiness
from trialflow.rules.workflow import Workflow

__all__ = ["GUARDS", "Attempt", "Guard"]


class Attempt(NamedTuple):
    """What a guard looks at: who wants to move which lead where, when, with which reason and authority."""

    workflow: Workflow
    lead: Lead
    to: str
    at: datetime
    by: Actor
    reason: str = ""
    authority_ref: str = ""
    visit_at: datetime | None = None


Guard = Callable[[Attempt], Refusal | None]
"""A pure function. Hosts' guards carry a prefix: ``acme:capacity``."""


def _owner(attempt: Attempt) -> Refusal | None:
    if attempt.lead.owner != UNASSIGNED:
        return None
    return Refusal("owner_missing", "nobody owns this lead", "assign an owner first")


def _unblocked(attempt: Attempt) -> Refusal | None:
    if not attempt.lead.blockers:
        return None
    kinds = ", ".join(b.kind for b in attempt.lead.blockers)
    return Refusal("blocked", f"blocked by: {kinds}", "clear each blocker first")


def _ready(attempt: Attempt) -> Refusal | None:
    ready = readiness(attempt.lead, attempt.workflow, milestone=attempt.to)
    if ready.ready:
        return None
    missing = [f"{item.item} ({item.state})" for item in ready.open] + [b.kind for b in ready.blockers]
    return Refusal("not_ready", f"still open: {', '.join(missing)}", "close each of them first")


def _contacted(attempt: Attempt) -> Refusal | None:
    if attempt.lead.attempts or attempt.lead.last_contact_at is not None:
        return None
    return Refusal("contact_missing", "no contact attempt is recorded", "record the contact first")


def _prescreen_completed(attempt: Attempt) -> Refusal | None:
    if attempt.lead.prescreen == "completed":
        return None
    return Refusal("prescreen_open", f"the prescreen is at: {attempt.lead.prescreen}", "complete the prescreen first")


def _visit(attempt: Attempt) -> Refusal | None:
    if attempt.visit_at is not None or _has_visit(attempt.lead):
        return None
    return Refusal("visit_missing", "no visit is scheduled", "schedule a visit with its date first")


def _has_visit(lead: Lead) -> bool:
    """A visit ahead, or one attended in this episode: an earlier pass through recruitment opens no door now."""
    visit = lead.visit
    if visit is None or visit.planned:
        return visit is not None
    return visit.state == "attended" and (lead.episode_since is None or visit.since >= lead.episode_since)


def _visit_time_passed(attempt: Attempt) -> Refusal | None:
    visit = attempt.lead.visit
    when = attempt.visit_at or (visit.at if visit is not None else None)
    if when is not None and when <= attempt.at:
        return None
    return Refusal("visit_not_due", "the visit has not taken place yet", "record it after its date")


def _reason(attempt: Attempt) -> Refusal | None:
    if attempt.reason:
        return None
    known = ", ".join(r.code for r in attempt.workflow.close_reasons)
    return Refusal("reason_missing", "this move needs a reason", f"give one of: {known}")


def _authority(attempt: Attempt) -> Refusal | None:
    found = decision_refusals(attempt.workflow, attempt.by, attempt.authority_ref)
    return found[0] if found else None


def _may_contact(attempt: Attempt) -> Refusal | None:
    zone = attempt.workflow.site.zone
    answer = may_contact(attempt.lead, attempt.workflow, "phone", attempt.at, zone=zone)
    if answer.allowed:
        return None
    return Refusal("contact_denied", f"contact is not allowed: {', '.join(answer.codes)}", "see may_contact()")


GUARDS: Mapping[str, Guard] = {
    "owner": _owner,
    "unblocked": _unblocked,
    "ready": _ready,
    "contacted": _contacted,
    "prescreen_completed": _prescreen_completed,
    "visit": _visit,
    "visit_time_passed": _visit_time_passed,
    "reason": _reason,
    "authority": _authority,
    "may_contact": _may_contact,
}
"""The built-in guards by name."""
