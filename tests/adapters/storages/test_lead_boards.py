"""A site of many leads, most of them ended: boards from counts are those of a replay, at any instant."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import attrs
import pytest

from kept_leads import equal, recorded, wild_batches
from ledger_samples import ANNA, Ticking, day, noted, received
from other_workflows import CALL_LIST
from trialflow.adapters.queries import LeadQuery
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.model import events as e
from trialflow.rules.loading import default_workflow, loads
from trialflow.rules.workflow import Workflow

DEFAULT = default_workflow()
RENAMED = attrs.evolve(DEFAULT, renamed={"word-1": "closed", "word-2": "closed"})
"""Two statuses of the histories are one now: what was counted apart is counted together."""
IDLE = attrs.evolve(DEFAULT, actions=())
"""Open leads have nothing to do: their ranks need the order of the leads that ended."""
WORKFLOWS = {"default": DEFAULT, "renamed": RENAMED, "idle": IDLE, "calls": loads(CALL_LIST)}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStorage]:
    with SqliteStorage(tmp_path / "site.db", clock=Ticking()) as made:
        yield made


def many_ended(store: SqliteStorage, workflow: Workflow) -> datetime:
    """Wild leads, three of four of which end at last; one day after their latest record."""
    recorded(store, wild_batches(11, 400, workflow, leads=40))
    final = [code for code in (*(s.code for s in workflow.statuses), "word-1", "word-2") if workflow.is_final(code)]
    at = max(record.event.at for record in store.scan())
    for number, stream in enumerate(sorted({record.stream for record in store.scan()})):
        if number % 4:
            over = e.Moved(
                at=at + timedelta(minutes=number), by=ANNA, from_status="new", to_status=final[number % len(final)]
            )
            store.append(stream, [over], expected_version=len(store.read(stream)))
    return at + timedelta(days=1)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_site_where_most_leads_have_ended(store: SqliteStorage, name: str) -> None:
    workflow = WORKFLOWS[name]
    end = many_ended(store, workflow)
    store.fill()
    ended = store.board(workflow, end, end).ended
    assert max(ended.ends.values()) > 1, "several leads ended alike"
    assert ended.attempts
    assert ended.handoffs
    dates = sorted(record.event.at for record in store.scan())
    for as_of, since in ((end, dates[-100]), (dates[-1], dates[-1]), (dates[-30], dates[-60])):
        equal(store, workflow, as_of, since)
    assert list(store.differences()) == []


def test_what_is_told_from_the_ledger_is_of_leads_alone_and_up_to_the_instant(tmp_path: Path) -> None:
    """On a host's connection the tables may know nothing: then every answer comes from the records."""
    with closing(sqlite3.connect(tmp_path / "host.db", isolation_level=None)) as db:
        SqliteStorage.migrate(db)
        store = SqliteStorage.on(db, clock=Ticking())
        store.append("site:main", [noted("n")], expected_version=0)
        for number in range(3):
            store.append(f"lead:{number}", [received(at=day(number))], expected_version=0)
        db.execute("UPDATE trialflow_lead_kept SET position = 0")
        for number in range(3):
            known = [str(n) for n in range(number + 1)]
            assert [lead.id for lead in store.find(LeadQuery(), day(number))] == known
            assert store.columns(DEFAULT, day(number)).leads == known
            assert [lead.id for lead in store.board(DEFAULT, day(number), day(0)).leads] == known
