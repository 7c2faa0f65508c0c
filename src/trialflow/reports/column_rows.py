"""From records to columns: rows in the order of leads, without what corrections and merges take out."""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import le

from trialflow.model import events as e
from trialflow.model.changes import CHANGES
from trialflow.model.evolve import voided
from trialflow.model.moments import micros
from trialflow.model.recorded import Recorded
from trialflow.reports.columns import MERGED, MOVED, RECEIVED, TOUCH, Columns, Row
from trialflow.reports.event_rows import FOLDED, parts_of
from trialflow.rules.workflow import Workflow

__all__ = ["ColumnsBuilder", "columns_of", "lead_of", "settled", "withdrawn"]


def columns_of(records: Iterable[Recorded], workflow: Workflow) -> Columns:
    """The columns of these records, which come in recording order."""
    builder = ColumnsBuilder(workflow)
    for record in records:
        builder.add(record)
    return builder.columns()


def lead_of(stream: str) -> str | None:
    """The lead id of a stream, or None for a stream that is no lead's."""
    kind, _, name = stream.partition(":")
    return name if kind == "lead" else None


class ColumnsBuilder:
    """Makes columns from records in recording order, in any number of calls; rows of one lead may come scattered."""

    def __init__(self, workflow: Workflow) -> None:
        self.loose = Columns.empty(workflow)
        self.numbers: dict[str, int] = {}
        self.corrections: dict[str, list[tuple[int, int]]] = {}
        """Per lead id: (position of the correction, position of the event it calls a mistake)."""
        self.odd: set[int] = set()
        """Leads whose rows need :func:`settled`: merged, or received twice."""
        self._touching = frozenset(workflow.staleness.movement) & CHANGES.keys() - FOLDED

    def add(self, record: Recorded) -> None:
        """Take one record; streams that are no lead's are ignored, as is what comes before ``received``."""
        name = lead_of(record.stream)
        if name is None:
            return
        number = self.number(name, record)
        if number is not None:
            for row in self.rows_of(record):
                self.loose.add(number, row)

    def number(self, name: str, record: Recorded) -> int | None:
        """The number of the lead that this record is about, a new one for a first ``received``; None before it.
        Takes note of corrections and of what makes the lead odd."""
        event, found = record.event, self.numbers.get(name)
        if isinstance(event, e.Corrected):
            self.corrections.setdefault(name, []).append((record.position, event.position))
        elif isinstance(event, e.Received | e.Merged | e.Unmerged):
            if found is not None:
                self.odd.add(found)
            elif isinstance(event, e.Received):
                found = self.numbers[name] = len(self.numbers)
                self.loose.leads.append(name)
        return found

    def rows_of(self, record: Recorded) -> list[Row]:
        """The rows that one record leaves."""
        event, at = record.event, micros(record.event.at)
        parts = parts_of(event, at, self.loose)
        if event.kind in self._touching:
            parts.append((TOUCH, at, 0, 0))
        return [(kind, when, a, b, record.position) for kind, when, a, b in parts]

    def columns(self) -> Columns:
        """The columns so far, clustered by lead, without what was voided or merged away."""
        found, apart = self.clustered()
        if found is self.loose:
            found = found.copy()  # what was given out must not grow with the next record
        self.settle_into(found, apart)
        return found

    def clustered(self) -> tuple[Columns, dict[int, list[Row]]]:
        """The rows so far as they came, clustered by lead; those that must be settled apart, per lead."""
        rows = self.loose
        odd = self.odd | {self.numbers[name] for name in self.corrections if name in self.numbers}
        apart: dict[int, list[Row]] = {lead: [] for lead in sorted(odd)}
        if not odd and all(map(le, rows.lead, rows.lead[1:])):
            return rows, apart
        order = _by_lead(rows.lead, len(rows.leads))
        if not odd:
            return rows.pick(order), apart
        for k in order:
            if rows.lead[k] in odd:
                apart[rows.lead[k]].append(rows.row(k))
        return rows.pick(k for k in order if rows.lead[k] not in odd), apart

    def is_odd(self, lead: int) -> bool:
        """Whether the rows of a lead must be settled before they are folded."""
        return lead in self.odd or self.loose.leads[lead] in self.corrections

    def settle_into(self, found: Columns, apart: Mapping[int, Sequence[Row]]) -> None:
        """Add the rows of these leads to ``found`` as they stand, and what was taken back of them."""
        for lead, rows in apart.items():
            for row in self.settle(lead, rows):
                found.add(lead, row)
            found.withdrawn += withdrawn(rows, self.corrections.get(self.loose.leads[lead], ()))

    def settle(self, lead: int, rows: Sequence[Row]) -> list[Row]:
        """The rows of one lead as they stand."""
        return settled(rows, voided(self.corrections.get(self.loose.leads[lead], ())))


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


def withdrawn(rows: Iterable[Row], corrections: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The arrivals and moves among one lead's rows that were taken back: (position of the correction, of the row)."""
    gone = voided(corrections)
    by = {target: position for position, target in sorted(corrections, reverse=True) if position not in gone}
    return ((by[row[4]], row[4]) for row in rows if row[4] in gone and row[0] in (RECEIVED, MOVED))


def settled(rows: Sequence[Row], gone: Container[int]) -> list[Row]:
    """One lead's rows as they stand: none when it is merged away, none of voided events or later arrivals, all from
    its first arrival on."""
    standing = [row for row in rows if row[4] not in gone]
    merges = [row[3] for row in standing if row[0] == MERGED]
    arrivals = [row[4] for row in standing if row[0] == RECEIVED]
    if not arrivals or (merges and merges[-1]):
        return []
    start = next(i for i, row in enumerate(standing) if row[0] == RECEIVED)
    again = set(arrivals[1:])
    return [row for row in standing[start:] if row[0] != MERGED and row[4] not in again]
