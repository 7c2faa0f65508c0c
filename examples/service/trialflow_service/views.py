"""A lead, its buttons and its history as the page shows them. All of it blocks: call it through the desk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from trialflow import Actor, Lead, Recorded, Roster, Tracker, Workflow, options
from trialflow.adapters.renderers.history_words import Words
from trialflow.adapters.renderers.phrases import Calendar
from trialflow.reports.json import plain
from trialflow.rules.moves import Option
from trialflow.rules.next_action import assess
from trialflow.rules.ways import ways
from trialflow_service.bodies import HistoryView, LeadView, NextView, OptionsView, OptionView, ReasonView, RefusalView
from trialflow_service.people import people

__all__ = ["history_view", "lead_view", "meanwhile", "names", "options_view"]

Field = Literal["reason", "authority_ref", "visit_at"]

_ASKS: dict[str, Field] = {
    "reason_missing": "reason",
    "authority_missing": "authority_ref",
    "visit_missing": "visit_at",
}
"""Refusals that a field of the page mends, as ``trialflow.rules.moves.ASKABLE`` lists them."""


def lead_view(tracker: Tracker, lead: Lead) -> LeadView:
    """One lead with what to do next."""
    workflow = tracker.workflow
    found = assess(lead, workflow, tracker.now(), Roster.of(tracker.site_state()))
    blockers = (workflow.blocker(one.kind) for one in lead.blockers)
    return LeadView(
        id=lead.id,
        version=lead.version,
        called=_lead_called(tracker, lead.id),
        source=lead.source.id,
        status=lead.status,
        status_label=tracker.vault.get("label", lead.status) or workflow.status_label(lead.status),
        since=lead.status_since,
        owner=lead.owner,
        owner_called=_called(tracker, lead.owner),
        bucket=found.bucket,
        bucket_label=workflow.bucket_label(found.bucket),
        blockers=[known.label for known in blockers if known is not None],
        attempts=lead.attempts,
        visit_at=lead.visit.at if lead.visit is not None and lead.visit.planned else None,
        next=NextView(
            action=found.action.kind,
            label=found.action.label,
            role=found.action.role,
            due_at=found.action.due_at,
            due=found.action.due,
        ),
    )


def options_view(tracker: Tracker, lead_id: str, by: Actor) -> OptionsView:
    """The buttons of a lead for one person: which work, which need a field, and why the others do not."""
    lead, workflow = tracker.lead(lead_id), tracker.workflow
    takes = {way.name: way.reasons for way in ways(workflow, lead.status).all}
    # Of this very lead, not of one read a moment later: the version and the buttons belong together.
    found = options(lead, workflow, tracker.now(), by, guards=tracker.guards)
    return OptionsView(
        lead=lead.id,
        version=lead.version,
        options=[_option(workflow, option, takes.get(option.move, ())) for option in found],
    )


def _option(workflow: Workflow, option: Option, takes: Sequence[str]) -> OptionView:
    asks = [_ASKS[refusal.code] for refusal in option.refusals if refusal.code in _ASKS]
    reasons = (workflow.reason(code) for code in takes if "reason" in asks)
    return OptionView(
        move=option.move,
        to=option.to,
        label=option.label,
        allowed=option.allowed,
        asks=asks,
        reasons=[ReasonView(code=reason.code, label=reason.label) for reason in reasons if reason is not None],
        refusals=[RefusalView(**plain(refusal)) for refusal in option.refusals],
    )


def history_view(tracker: Tracker, records: Iterable[Recorded]) -> list[HistoryView]:
    """Records of a lead, each in one sentence."""
    words = Words(tracker.workflow, names(tracker), Calendar(tracker.workflow.site.zone, tracker.now()))
    return [
        HistoryView(
            version=record.version,
            at=record.event.at,
            by=record.event.by.id,
            by_called=words.names.get(record.event.by.id, record.event.by.id),
            said=words.say(record.event),
        )
        for record in records
    ]


def meanwhile(tracker: Tracker, lead_id: str, version: int) -> list[HistoryView]:
    """What was recorded of a lead after ``version``."""
    return history_view(tracker, (r for r in tracker.history(lead_id) if r.version > version))


def names(tracker: Tracker) -> dict[str, str]:
    """What the site calls its people and its own status words."""
    labels = {ref: name for ref, _, name in tracker.vault.items("label")}
    return labels | {person.id: person.name for person in people(tracker).values()}


def _lead_called(tracker: Tracker, lead_id: str) -> str:
    identity = tracker.identity(lead_id)
    return identity.get("external_id") or identity.get("name") or lead_id


def _called(tracker: Tracker, ref: str) -> str:
    return tracker.vault.get("label", ref) or ref
