"""The daily work on a lead: moves, contacts, prescreen, readiness, blockers, planned actions, visits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from trialflow.model.errors import Refusal, Refused
from trialflow.model.events import Event
from trialflow.model.facts import ItemState, PrescreenState, VisitState
from trialflow.model.lead import Lead
from trialflow.model.parties import Actor
from trialflow.rules import decide
from trialflow.rules.guards import Guard
from trialflow.rules.workflow import Workflow
from trialflow.tracker.base import Base

__all__ = ["Work"]


class Work(Base):
    """What a coordinator does. ``at`` is when it happened (default: now), aware; a ``key`` makes a retry safe.

    ``expected_version`` is the ``version`` of the lead that the person had before their eyes: where somebody changed
    the lead since, the command gets ``Conflict`` with both versions instead of being decided on what nobody saw.

    Each method gives the lead as it is afterwards and raises ``Refused`` (with every reason), ``Conflict`` (somebody
    was faster; look again), ``LeadNotFound``, ``StorageError``, or ``KeyReused`` when the ``key`` of this lead stands
    for another command. A command given again under its key is carried out once, and answers again.
    """

    def move(
        self,
        lead_id: str,
        to: str,
        *,
        by: Actor,
        at: datetime | None = None,
        reason: str = "",
        authority_ref: str = "",
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """Move to a status (its code, or the name of a move). Study-team statuses need a decider and an authority."""
        rule = partial(
            decide.move,
            self.workflow,
            to=to,
            by=by,
            reason=reason,
            authority_ref=authority_ref,
            guards=self.guards,
        )
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def acknowledge(
        self, lead_id: str, *, by: Actor, at: datetime | None = None, key: str = "", expected_version: int | None = None
    ) -> Lead:
        """Confirm to the referrer that the site has the lead."""
        rule = partial(decide.acknowledge, self.workflow, by=by)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def contact(
        self,
        lead_id: str,
        outcome: str = "unknown",
        *,
        by: Actor,
        at: datetime | None = None,
        channel: str = "phone",
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """Record one attempt to reach the person."""
        rule = partial(decide.contact, self.workflow, by=by, outcome=outcome, channel=channel)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def prescreen(
        self,
        lead_id: str,
        state: PrescreenState,
        *,
        by: Actor,
        at: datetime | None = None,
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """The prescreen was started or completed."""
        rule = partial(decide.prescreen, self.workflow, state=state, by=by)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def set_item(
        self,
        lead_id: str,
        item: str,
        state: ItemState,
        *,
        by: Actor,
        at: datetime | None = None,
        due_at: datetime | None = None,
        owner: str = "",
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """A readiness item goes to a state (records: needed, requested, received, reviewed)."""
        due = self._given(due_at)
        rule = partial(decide.set_item, self.workflow, item=item, state=state, by=by, due_at=due, owner=owner)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def block(
        self,
        lead_id: str,
        kind: str,
        *,
        by: Actor,
        at: datetime | None = None,
        owner: str = "",
        due_at: datetime | None = None,
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """Progress stops for a named reason."""
        rule = partial(decide.block, self.workflow, kind=kind, by=by, owner=owner, due_at=self._given(due_at))
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def unblock(
        self,
        lead_id: str,
        kind: str,
        *,
        by: Actor,
        at: datetime | None = None,
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """A blocker is cleared."""
        rule = partial(decide.unblock, self.workflow, kind=kind, by=by)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def set_action(
        self,
        lead_id: str,
        action: str,
        due_at: datetime,
        *,
        by: Actor,
        at: datetime | None = None,
        owner: str = "",
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """Plan the one next action; until its date the lead is not stale."""
        due = self.instant(due_at)
        rule = partial(decide.set_action, self.workflow, action=action, due_at=due, by=by, owner=owner)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def action_done(
        self, lead_id: str, *, by: Actor, at: datetime | None = None, key: str = "", expected_version: int | None = None
    ) -> Lead:
        """The planned action was done."""
        rule = partial(decide.action_done, self.workflow, by=by)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def schedule(
        self,
        lead_id: str,
        visit_at: datetime,
        *,
        by: Actor,
        at: datetime | None = None,
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """Give the visit a slot and move to the status of a scheduled visit when the lead is not there yet; both or
        neither."""
        slot = self.instant(visit_at)
        rule = partial(_schedule, self.workflow, visit_at=slot, by=by, guards=self.guards)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def visit(
        self,
        lead_id: str,
        state: VisitState,
        *,
        by: Actor,
        at: datetime | None = None,
        reason: str = "",
        key: str = "",
        expected_version: int | None = None,
    ) -> Lead:
        """What became of the visit: attended, missed or cancelled. The status is moved apart, by :meth:`move`."""
        rule = partial(decide.visit, self.workflow, state=state, by=by, reason=reason)
        return self._do(lead_id, rule, at=at, key=key, expected_version=expected_version)

    def _given(self, when: datetime | None) -> datetime | None:
        return self.instant(when) if when is not None else None


def _schedule(
    workflow: Workflow, lead: Lead, *, visit_at: datetime, at: datetime, by: Actor, guards: Mapping[str, Guard]
) -> tuple[Event, ...]:
    planned = lead.visit is not None and lead.visit.state in ("scheduled", "rescheduled")
    state: VisitState = "rescheduled" if planned else "scheduled"
    to = _visit_status(workflow, lead.status)
    steps = [partial(decide.visit, state=state)]
    if to != workflow.current(lead.status):
        steps.append(partial(decide.move, to=to, guards=guards))
    events: list[Event] = []
    refusals: list[Refusal] = []
    for step in steps:  # what is wrong with the slot and what is wrong with the move, together
        try:
            events += step(workflow, lead, at=at, by=by, visit_at=visit_at)
        except Refused as refused:
            refusals += refused.refusals
    if refusals:
        raise Refused("schedule", lead.status, tuple(dict.fromkeys(refusals)))
    return tuple(events)


def _visit_status(workflow: Workflow, status: str) -> str:
    """Where a lead with a visit ahead stands: in a status that proves the visit to be scheduled and not yet attended.
    The present one, else one a move leads to, else the workflow's first."""

    def awaits(code: str) -> bool:
        known = workflow.status(code)
        return known is not None and "scheduled" in known.reaches and "attended" not in known.reaches

    ahead = (move.to for move in workflow.moves_from(status))
    anywhere = (known.code for known in workflow.statuses)
    return next(filter(awaits, (workflow.current(status), *ahead, *anywhere)), "scheduled")
