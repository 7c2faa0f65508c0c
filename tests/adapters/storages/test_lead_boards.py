"""A site of many leads, most of them ended: boards from counts are those of a replay, at any instant."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import attrs
import pytest

from kept_leads import board_of, by_lead, equal, leads_at, recorded, replayed_board, wild_batches
from ledger_samples import ANNA, Ticking, contacted, day, noted, received
from other_workflows import CALL_LIST
from trialflow.adapters.ports import Append
from trialflow.adapters.queries import LeadQuery
from trialflow.adapters.storages.lead_queries import FEW
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.sqlite_questions import Questions
from trialflow.model import events as e
from trialflow.model.recorded import Recorded
from trialflow.reports.column_rows import columns_of
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


def test_what_moved_lately_is_read_from_one_index_alone(store: SqliteStorage, tmp_path: Path) -> None:
    """Of a large site the rows of leads lie far apart; those that moved lately lie side by side in the index."""
    statement, values = Questions("").recent([0, 1], 0, 1)
    with closing(sqlite3.connect(tmp_path / "site.db")) as db:
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert plan[0].startswith("SEARCH l USING COVERING INDEX lead_state_latest")


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


class Unread(SqliteStorage):
    """A store whose ledger must not be gone through."""

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        raise AssertionError("a question went through the whole ledger")


def test_where_the_tables_know_the_ledger_it_is_not_gone_through(tmp_path: Path) -> None:
    path = tmp_path / "site.db"
    with SqliteStorage(path, clock=Ticking()) as store:
        end = many_ended(store, DEFAULT)
        records = list(store.scan())
    with Unread(path) as again:
        for as_of in (end, end - timedelta(days=30)):
            since, seen = as_of - timedelta(days=7), [record for record in records if record.event.at <= as_of]
            assert list(again.find(LeadQuery(merged=True), as_of)) == leads_at(records, as_of)
            assert by_lead(again.columns(DEFAULT, as_of)) == by_lead(columns_of(seen, DEFAULT))
            assert board_of(again, DEFAULT, as_of, since) == replayed_board(records, DEFAULT, as_of, since)


@pytest.mark.parametrize("ask", ["find", "find at the latest", "find earlier", "columns", "board"])
def test_many_leads_that_are_behind_are_filled_in_where_they_matter(store: SqliteStorage, ask: str) -> None:
    """A question about the present takes the few it needs; one about an instant before the latest record, and one about
    all leads, goes through every lead that is behind, so that these are filled in for the next time."""
    parts = [Append(f"lead:{n}", (received(), contacted(1, day(1))), 0) for n in range(FEW + 1)]
    store.append_batch(parts)
    instants = {"find": day(2), "find at the latest": day(1), "find earlier": day(0.5)}
    if ask in instants:
        assert len(store.find(LeadQuery(owners=["nobody"]), instants[ask])) == 0
    elif ask == "columns":
        store.columns(DEFAULT, day(2))
    else:
        store.board(DEFAULT, day(2), day(0))
    assert store.fill() == (FEW + 1 if ask in ("find", "find at the latest") else 0)


def test_few_leads_that_are_behind_are_not_filled_in_for_a_question(store: SqliteStorage) -> None:
    store.append_batch([Append(f"lead:{n}", (received(),), 0) for n in range(FEW)])
    assert len(store.board(DEFAULT, day(2), day(0)).leads) == FEW
    assert store.fill() == FEW


@pytest.mark.parametrize("filled", [False, True])
def test_who_was_given_the_planned_action_finds_the_lead(store: SqliteStorage, filled: bool) -> None:
    given = e.ActionSet(at=day(0), by=ANNA, action="call", due_at=day(3), owner="bo")
    store.append("lead:a", [received(), given], expected_version=0)
    store.append("lead:b", [received()], expected_version=0)
    if filled:
        store.fill()
    assert [lead.id for lead in store.find(LeadQuery(owners=["bo"]), day(1))] == ["a"]
    assert list(store.differences()) == []
    store.append("lead:a", [contacted(1)], expected_version=2)
    assert [lead.id for lead in store.find(LeadQuery(owners=["bo"]), day(1))] == ["a"]
    store.append("lead:a", [e.ActionDone(at=day(1), by=ANNA, action="call")], expected_version=3)
    if filled:
        store.fill()
    assert not store.find(LeadQuery(owners=["bo"]), day(2))
    assert list(store.differences()) == []
