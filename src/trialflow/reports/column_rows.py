"""From records to rows: what each kind of event leaves in the columns, and what corrections take out again."""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import accumulate
from operator import le
from typing import Any

from trialflow.model import events as e
from trialflow.model.moments import micros
from trialflow.model.parties import UNASSIGNED
from trialflow.model.recorded import Recorded
from trialflow.reports.columns import (
    ACTION,
    BLOCKED,
    CONTACT,
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
    TOUCH,
    UNBLOCKED,
    VISIT,
    VISITS,
    Columns,
    Row,
)
from trialflow.rules.workflow import Workflow

__all__ = ["ColumnsBuilder", "columns_of", "lead_of", "settled"]

_OPEN = ("needed", "requested", "received")

_Parts = list[tuple[int, int, int, int]]
"""Rows before their position is known: kind, at, a, b."""


def lead_of(stream: str) -> str | None:
    """The lead id of a stream, or None for a stream that is no lead's."""
    kind, _, name = stream.partition(":")
    return name if kind == "lead" else None


class ColumnsBuilder:
    """Makes columns from records in recording order, in any number of calls; rows of one lead may come scattered."""

    def __init__(self, workflow: Workflow) -> None:
        self.loose = Columns.empty(workflow)
        self.numbers: dict[str, int] = {}
        self.voided: dict[str, dict[int, int]] = {}
        """Per lead id the positions of events recorded by mistake, each with that of its correction."""
        self.odd: set[int] = set()
        """Leads whose rows need :func:`settled`: merged, or received twice."""
        self.movement = frozenset(workflow.staleness.movement)
        self._touching = self.movement - _FOLDED

    def add(self, record: Recorded) -> None:
        """Take one record; streams that are no lead's are ignored, as is what comes before ``received``."""
        name = lead_of(record.stream)
        if name is None:
            return
        if isinstance(record.event, e.Corrected):
            self.void(name, record.event, record.position)
        number = self.number(name, record.event)
        if number is not None:
            for row in self.rows_of(record):
                self.loose.add(number, row)

    def void(self, name: str, correction: e.Corrected, position: int) -> None:
        """Note that an event was recorded by mistake; the first correction of it counts."""
        self.voided.setdefault(name, {}).setdefault(correction.position, position)

    def number(self, name: str, event: e.Event) -> int | None:
        """The number of a lead, a new one for a first ``received``; None before it."""
        found = self.numbers.get(name)
        if found is None and isinstance(event, e.Received):
            found = self.numbers[name] = len(self.numbers)
            self.loose.leads.append(name)
        elif found is not None and isinstance(event, e.Received | e.Merged | e.Unmerged):
            self.odd.add(found)
        return found

    def rows_of(self, record: Recorded) -> list[Row]:
        """The rows that one record leaves."""
        event = record.event
        at, make = micros(event.at), _ROWS.get(type(event))
        parts = make(self, event, at) if make is not None else []
        if event.kind in self._touching:
            parts.append((TOUCH, at, 0, 0))
        return [(kind, when, a, b, record.position) for kind, when, a, b in parts]

    def _received(self, event: e.Received, at: int) -> _Parts:
        words = self.loose
        parts = [(RECEIVED, at, words.statuses.code(event.status), words.sources.code(event.source))]
        if event.reason or event.seen_at is not None:
            seen = at if event.seen_at is None else micros(event.seen_at)
            parts.append((SEEN, seen, 0, words.reasons.code(event.reason)))
        if event.owner != UNASSIGNED:
            parts.append((OWNER, at, words.owners.code(event.owner), 0))
        return parts

    def _moved(self, event: e.Moved, at: int) -> _Parts:
        to = self.loose.statuses.code(event.to_status)
        return [(MOVED, at, to | EPISODE if event.episode else to, self.loose.reasons.code(event.reason))]

    def _assigned(self, event: e.Assigned, at: int) -> _Parts:
        return [(HANDOFF, at, self.loose.owners.code(event.to_owner), bool(event.reason))]

    def _contact(self, event: e.ContactAttempted, at: int) -> _Parts:
        return [(CONTACT, at, event.after, event.outcome == "reached")]

    def _prescreened(self, event: e.Prescreened, at: int) -> _Parts:
        return [(PRESCREENED, at, PRESCREENS.index(event.to_state), 0)]

    def _item(self, event: e.ItemSet, at: int) -> _Parts:
        return [(ITEM, at, self.loose.things.code(("item", event.item)), event.to_state in _OPEN)]

    def _blocked(self, event: e.Blocked, at: int) -> _Parts:
        return [(BLOCKED, at, self.loose.things.code(("blocker", event.blocker)), 0)]

    def _unblocked(self, event: e.Unblocked, at: int) -> _Parts:
        return [(UNBLOCKED, at, self.loose.things.code(("blocker", event.blocker)), 0)]

    def _visit(self, event: e.VisitSet, at: int) -> _Parts:
        parts = [(VISIT, at, VISITS.index(event.to_state), 0)]
        if event.to_state in ("scheduled", "rescheduled") and event.visit_at is not None:
            parts.append((SLOT, micros(event.visit_at), 0, 0))
        return parts

    def _action_set(self, event: e.ActionSet, _at: int) -> _Parts:
        return [(ACTION, micros(event.due_at), self.loose.actions.code(event.action), 1)]

    def _action_done(self, event: e.ActionDone, at: int) -> _Parts:
        return [(ACTION, at, self.loose.actions.code(event.action), 0)]

    def _source(self, event: e.SourceSet, at: int) -> _Parts:
        return [(SOURCE, at, 0, self.loose.sources.code(event.to_source))]

    def _merged(self, event: e.Merged | e.Unmerged, at: int) -> _Parts:
        return [(MERGED, at, 0, isinstance(event, e.Merged))]

    def columns(self) -> Columns:
        """The columns so far, clustered by lead, without what was voided or merged away."""
        found, apart = self.clustered()
        if apart:
            found = found.copy()
        self.settle_into(found, apart)
        return found

    def settle_into(self, found: Columns, apart: Mapping[int, Sequence[Row]]) -> None:
        """Add the rows of these leads to ``found`` as they stand, and what was taken back of them."""
        for lead, rows in apart.items():
            for row in self.settle(lead, rows):
                found.add(lead, row)
            gone = self.voided.get(found.leads[lead], {})
            found.withdrawn += [
                (gone[row[4]], row[4]) for row in rows if row[4] in gone and row[0] in (RECEIVED, MOVED)
            ]

    def clustered(self) -> tuple[Columns, dict[int, list[Row]]]:
        """The rows so far as they came, clustered by lead; those that must be settled apart, per lead."""
        rows = self.loose
        odd = self.odd | {self.numbers[name] for name in self.voided if name in self.numbers}
        apart: dict[int, list[Row]] = {lead: [] for lead in sorted(odd)}
        if not odd and all(map(le, rows.lead, rows.lead[1:])):
            return rows, apart
        order = _by_lead(rows.lead, len(rows.leads))
        if odd:
            for k in order:
                if rows.lead[k] in odd:
                    apart[rows.lead[k]].append(rows.row(k))
            return rows.pick(k for k in order if rows.lead[k] not in odd), apart
        return rows.pick(order), apart

    def is_odd(self, lead: int) -> bool:
        """Whether the rows of a lead must be settled before they are folded."""
        return lead in self.odd or self.loose.leads[lead] in self.voided

    def settle(self, lead: int, rows: Sequence[Row]) -> list[Row]:
        """The rows of one lead as they stand."""
        gone = self.voided.get(self.loose.leads[lead], {})
        return settled(rows, gone, touch="received" in self.movement)


def _by_lead(lead: array[int], leads: int) -> array[int]:
    """Row numbers by lead, each lead's in their order: a counting sort."""
    place = [0] * (leads + 1)
    for number in lead:
        place[number + 1] += 1
    place = list(accumulate(place))
    order = array("q", bytes(8 * len(lead)))
    for k, number in enumerate(lead):
        order[place[number]] = k
        place[number] += 1
    return order


def settled(rows: Sequence[Row], gone: Container[int], *, touch: bool) -> list[Row]:
    """One lead's rows as they stand: none when it is merged away, none of voided events, from its first arrival on.
    A later arrival only counts as movement, where ``touch`` says that arrivals do."""
    standing = [row for row in rows if row[4] not in gone]
    merges = [row[3] for row in standing if row[0] == MERGED]
    arrivals = [row[4] for row in standing if row[0] == RECEIVED]
    if not arrivals or (merges and merges[-1]):
        return []
    found: list[Row] = []
    start = next(i for i, row in enumerate(standing) if row[0] == RECEIVED)
    again = set(arrivals[1:])
    for kind, at, a, b, position in standing[start:]:
        if kind == MERGED:
            continue
        if position not in again:
            found.append((kind, at, a, b, position))
        elif kind == RECEIVED and touch:
            found.append((TOUCH, at, 0, 0, position))
    return found


_FOLDED = frozenset(
    ("received", "moved", "contact_attempted", "prescreened", "item_set", "blocked", "unblocked", "visit_set")
)
"""Kinds that the fold itself takes as movement, where the workflow counts them; all others leave a TOUCH."""

_ROWS: dict[type[e.Event], Any] = {
    e.Received: ColumnsBuilder._received,
    e.Moved: ColumnsBuilder._moved,
    e.Assigned: ColumnsBuilder._assigned,
    e.ContactAttempted: ColumnsBuilder._contact,
    e.Prescreened: ColumnsBuilder._prescreened,
    e.ItemSet: ColumnsBuilder._item,
    e.Blocked: ColumnsBuilder._blocked,
    e.Unblocked: ColumnsBuilder._unblocked,
    e.VisitSet: ColumnsBuilder._visit,
    e.ActionSet: ColumnsBuilder._action_set,
    e.ActionDone: ColumnsBuilder._action_done,
    e.SourceSet: ColumnsBuilder._source,
    e.Merged: ColumnsBuilder._merged,
    e.Unmerged: ColumnsBuilder._merged,
}


def columns_of(records: Iterable[Recorded], workflow: Workflow) -> Columns:
    """The columns of these records, which come in recording order."""
    builder = ColumnsBuilder(workflow)
    for record in records:
        builder.add(record)
    return builder.columns()
