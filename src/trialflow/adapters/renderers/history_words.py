"""One event in one sentence, as a coordinator would say it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from trialflow.adapters.renderers.phrases import Calendar, human
from trialflow.model import events as e
from trialflow.model.parties import UNASSIGNED
from trialflow.rules.workflow import Workflow

__all__ = ["Words"]


@attrs.frozen
class Words:
    """Names for what events hold: ``names`` is what the site calls ids, the workflow has the labels of its codes."""

    workflow: Workflow
    names: Mapping[str, str]
    calendar: Calendar

    def say(self, event: e.Event) -> str:
        """The event in words. A kind this version does not know is named and left at that."""
        said = self._work(event) or self._record(event) or f"{human(event.kind).lower()}: kept as it came"
        reason = f" ({human(event.reason).lower()})" if event.reason else ""
        return said + reason

    def _work(self, event: e.Event) -> str:
        match event:
            case e.Received():
                return _received(self, event)
            case e.Acknowledged():
                return "the referrer was told that it is here"
            case e.Moved():
                odd = ", a move the workflow does not have" if event.irregular else ""
                return f"moved from {self.status(event.from_status)} to {self.status(event.to_status)}{odd}"
            case e.Assigned():
                return f"handed over from {self.owner(event.from_owner)} to {self.owner(event.to_owner)}"
            case e.HandoffAccepted():
                return f"taken over by {self.owner(event.owner)}"
            case e.ContactAttempted():
                return _contact(event)
            case e.Prescreened():
                return f"prescreen {event.to_state}"
            case e.ItemSet():
                return f"{self.item(event.item)}: {human(event.to_state).lower()}"
        return self._plans(event)

    def _plans(self, event: e.Event) -> str:
        match event:
            case e.Blocked():
                return f"blocked: {self.blocker(event.blocker)}{self.day(event.due_at, ', due ')}"
            case e.Unblocked():
                return f"no longer blocked: {self.blocker(event.blocker)}"
            case e.ActionSet():
                return f"planned: {human(event.action).lower()}{self.day(event.due_at)}"
            case e.ActionDone():
                return f"done: {human(event.action).lower()}"
            case e.VisitSet():
                return _visit(self, event)
        return ""

    def _record(self, event: e.Event) -> str:
        match event:
            case e.DecisionRequested():
                return f"question to the study team: {human(event.decision).lower()}{self.day(event.due_at, ', due ')}"
            case e.DecisionRecorded():
                what, outcome = human(event.decision).lower(), human(event.outcome).lower()
                return f"the study team recorded on {what}: {outcome}; authority {event.authority_ref}"
            case e.PermissionSet():
                channel = "every channel" if event.channel == "*" else event.channel
                return f"contact by {channel} {'allowed' if event.allowed else 'forbidden'}"
            case e.SourceSet():
                return f"source corrected from {event.from_source.id} to {event.to_source.id}"
            case e.Merged():
                return f"counted under {self.names.get(event.into, event.into)} from here on"
            case e.Unmerged():
                return "counted for itself again"
            case e.Corrected():
                return f"event {event.position} voided"
        return self._notes(event)

    def _notes(self, event: e.Event) -> str:
        match event:
            case e.Noted():
                return "note written"
            case e.Erased():
                return "identity and notes erased"
            case e.Proposed():
                target = f" to {self.status(event.target)}" if event.target else ""
                return f"proposed: {event.command}{target}"
            case e.ProposalClosed():
                return f"proposal {event.proposal} {event.outcome}"
            case e.Unknown():
                return f"{human(event.unknown_kind).lower()}: kept as it came"
        return ""

    def status(self, code: str) -> str:
        """A status by the site's own word, else by its label."""
        return self.names.get(code) or self.workflow.status_label(code)

    def owner(self, owner: str) -> str:
        """An owner by name; nobody is said, too."""
        return "nobody" if owner == UNASSIGNED else self.names.get(owner, owner)

    def blocker(self, code: str) -> str:
        """A blocker by its label."""
        known = self.workflow.blocker(code)
        return known.label if known is not None else human(code)

    def item(self, code: str) -> str:
        """A readiness item by its label."""
        known = self.workflow.item(code)
        return known.label if known is not None else human(code)

    def day(self, at: datetime | None, before: str = " for ") -> str:
        """A date with the word before it; nothing where there is none."""
        return f"{before}{self.calendar.day(at)}" if at is not None else ""


def _received(w: Words, x: e.Received) -> str:
    first = "" if x.status == w.workflow.initial else f", first seen as {w.status(x.status)}"
    return f"arrived from {x.source.id}{first}; owner {w.owner(x.owner)}"


def _contact(x: e.ContactAttempted) -> str:
    tries = x.after - x.before
    outcome = "" if x.outcome == "unknown" else f": {human(x.outcome).lower()}"
    return (
        f"{tries} contact attempts, {x.after} in all{outcome}"
        if tries > 1
        else f"contact attempt no. {x.after}{outcome}"
    )


def _visit(w: Words, x: e.VisitSet) -> str:
    before = w.day(x.from_visit_at, ", before ") if x.to_state == "rescheduled" else ""
    slot = w.day(x.visit_at, ", " if x.to_state in ("attended", "missed", "cancelled") else " for ")
    return f"visit {x.to_state}{slot}{before}"
