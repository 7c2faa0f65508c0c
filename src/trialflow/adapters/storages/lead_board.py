"""Answers put together from what a store keeps of its leads, and from those it has to tell one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import attrs

from trialflow.adapters.storages.lead_changes import spells_of
from trialflow.adapters.storages.lead_columns import KeptRows, columns_from
from trialflow.adapters.storages.lead_state import LeadState, made, packed, unpacked
from trialflow.adapters.storages.lead_words import LeadWords
from trialflow.model.lead_text import parse_lead
from trialflow.model.recorded import Recorded
from trialflow.reports.columns import Columns
from trialflow.reports.contribution import Contribution, contribution
from trialflow.reports.ended import BoardRows, Ended
from trialflow.rules.workflow import Workflow

__all__ = ["KeptBoard", "board_from", "by_stream", "single_rows", "told"]


def by_stream(records: Iterable[Recorded], as_of: datetime) -> Mapping[str, list[Recorded]]:
    """The records of leads that are dated up to ``as_of``, by stream."""
    found: dict[str, list[Recorded]] = {}
    for record in records:
        if record.stream.startswith("lead:") and record.event.at <= as_of:
            found.setdefault(record.stream, []).append(record)
    return found


def told(streams: Mapping[str, Sequence[Recorded]], words: LeadWords) -> Iterator[tuple[str, LeadState]]:
    """The leads that these streams tell of, by id; none for a stream without records."""
    return ((name.removeprefix("lead:"), made(records, words)) for name, records in streams.items() if records)


def single_rows(singles: Iterable[tuple[str, LeadState]]) -> Iterator[KeptRows]:
    """The rows of leads that are told one by one."""
    return (KeptRows(name, packed(state.rows), _text(state)) for name, state in singles)


def _text(state: LeadState) -> str | None:
    return str([list(pair) for pair in state.withdrawn]) if state.withdrawn else None


@attrs.frozen(kw_only=True)
class KeptBoard:
    """What a store has of its leads but those in ``singles``: texts and rows of the ``opened``, rows of the ``recent``
    and the ``earlier``, counts by (what, key) as (leads, attempts, handoffs), and the joined ``spells`` of those that
    ended.

    ``taken_out`` are what the singles add to the counts all the same. ``order``: id and rows of every lead that ended.
    """

    opened: Sequence[tuple[str, bytes]] = ()
    recent: Sequence[bytes] = ()
    earlier: Sequence[bytes] = ()
    counts: Mapping[tuple[str, tuple[int, ...]], tuple[int, int, int]] = attrs.field(factory=dict)
    spells: bytes = b""
    taken_out: Sequence[Contribution] = ()
    order: Sequence[tuple[str, bytes]] | None = None


def board_from(
    kept: KeptBoard, singles: Sequence[tuple[str, LeadState]], words: LeadWords, workflow: Workflow
) -> BoardRows:
    """All leads, each of them once."""
    alone = [(state.lead, packed(state.rows)) for _, state in singles if state.lead and not state.lead.merged_into]
    leads = [parse_lead(text) for text, _ in kept.opened] + [lead for lead, _ in alone]
    rows = [rows for _, rows in kept.opened] + [rows for _, rows in alone]
    return BoardRows(
        leads=tuple(leads),
        rows=_nameless(rows, words, workflow),
        recent=_nameless(kept.recent, words, workflow),
        earlier=_nameless(kept.earlier, words, workflow),
        ended=_ended(kept, words, workflow),
    )


def _nameless(rows: Iterable[bytes], words: LeadWords, workflow: Workflow) -> Columns:
    return columns_from([KeptRows("", data) for data in rows], words, workflow)


def _ended(kept: KeptBoard, words: LeadWords, workflow: Workflow) -> Ended:
    statuses = words.under(workflow).statuses
    current = [statuses.code(word) for word in words.columns.statuses.words]
    final = {n for n, word in enumerate(words.columns.statuses.words) if workflow.is_final(word)}
    found = {what: Counter[tuple[int, ...]]() for what in ("end", "reach", "place")}
    attempts, handoffs = Counter[int](), 0
    for (what, key), (leads, tries, changes) in _left(kept):
        if key[0] not in final:
            continue
        found[what][_now(key, current)] += leads
        handoffs += changes
        if what == "end" and tries:
            attempts[key[1]] += tries
    return Ended(
        ends=+found["end"],
        reaches=+found["reach"],
        places=+found["place"],
        attempts=+attempts,
        handoffs=handoffs,
        spells=spells_of(kept.spells),
        order=None if kept.order is None else [_placed(name, rows, current) for name, rows in kept.order],
    )


def _left(kept: KeptBoard) -> Iterator[tuple[tuple[str, tuple[int, ...]], tuple[int, int, int]]]:
    yield from kept.counts.items()
    for out in kept.taken_out:
        for what, key in out.counted():
            first = what == "end"
            yield (what, key), (-1, -out.attempts if first else 0, -out.handoffs if first else 0)


def _now(key: tuple[int, ...], current: Sequence[int]) -> tuple[int, ...]:
    """A key with the number of a renamed status replaced by that of its successor. Those that a lead was in before
    stay: what is asked of them, the milestones they prove, is the same under both."""
    return (current[key[0]], *key[1:])


def _placed(name: str, rows: bytes, current: Sequence[int]) -> tuple[tuple[int, ...], int, str]:
    history = unpacked(rows)
    return _now(contribution(None, history).place, current), history[0][1], name
