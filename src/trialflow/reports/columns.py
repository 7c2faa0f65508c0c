"""History as flat columns: whole numbers in arrays, words as codes, one lead's rows side by side.

An object per event costs ten times more than a number in an array; every metric that looks at whole histories is
folded from these columns (:mod:`trialflow.reports.fold`). A row is not an event: what needs no figure has none, and an
event with a second date has two rows. Voided events and merged leads are left out.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Any

import attrs

from trialflow.model import events as e
from trialflow.model.moments import micros
from trialflow.model.parties import UNASSIGNED
from trialflow.model.recorded import Recorded
from trialflow.rules.readiness import blocker_item
from trialflow.rules.workflow import Workflow

__all__ = ["Columns", "ColumnsBuilder", "Words", "columns_of"]

RECEIVED, MOVED, CONTACT, PRESCREENED, ITEM, BLOCKER, VISIT = range(7)
SLOT, ACTION, OWNER, SOURCE, TOUCH, HANDOFF, EPISODE = range(7, 14)
"""Row kinds. A lead's rows start with RECEIVED."""

SHIFT = 15
"""MOVED packs ``from << SHIFT | to`` into one column."""

PRESCREENS = ("none", "started", "completed")
VISITS = ("none", "scheduled", "rescheduled", "cancelled", "attended", "missed")


class Words:
    """A dictionary of codes: words to small numbers and back."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words: list[str] = []
        self._codes: dict[str, int] = {}
        for word in words:
            self.code(word)

    def code(self, word: str) -> int:
        """The number of a word, a new one when it is new."""
        found = self._codes.get(word)
        if found is None:
            found = self._codes[word] = len(self.words)
            self.words.append(word)
        return found

    def __len__(self) -> int:
        return len(self.words)


@attrs.define
class Columns:
    """Rows of all leads, clustered by lead. ``at`` is microseconds UTC, ``position`` the recording order.

    ``a`` and ``b`` depend on ``kind``: RECEIVED status, source; MOVED from-and-to, reason; CONTACT attempts so far,
    reached; PRESCREENED state; ITEM and BLOCKER 0 for records or 1, change in what stands open; VISIT state; SLOT and
    ACTION a date in ``at``; OWNER owner now; HANDOFF owner now, has a context code.
    """

    statuses: Words
    sources: Words
    owners: Words
    reasons: Words
    leads: list[str] = attrs.field(factory=list)
    lead: array[int] = attrs.field(factory=lambda: array("i"))
    kind: array[int] = attrs.field(factory=lambda: array("b"))
    at: array[int] = attrs.field(factory=lambda: array("q"))
    a: array[int] = attrs.field(factory=lambda: array("i"))
    b: array[int] = attrs.field(factory=lambda: array("i"))
    position: array[int] = attrs.field(factory=lambda: array("q"))
    categories: dict[str, str] = attrs.field(factory=dict)

    def __len__(self) -> int:
        return len(self.kind)

    @classmethod
    def empty(cls, workflow: Workflow) -> Columns:
        """No rows; the workflow's own words have the first codes."""
        return cls(
            statuses=Words(s.code for s in workflow.statuses),
            sources=Words(),
            owners=Words([UNASSIGNED]),
            reasons=Words(["", *(r.code for r in workflow.close_reasons)]),
        )

    def add(self, lead: int, kind: int, at: int, a: int, b: int, position: int) -> None:
        """One more row."""
        self.lead.append(lead)
        self.kind.append(kind)
        self.at.append(at)
        self.a.append(a)
        self.b.append(b)
        self.position.append(position)


class ColumnsBuilder:
    """Makes columns from records in any number of calls; rows of one lead may come scattered."""

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow
        self._rows = Columns.empty(workflow)
        self._leads: dict[str, int] = {}
        self._voided: set[int] = set()
        self._merged: dict[int, bool] = {}
        gated = {item.code for item in workflow.items if item.gates != "scheduled"}
        self._ignored_items = gated
        self._movement = frozenset(workflow.staleness.movement)

    def add(self, record: Recorded) -> None:
        """Take one record; streams that are no lead's are ignored, as is what comes before ``received``."""
        kind, _, name = record.stream.partition(":")
        if kind != "lead":
            return
        event = record.event
        number = self._leads.get(name)
        if number is None:
            if not isinstance(event, e.Received):
                return
            number = self._leads[name] = len(self._leads)
            self._rows.leads.append(name)
        elif isinstance(event, e.Received):
            return
        self._take(number, event, micros(event.at), record.position)

    def _take(self, lead: int, event: e.Event, at: int, position: int) -> None:
        rows = self._rows
        make = _ROWS.get(type(event))
        if make is not None:
            for kind, when, a, b in make(self, event, at):
                rows.add(lead, kind, when, a, b, position)
        elif event.kind in self._movement:
            rows.add(lead, TOUCH, at, 0, 0, position)
        if isinstance(event, e.Corrected):
            self._voided.add(event.position)
        elif isinstance(event, e.Merged | e.Unmerged):
            self._merged[lead] = isinstance(event, e.Merged)

    def _received(self, event: e.Received, at: int) -> list[tuple[int, int, int, int]]:
        rows = self._rows
        source = rows.sources.code(event.source.id)
        if event.source.category:
            rows.categories[event.source.id] = event.source.category
        seen = micros(event.seen_at) if event.seen_at is not None else at
        status = rows.statuses.code(event.status)
        found = [
            (RECEIVED, at, status, source),
            (EPISODE, seen, status, rows.reasons.code(event.reason)),
        ]
        if event.owner != UNASSIGNED:
            found.append((OWNER, at, rows.owners.code(event.owner), 0))
        return found

    def _moved(self, event: e.Moved, at: int) -> list[tuple[int, int, int, int]]:
        statuses, reason = self._rows.statuses, self._rows.reasons.code(event.reason)
        to = statuses.code(event.to_status)
        if event.from_status == event.to_status:
            return [(EPISODE, -1, to, reason)]
        return [(MOVED, at, statuses.code(event.from_status) << SHIFT | to, reason)]

    def _assigned(self, event: e.Assigned, at: int) -> list[tuple[int, int, int, int]]:
        owner = self._rows.owners.code(event.to_owner)
        return [(HANDOFF, at, owner, bool(event.reason))]

    def _contact(self, event: e.ContactAttempted, at: int) -> list[tuple[int, int, int, int]]:
        return [(CONTACT, at, event.after, event.outcome == "reached")]

    def _prescreened(self, event: e.Prescreened, at: int) -> list[tuple[int, int, int, int]]:
        return [(PRESCREENED, at, PRESCREENS.index(event.to_state), 0)]

    def _item(self, event: e.ItemSet, at: int) -> list[tuple[int, int, int, int]]:
        if event.item in self._ignored_items:
            return [(TOUCH, at, 0, 0)] if "item_set" in self._movement else []
        change = (event.to_state in _OPEN) - (event.from_state in _OPEN)
        return [(ITEM, at, event.item != "records", change)]

    def _blocker(self, event: e.Blocked | e.Unblocked, at: int) -> list[tuple[int, int, int, int]]:
        other = blocker_item(self._workflow, event.blocker) != "records"
        return [(BLOCKER, at, other, 1 if isinstance(event, e.Blocked) else -1)]

    def _visit(self, event: e.VisitSet, at: int) -> list[tuple[int, int, int, int]]:
        planned = event.to_state in ("scheduled", "rescheduled") and event.visit_at is not None
        slot = micros(event.visit_at) if planned and event.visit_at is not None else 0
        return [(VISIT, at, VISITS.index(event.to_state), 0), (SLOT, slot, 0, 0)]

    def _action(self, event: e.ActionSet | e.ActionDone, _at: int) -> list[tuple[int, int, int, int]]:
        return [(ACTION, micros(event.due_at) if isinstance(event, e.ActionSet) else 0, 0, 0)]

    def _source(self, event: e.SourceSet, at: int) -> list[tuple[int, int, int, int]]:
        return [(SOURCE, at, 0, self._rows.sources.code(event.to_source.id))]

    def columns(self) -> Columns:
        """The columns so far, clustered by lead, without what was voided or merged away."""
        rows = self._rows
        gone = {lead for lead, away in self._merged.items() if away}
        order = sorted(range(len(rows)), key=rows.lead.__getitem__)
        if gone or self._voided:
            order = [k for k in order if rows.lead[k] not in gone and rows.position[k] not in self._voided]
        return attrs.evolve(
            rows,
            lead=array("i", map(rows.lead.__getitem__, order)),
            kind=array("b", map(rows.kind.__getitem__, order)),
            at=array("q", map(rows.at.__getitem__, order)),
            a=array("i", map(rows.a.__getitem__, order)),
            b=array("i", map(rows.b.__getitem__, order)),
            position=array("q", map(rows.position.__getitem__, order)),
        )


_OPEN = ("needed", "requested", "received")

_ROWS: dict[type[e.Event], Any] = {
    e.Received: ColumnsBuilder._received,
    e.Moved: ColumnsBuilder._moved,
    e.Assigned: ColumnsBuilder._assigned,
    e.ContactAttempted: ColumnsBuilder._contact,
    e.Prescreened: ColumnsBuilder._prescreened,
    e.ItemSet: ColumnsBuilder._item,
    e.Blocked: ColumnsBuilder._blocker,
    e.Unblocked: ColumnsBuilder._blocker,
    e.VisitSet: ColumnsBuilder._visit,
    e.ActionSet: ColumnsBuilder._action,
    e.ActionDone: ColumnsBuilder._action,
    e.SourceSet: ColumnsBuilder._source,
}


def columns_of(records: Iterable[Recorded], workflow: Workflow) -> Columns:
    """The columns of these records."""
    builder = ColumnsBuilder(workflow)
    for record in records:
        builder.add(record)
    return builder.columns()
