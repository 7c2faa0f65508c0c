"""PostgreSQL keeps its leads: every answer is that of a replay, for every role and on a host's connection."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept_leads import asked_along_the_way, equal
from ledger_samples import ANNA, Ticking, contacted, day, moved, received
from pg_server import dsn, fresh_schema, skip_without_server
from pg_setups import losing
from tests_sizes import size
from trialflow.adapters.ports import Append
from trialflow.adapters.queries import LeadQuery, SupportsColumns, SupportsLeads, SupportsRebuild
from trialflow.adapters.storages import postgres_leads
from trialflow.adapters.storages.lead_queries import FEW
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.postgres_grants import apply, grants
from trialflow.adapters.storages.postgres_schema import LEDGER
from trialflow.adapters.storages.postgres_server import Server
from trialflow.model import events as e
from trialflow.model.errors import StorageError
from trialflow.rules.loading import default_workflow
from trialflow.rules.workflow import Workflow

DEFAULT = default_workflow()


@pytest.fixture
def store() -> Iterator[PostgresStorage]:
    skip_without_server()
    with PostgresStorage(dsn(), schema=fresh_schema(), clock=Ticking()) as made:
        yield made


def schema_of(store: PostgresStorage) -> str:
    return store._access.schema


def run(store: PostgresStorage, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn(), autocommit=True) as link:
        cursor = link.execute(statement.format(s=schema_of(store)).encode())
        return cursor.fetchall() if cursor.description else []


@settings(max_examples=size(ci=6, long=200), deadline=None)
@given(seed=st.integers(0, 1 << 30), events=st.integers(1, 80))
def test_every_answer_is_that_of_a_replay(seed: int, events: int) -> None:
    skip_without_server()
    with PostgresStorage(dsn(), schema=fresh_schema(), clock=Ticking()) as store:
        asked_along_the_way(store, seed, events, DEFAULT)
        store.fill()
        assert list(store.differences()) == []


def test_the_protocols_are_kept(store: PostgresStorage) -> None:
    assert isinstance(store, SupportsLeads)
    assert isinstance(store, SupportsColumns)
    assert isinstance(store, SupportsRebuild)
    equal(store, DEFAULT, day(1), day(0))


def filled(store: PostgresStorage, leads: int = 30) -> None:
    parts = []
    for number in range(leads):
        events: list[e.Event] = [
            received(),
            e.Assigned(at=day(0), by=ANNA, from_owner="anna", to_owner=f"own-{number % 3}"),
        ]
        if number % 2:
            events.append(moved("closed"))
        parts.append(Append(f"lead:{number:04}", tuple(events), 0))
    store.append_batch(parts)


def test_where_many_are_behind_a_question_fills_them_in(store: PostgresStorage) -> None:
    filled(store, FEW + 1)
    assert not run(store, "SELECT 1 FROM {s}.lead_state")
    assert len(store.find(LeadQuery(owners=["own-1"]), day(1))) == (FEW + 1) // 3
    assert len(run(store, "SELECT 1 FROM {s}.lead_state")) == FEW + 1
    store.append("lead:0000", [contacted(1)], expected_version=2)
    assert [lead.attempts for lead in store.find(LeadQuery(ids=["0000"]), day(1))] == [1]
    equal(store, DEFAULT, day(1), day(0))
    assert list(store.differences()) == []


def test_making_them_anew_tells_how_far_it_is(store: PostgresStorage) -> None:
    filled(store)
    heard = list[tuple[int, int]]()
    assert store.rebuild(lambda done, leads: heard.append((done, leads))) == 30
    assert heard == [(30, 30)], "all of them, after the one page there is"


def test_filling_in_goes_on_until_none_is_behind(store: PostgresStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events by the page, each page a transaction; a lead with events in two pages is one lead."""
    monkeypatch.setattr(postgres_leads, "_EVENTS", 7)
    filled(store)
    assert store.fill() == 30
    assert store.fill() == 0
    assert run(store, "SELECT position, progress FROM {s}.lead_kept") == [(store.head()[0], "")]
    assert list(store.differences()) == []


def test_tables_are_made_anew_by_the_page_and_where_somebody_stopped(
    store: PostgresStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leads by the page, each page a transaction; the leads before the one named as done are done already."""
    monkeypatch.setattr(postgres_leads, "_PAGE", 7)
    filled(store)
    heard = list[int]()

    def stop(done: int, leads: int) -> None:
        assert done == leads
        heard.append(done)
        if done == 21:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.rebuild(stop)
    assert run(store, "SELECT position, progress FROM {s}.lead_kept") == [(0, "lead:0020")]
    assert len(store.find(LeadQuery(), day(1))) == 30, "a question goes on with it"
    assert heard == [7, 14, 21]
    assert run(store, "SELECT position, progress FROM {s}.lead_kept") == [(store.head()[0], "")]
    assert list(store.differences()) == []


def test_a_look_that_is_cut_off_is_told(store: PostgresStorage) -> None:
    """Wherever the connection is lost: before the look begins the question goes on, later it says so."""
    filled(store, 3)
    assert isinstance(store._access, Server)
    told = list[StorageError]()
    for number in range(1, 12):
        with losing(store._access, number, "before"):
            try:
                assert len(store.find(LeadQuery(), day(1))) == 3
            except StorageError as error:
                told.append(error)
    assert len(told) > 3
    assert {error.outcome for error in told} == {"not stored"}
    assert all(error.detail.startswith(f"{store._access.name} cannot be read: ") for error in told)


def test_tables_are_made_anew_while_others_append(store: PostgresStorage) -> None:
    filled(store)
    heard = list[int]()

    def tell(done: int, _leads: int) -> None:
        heard.append(done)
        store.append(f"lead:new{len(heard)}", [received()], expected_version=0)
        assert len(store.find(LeadQuery(), day(1))) == 30 + len(heard)

    assert store.rebuild(tell) == 30 + len(heard)
    assert heard
    assert list(store.differences()) == []


TAMPERED = {
    "a status": ("UPDATE {s}.lead_state SET status = status + 1 WHERE stream = 'lead:0004'", "lead:0004: status"),
    "a lead": ("UPDATE {s}.lead_state SET lead = replace(lead, 'Radio', 'Web')", "lead:0000: lead"),
    "rows": ("UPDATE {s}.lead_state SET rows = '' WHERE stream = 'lead:0004'", "lead:0004: rows"),
    "a row less": ("DELETE FROM {s}.lead_state WHERE stream = 'lead:0004'", "lead:0004: it is missing"),
    "handoffs": ("DELETE FROM {s}.lead_handoffs WHERE stream = 'lead:0004'", "lead:0004: handoffs"),
    "a count": ("UPDATE {s}.lead_counts SET leads = leads + 1", "counts of end"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_somebody_changed_by_hand_is_found(store: PostgresStorage, name: str) -> None:
    filled(store)
    store.rebuild()
    statement, said = TAMPERED[name]
    run(store, statement)
    found = list(store.differences())
    assert any(line.startswith(said) for line in found), found
    store.rebuild()
    assert list(store.differences()) == []


def test_a_role_that_only_reads_gets_the_same_answers(store: PostgresStorage) -> None:
    """It can fill in nothing; nor can one whose tables are of another format make them anew."""
    filled(store, FEW + 1)
    role = f"reader_{fresh_schema()}"
    run(store, f"CREATE ROLE {role} LOGIN")
    name = schema_of(store).strip('"')
    with psycopg.connect(dsn()) as owner:
        apply(owner, grants(role, name, LEDGER, reader=True), name)
    with PostgresStorage(dsn(user=role), schema=name) as reader:
        assert len(reader.find(LeadQuery(owners=["own-1"]), day(1))) == (FEW + 1) // 3
        assert not run(store, "SELECT 1 FROM {s}.lead_state")
        store.fill()
        run(store, "UPDATE {s}.lead_kept SET format = 99")
        assert len(reader.find(LeadQuery(owners=["own-1"]), day(1))) == (FEW + 1) // 3
        assert "do not know the whole ledger" in next(reader.differences())
    run(store, f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_role_that_appends_may_fill_in(store: PostgresStorage) -> None:
    filled(store)
    role = f"appender_{fresh_schema()}"
    run(store, f"CREATE ROLE {role} LOGIN")
    name = schema_of(store).strip('"')
    with psycopg.connect(dsn()) as owner:
        apply(owner, grants(role, name, LEDGER), name)
    with PostgresStorage(dsn(user=role), schema=name) as appender:
        assert appender.fill() == 30
        assert appender.rebuild() == 30
        assert list(appender.differences()) == []
    run(store, f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_on_a_hosts_connection_a_question_writes_nothing(store: PostgresStorage) -> None:
    """Though many leads are behind, and whatever the tables hold."""
    filled(store, FEW + 1)
    with psycopg.connect(dsn()) as link:
        guest = PostgresStorage.on(link, schema=schema_of(store).strip('"'), clock=Ticking())
        guest.append("lead:mine", [received()], expected_version=0)
        assert [lead.id for lead in guest.find(LeadQuery(ids=["mine"]), day(1))] == ["mine"]
        equal(guest, DEFAULT, day(1), day(0))
        assert not link.execute(f"SELECT 1 FROM {schema_of(store)}.lead_state".encode()).fetchall()
        link.rollback()
        assert not guest.find(LeadQuery(ids=["mine"]), day(1))
        run(store, "UPDATE {s}.lead_kept SET format = 99")
        assert len(guest.find(LeadQuery(), day(1))) == FEW + 1
        link.commit()
    assert not run(store, "SELECT 1 FROM {s}.lead_state")
    assert run(store, "SELECT format FROM {s}.lead_kept") == [(99,)]


def test_a_lead_that_was_filled_in_last_and_changed_since_is_counted(store: PostgresStorage) -> None:
    store.append("lead:a", [received()], expected_version=0)
    assert store.fill() == 1
    store.append("lead:a", [contacted(1)], expected_version=1)
    assert store.fill() == 1


def test_where_few_are_behind_a_question_writes_nothing(store: PostgresStorage) -> None:
    filled(store, FEW)
    assert len(store.find(LeadQuery(), day(1))) == FEW
    assert not store.find(LeadQuery(ids=["no\0body"]), day(1))
    assert not run(store, "SELECT 1 FROM {s}.lead_state")


def test_more_leads_than_are_read_at_once_are_compared(store: PostgresStorage) -> None:
    filled(store, 501)
    assert store.fill() == 501
    run(store, "UPDATE {s}.lead_state SET status = status + 1 WHERE stream = 'lead:0500'")
    assert next(store.differences()).startswith("lead:0500: status")


def test_on_a_hosts_connection_a_look_between_two_moments_is_thrown_away(store: PostgresStorage) -> None:
    filled(store)
    with psycopg.connect(dsn(), autocommit=True) as link:
        guest = PostgresStorage.on(link, schema=schema_of(store).strip('"'), clock=Ticking())
        for change in (lambda: store.append("lead:x", [received()], expected_version=0), store.fill):
            with guest._tables.look() as look:
                assert look is not None
                assert look.held()
                change()
                assert not look.held()


IDLE = attrs.evolve(DEFAULT, actions=())
"""Open leads have nothing to do: their ranks need the order of the leads that ended."""


@pytest.mark.parametrize("workflow", [DEFAULT, IDLE], ids=["default", "idle"])
def test_boards_of_leads_that_ended_come_from_what_is_kept(store: PostgresStorage, workflow: Workflow) -> None:
    filled(store)
    store.append("lead:0001", [e.HandoffAccepted(at=day(1), by=ANNA, owner="own-1")], expected_version=3)
    store.fill()
    equal(store, workflow, day(1), day(0))
    equal(store, workflow, day(9), day(8))
    ended = store.board(workflow, day(9), day(8)).ended
    assert sum(ended.ends.values()) == 15
    assert len(ended.spells) == 15


def test_a_handoff_that_is_taken_back_leaves_nothing(store: PostgresStorage) -> None:
    filled(store, 2)
    store.fill()
    position = store.read("lead:0001")[1].position
    store.append("lead:0001", [e.Corrected(at=day(1), by=ANNA, reason="typo", position=position)], expected_version=3)
    store.fill()
    assert list(store.differences()) == []
    assert not store.board(DEFAULT, day(9), day(8)).ended.spells
    equal(store, DEFAULT, day(9), day(8))


@pytest.mark.parametrize("change", ["format = 99", "format = 99, position = 0, start = 1", "position = 0, start = 90"])
def test_tables_of_another_format_or_half_done_are_made_anew(store: PostgresStorage, change: str) -> None:
    filled(store)
    store.fill()
    run(store, f"UPDATE {{s}}.lead_kept SET {change}")
    assert "do not know the whole ledger" in next(store.differences())
    equal(store, DEFAULT, day(1), day(0))
    assert list(store.differences()) == []
    assert [row[0] for row in run(store, "SELECT position FROM {s}.lead_kept")] == [store.head()[0]]
