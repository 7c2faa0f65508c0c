"""What the peers of ``columns`` share: the columns as an Arrow table (no copy), the rules as plain numbers, the shape
of the answer. Nothing of this is timed."""

from __future__ import annotations

from typing import Any

import attrs
import pyarrow as pa

from history import AS_OF, SINCE, WORKFLOW, History
from trialflow.model.moments import micros
from trialflow.reports.fold_tables import AGES, Tables, tables
from trialflow.rules.buckets import place

__all__ = ["AS_OF_US", "SINCE_US", "Answer", "Rules", "arrow", "rules"]

AS_OF_US, SINCE_US = micros(AS_OF), micros(SINCE)
_TYPES = {"lead": "int32", "kind": "int8", "at": "int64", "a": "int32", "b": "int32", "position": "int64"}


def arrow(history: History) -> Any:
    """The columns as a table, over the same memory."""
    columns = {name: getattr(history.columns, name) for name in _TYPES} | {"prior": history.prior}
    types = {**_TYPES, "prior": "int32"}
    # AT is a keyword of SQL.
    arrays = {
        "moment" if name == "at" else name: pa.Array.from_buffers(
            pa.type_for_alias(types[name]), len(column), [None, pa.py_buffer(column)]
        )
        for name, column in columns.items()
    }
    return pa.table(arrays)


@attrs.frozen
class Rules:
    """The workflow as numbers by code: what a hand-written query has in it."""

    t: Tables
    statuses: tuple[str, ...]
    final: tuple[bool, ...]
    items_of_records: tuple[int, ...]
    other_things: tuple[int, ...]


def rules(history: History) -> Rules:
    """The rules for this history."""
    columns = history.columns
    t = tables(columns, WORKFLOW, AS_OF, since=SINCE, roster=None)
    things = range(len(columns.things))
    return Rules(
        t=t,
        statuses=tuple(columns.statuses.words),
        final=tuple(WORKFLOW.is_final(code) for code in columns.statuses.words),
        items_of_records=tuple(i for i in things if t.records >> i & 1),
        other_things=tuple(i for i in things if t.others >> i & 1),
    )


class Answer:
    """Rows of grouped counts, made into what every contender prints."""

    def __init__(self, history: History) -> None:
        self._columns = history.columns
        self._final = rules(history).final

    def plain(
        self,
        places: list[tuple[int, int, int, int, int, int]],
        ages: list[tuple[int, int, int]],
        sources: list[tuple[int, ...]],
        reasons: list[tuple[int, int]],
        moves: list[tuple[int, int, int]],
        period: tuple[int, int],
    ) -> dict[str, Any]:
        """``places``: status, stale, records open, other open, unowned, leads. ``ages``: band, leads, stale, of open
        leads. ``sources``: source, leads, closed, attempts, milestones. ``period``: received, handoffs."""
        words, names = self._columns.statuses.words, self._columns.sources.words
        buckets: dict[str, int] = {}
        statuses: dict[str, int] = {}
        unowned = 0
        for status, stale, records, other, nobody, n in places:
            where = place(
                WORKFLOW, words[status], stale=bool(stale), records_open=bool(records), other_open=bool(other)
            )
            buckets[where] = buckets.get(where, 0) + n
            statuses[words[status]] = statuses.get(words[status], 0) + n
            unowned += n if nobody and not self._final[status] else 0
        bands = {band: [n, stale] for band, n, stale in ages}
        closed = {self._columns.reasons.words[reason]: n for reason, n in reasons}
        return {
            "buckets": dict(sorted(buckets.items())),
            "statuses": dict(sorted(statuses.items())),
            "close_reasons": {code: n for code, n in sorted(closed.items()) if code},
            "unowned": unowned,
            "ages": [[int(x) for x in bands.get(i, [0, 0])] for i in range(len(AGES) + 1)],
            "sources": dict(sorted((names[row[0]].id, [int(x) for x in row[1:]]) for row in sources)),
            "moves": dict(sorted((f"{words[a]} -> {words[b]}", n) for a, b, n in moves)),
            "received": int(period[0]),
            "handoffs": int(period[1]),
        }
