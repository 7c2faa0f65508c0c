"""What a store that keeps its leads must answer: the same as a replay of its records, worked out here in full."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, Protocol

import attrs

from trialflow.adapters.ports import Append, Storage, SupportsBatch
from trialflow.adapters.queries import LeadQuery, SupportsColumns, SupportsLeads
from trialflow.adapters.renderers.json_file import JsonRenderer
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.model import events as e
from trialflow.model.evolve import fold
from trialflow.model.lead import Lead
from trialflow.model.moments import iso
from trialflow.model.recorded import Recorded
from trialflow.reports import columns as c
from trialflow.reports.column_rows import columns_of
from trialflow.reports.columns import Columns, Words
from trialflow.reports.dashboard import dashboard, dashboard_of
from trialflow.reports.ended import OrderNeeded
from trialflow.rules.ownership import Roster
from trialflow.rules.workflow import Workflow
from wild_histories import wild_records

__all__ = [
    "asked_along_the_way",
    "board_of",
    "by_lead",
    "equal",
    "leads_at",
    "queries",
    "recorded",
    "replayed_board",
    "wild_batches",
]

_render = JsonRenderer().render


def storable(event: e.Event) -> e.Event:
    """The event as it can be written: one of an unknown kind needs its wire form."""
    if not isinstance(event, e.Unknown):
        return event
    wire = {"kind": event.unknown_kind, "v": event.unknown_v, "at": iso(event.at), "by": {"id": event.by.id}}
    return attrs.evolve(event, payload=wire)


def wild_batches(seed: int, events: int, workflow: Workflow, *, leads: int = 0) -> list[list[Append]]:
    """A wild history as a store gets it: in batches of a few records, whose positions are those of the history. Of so
    many ``leads``, or of a few."""
    dice, versions, found = Random(seed), dict[str, int](), list[list[Append]]()
    for record in wild_records(seed, events, workflow, leads=leads or dice.choice((3, 6, 12))):
        if not found or dice.random() < 0.3:
            found.append([])
        version = versions.get(record.stream, 0)
        found[-1].append(Append(record.stream, (storable(record.event),), version))
        versions[record.stream] = version + 1
    return found


def recorded(storage: Storage, batches: Iterable[Sequence[Append]]) -> None:
    """Append these batches."""
    assert isinstance(storage, SupportsBatch)
    for batch in batches:
        storage.append_batch(batch)


def leads_at(records: Iterable[Recorded], as_of: datetime) -> list[Lead]:
    """Every lead as of an instant, by id."""
    streams: dict[str, list[Recorded]] = {}
    for record in records:
        if record.stream.startswith("lead:") and record.event.at <= as_of:
            streams.setdefault(record.stream, []).append(record)
    return sorted(filter(None, map(fold, streams.values())), key=lambda lead: lead.id)


def queries(leads: Iterable[Lead]) -> list[LeadQuery]:
    """Questions about these leads: each condition alone, some together, and one that nothing fits."""
    known = list(leads)
    owners, statuses = sorted({lead.owner for lead in known}), sorted({lead.status for lead in known})
    return [
        LeadQuery(),
        LeadQuery(merged=True),
        LeadQuery(ids=[lead.id for lead in known[::2]], merged=True),
        *(LeadQuery(owners=[owner]) for owner in owners),
        LeadQuery(owners=owners[:2], without=statuses[:2]),
        LeadQuery(statuses=statuses[::2]),
        LeadQuery(without=statuses[::2], merged=True),
        LeadQuery(ids=["nobody"], owners=owners, statuses=statuses),
    ]


def by_lead(columns: Columns) -> tuple[dict[str, list[tuple[object, ...]]], list[tuple[int, int]]]:
    """Columns in words, lead by lead, and what was withdrawn: the order of leads and the numbers of words are free."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for number, row in zip(columns.lead, columns.rows(), strict=True):
        found.setdefault(columns.leads[number], []).append(_in_words(columns, *row))
    return found, sorted(columns.withdrawn)


def _in_words(columns: Columns, kind: int, at: int, a: int, b: int, position: int) -> tuple[object, ...]:
    pairs: dict[int, tuple[Words[Any] | None, Words[Any] | None]] = {
        c.RECEIVED: (columns.statuses, columns.sources),
        c.MOVED: (columns.statuses, columns.reasons),
        c.SEEN: (None, columns.reasons),
        c.ITEM: (columns.things, None),
        c.BLOCKED: (columns.things, None),
        c.UNBLOCKED: (columns.things, None),
        c.OWNER: (columns.owners, None),
        c.HANDOFF: (columns.owners, None),
        c.ACTION: (columns.actions, None),
        c.SOURCE: (None, columns.sources),
    }
    words = pairs.get(kind, (None, None))
    told = ((w.words[n & c.CODE], n & ~c.CODE) if w else n for w, n in zip(words, (a, b), strict=True))
    return (kind, at, position, *told)


def replayed_board(
    records: Iterable[Recorded], workflow: Workflow, as_of: datetime, since: datetime, roster: Roster | None = None
) -> bytes:
    """The dashboard of a full replay, as bytes."""
    seen = [record for record in records if record.event.at <= as_of]
    history = columns_of(seen, workflow)
    leads = leads_at(seen, as_of)
    return _render(dashboard(leads, workflow, as_of, history=history, roster=roster, since=since))


def board_of(
    storage: SupportsColumns, workflow: Workflow, as_of: datetime, since: datetime, roster: Roster | None = None
) -> bytes:
    """The dashboard of what a store keeps, as bytes."""
    try:
        found = dashboard_of(storage.board(workflow, as_of, since), workflow, as_of, roster=roster, since=since)
    except OrderNeeded:
        kept = storage.board(workflow, as_of, since, ordered=True)
        found = dashboard_of(kept, workflow, as_of, roster=roster, since=since)
    return _render(found)


class Kept(Storage, SupportsLeads, SupportsColumns, Protocol):
    """A store that keeps its leads."""


def equal(store: Kept, workflow: Workflow, as_of: datetime, since: datetime) -> None:
    """Every answer of ``store`` is that of a replay."""
    records = list(store.scan())
    leads = leads_at(records, as_of)
    for query in queries(leads):
        assert list(store.find(query, as_of)) == [lead for lead in leads if query.holds(lead)], query
    seen = [record for record in records if record.event.at <= as_of]
    assert by_lead(store.columns(workflow, as_of)) == by_lead(columns_of(seen, workflow))
    assert board_of(store, workflow, as_of, since) == replayed_board(records, workflow, as_of, since)


def asked_along_the_way(store: SqliteStorage | PostgresStorage, seed: int, events: int, workflow: Workflow) -> None:
    """Record a wild history, and now and then ask everything, filled in or not, made anew or not."""
    dice = Random(seed)
    for batch in wild_batches(seed, events, workflow):
        recorded(store, [batch])
        if dice.random() < 0.15:
            work: Callable[[], object] = dice.choice([store.rebuild, store.fill, lambda: None])
            work()
            dates = sorted(record.event.at for record in store.scan())
            as_of = dice.choice([dates[-1] + timedelta(days=1), dates[-1], dice.choice(dates)])
            equal(store, workflow, as_of, as_of - timedelta(days=dice.choice([1, 7, 200])))
    assert list(store.differences()) == []
