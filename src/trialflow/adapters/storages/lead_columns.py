"""Columns straight from what a store keeps: the rows of many leads joined, and each column sliced out at once."""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from trialflow.adapters.storages.lead_changes import turned
from trialflow.adapters.storages.lead_state import ROW
from trialflow.adapters.storages.lead_words import LeadWords, rename_statuses
from trialflow.reports.columns import TOUCH, Columns, without
from trialflow.rules.workflow import Workflow

__all__ = ["KeptRows", "columns_from"]


class KeptRows(NamedTuple):
    """The rows of one lead as a store keeps them. ``name`` is its id, empty where nobody asked for it."""

    name: str
    rows: bytes
    withdrawn: str | None = None


def columns_from(found: Sequence[KeptRows], words: LeadWords, workflow: Workflow) -> Columns:
    """The columns of these leads under ``workflow``."""
    columns, data = words.under(workflow), b"".join([kept.rows for kept in found])
    sizes = [len(kept.rows) // ROW.size for kept in found]
    columns.lead = array("i")
    columns.lead.frombytes(b"".join([n.to_bytes(4, sys.byteorder) * size for n, size in enumerate(sizes)]))
    columns.leads = [kept.name for kept in found]
    columns.withdrawn = [(by, gone) for kept in found if kept.withdrawn for by, gone in json.loads(kept.withdrawn)]
    if cuts := _uncounted(data, words.codes("marks", workflow.staleness.movement)):
        columns.lead = without(columns.lead, cuts)
        data = _cut(data, cuts)
    _slice(columns, data)
    for at in _marks(data):
        columns.a[at] = 0
    rename_statuses(columns)
    return columns


def _slice(columns: Columns, data: bytes) -> None:
    """Slice each column of rows out of ``data``."""
    eights, fours = array("q"), array("i")
    eights.frombytes(data)
    fours.frombytes(data)
    eights, fours = turned(eights), turned(fours)
    columns.kind = array("b", data[0 :: ROW.size])
    columns.a, columns.b = fours[1::8], fours[2::8]
    columns.at, columns.position = eights[2::4], eights[3::4]


def _marks(data: bytes) -> Iterator[int]:
    """Which rows are marks."""
    kinds, mark = data[0 :: ROW.size], bytes((TOUCH,))
    at = kinds.find(mark)
    while at >= 0:
        yield at
        at = kinds.find(mark, at + 1)


def _uncounted(data: bytes, counting: Iterable[int]) -> list[tuple[int, int]]:
    """Where the marks lie of kinds that are no movement in this workflow."""
    codes = {code.to_bytes(4, "little") for code in counting}
    return [(at, at + 1) for at in _marks(data) if data[at * ROW.size + 4 : at * ROW.size + 8] not in codes]


def _cut(data: bytes, cuts: Sequence[tuple[int, int]]) -> bytes:
    """The rows without these: all columns at once, before they are sliced."""
    begins, ends = [0, *(end for _, end in cuts)], [*(begin for begin, _ in cuts), len(data) // ROW.size]
    return b"".join([data[a * ROW.size : b * ROW.size] for a, b in zip(begins, ends, strict=True)])
