"""One lead as a store keeps it beside its events: for every store the same.

The *outline*, status and owner, is written with every append: it follows from the new events alone. The *state*, the
lead as folded (:mod:`trialflow.model.lead_text`) and its rows in the columns, is filled in when somebody asks. Both
follow from the stream, so that they can be made anew at any time and compared with what the events say; neither depends
on a workflow or a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from struct import Struct
from typing import Any, NamedTuple

import attrs

from trialflow.adapters.storages.lead_words import LeadWords
from trialflow.model import events as e
from trialflow.model.changes import CHANGES
from trialflow.model.evolve import evolve, fold, voided
from trialflow.model.lead import Lead, owned
from trialflow.model.lead_text import FORMAT as _LEAD_FORMAT
from trialflow.model.moments import micros
from trialflow.model.recorded import Recorded
from trialflow.reports.column_rows import settled, withdrawn
from trialflow.reports.columns import RECEIVED, TOUCH, Row
from trialflow.reports.contribution import Contribution, contribution
from trialflow.reports.event_rows import FOLDED, parts_of

__all__ = ["FORMAT", "ROW", "LeadState", "Outline", "followed", "made", "outlined", "packed", "unpacked"]

FORMAT = _LEAD_FORMAT
"""Of the rows. A store whose rows have another format makes them anew."""

_UNUSUAL = (e.Received, e.Merged, e.Unmerged, e.Corrected)
_MARKS = CHANGES.keys() - FOLDED

ROW = Struct("<iiiiqq")
"""How one row of the columns lies in a store: kind, a, b, nothing, at, position. Four eights: whole columns are sliced
out of many of them at once."""

Read = Callable[[str], Sequence[Recorded]]


@attrs.frozen(kw_only=True)
class LeadState:
    """One lead after ``version`` events; ``lead`` is None where none of them that stands is an arrival.

    ``latest`` is the latest date of its events, microseconds UTC: as of any instant from then on the lead is as it is
    here. ``plain``: its events were taken one by one; where one was voided, or the lead was merged or received twice,
    every further event makes it anew. ``rows`` are those that stand; ``withdrawn`` as in the columns.
    """

    version: int
    latest: int
    plain: bool
    lead: Lead | None
    rows: tuple[Row, ...]
    withdrawn: tuple[tuple[int, int], ...] = ()

    @property
    def counts(self) -> Contribution | None:
        """What it adds to the counts; a lead that did not arrive or was merged away adds nothing."""
        if self.lead is None or self.lead.merged_into:
            return None
        return contribution(self.lead, self.rows)


class Outline(NamedTuple):
    """What events say of where a lead stands; None: nothing. ``acting`` is who was given a planned action."""

    status: str | None
    owner: str | None
    acting: str | None


def outlined(fresh: Sequence[Recorded]) -> Outline | None:
    """What these new records of one stream say; None where only a fold can tell: one voids or merges, or the lead
    did not arrive first. Only for leads that are plain so far."""
    status = owner = acting = None
    if fresh[0].version == 1 and type(fresh[0].event) is not e.Received:
        return None
    for record in fresh:
        event: Any = record.event
        kind = type(event)
        if kind is e.Moved:
            status = event.to_status
        elif kind is e.Assigned:
            owner = event.to_owner
        elif kind is e.ActionSet:
            acting = event.owner or None
        elif kind in _UNUSUAL:
            if kind is not e.Received or record.version > 1:
                return None
            status, owner = event.status, owned(event.owner)
    return Outline(status, owner, acting)


def followed(before: LeadState | None, fresh: Sequence[Recorded], read: Read, words: LeadWords) -> LeadState:
    """The state after the ``fresh`` records of one stream; ``read`` gives those before them."""
    if before is None:
        if isinstance(fresh[0].event, e.Received) and not _unusual(fresh[1:]):
            nothing = LeadState(version=0, latest=micros(fresh[0].event.at), plain=True, lead=None, rows=())
            return _taken(nothing, fresh, words)
        return made(fresh, words)
    if before.plain and not _unusual(fresh):
        return _taken(before, fresh, words)
    return made([*read(fresh[0].stream), *fresh], words)


def _unusual(records: Iterable[Recorded]) -> bool:
    return any(isinstance(record.event, _UNUSUAL) for record in records)


def _taken(before: LeadState, fresh: Sequence[Recorded], words: LeadWords) -> LeadState:
    lead, rows = before.lead, [*before.rows]
    name = fresh[0].stream.removeprefix("lead:")
    for record in fresh:
        lead = evolve(lead, record.event, record.position, lead_id=name)
        rows += _rows_of(record, words)
    return LeadState(
        version=before.version + len(fresh),
        latest=max(before.latest, *(micros(record.event.at) for record in fresh)),
        plain=True,
        lead=lead,
        rows=tuple(rows),
    )


def made(stream: Sequence[Recorded], words: LeadWords) -> LeadState:
    """The state that these records of one stream tell, in their order; at least one."""
    raw = [row for record in stream for row in _rows_of(record, words)]
    start = next((i for i, row in enumerate(raw) if row[0] == RECEIVED), len(raw))
    raw = raw[start:]
    corrections = [(r.position, r.event.position) for r in stream if isinstance(r.event, e.Corrected)]
    return LeadState(
        version=len(stream),
        latest=max(micros(record.event.at) for record in stream),
        plain=isinstance(stream[0].event, e.Received) and not _unusual(stream[1:]),
        lead=fold(stream),
        rows=tuple(settled(raw, voided(corrections))),
        withdrawn=tuple(withdrawn(raw, corrections)),
    )


def _rows_of(record: Recorded, words: LeadWords) -> list[Row]:
    """The rows that one record leaves under any workflow: every kind that one may count as movement leaves a mark."""
    event, at = record.event, micros(record.event.at)
    parts = parts_of(event, at, words.columns)
    if event.kind in _MARKS:
        parts.append((TOUCH, at, words.marks.code(event.kind), 0))
    return [(kind, when, a, b, record.position) for kind, when, a, b in parts]


def packed(rows: Iterable[Row]) -> bytes:
    """Rows as they lie in a store."""
    return b"".join([ROW.pack(kind, a, b, 0, at, position) for kind, at, a, b, position in rows])


def unpacked(data: bytes) -> tuple[Row, ...]:
    """Rows out of a store. Raises ``struct.error`` for what is no whole number of them."""
    return tuple([(kind, at, a, b, position) for kind, a, b, _, at, position in ROW.iter_unpack(data)])
