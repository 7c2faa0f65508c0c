"""Checks of Q1 to Q4: what a store answers without telling every record is what a replay of all of them says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from trialflow.adapters.checks.outcome import Check, Skipped, quotes, require
from trialflow.adapters.checks.report_samples import WORD, lives
from trialflow.adapters.checks.samples import ANNA, MONDAY
from trialflow.adapters.checks.storage_setup import StorageSetup
from trialflow.adapters.ports import Storage
from trialflow.adapters.queries import LeadQuery, SupportsColumns, SupportsLeads, SupportsRebuild
from trialflow.model import events as e
from trialflow.model.evolve import fold
from trialflow.model.lead import Lead
from trialflow.model.parties import Source
from trialflow.model.recorded import Recorded
from trialflow.reports.column_rows import columns_of
from trialflow.reports.columns import Columns
from trialflow.reports.dashboard import Dashboard, dashboard, dashboard_of
from trialflow.reports.diagnosis import diagnose
from trialflow.reports.json import plain
from trialflow.reports.source_quality import source_quality
from trialflow.reports.sponsor import sponsor_update
from trialflow.rules.loading import default_workflow

__all__ = ["QUERY_CHECKS"]

_LATE = MONDAY + timedelta(days=60)
_MOMENTS = (_LATE, MONDAY + timedelta(days=12, hours=3), MONDAY - timedelta(days=1))
"""After everything, in the middle, before anything."""
_QUERIES = (
    LeadQuery(),
    LeadQuery(merged=True),
    LeadQuery(owners={"own-1"}),
    LeadQuery(owners={"UNASSIGNED", "nobody"}),
    LeadQuery(statuses={"preparing", WORD}),
    LeadQuery(without={"closed"}, owners={"own-1"}),
    LeadQuery(ids={"late", "odd", "no-such-lead"}),
    LeadQuery(owners=()),
)


def _told(setup: StorageSetup) -> Iterator[Storage]:
    """A store that is told of a small site, append by append; the same one after each."""
    store, versions = setup.fresh(), dict[str, int]()
    for stream, events in _awkward():
        store.append(stream, events, expected_version=versions.get(stream, 0))
        versions[stream] = versions.get(stream, 0) + len(events)
        yield store


def _awkward() -> Iterator[tuple[str, list[e.Event]]]:
    """The small site, and streams that are no lead yet, were told late, out of order, merged, or taken back."""
    at = MONDAY + timedelta(days=3)
    source = e.Received(at=at, by=ANNA, source=Source(id="Radio"), owner="own-1")
    yield "lead:odd", [e.Noted(at=at, by=ANNA, ref="n-1")]
    yield "lead:late", [e.Noted(at=at, by=ANNA, ref="n-2"), source]
    yield from lives()
    yield "lead:late", [e.Moved(at=_LATE, by=ANNA, from_status="new", to_status="contacting")]
    yield "lead:late", [e.ContactAttempted(at=at, by=ANNA, outcome="reached", before=0, after=1)]
    yield "lead:twin", [source, e.Merged(at=at, by=ANNA, into="late")]
    yield "lead:back", [source, e.Moved(at=at, by=ANNA, from_status="new", to_status="closed", reason="declined")]
    yield "lead:back", [e.Assigned(at=at, by=ANNA, from_owner="own-1", to_owner="own-2")]


def _whole(setup: StorageSetup) -> Storage:
    store = list(_told(setup))[-1]
    # What is to be taken back is named by its position: the store says it.
    position = next(r.position for r in store.read("lead:back") if isinstance(r.event, e.Moved))
    taken_back = e.Corrected(at=MONDAY + timedelta(days=4), by=ANNA, reason="mistake", position=position)
    store.append("lead:back", [taken_back], expected_version=len(store.read("lead:back")))
    return store


def _leads_of(store: Storage) -> SupportsLeads:
    if not isinstance(store, SupportsLeads):
        raise Skipped("the store has no `find` (SupportsLeads)")
    return store


def _columns_of(store: Storage) -> SupportsColumns:
    if not isinstance(store, SupportsColumns):
        raise Skipped("the store has no `columns` and no `board` (SupportsColumns)")
    return store


def _dated(store: Storage, as_of: datetime) -> list[Recorded]:
    return [record for record in store.scan() if record.event.at <= as_of]


def _replayed(store: Storage, as_of: datetime) -> list[Lead]:
    streams: dict[str, list[Recorded]] = {}
    for record in _dated(store, as_of):
        if record.stream.startswith("lead:"):
            streams.setdefault(record.stream, []).append(record)
    found = (fold(rows) for rows in streams.values())
    return sorted((lead for lead in found if lead is not None), key=lambda lead: lead.id)


def _same_leads(store: Storage, asked: SupportsLeads, query: LeadQuery, as_of: datetime) -> None:
    wanted = [lead for lead in _replayed(store, as_of) if query.holds(lead)]
    found = list(asked.find(query, as_of))
    names = [lead.id for lead in found]
    require(names == [lead.id for lead in wanted], f"find({query}) at {as_of} must give the leads of a replay by id")
    require(found == wanted, f"find({query}) at {as_of} must give each lead as a replay does")


@quotes("Q1")
def finds_what_a_replay_finds(setup: StorageSetup) -> None:
    """Each question, at the end, in the middle and before the beginning, is answered as from a replay."""
    _leads_of(setup.fresh())
    store = _whole(setup)
    for as_of in _MOMENTS:
        for query in _QUERIES:
            _same_leads(store, _leads_of(store), query, as_of)


@quotes("Q2")
def gives_the_columns_of_a_replay(setup: StorageSetup) -> None:
    """The reports made of the store's columns are those made of all records."""
    _columns_of(setup.fresh())
    store, workflow = _whole(setup), default_workflow()
    for as_of in _MOMENTS:
        records, leads = _dated(store, as_of), _replayed(store, as_of)
        wanted = _reports(leads, columns_of(records, workflow), as_of)
        found = _reports(leads, _columns_of(store).columns(workflow, as_of), as_of)
        other = [kind for kind, report in wanted.items() if found[kind] != report]
        require(not other, f"columns() at {as_of} must make the reports of a replay; other are: {', '.join(other)}")


def _reports(leads: list[Lead], history: Columns, as_of: datetime) -> dict[str, Any]:
    workflow = default_workflow()
    found = {
        "source quality": source_quality(history, workflow, as_of),
        "diagnosis": diagnose(leads, workflow, as_of, history=history),
        "sponsor update": sponsor_update(leads, workflow, as_of, history=history, position=10_000),
        "dashboard": dashboard(leads, workflow, as_of, history=history),
    }
    return {kind: plain(report) for kind, report in found.items()}


@quotes("Q3")
def makes_the_board_of_a_replay(setup: StorageSetup) -> None:
    """The dashboard from leads that are open and counts of those that ended is that of a replay."""
    _columns_of(setup.fresh())
    store = _whole(setup)
    for as_of in _MOMENTS:
        since = as_of - timedelta(days=9)
        wanted = _board(store, as_of, since)
        counted = _columns_of(store).board(default_workflow(), as_of, since, ordered=True)
        found = dashboard_of(counted, default_workflow(), as_of, since=since)
        other = [name for name, part in plain(wanted).items() if plain(found)[name] != part]
        require(not other, f"board() at {as_of} must make the dashboard of a replay; other are: {', '.join(other)}")


def _board(store: Storage, as_of: datetime, since: datetime) -> Dashboard:
    history = columns_of(_dated(store, as_of), default_workflow())
    return dashboard(_replayed(store, as_of), default_workflow(), as_of, history=history, since=since)


@quotes("Q4")
def answers_from_the_append_on(setup: StorageSetup) -> None:
    """Asked after every few appends, on each handle there is, the answer is the present one; made anew as well."""
    _leads_of(setup.fresh())
    store = setup.fresh()
    for number, store in enumerate(_told(setup)):
        if number % 7 == 0:
            _same_leads(store, _leads_of(store), LeadQuery(), _LATE)
    if setup.reopen is not None:
        _same_leads(store, _leads_of(setup.again(store)), LeadQuery(), _LATE)
    if isinstance(store, SupportsRebuild):
        require(not list(store.differences()), "what is kept beside the records must say what they say")
        store.rebuild()
        require(not list(store.differences()), "what is kept beside the records must say what they say, made anew")
    _same_leads(store, _leads_of(store), LeadQuery(), _LATE)


QUERY_CHECKS: tuple[Check[StorageSetup], ...] = (
    finds_what_a_replay_finds,
    gives_the_columns_of_a_replay,
    makes_the_board_of_a_replay,
    answers_from_the_append_on,
)
