"""What the pages show of trialflow, in words."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django import forms

from recruiting.models import Coordinator, Enquiry
from recruiting.work import tracker
from trialflow import UNASSIGNED, Lead, options
from trialflow.adapters.renderers.history_words import Words
from trialflow.adapters.renderers.phrases import Calendar
from trialflow.rules.moves import Option
from trialflow.rules.ownership import handoff_waiting
from trialflow.rules.ways import ways

__all__ = ["ACCEPT", "TAKE", "MoveForm", "called", "enquiry", "meanwhile", "owner", "people"]


ACCEPT, TAKE = "accept_handoff", "take_over"
"""Buttons beside the workflow's moves."""

HANDOFFS = {"absence": "Absence", "workload": "Workload", "agreed": "Agreed with the owner"}
"""Why somebody else's enquiry is taken over: codes of the clinic's own, in the ledger as they are."""


class MoveForm(forms.Form):
    """One button of an enquiry's page. ``seen`` is the version the page showed, ``key`` makes a double click one."""

    to = forms.CharField()
    seen = forms.IntegerField(min_value=0)
    key = forms.UUIDField()
    reason = forms.SlugField(required=False)
    authority_ref = forms.CharField(required=False, max_length=100)

    def clean_key(self) -> str:
        """As text."""
        return str(self.cleaned_data["key"])


def called(lead_id: str) -> str:
    """What the site calls a lead: its number in the tracker and the name, from the vault."""
    known = json.loads(tracker().vault.get("identity", lead_id) or "{}")
    words = [known[part] for part in ("external_id", "name") if known.get(part)]
    return " ".join(words) or lead_id


def owner(lead: Lead) -> str:
    """Who owns a lead, by name."""
    if lead.owner == UNASSIGNED:
        return "nobody yet"
    return people().get(lead.owner) or tracker().vault.get("label", lead.owner) or lead.owner


def people() -> dict[str, str]:
    """The names of those who act, by the codes in the ledger."""
    return {known.code: str(known) for known in Coordinator.objects.select_related("user")}


def enquiry(row: Enquiry, by: Coordinator | None) -> dict[str, Any]:
    """The whole page. ``by`` is who looks, None for somebody who may not move anything."""
    book = tracker()
    lead, work = book.lead(row.lead_id), book.workflow
    action = book.next_for(row.lead_id)
    return {
        "title": called(row.lead_id),
        "enquiry": row,
        "lead": lead,
        "status": work.status_label(lead.status),
        "owner": owner(lead),
        "take": _take(lead, by) if by is not None else {},
        "next": action,
        "moves": _moves(lead, by) if by is not None else [],
        "by": by,
        "key": uuid.uuid4(),
        "history": history(row),
    }


def _take(lead: Lead, by: Coordinator) -> dict[str, Any]:
    """The button beside the owner: what was handed over is accepted, what is somebody else's is taken with a reason."""
    if lead.owner == by.code:
        return {"to": ACCEPT, "label": "Accept the handoff"} if handoff_waiting(lead) else {}
    return {"to": TAKE, "label": "Take over", "reasons": {} if lead.unowned else HANDOFFS}


def _moves(lead: Lead, by: Coordinator) -> list[dict[str, Any]]:
    book = tracker()
    takes = {way.name: way.reasons for way in ways(book.workflow, lead.status).all}
    found = options(lead, book.workflow, book.now(), by.actor(), guards=book.guards)
    return [_button(option, takes.get(option.move, ())) for option in found]


def _button(option: Option, takes: tuple[str, ...]) -> dict[str, Any]:
    missing = {refusal.code for refusal in option.refusals}
    work = tracker().workflow
    reasons = [work.reason(code) for code in takes] if "reason_missing" in missing else []
    asked = {"reason_missing"} if reasons else set()
    asked |= {"authority_missing"} & missing
    return {
        "move": option.move,
        "label": option.label,
        "reasons": [reason for reason in reasons if reason is not None],
        "authority": "authority_missing" in missing,
        "in_the_way": [refusal for refusal in option.refusals if refusal.code not in asked],
    }


def history(row: Enquiry, after: int = 0) -> list[dict[str, Any]]:
    """What happened after version ``after``, each record in one sentence, the latest first."""
    book = tracker()
    names = {**{ref: text for ref, _, text in book.vault.items("label")}, **people()}
    words = Words(book.workflow, names, Calendar(book.workflow.site.zone, book.now()))
    return [
        {"at": r.event.at, "by": names.get(r.event.by.id, r.event.by.id), "said": words.say(r.event)}
        for r in reversed(book.history(row.lead_id))
        if r.version > after
    ]


def meanwhile(row: Enquiry, seen: int) -> list[dict[str, Any]]:
    """What others recorded since the page was shown."""
    return history(row, seen)
