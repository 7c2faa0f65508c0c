"""The leads whose work has ended, counted; the others one by one: what a board needs of a large store.

Time changes nothing of a lead that ended: it is in no queue, goes not stale, waits for nobody. So a store may keep
counts of such leads (:mod:`trialflow.reports.contribution`) and give those that are open in full. Both together make
the same board as a replay of everything (:func:`trialflow.reports.dashboard.dashboard_of`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import attrs

from trialflow.model.facts import Blocker, ReadinessItem
from trialflow.model.lead import Lead
from trialflow.model.moments import micros
from trialflow.model.parties import Source
from trialflow.reports.columns import Columns
from trialflow.reports.fold import Totals, fold
from trialflow.reports.fold_tables import OTHER_OPEN, RECORDS_OPEN, Tables
from trialflow.reports.tally import Tally
from trialflow.rules.buckets import place
from trialflow.rules.workflow import Workflow
from trialflow.rules.worklist import WorkItem, standing_before

__all__ = ["BoardRows", "Ended", "OrderNeeded", "buckets_of", "ranked_among", "tally_with"]


class OrderNeeded(Exception):
    """An open lead has nothing to do: its rank needs the order of the leads that ended."""


Key = tuple[int, ...]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@attrs.frozen(kw_only=True)
class Ended:
    """Leads in a final status, merged ones left out, by the keys of their contributions.

    ``attempts`` is by source; ``spells`` are those of their handoffs
    (:func:`trialflow.reports.contribution.accepting`). ``order`` holds (place, microseconds of arrival, id) of every
    one of them, and is None where nobody asked for it.
    """

    ends: Mapping[Key, int]
    reaches: Mapping[Key, int]
    places: Mapping[Key, int]
    attempts: Mapping[int, int]
    handoffs: int
    spells: Sequence[tuple[int, int]]
    order: Sequence[tuple[Key, int, str]] | None = None

    @property
    def without_context(self) -> int:
        """How many of them changed hands without a context code."""
        return sum(n for place, n in self.places.items() if place[1])


@attrs.frozen(kw_only=True)
class BoardRows:
    """``leads``: those that did not end, and any others that are told one by one; ``rows``: the history of these.
    ``ended``: all others; ``recent``: the history of those of them with a record after the start that was asked for,
    ``earlier`` of those with one in the weeks of the board, but none after that start. All histories and the counts
    share their words."""

    leads: tuple[Lead, ...]
    rows: Columns
    ended: Ended
    recent: Columns
    earlier: Columns


def tally_with(found: BoardRows, t: Tables) -> Tally:
    """The tally of all leads together; what moved counts after the start of ``t``."""
    tally, ended = Tally.of(fold(found.rows, t)), found.ended
    recent = fold(found.recent, t)
    tally.put_in(Totals(moves=recent.moves, received=recent.received, handoffs=recent.handoffs))
    places, reached = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    for (status, _, *standing), n in ended.places.items():
        places[status, _flags(standing, t)] += n
    for (_, source, told, *visited), n in ended.reaches.items():
        bits = told
        for status in visited:
            bits |= t.reaches[status]
        reached[source, bits] += n
    tally.put_counts(places, {(end[1], end[0], end[2]): n for end, n in ended.ends.items()}, reached, ended.attempts)
    return tally


def buckets_of(ended: Ended, words: Columns, workflow: Workflow, t: Tables) -> Counter[str]:
    """How many of the leads that ended lie in which bucket."""
    found = Counter[str]()
    for (status, _, *standing), n in ended.places.items():
        flags = _flags(standing, t)
        records, other = bool(flags & RECORDS_OPEN), bool(flags & OTHER_OPEN)
        word = words.statuses.words[status]
        found[place(workflow, word, stale=False, records_open=records, other_open=other)] += n
    return found


def _flags(standing: Sequence[int], t: Tables) -> int:
    things = sum(1 << code for code in standing)
    return (RECORDS_OPEN if things & t.records else 0) | (OTHER_OPEN if things & t.others else 0)


def ranked_among(items: Sequence[WorkItem], ended: Ended, words: Columns, workflow: Workflow) -> Sequence[WorkItem]:
    """The items with the ranks they have among all leads, those of open leads at least. A lead that ended comes with
    those that have nothing to do, by the same order. Raises ``OrderNeeded`` where that was not asked for."""
    idle = {item.rank for item in items if item.action.due == "none" and not workflow.is_final(item.lead.status)}
    if not idle:
        return items
    if ended.order is None:
        raise OrderNeeded
    known = {key: _standing(key, words, workflow) for key in {key for key, _, _ in ended.order}}
    keys = sorted((known[key], at, name) for key, at, name in ended.order)
    return [
        attrs.evolve(item, rank=item.rank + bisect_left(keys, _key(item, workflow))) if item.rank in idle else item
        for item in items
    ]


def _key(item: WorkItem, workflow: Workflow) -> tuple[int, int, str]:
    return standing_before(item.lead, workflow), micros(item.lead.received_at), item.lead.id


def _standing(key: Key, words: Columns, workflow: Workflow) -> int:
    """What stands before the next milestone of a lead in this place."""
    things = [words.things.words[code] for code in key[2:]]
    lead = Lead(
        id="",
        source=Source(id=""),
        received_at=_EPOCH,
        status=words.statuses.words[key[0]],
        items={code: ReadinessItem(item=code, state="needed", since=_EPOCH) for what, code in things if what == "item"},
        blockers=tuple(Blocker(kind=code, since=_EPOCH) for what, code in things if what == "blocker"),
    )
    return standing_before(lead, workflow)
