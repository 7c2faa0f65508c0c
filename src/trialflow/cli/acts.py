"""One function a command that changes a lead: from the parsed arguments to the tracker's method of the same name."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from typing import Any

from trialflow.cli.exits import UsageError
from trialflow.cli.options import WHEN
from trialflow.cli.session import lead_id, moment, owner
from trialflow.model.lead import Lead
from trialflow.model.parties import Source
from trialflow.tracker import Tracker

__all__ = ["Act", "Who", "needed", "when"]

Who = dict[str, Any]
"""``by`` and ``at``, as every command of the tracker takes them."""

Act = Callable[[Tracker, str, argparse.Namespace, Who], Lead]
"""The tracker, the lead's id, the arguments, and who acts when; the lead as it is afterwards."""


def when(found: Tracker, text: str | None) -> datetime | None:
    """A moment that was typed, as an instant; None where none was."""
    told = moment(text)
    return found.instant(told) if told is not None else None


def needed(found: Tracker, text: str | None, what: str) -> datetime:
    """A moment that must be given. Raises :class:`UsageError` naming ``what``."""
    told = when(found, text)
    if told is None:
        raise UsageError(f"give {what}: {WHEN}")
    return told


def move(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.move(lead, a.to, reason=a.reason or "", authority_ref=a.authority or "", **who)


def assign(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.assign(lead, owner(t, a.owner), reason=a.reason or "", **who)


def accept(t: Tracker, lead: str, _: argparse.Namespace, who: Who) -> Lead:
    return t.accept_handoff(lead, **who)


def acknowledge(t: Tracker, lead: str, _: argparse.Namespace, who: Who) -> Lead:
    return t.acknowledge(lead, **who)


def contact(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.contact(lead, a.outcome, channel=a.channel, **who)


def prescreen(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.prescreen(lead, a.state, **who)


def item(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.set_item(lead, a.item, a.state, due_at=when(t, a.due), **who)


def block(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.block(lead, a.blocker, due_at=when(t, a.due), **who)


def unblock(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.unblock(lead, a.blocker, **who)


def action(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.set_action(lead, a.action, needed(t, a.due, "--due WHEN"), **who)


def done(t: Tracker, lead: str, _: argparse.Namespace, who: Who) -> Lead:
    return t.action_done(lead, **who)


def schedule(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.schedule(lead, needed(t, a.visit_at, "the visit's date"), **who)


def visit(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.visit(lead, a.state, reason=a.reason or "", **who)


def ask(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.request_decision(lead, a.decision, role=a.of, due_at=when(t, a.due), **who)


def decide(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.record_decision(lead, a.decision, a.outcome, authority_ref=a.authority or "", **who)


def note(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.note(lead, a.text, **who)


def permit(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.permit(lead, channel=a.channel, evidence_ref=a.evidence or "", **who)


def forbid(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.forbid(lead, channel=a.channel, **who)


def source(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.set_source(lead, Source(id=a.source), **who)


def merge(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.merge(lead, lead_id(t, a.into), **who)


def unmerge(t: Tracker, lead: str, _: argparse.Namespace, who: Who) -> Lead:
    return t.unmerge(lead, **who)


def erase(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.erase(lead, reason=a.reason or "", **who)


def correct(t: Tracker, lead: str, a: argparse.Namespace, who: Who) -> Lead:
    return t.correct(lead, a.position, reason=a.reason or "", **who)
