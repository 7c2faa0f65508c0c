"""Columns straight from what a store keeps: the rows of many leads joined, and each column sliced out at once."""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Sequence
from itertools import chain, repeat
from typing import NamedTuple

from trialflow.adapters.storages.lead_changes import turned
from trialflow.adapters.storages.lead_state import ROW
from trialflow.adapters.storages.lead_words import LeadWords, rename_statuses
from trialflow.reports.columns import TOUCH, Columns
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
    eights, fours = array("q"), array("i")
    eights.frombytes(data)
    fours.frombytes(data)
    eights, fours = turned(eights), turned(fours)
    columns.kind = array("b", data[0 :: ROW.size])
    columns.a, columns.b = fours[1::8], fours[2::8]
    columns.at, columns.position = eights[2::4], eights[3::4]
    columns.leads = [kept.name for kept in found]
    sizes = (len(kept.rows) // ROW.size for kept in found)
    columns.lead = array("i", chain.from_iterable(map(repeat, range(len(found)), sizes)))
    columns.withdrawn = [(by, gone) for kept in found if kept.withdrawn for by, gone in json.loads(kept.withdrawn)]
    rename_statuses(columns)
    counting = set(words.codes("marks", workflow.staleness.movement))
    return _without_marks(columns, counting)


def _without_marks(columns: Columns, counting: Collection[int]) -> Columns:
    """The columns without the marks of kinds that are no movement in this workflow."""
    kinds, mark, cuts = columns.kind.tobytes(), bytes((TOUCH,)), list[tuple[int, int]]()
    at = kinds.find(mark)
    while at >= 0:
        if columns.a[at] in counting:
            columns.a[at] = 0
        else:
            cuts.append((at, at + 1))
        at = kinds.find(mark, at + 1)
    return columns.without(cuts) if cuts else columns
