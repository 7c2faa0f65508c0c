"""What each command that changes a lead does: from the parsed arguments to the tracker's method."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from trialflow.cli.exits import UsageError
from trialflow.cli.options import WHEN
from trialflow.cli.session import lead_id, moment, owner
from trialflow.model.lead import Lead
from trialflow.model.parties import Source
from trialflow.tracker import Tracker

__all__ = ["ACTS", "Act", "Who", "needed", "when"]

Who = dict[str, Any]
"""``by``, ``at`` and ``expected_version``, as every command of the tracker takes them."""

Act = Callable[[Tracker, str, argparse.Namespace, Who], Lead]
"""The tracker, the lead's id, the arguments, and who acts when on which version; the lead as it is afterwards."""


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


def _note(found: Tracker, lead: str, args: argparse.Namespace, who: Who) -> Lead:
    if not args.text.strip():
        raise UsageError("the note is empty; write what is to be kept")
    return found.note(lead, args.text, **who)


ACTS: Mapping[str, Act] = {
    "move": lambda t, lead, a, who: t.move(lead, a.to, reason=a.reason or "", authority_ref=a.authority or "", **who),
    "assign": lambda t, lead, a, who: t.assign(lead, owner(t, a.owner), reason=a.reason or "", **who),
    "accept": lambda t, lead, _, who: t.accept_handoff(lead, **who),
    "acknowledge": lambda t, lead, _, who: t.acknowledge(lead, **who),
    "contact": lambda t, lead, a, who: t.contact(lead, a.outcome, channel=a.channel, **who),
    "prescreen": lambda t, lead, a, who: t.prescreen(lead, a.state, **who),
    "item": lambda t, lead, a, who: t.set_item(lead, a.item, a.state, due_at=when(t, a.due), **who),
    "block": lambda t, lead, a, who: t.block(lead, a.blocker, due_at=when(t, a.due), **who),
    "unblock": lambda t, lead, a, who: t.unblock(lead, a.blocker, **who),
    "action": lambda t, lead, a, who: t.set_action(lead, a.action, needed(t, a.due, "--due WHEN"), **who),
    "done": lambda t, lead, _, who: t.action_done(lead, **who),
    "schedule": lambda t, lead, a, who: t.schedule(lead, needed(t, a.visit_at, "the visit's date"), **who),
    "visit": lambda t, lead, a, who: t.visit(lead, a.state, reason=a.reason or "", **who),
    "ask": lambda t, lead, a, who: t.request_decision(lead, a.decision, role=a.of, due_at=when(t, a.due), **who),
    "decide": lambda t, lead, a, who: t.record_decision(
        lead, a.decision, a.outcome, authority_ref=a.authority or "", **who
    ),
    "note": _note,
    "permit": lambda t, lead, a, who: t.permit(lead, channel=a.channel, evidence_ref=a.evidence or "", **who),
    "forbid": lambda t, lead, a, who: t.forbid(lead, channel=a.channel, **who),
    "source": lambda t, lead, a, who: t.set_source(lead, Source(id=a.source), **who),
    "merge": lambda t, lead, a, who: t.merge(lead, lead_id(t, a.into), **who),
    "unmerge": lambda t, lead, _, who: t.unmerge(lead, **who),
    "erase": lambda t, lead, a, who: t.erase(lead, reason=a.reason or "", **who),
    "correct": lambda t, lead, a, who: t.correct(lead, a.position, reason=a.reason or "", **who),
}
"""By the name of the command."""
