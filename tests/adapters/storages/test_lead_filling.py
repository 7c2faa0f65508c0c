"""How the tables of leads in a file come to know the ledger: page by page, anew where they do not fit, gone on with."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kept_leads import equal
from ledger_samples import Ticking, contacted, day, moved, received
from trialflow.adapters.ports import Append
from trialflow.adapters.queries import LeadQuery
from trialflow.adapters.storages import sqlite, sqlite_check, sqlite_filling, sqlite_questions
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import StorageError
from trialflow.rules.loading import default_workflow

DEFAULT = default_workflow()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteStorage]:
    """A store of seven leads that takes them two by two."""
    monkeypatch.setattr(sqlite_filling, "_PAGE", 2)
    monkeypatch.setattr(sqlite_check, "_PAGE", 2)
    monkeypatch.setattr(sqlite, "_PAGE", 2)
    with SqliteStorage(tmp_path / "site.db", clock=Ticking()) as made:
        events = (received(), contacted(1), moved("closed"))
        made.append_batch([Append(f"lead:{n}", events[: 2 + n % 2], 0) for n in range(7)])
        yield made


def by_hand(store: SqliteStorage, statement: str) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as db:
        assert db.execute(statement).rowcount


def test_pages_of_records_and_leads_come_one_after_the_other(store: SqliteStorage) -> None:
    assert [record.position for record in store.scan()] == list(range(1, 18))
    assert [row.position for row in store.raw()] == list(range(1, 18))
    assert [row.position for row in store.raw(after=7)] == list(range(8, 18))
    assert store.fill() == 7
    assert store.fill() == 0
    assert list(store.differences()) == []


def test_more_ids_than_one_statement_takes_are_all_looked_up(
    store: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_questions, "_MARKS", 2)
    for known in (range(7), range(1, 6), range(0)):
        query = LeadQuery(ids=["nobody", *map(str, known)])
        assert [lead.id for lead in store.find(query, day(1))] == [str(n) for n in known]


def test_making_them_anew_tells_how_far_it_is(store: SqliteStorage) -> None:
    heard: list[tuple[int, int]] = []
    assert store.rebuild(lambda done, leads: heard.append((done, leads))) == 7
    assert heard == [(2, 7), (4, 7), (6, 7), (7, 7)]
    equal(store, DEFAULT, day(1), day(0))


@pytest.mark.parametrize(
    "change",
    ["format = 99", "format = 99, position = 0", "position = position - 1", "position = 0", "position = position + 1"],
)
@pytest.mark.parametrize("filled", [False, True])
def test_tables_that_do_not_fit_the_ledger_are_made_anew(store: SqliteStorage, change: str, filled: bool) -> None:
    """Of another format, or not where the ledger ends."""
    if filled:
        store.fill()
    by_hand(store, f"UPDATE lead_kept SET {change}")
    assert "do not know the whole ledger" in next(store.differences())
    assert len(store.find(LeadQuery(), day(1))) == 7
    assert list(store.differences()) == []
    equal(store, DEFAULT, day(1), day(0))
    store.append("lead:0", [contacted(2)], expected_version=2)
    equal(store, DEFAULT, day(1), day(0))
    assert list(store.differences()) == []


@pytest.mark.parametrize("appended", [False, True])
def test_all_tables_of_leads_may_be_erased(store: SqliteStorage, appended: bool) -> None:
    """Down to the row that says up to where they know the ledger; appends go on, and the next question makes them."""
    store.fill()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as db:
        for (name,) in db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'lead_*'"
        ).fetchall():
            db.execute(f"DELETE FROM {name}")
    if appended:
        store.append("lead:0", [contacted(2)], expected_version=2)
    assert "do not know the whole ledger" in next(store.differences())
    assert len(store.find(LeadQuery(), day(1))) == 7
    assert list(store.differences()) == []
    equal(store, DEFAULT, day(1), day(0))
    store.append("lead:1", [contacted(2)], expected_version=3)
    equal(store, DEFAULT, day(1), day(0))
    assert list(store.differences()) == []
    assert verify(store).ok


@pytest.mark.parametrize("change", ["format = 99", "format = 99, position = 0", "position = position - 1"])
def test_nothing_is_taken_over_from_tables_that_do_not_fit(store: SqliteStorage, change: str) -> None:
    """Whatever is in them, and also where records were appended before anybody asked."""
    store.fill()
    by_hand(store, f"UPDATE lead_kept SET {change}")
    by_hand(store, "UPDATE lead_state SET rows = zeroblob(32), lead = replace(lead, 'Radio', 'Web')")
    store.append("lead:0", [contacted(2)], expected_version=2)
    assert "do not know the whole ledger" in next(store.differences())
    equal(store, DEFAULT, day(1), day(0))
    assert list(store.differences()) == []


def test_what_is_whole_is_not_made_anew(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "host.db", isolation_level=None)) as db:
        SqliteStorage.migrate(db)
        store = SqliteStorage.on(db, clock=Ticking())
        store.append("lead:a", [received()], expected_version=0)
        before = db.execute("SELECT turn, position FROM trialflow_lead_kept").fetchone()
        SqliteStorage.migrate(db)
        assert db.execute("SELECT turn, position FROM trialflow_lead_kept").fetchone() == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE lead_kept SET position = 99", "the tables of leads end at position 99, the ledger at 17"),
        ("DELETE FROM lead_state WHERE stream = 3", "the tables of leads have not as many leads as the ledger"),
        ("UPDATE lead_counts SET leads = leads + 1 WHERE what = 'end'", "the counts of leads do not add up"),
    ],
)
def test_what_is_seen_of_them_without_a_replay_is_named(store: SqliteStorage, change: str, said: str) -> None:
    store.fill()
    assert store.faults() == ()
    by_hand(store, change)
    assert said in store.faults()
    assert verify(store).code == "guard_missing"
    store.rebuild()
    assert store.faults() == ()


def test_a_ledger_whose_head_is_gone_is_no_sound_one(store: SqliteStorage) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("DELETE FROM meta")
    assert store.head() == (0, "")
    assert verify(store).code == "head_mismatch"
    assert "do not know the whole ledger" in next(store.differences())
    # What there is can be read; nothing is written behind an end that nobody knows.
    assert len(store.find(LeadQuery(), day(1))) == 7
    equal(store, DEFAULT, day(1), day(0))
    for write in (store.rebuild, lambda: store.append("lead:new", [received()], expected_version=0)):
        with pytest.raises(StorageError, match="lost its head") as refused:
            write()
        assert refused.value.outcome == "not stored"
    assert not store.read("lead:new")
