"""Moves between statuses: what is refused and why, what is recorded, and which buttons to draw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import attrs

from trialflow.model.errors import Refusal, Refused
from trialflow.model.event import fill_event
from trialflow.model.events import Event, Moved, Prescreened
from trialflow.model.lead import Lead
from trialflow.model.moments import utc
from trialflow.model.parties import Actor
from trialflow.rules.authority import command_refusals, decision_refusals
from trialflow.rules.guards import GUARDS, Attempt, Guard
from trialflow.rules.refusals import code_refusals, shown
from trialflow.rules.ways import Way, target, ways
from trialflow.rules.workflow import Workflow

__all__ = ["ASKABLE", "Option", "move", "options"]

ASKABLE = frozenset({"reason_missing", "authority_missing", "visit_missing"})
"""Refusals a front end mends by asking for one more field."""


_new, _tuple = object.__new__, tuple.__new__


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
    """The events that move ``lead`` to ``to``, a status code or the name of a move. Times are aware.

    Raises :class:`Refused` with every failed guard, missing reason and missing authority.
    """
    if at.tzinfo is not UTC:
        at = utc(at)
    direct = ways(workflow, lead.status).direct
    way = direct.get(to) or direct.get(workflow.current(to)) or _restoring(workflow, lead, to)
    if way is None:
        raise Refused("move", lead.status, (_no_such(workflow, lead, to),))
    end = target(workflow, lead, way) if way.varies else way.to
    attempt = _tuple(Attempt, (workflow, lead, end, at, by, reason, authority_ref, visit_at))
    refusals = _refusals(way, attempt, guards)
    if refusals:
        raise Refused("move", lead.status, tuple(refusals))
    # A copy of the prepared event: its values were checked above, so no validator runs again.
    values = way.blank.__dict__.copy()
    values["at"] = at
    values["by"] = by
    if reason or authority_ref or way.varies:
        values["reason"], values["authority_ref"], values["to_status"] = reason, authority_ref, end
        values["episode"] = lead.episode + 1 if way.opens_episode else 0
    moved = _new(Moved)
    fill_event(moved, values)
    if way.varies and way.opens_episode and lead.prescreen != "none":
        # A new episode is prescreened anew.
        return moved, Prescreened(at=at, by=by, from_state=lead.prescreen, to_state="none")
    return (moved,)


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
    """Every move out of the present status, in the workflow's order, with exactly the refusals :func:`move` gives.

    From a status that the workflow does not know, one move leads to every status it knows.
    """
    as_of = utc(as_of)
    found = []
    for way in ways(workflow, lead.status).all:
        end = target(workflow, lead, way)
        attempt = Attempt(workflow, lead, end, as_of, by, reason, authority_ref)
        refusals = tuple(_refusals(way, attempt, guards))
        found.append(Option(move=way.name, to=end, label=workflow.status_label(end), refusals=refusals))
    return tuple(found)


def _restoring(workflow: Workflow, lead: Lead, to: str) -> Way | None:
    """The way back to a status that this lead's history tells."""
    here = ways(workflow, lead.status).all
    return next((way for way in here if way.restores and target(workflow, lead, way) == to), None)


def _no_such(workflow: Workflow, lead: Lead, to: str) -> Refusal:
    here = ways(workflow, lead.status).all
    names = ", ".join(f"{way.name} (to {target(workflow, lead, way)})" for way in here)
    fix = f"possible here: {names or 'none'}"
    if workflow.status(to) is None and workflow.move(to) is None:
        return Refusal("status_unknown", f"the workflow knows no status or move {shown(to)}", fix)
    return Refusal("move_not_allowed", f"no move leads from {lead.status} to {to}", fix)


def _refusals(way: Way, attempt: Attempt, guards: Mapping[str, Guard]) -> list[Refusal]:
    workflow, lead, _, at, by, reason, authority_ref, _ = attempt
    found = [] if by.role in way.roles else command_refusals(workflow, by, "move")
    if way.asks_more or reason or authority_ref or lead.merged_into:
        found += _more_refusals(way, attempt)
    if at < lead.status_since or at < lead.received_at:
        found.append(_too_early(lead, at))
    for name in way.requires:
        guard = guards.get(name)
        refusal = guard(attempt) if guard is not None else _no_guard(name)
        if refusal is not None:
            found.append(refusal)
    return list(dict.fromkeys(found)) if len(found) > 1 else found


def _more_refusals(way: Way, attempt: Attempt) -> list[Refusal]:
    """What only some moves ask for: authority, a reason."""
    workflow, lead, _, _, by, reason, authority_ref, _ = attempt
    found = []
    if way.decided or (way.ends_decided and by.kind != "person"):
        found += decision_refusals(workflow, by, authority_ref)
    if lead.merged_into:
        found.append(Refusal("merged", "this lead was merged into another", "work on the other one, or unmerge"))
    if reason or way.needs_reason:
        found += _reason_refusals(workflow, way, reason)
    return found + code_refusals(authority_ref=authority_ref)


def _too_early(lead: Lead, at: datetime) -> Refusal:
    if at < lead.received_at:
        return Refusal("before_received", "the date lies before the lead arrived", "check the date")
    message = f"the date lies before the lead came to {lead.status}"
    return Refusal("before_status", message, "check the date, or void the later move first")


def _reason_refusals(workflow: Workflow, way: Way, reason: str) -> list[Refusal]:
    taken = f"give one of: {', '.join(way.reasons)}"
    if not reason:
        return [Refusal("reason_missing", "this move needs a reason", taken)]
    if (way.needs_reason or way.only_these) and workflow.reason(reason) is None:
        return [Refusal("reason_unknown", "the workflow knows no such reason", taken)]
    if way.only_these and reason not in way.reasons:
        return [Refusal("reason_not_allowed", f"the move {way.name} does not take the reason {reason}", taken)]
    return code_refusals(reason=reason)


def _no_guard(name: str) -> Refusal:
    return Refusal("guard_missing", f"the guard {name} is not registered", "load the plugin that gives it")
