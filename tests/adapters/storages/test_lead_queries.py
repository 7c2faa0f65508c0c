"""A store that keeps its leads answers as a replay of its records does, and says when it would not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kept_leads import asked_along_the_way, equal
from ledger_samples import ANNA, Ticking, contacted, day, moved, noted, received
from other_workflows import CALL_LIST
from tests_sizes import size
from trialflow.adapters.ports import Append
from trialflow.adapters.queries import LeadQuery, SupportsColumns, SupportsLeads, SupportsRebuild
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.verify import verify
from trialflow.model import events as e
from trialflow.reports.dashboard import dashboard_of
from trialflow.reports.ended import OrderNeeded
from trialflow.rules.loading import default_workflow, loads

DEFAULT = default_workflow()
RENAMED = attrs.evolve(DEFAULT, renamed={"word-1": "contacting", "word-2": "closed"})
"""Statuses that the wild histories hold, carried over: one into an open status, one into the end."""
FEW_MARKS = attrs.evolve(DEFAULT, staleness=attrs.evolve(DEFAULT.staleness, movement=("received", "noted", "assigned")))
IDLE = attrs.evolve(DEFAULT, actions=DEFAULT.actions[:6])
"""Few actions: many open leads have nothing to do."""
WORKFLOWS = {"default": DEFAULT, "renamed": RENAMED, "few marks": FEW_MARKS, "idle": IDLE, "calls": loads(CALL_LIST)}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStorage]:
    with SqliteStorage(tmp_path / "site.db", clock=Ticking()) as made:
        yield made


@pytest.mark.parametrize("name", WORKFLOWS)
@settings(max_examples=size(ci=6, long=400), deadline=None)
@given(seed=st.integers(0, 1 << 30), events=st.integers(1, 120))
@example(seed=27, events=1)  # a move is all that is there: a lead that never arrived has no status
def test_every_answer_is_that_of_a_replay(
    tmp_path_factory: pytest.TempPathFactory, name: str, seed: int, events: int
) -> None:
    """At any moment of a wild history, as of its end or of any earlier instant, filled in or not, made anew or not."""
    with SqliteStorage(tmp_path_factory.mktemp("wild") / "site.db", clock=Ticking()) as store:
        asked_along_the_way(store, seed, events, WORKFLOWS[name])
        assert verify(store).ok


def test_the_protocols_are_kept(store: SqliteStorage) -> None:
    assert isinstance(store, SupportsLeads)
    assert isinstance(store, SupportsColumns)
    assert isinstance(store, SupportsRebuild)


def test_an_empty_store_has_an_empty_board(store: SqliteStorage) -> None:
    equal(store, DEFAULT, day(1), day(0))
    assert list(store.differences()) == []


def test_other_leads_do_nothing_to_what_is_asked(store: SqliteStorage) -> None:
    """One value where several are meant is a mistake, not letters."""
    with pytest.raises(TypeError, match="tuple"):
        LeadQuery(owners="anna")


def test_the_order_of_ended_leads_is_asked_for_where_it_is_needed(store: SqliteStorage) -> None:
    nothing = attrs.evolve(DEFAULT, actions=())
    for number in range(6):
        events = [received(), moved("closed")] if number % 2 else [received()]
        store.append(f"lead:{number}", events, expected_version=0)
    with pytest.raises(OrderNeeded):
        dashboard_of(store.board(nothing, day(1), day(0)), nothing, day(1))
    equal(store, nothing, day(1), day(0))


def test_leads_that_have_all_in_common_are_in_the_order_of_their_ids(store: SqliteStorage) -> None:
    """Also one that is open among those that ended: all arrived in one moment, and nothing stands before any."""
    nothing = attrs.evolve(DEFAULT, actions=(), items=(), blockers=())
    for number in range(6):
        events = [received(), moved("closed")] if number % 2 else [received()]
        store.append(f"lead:{number}", events, expected_version=0)
    store.fill()
    ended = store.board(nothing, day(1), day(0), ordered=True).ended
    assert sorted(name for _, _, name in ended.order or ()) == ["1", "3", "5"]
    equal(store, nothing, day(1), day(0))


def test_what_is_appended_is_found_at_once_by_every_handle(tmp_path: Path) -> None:
    path, mine = tmp_path / "site.db", LeadQuery(owners=["bo"])
    with SqliteStorage(path, clock=Ticking()) as one, SqliteStorage(path, clock=Ticking()) as other:
        one.append("lead:a", [received()], expected_version=0)
        assert not other.find(mine, day(1))
        other.append("lead:a", [e.Assigned(at=day(0), by=ANNA, from_owner="anna", to_owner="bo")], expected_version=1)
        assert [lead.version for lead in one.find(mine, day(1))] == [2]
        one.append("lead:a", [contacted(1)], expected_version=2)
        assert [lead.attempts for lead in other.find(mine, day(1))] == [1]
        for handle in (one, other):
            equal(handle, DEFAULT, day(1), day(0))


def test_a_record_with_a_date_ahead_is_not_in_the_present(store: SqliteStorage) -> None:
    store.append("lead:a", [received()], expected_version=0)
    store.append("lead:a", [e.Moved(at=day(30), by=ANNA, from_status="new", to_status="closed")], expected_version=1)
    assert [lead.status for lead in store.find(LeadQuery(), day(1))] == ["new"]
    assert [lead.status for lead in store.find(LeadQuery(without=["closed"]), day(1))] == ["new"]
    assert not store.find(LeadQuery(without=["closed"]), day(31))
    equal(store, DEFAULT, day(1), day(0))
    equal(store, DEFAULT, day(31), day(0))


def filled(store: SqliteStorage, leads: int = 40) -> None:
    parts = [Append("site:main", (noted("n"),), 0)]
    for number in range(leads):
        events: list[e.Event] = [
            received(),
            e.Assigned(at=day(0), by=ANNA, from_owner="anna", to_owner=f"own-{number % 3}"),
        ]
        if number % 2:
            events.append(moved("closed"))
        parts.append(Append(f"lead:{number:02}", tuple(events), 0))
    store.append_batch([*parts[1:], parts[0]])


def test_tables_are_made_anew_while_others_append(store: SqliteStorage) -> None:
    filled(store, 1200)
    heard = list[tuple[int, int]]()

    def tell(done: int, leads: int) -> None:
        heard.append((done, leads))
        store.append("lead:00", [contacted(len(heard))], expected_version=2 + len(heard) - 1)
        store.append(f"lead:new{len(heard)}", [received()], expected_version=0)
        # Meanwhile nobody takes half of the leads for all of them.
        assert len(store.find(LeadQuery(), day(1))) == 1200 + len(heard)

    assert store.rebuild(tell) == 1200 + len(heard)
    assert heard
    assert list(store.differences()) == []
    equal(store, DEFAULT, day(1), day(0))


def test_two_that_make_them_anew_do_it_together(store: SqliteStorage) -> None:
    """Also where one begins once more in the middle: nothing is left out, and nothing is counted twice."""
    filled(store, 1500)
    inner = list[int]()

    def tell(_done: int, _leads: int) -> None:
        if not inner:
            inner.append(0)
            inner[0] = store.rebuild()

    assert store.rebuild(tell) == 1500
    assert inner == [1500]
    assert list(store.differences()) == []
    store.append("lead:00", [contacted(1)], expected_version=2)
    assert list(store.differences()) == []


def test_what_was_begun_and_left_is_gone_on_with(store: SqliteStorage) -> None:
    filled(store, 1500)

    class Enough(Exception):
        pass

    def tell(done: int, leads: int) -> None:
        assert (done, leads) == (1000, 1500)
        raise Enough

    with pytest.raises(Enough):
        store.rebuild(tell)
    store.append("lead:00", [contacted(1)], expected_version=2)
    equal(store, DEFAULT, day(1), day(0))
    assert list(store.differences()) == []


TAMPERED = {
    "a status": ("UPDATE lead_state SET status = status + 1 WHERE stream = 5", "lead:04: status"),
    "an owner": ("UPDATE lead_state SET owner = 0 WHERE stream = 5", "lead:04: owner"),
    "an owner that is no word": ("UPDATE lead_state SET owner = 99 WHERE stream = 5", "lead:04: owner"),
    "an owner behind the last word": (
        "UPDATE lead_state SET owner = (SELECT count(*) FROM lead_words WHERE kind = 'owners') WHERE stream = 5",
        "lead:04: owner",
    ),
    "who acts": ("UPDATE lead_state SET acting = 1 WHERE stream = 5", "lead:04: acting"),
    "a version": ("UPDATE lead_state SET version = 9, filled = 9 WHERE stream = 5", "lead:04: version"),
    "a lead": ("UPDATE lead_state SET lead = replace(lead, 'Radio', 'Web') WHERE stream = 5", "lead:04: lead"),
    "rows": ("UPDATE lead_state SET rows = zeroblob(32) WHERE stream = 5", "lead:04: rows"),
    "the latest date": ("UPDATE lead_state SET latest = latest + 1 WHERE stream = 5", "lead:04: latest"),
    "a merge": ("UPDATE lead_state SET merged = 1 WHERE stream = 5", "lead:04: merged"),
    "what was taken back": ("UPDATE lead_state SET withdrawn = '[[1, 2]]' WHERE stream = 5", "lead:04: withdrawn"),
    "a row less": ("DELETE FROM lead_state WHERE stream = 5", "lead:04: it is missing"),
    "handoffs": ("UPDATE lead_handoffs SET spells = zeroblob(8) WHERE stream = 5", "lead:04: handoffs"),
    "handoffs less": ("DELETE FROM lead_handoffs WHERE stream = 5", "lead:04: handoffs"),
    "a count": ("UPDATE lead_counts SET leads = leads + 1 WHERE what = 'reach'", "counts of reach"),
    "attempts": ("UPDATE lead_counts SET attempts = attempts + 1 WHERE what = 'end'", "counts of end"),
    "all ends": ("DELETE FROM lead_counts WHERE what = 'end'", "counts of end"),
    "all counts": ("DELETE FROM lead_counts", "counts of"),
    "a count more": ("INSERT INTO lead_counts VALUES ('place', '7,0', 1, 0, 0)", "counts of place 7,0"),
}
SEEN_AT_ONCE = ("a row less", "a count", "all ends", "all counts", "a count more", "a merge")
"""What ``verify`` sees without a replay."""


@pytest.mark.parametrize("name", TAMPERED)
def test_what_somebody_changed_by_hand_is_found(store: SqliteStorage, name: str) -> None:
    filled(store)
    store.rebuild()
    assert list(store.differences()) == []
    statement, said = TAMPERED[name]
    with closing(sqlite3.connect(store.path, isolation_level=None)) as db:
        assert db.execute(statement).rowcount
    found = list(store.differences())
    assert any(line.startswith(said) for line in found), found
    assert verify(store).ok is (name not in SEEN_AT_ONCE)
    store.rebuild()
    assert list(store.differences()) == []
    assert verify(store).ok
    equal(store, DEFAULT, day(1), day(0))


@pytest.mark.parametrize(
    ("statement", "there", "should"),
    [
        ("DELETE FROM lead_counts WHERE what = 'end'", (0, 0, 0), (20, 20, 40)),
        ("INSERT INTO lead_counts VALUES ('end', '7,7,7', 1, 2, 3)", (1, 2, 3), (0, 0, 0)),
    ],
)
def test_a_wrong_count_is_told_with_both_figures(
    store: SqliteStorage, statement: str, there: tuple[int, ...], should: tuple[int, ...]
) -> None:
    """Leads, attempts, handoffs."""
    store.append_batch(
        [Append(f"lead:{n}", (received(), contacted(1), assigned("bo"), assigned("cy")), 0) for n in range(20)]
    )
    store.fill()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as db:
        assert db.execute(statement).rowcount
    (line,) = store.differences()
    assert str(there) in line
    assert str(should) in line
    assert line.index(str(there)) < line.index(str(should))


def assigned(owner: str) -> e.Event:
    return e.Assigned(at=day(1), by=ANNA, from_owner="anna", to_owner=owner)


def test_tables_ahead_of_the_ledger_are_a_fault(store: SqliteStorage) -> None:
    filled(store)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as db:
        db.execute("UPDATE lead_kept SET position = position + 1")
    assert "end at position" in verify(store).message
    assert "do not know the whole ledger" in next(store.differences())


def test_a_correction_of_what_was_filled_in_is_taken_in_at_once(store: SqliteStorage) -> None:
    filled(store)
    store.fill()
    position = store.read("lead:01")[-1].position
    store.append("lead:01", [e.Corrected(at=day(0), by=ANNA, reason="typo", position=position)], expected_version=3)
    assert [lead.status for lead in store.find(LeadQuery(ids=["01"]), day(1))] == ["new"]
    equal(store, DEFAULT, day(1), day(0))
    assert list(store.differences()) == []


def test_a_batch_that_is_refused_leaves_no_trace(store: SqliteStorage) -> None:
    filled(store, 3)
    parts = [Append("lead:x", (received(),), 0), Append("lead:00", (contacted(1),), 7)]
    with pytest.raises(Exception, match="version"):
        store.append_batch(parts)
    assert not store.find(LeadQuery(ids=["x"]), day(1))
    store.append(
        "lead:y", [e.Received(at=day(0), by=ANNA, source=received().source, status="late")], expected_version=0
    )
    assert [lead.status for lead in store.find(LeadQuery(ids=["y"]), day(1))] == ["late"]
    assert list(store.differences()) == []


def test_on_a_hosts_connection_a_question_writes_nothing(tmp_path: Path) -> None:
    """Neither where leads are behind, nor where the tables know nothing yet."""
    with closing(sqlite3.connect(tmp_path / "host.db", isolation_level=None)) as db:
        SqliteStorage.migrate(db)
        store = SqliteStorage.on(db, clock=Ticking())
        filled(store)
        for _ in range(2):
            changes = db.total_changes
            equal(store, DEFAULT, day(1), day(0))
            assert db.total_changes == changes
            assert not db.in_transaction
            db.execute("UPDATE trialflow_lead_kept SET position = 0")
        assert store.rebuild() == 40
        assert list(store.differences()) == []
        equal(store, DEFAULT, day(1), day(0))


def test_what_a_host_rolls_back_is_not_remembered(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "host.db", isolation_level=None)) as db:
        SqliteStorage.migrate(db)
        store = SqliteStorage.on(db, clock=Ticking())
        for status in ("first", "second"):
            event = e.Received(at=day(0), by=ANNA, source=received().source, status=status)
            db.execute("BEGIN")
            store.append("lead:a", [event], expected_version=0)
            db.execute("ROLLBACK" if status == "first" else "COMMIT")
        assert [lead.status for lead in store.find(LeadQuery(), day(1))] == ["second"]
        assert list(store.differences()) == []
