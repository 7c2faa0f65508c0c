"""What each kind of event leaves in the columns. A kind that is not listed leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trialflow.model import events as e
from trialflow.model.moments import micros
from trialflow.model.parties import UNASSIGNED
from trialflow.reports.columns import (
    ACTION,
    AUTOMATED,
    BLOCKED,
    CONTACT,
    CORRECTION,
    EPISODE,
    HANDOFF,
    ITEM,
    MERGED,
    MOVED,
    OWNER,
    PRESCREENED,
    PRESCREENS,
    RECEIVED,
    SEEN,
    SLOT,
    SOURCE,
    UNBLOCKED,
    VISIT,
    VISITS,
    Columns,
)

__all__ = ["FOLDED", "parts_of"]

_OPEN = ("needed", "requested", "received")

Parts = list[tuple[int, int, int, int]]
"""Rows before their position is known: kind, at, a, b."""

FOLDED = frozenset(
    ("received", "moved", "contact_attempted", "prescreened", "item_set", "blocked", "unblocked", "visit_set")
)
"""Kinds that the fold itself takes as movement, where the workflow counts them; all others leave a TOUCH."""


def parts_of(event: e.Event, at: int, words: Columns) -> Parts:
    """The rows of one event, dated ``at``; new words get their codes in ``words``."""
    make = _ROWS.get(type(event))
    return make(event, at, words) if make is not None else []


def _received(event: e.Received, at: int, words: Columns) -> Parts:
    parts = [(RECEIVED, at, words.statuses.code(event.status), words.sources.code(event.source))]
    if event.reason or event.seen_at is not None:
        seen = at if event.seen_at is None else micros(event.seen_at)
        parts.append((SEEN, seen, 0, words.reasons.code(event.reason)))
    if event.owner != UNASSIGNED:
        parts.append((OWNER, at, words.owners.code(event.owner), 0))
    return parts


def _moved(event: e.Moved, at: int, words: Columns) -> Parts:
    to, reason = words.statuses.code(event.to_status), words.reasons.code(event.reason)
    if event.episode:
        return [(MOVED, at, to | EPISODE, reason)]
    return [(MOVED, at, to, reason | CORRECTION if event.from_status == event.to_status else reason)]


def _assigned(event: e.Assigned, at: int, words: Columns) -> Parts:
    return [(HANDOFF, at, words.owners.code(event.to_owner), bool(event.reason))]


def _contact(event: e.ContactAttempted, at: int, _words: Columns) -> Parts:
    return [(AUTOMATED if event.automated else CONTACT, at, event.after, event.outcome == "reached")]


def _prescreened(event: e.Prescreened, at: int, _words: Columns) -> Parts:
    return [(PRESCREENED, at, PRESCREENS.index(event.to_state), 0)]


def _item(event: e.ItemSet, at: int, words: Columns) -> Parts:
    return [(ITEM, at, words.things.code(("item", event.item)), event.to_state in _OPEN)]


def _blocked(event: e.Blocked, at: int, words: Columns) -> Parts:
    return [(BLOCKED, at, words.things.code(("blocker", event.blocker)), 0)]


def _unblocked(event: e.Unblocked, at: int, words: Columns) -> Parts:
    return [(UNBLOCKED, at, words.things.code(("blocker", event.blocker)), 0)]


def _visit(event: e.VisitSet, at: int, _words: Columns) -> Parts:
    parts = [(VISIT, at, VISITS.index(event.to_state), 0)]
    if event.to_state in ("scheduled", "rescheduled") and event.visit_at is not None:
        parts.append((SLOT, micros(event.visit_at), 0, 0))
    return parts


def _action_set(event: e.ActionSet, _at: int, words: Columns) -> Parts:
    return [(ACTION, micros(event.due_at), words.actions.code(event.action), 1)]


def _action_done(event: e.ActionDone, at: int, words: Columns) -> Parts:
    return [(ACTION, at, words.actions.code(event.action), 0)]


def _source(event: e.SourceSet, at: int, words: Columns) -> Parts:
    return [(SOURCE, at, 0, words.sources.code(event.to_source))]


def _merged(_event: e.Merged, at: int, _words: Columns) -> Parts:
    return [(MERGED, at, 0, 1)]


def _unmerged(_event: e.Unmerged, at: int, _words: Columns) -> Parts:
    return [(MERGED, at, 0, 0)]


_ROWS: dict[type[e.Event], Callable[[Any, int, Columns], Parts]] = {
    e.Received: _received,
    e.Moved: _moved,
    e.Assigned: _assigned,
    e.ContactAttempted: _contact,
    e.Prescreened: _prescreened,
    e.ItemSet: _item,
    e.Blocked: _blocked,
    e.Unblocked: _unblocked,
    e.VisitSet: _visit,
    e.ActionSet: _action_set,
    e.ActionDone: _action_done,
    e.SourceSet: _source,
    e.Merged: _merged,
    e.Unmerged: _unmerged,
}
