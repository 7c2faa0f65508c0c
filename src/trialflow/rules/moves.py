"""Moves between statuses: what is refused and why, what is recorded, and which buttons to draw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from trialflow.model.errors import Refusal, Refused
from trialflow.model.events import Event, Moved
from trialflow.model.lead import Lead
from trialflow.model.parties import Actor
from trialflow.rules.authority import command_refusals, decision_refusals
from trialflow.rules.guards import GUARDS, Attempt, Guard
from trialflow.rules.workflow import Move, Workflow

__all__ = ["ASKABLE", "Option", "move", "options"]

ASKABLE = frozenset({"reason_missing", "authority_missing", "visit_missing"})
"""Refusals a front end mends by asking for one more field."""


@attrs.frozen(kw_only=True)
class Option:
    """One move out of the present status, with every reason why it would be refused now."""

    move: str
    to: str
    label: str
    refusals: tuple[Refusal, ...]

    @property
    def allowed(self) -> bool:
        """Whether the move would go through as asked."""
        return not self.refusals

    @property
    def askable(self) -> bool:
        """Whether nothing but a field to fill in stands in the way."""
        return bool(self.refusals) and all(refusal.code in ASKABLE for refusal in self.refusals)


def move(
    workflow: Workflow,
    lead: Lead,
    to: str,
    *,
    at: datetime,
    by: Actor,
    reason: str = "",
    authority_ref: str = "",
    visit_at: datetime | None = None,
    guards: Mapping[str, Guard] = GUARDS,
) -> tuple[Event, ...]:
    """The events that move ``lead`` to ``to``, a status code or the name of a move. Times are UTC.

    Raises :class:`Refused` with every failed guard, missing reason and missing authority.
    """
    chosen = _find(workflow, lead, to)
    if chosen is None:
        raise Refused("move", lead.status, (_no_such(workflow, lead, to),))
    target = _target(workflow, lead, chosen)
    attempt = Attempt(workflow, lead, target, at, by, reason, authority_ref, visit_at)
    refusals = _refusals(chosen, attempt, guards)
    if refusals:
        raise Refused("move", lead.status, tuple(refusals))
    return (
        Moved(
            at=at,
            by=by,
            reason=reason,
            from_status=lead.status,
            to_status=target,
            move=chosen.name,
            workflow=workflow.id,
            episode=lead.episode + 1 if chosen.opens_episode else 0,
            authority_ref=authority_ref,
        ),
    )


def options(
    lead: Lead,
    workflow: Workflow,
    as_of: datetime,
    by: Actor,
    *,
    reason: str = "",
    authority_ref: str = "",
    guards: Mapping[str, Guard] = GUARDS,
) -> tuple[Option, ...]:
    """Every move out of the present status, in the workflow's order, with exactly the refusals :func:`move` gives."""
    found = []
    for chosen in workflow.moves_from(lead.status):
        target = _target(workflow, lead, chosen)
        attempt = Attempt(workflow, lead, target, as_of, by, reason, authority_ref)
        label = status.label if (status := workflow.status(target)) is not None else target
        refusals = tuple(_refusals(chosen, attempt, guards))
        found.append(Option(move=chosen.name, to=target, label=label, refusals=refusals))
    return tuple(found)


def _find(workflow: Workflow, lead: Lead, to: str) -> Move | None:
    found = workflow.find(lead.status, to)
    if found is not None:
        return found
    return next((m for m in workflow.moves_from(lead.status) if _target(workflow, lead, m) == to), None)


def _target(workflow: Workflow, lead: Lead, chosen: Move) -> str:
    if not chosen.restores:
        return chosen.to
    # R40: reopening restores the status the history tells, not a recomputed one.
    for stay in reversed(lead.trail):
        known = workflow.status(stay.status)
        if known is not None and not known.final and known.decides == "nobody":
            return known.code
    return chosen.to


def _no_such(workflow: Workflow, lead: Lead, to: str) -> Refusal:
    names = ", ".join(f"{m.name} (to {m.to})" for m in workflow.moves_from(lead.status))
    known = workflow.status(to) is not None or workflow.move(to) is not None
    code = "move_not_allowed" if known else "status_unknown"
    message = f"no move leads from {lead.status} to {to}" if known else f"the workflow knows no status or move {to!r}"
    return Refusal(code, message, f"possible here: {names or 'none'}")


def _refusals(chosen: Move, attempt: Attempt, guards: Mapping[str, Guard]) -> list[Refusal]:
    workflow, lead = attempt.workflow, attempt.lead
    found = command_refusals(workflow, attempt.by, "move")
    target = workflow.status(attempt.to)
    if target is not None and target.decides == "study_team":
        found += decision_refusals(workflow, attempt.by, attempt.authority_ref)
    if lead.merged_into:
        found.append(Refusal("merged", "this lead was merged into another", "work on the other one, or unmerge"))
    if attempt.at < lead.received_at:
        found.append(Refusal("before_received", "the date lies before the lead arrived", "check the date"))
    needs_reason = target is not None and target.reason_required
    taken = chosen.reasons or tuple(r.code for r in workflow.close_reasons)
    if needs_reason and not attempt.reason:
        found.append(Refusal("reason_missing", "this move needs a reason", f"give one of: {', '.join(taken)}"))
    elif needs_reason and workflow.reason(attempt.reason) is None:
        found.append(Refusal("reason_unknown", "the workflow knows no such reason", f"give one of: {', '.join(taken)}"))
    elif attempt.reason and chosen.reasons and attempt.reason not in chosen.reasons:
        message = f"the move {chosen.name} does not take the reason {attempt.reason}"
        found.append(Refusal("reason_not_allowed", message, f"give one of: {', '.join(taken)}"))
    seen = {refusal.code for refusal in found}
    for name in chosen.requires:
        guard = guards.get(name)
        refusal = (
            Refusal("guard_missing", f"the guard {name} is not registered", "load the plugin that gives it")
            if guard is None
            else guard(attempt)
        )
        if refusal is not None and refusal.code not in seen:
            seen.add(refusal.code)
            found.append(refusal)
    return found
