"""Every command on a lead or on the site, and a lead on which each of them is possible. Nobody in here exists."""

from __future__ import annotations

from collections.abc import Callable

from ledger_samples import ANNA, Ticking, day
from trialflow import Actor, Lead, Source, Tracker
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.rules import decide

__all__ = ["CHIEF", "COMMANDS", "DOCTOR", "ROBOT", "SITE_COMMANDS", "Command", "prepared"]

CHIEF = Actor(id="chief", role="site_lead")
DOCTOR = Actor(id="dr-1", role="investigator")
ROBOT = Actor(id="robot", kind="system", role="system")

Command = Callable[..., Lead | None]
"""The tracker, the lead's id, and how: ``key=`` or ``expected_version=``."""


def _other(tracker: Tracker) -> str:
    """A second lead; receiving it again gives the same."""
    return tracker.receive("Web", "other", by=ANNA).lead.id


def _web(tracker: Tracker) -> str:
    return next(lead.id for lead in tracker.leads() if lead.source.id == "Web")


# Each command with what has to be there before it. The lead is new, owned by anna, contacted once, with open work.
COMMANDS: dict[str, Command] = {
    "move": lambda t, i, **how: t.move(i, "contacting", by=ANNA, **how),
    "close": lambda t, i, **how: t.move(i, "closed", by=ANNA, reason="declined", **how),
    "acknowledge": lambda t, i, **how: t.acknowledge(i, by=ANNA, **how),
    "contact": lambda t, i, **how: t.contact(i, "reached", by=ANNA, **how),
    "contact at": lambda t, i, **how: t.contact(i, "reached", by=ANNA, at=day(0.5), **how),
    "prescreen": lambda t, i, **how: t.prescreen(i, "completed", by=ANNA, **how),
    "set_item": lambda t, i, **how: t.set_item(i, "records", "requested", by=ANNA, due_at=day(9), **how),
    "block": lambda t, i, **how: t.block(i, "availability", by=ANNA, **how),
    "unblock": lambda t, i, **how: t.unblock(i, "visit_capacity", by=CHIEF, **how),
    "set_action": lambda t, i, **how: t.set_action(i, "call_back", day(9), by=ANNA, **how),
    "action_done": lambda t, i, **how: t.action_done(i, by=ANNA, **how),
    "visit": lambda t, i, **how: t.visit(i, "cancelled", by=ANNA, **how),
    "assign": lambda t, i, **how: t.assign(i, "ben", by=ANNA, reason="workload", **how),
    "accept_handoff": lambda t, i, **how: t.accept_handoff(i, by=ANNA, **how),
    "request_decision": lambda t, i, **how: t.request_decision(i, "review", role="investigator", by=ANNA, **how),
    "record_decision": lambda t, i, **how: t.record_decision(
        i, "asked", "go_on", by=DOCTOR, authority_ref="log-1", **how
    ),
    "permit": lambda t, i, **how: t.permit(i, by=ANNA, evidence_ref="form-1", **how),
    "forbid": lambda t, i, **how: t.forbid(i, by=ANNA, channel="text", **how),
    "note": lambda t, i, **how: t.note(i, "prefers mornings", by=ANNA, **how),
    "set_source": lambda t, i, **how: t.set_source(i, Source(id="Letter", category="print"), by=ANNA, **how),
    "merge": lambda t, i, **how: t.merge(i, _web(t), by=ANNA, **how),
    "correct": lambda t, i, **how: t.correct(i, t.history(i)[1].position, reason="typo", by=ANNA, **how),
    "erase": lambda t, i, **how: t.erase(i, reason="asked", by=CHIEF, **how),
    "propose": lambda t, i, **how: t.propose(i, "try", "move", target="contacting", by=ROBOT, **how),
    "accept_proposal": lambda t, i, **how: t.accept_proposal(i, "close_it", by=ANNA, **how),
    "decline_proposal": lambda t, i, **how: t.decline_proposal(i, "close_it", by=ANNA, **how),
    "absence": lambda t, _, **how: t.absence("anna", day(1), by=CHIEF, **how),
    "spend": lambda t, _, **how: t.spend("Radio", 100, "USD", day(-9), day(-2), by=CHIEF, **how),
}

SITE_COMMANDS = ("absence", "spend")
"""Those of the list that are about no lead."""


def prepared(storage: MemoryStorage | None = None, clock: Ticking | None = None) -> tuple[Tracker, str]:
    """A tracker with one lead on which every command of the list is possible."""
    ticking = clock or Ticking()
    tracker = Tracker(storage if storage is not None else MemoryStorage(clock=ticking), clock=ticking)
    lead = tracker.receive("Radio", "1", by=ANNA, person={"name": "Ann Example"}, owner="ben").lead.id
    tracker.contact(lead, "no_answer", by=ANNA)
    tracker.assign(lead, "anna", by=CHIEF, reason="workload")
    tracker.forbid(lead, by=ANNA, channel="email")
    tracker.block(lead, "visit_capacity", by=ANNA)
    tracker.set_action(lead, "send_letter", day(5), by=ANNA)
    tracker.request_decision(lead, "asked", role="investigator", by=ANNA)
    tracker.propose(lead, "close_it", "move", target="closed", reason="no_response", by=ROBOT)
    tracker.set_item(lead, "records", "needed", by=ANNA)
    _scheduled(tracker, lead)
    _other(tracker)
    return tracker, lead


def _scheduled(tracker: Tracker, lead: str) -> None:
    found = tracker.lead(lead)
    events = decide.visit(tracker.workflow, found, "scheduled", at=tracker.now(), by=ANNA, visit_at=day(6))
    tracker.storage.append(f"lead:{lead}", events, expected_version=found.version)
