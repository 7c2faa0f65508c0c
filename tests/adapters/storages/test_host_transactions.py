"""The ledger and the vault inside a host's transaction, on every kind of host: they commit and roll back with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from hosts import HOSTS, SQLITE_HOSTS, Host, opened
from ledger_samples import ANNA, MONDAY, Ticking, contacted, received
from trialflow import Tracker
from trialflow.adapters.ports import Append, Entry, SupportsBatch, SupportsHead, SupportsPending
from trialflow.adapters.storages.hosted import migrate, storage_on, vault_on
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.sqlite_host import HostDatabase
from trialflow.adapters.storages.sqlite_schema import LEDGER
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import Conflict, KeyReused, StorageError
from trialflow.model.events import Unknown

COMMITS_ALONE = {"sqlite3, isolation_level None", "sqlite3, autocommit True", "psycopg, autocommit", "Django, SQLite"}
COMMITS_ALONE |= {"Django, PostgreSQL"}
"""Hosts whose connections commit each statement outside a transaction."""

BEGINS_ITSELF = {"SQLAlchemy session, SQLite, BEGIN by event", "sqlite3, autocommit False"}
"""Hosts that have a transaction open before we come."""

KEY = 1
"""The vault's own entry: the key of its ids."""


@pytest.fixture(params=HOSTS)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def host(kind: str, tmp_path: Path) -> Iterator[Host]:
    with opened(HOSTS[kind], tmp_path) as made:
        yield made


def note(ref: str = "1") -> Entry:
    return Entry("note", ref, "a", "prefers mornings")


def work(host: Host, stream: str = "lead:a") -> None:
    """What a request of the host does: rows of its own, a record, a private value."""
    host.write("before")
    host.storage.append(stream, [received(), contacted(1)], expected_version=0)
    host.vault.put([note()])
    host.write("after")


def test_nothing_is_committed_before_the_host_commits(host: Host) -> None:
    nothing = host.committed()
    host.begin()
    work(host)
    assert host.committed() == nothing == ([], 0, KEY)
    assert [r.version for r in host.storage.read("lead:a")] == [1, 2], "the host sees its own work"
    host.commit()
    assert host.committed() == (["before", "after"], 2, KEY + 1)
    assert verify(host.storage).ok


def test_a_store_that_is_the_first_statement_commits_nothing(host: Host) -> None:
    """Where a savepoint is the outermost thing, releasing it would commit."""
    host.begin()
    host.storage.append("lead:a", [received()], expected_version=0)
    host.vault.put([note()])
    assert host.committed() == ([], 0, KEY)
    host.write("after")
    host.rollback()
    assert host.committed() == ([], 0, KEY)
    assert host.vault.get("note", "1") is None


def test_a_rollback_takes_everything_along(host: Host) -> None:
    host.begin()
    work(host)
    host.rollback()
    assert host.committed() == ([], 0, KEY)
    assert host.written() == []
    assert not host.storage.read("lead:a")
    assert isinstance(host.storage, SupportsHead)
    assert host.storage.head()[0] == 0
    host.begin()
    work(host)
    host.commit()
    assert host.committed() == (["before", "after"], 2, KEY + 1)
    assert verify(host.storage).ok


def test_a_rolled_back_savepoint_of_the_host_takes_ours_along(host: Host) -> None:
    host.begin()
    host.write("before")
    host.run("SAVEPOINT hosts_own")
    host.storage.append("lead:a", [received()], expected_version=0)
    host.run("ROLLBACK TO SAVEPOINT hosts_own")
    assert not host.storage.read("lead:a")
    host.storage.append("lead:b", [received()], expected_version=0)
    host.run("RELEASE SAVEPOINT hosts_own")
    host.commit()
    assert host.committed()[:2] == (["before"], 1)
    assert verify(host.storage).ok


def refuse_a_stale_version(host: Host) -> None:
    with pytest.raises(Conflict) as caught:
        host.storage.append("lead:old", [contacted(1)], expected_version=0)
    assert (caught.value.stream, caught.value.expected, caught.value.actual) == ("lead:old", 0, 1)


def refuse_half_a_batch(host: Host) -> None:
    assert isinstance(host.storage, SupportsBatch)
    with pytest.raises(Conflict):
        host.storage.append_batch([Append("lead:new", (received(),), 0), Append("lead:old", (contacted(1),), 5)])


def refuse_a_key(host: Host) -> None:
    with pytest.raises(KeyReused):
        host.storage.append("lead:new", [received(key="k1")], expected_version=0)


def fail_half_way(host: Host) -> None:
    """An event that has no JSON."""
    odd = Unknown(at=MONDAY, by=ANNA, unknown_kind="odd", payload={"kind": "odd", "value": object()})
    with pytest.raises(Exception, match="object"):
        host.storage.append("lead:new", [received(), odd], expected_version=0)


def fail_in_the_vault(host: Host) -> None:
    with pytest.raises((StorageError, AttributeError, TypeError)):
        host.vault.put([note("2"), Entry("note", "3", "a", None)])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fail", [refuse_a_stale_version, refuse_half_a_batch, refuse_a_key, fail_half_way, fail_in_the_vault]
)
def test_what_is_refused_leaves_the_transaction_usable(host: Host, fail: Any) -> None:
    host.begin()
    host.storage.append("lead:old", [received(key="k1")], expected_version=0)
    host.write("before")
    fail(host)
    host.write("between")
    fail(host)
    host.storage.append("lead:b", [received()], expected_version=0)
    assert host.committed() == ([], 0, KEY), "a failure commits nothing either"
    host.commit()
    assert host.committed() == (["before", "between"], 2, KEY)
    assert verify(host.storage).ok


def test_outside_a_transaction_an_append_does_what_the_hosts_own_insert_does(host: Host, kind: str) -> None:
    if kind in COMMITS_ALONE:
        host.write("own")
        host.storage.append("lead:a", [received()], expected_version=0)
        host.vault.put([note()])
        assert host.committed() == (["own"], 1, KEY + 1)
        assert isinstance(host.storage, SupportsPending)
        assert not host.storage.pending()
        return
    host.storage.append("lead:a", [received()], expected_version=0)
    host.vault.put([note()])
    assert host.committed() == ([], 0, KEY)
    host.commit()
    assert host.committed() == ([], 1, KEY + 1)


def test_a_refusal_outside_a_transaction_leaves_none_open(host: Host, kind: str) -> None:
    host.storage.append("lead:old", [received()], expected_version=0)
    if kind not in COMMITS_ALONE:
        host.commit()
    refuse_a_stale_version(host)
    if kind in SQLITE_HOSTS and kind not in BEGINS_ITSELF:
        with closing(sqlite3.connect(host.place, timeout=0)) as other, other:
            other.execute("INSERT INTO host_rows (text) VALUES ('nobody is locked out')")
        assert host.written() == ["nobody is locked out"]


def test_two_connections_one_lead(kind: str, tmp_path: Path) -> None:
    """Whoever comes second gets both versions, and keeps what else is in its transaction."""
    with opened(HOSTS[kind], tmp_path) as host:
        host.begin()
        host.storage.append("lead:a", [received()], expected_version=0)
        host.commit()
        seen = len(host.storage.read("lead:a"))
        if kind not in COMMITS_ALONE:
            host.commit()  # reading may have begun a transaction
        with second(host) as other:
            other.append("lead:a", [contacted(1)], expected_version=seen)
        host.begin()
        host.write("mine")
        with pytest.raises(Conflict) as caught:
            host.storage.append("lead:a", [contacted(1)], expected_version=seen)
        assert (caught.value.expected, caught.value.actual) == (1, 2)
        host.commit()
        assert host.committed() == (["mine"], 2, KEY)


@contextmanager
def second(host: Host) -> Iterator[SqliteStorage]:
    """The store on another connection, whose every append is committed."""
    look = host.look()
    if isinstance(look, sqlite3.Connection):
        look.isolation_level = None
    try:
        yield storage_on(look, clock=Ticking())  # type: ignore[misc]
    finally:
        look.close()


def test_a_tracker_moves_with_the_hosts_rows(host: Host) -> None:
    tracker = Tracker(host.storage, host.vault, clock=Ticking())
    person = {"name": "Ann Example", "phone": "+1 212 555 0101"}
    host.begin()
    gone = tracker.receive("Radio", "1", by=ANNA, person=person).lead
    host.write("gone")
    assert tracker.dashboard().leads == 1
    host.rollback()
    assert tracker.dashboard().leads == 0
    assert tracker.identity(gone.id) == {}
    host.begin()
    lead = tracker.receive("Website", "2", by=ANNA, person=person).lead
    host.write("kept")
    tracker.contact(lead.id, "reached", by=ANNA)
    host.commit()
    assert [found.id for found in tracker.leads()] == [lead.id]
    assert tracker.identity(lead.id)["name"] == "Ann Example"
    assert tracker.dashboard().leads == 1
    assert host.written() == ["kept"]
    assert tracker.verify().ok
    tracker.close()
    assert host.written() == ["kept"], "closing a tracker leaves the host's connection open"


def test_tables_are_made_in_the_hosts_transaction(kind: str, tmp_path: Path) -> None:
    """A migration of the host that is rolled back leaves nothing of ours; twice is as once."""
    with opened(HOSTS[kind], tmp_path) as host:
        host.begin()
        migrate(host.connection)
        work(host)
        host.commit()
        before = host.committed()
        drop(host)
        with pytest.raises(StorageError, match="migrat"):
            storage_on(host.connection).read("lead:a")
        if kind not in COMMITS_ALONE:
            host.rollback()
        host.begin()
        migrate(host.connection)
        host.rollback()
        with pytest.raises(StorageError, match="migrat"):
            vault_on(host.connection).get("note", "1")
        assert before[1] == 2


def drop(host: Host) -> None:
    """Take our tables away, as only the owner of a database can."""
    if not isinstance(host.place, Path):
        look = host.look()
        look.execute("DROP SCHEMA trialflow CASCADE")
        look.execute("DROP SCHEMA trialflow_vault CASCADE")
        look.close()
        return
    with sqlite3.connect(host.place, isolation_level=None) as look:
        tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'trialflow_*' ORDER BY name"
        for (table,) in look.execute(tables).fetchall():  # those that are referred to come last
            look.execute(f"DROP TABLE {table}")
    look.close()


class Committing(HostDatabase):
    """A database that commits after each write, as ``with connection:`` does."""

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Cursor]:
        with super().transaction() as cursor:
            yield cursor
        self.connection().commit()


def test_a_store_that_commits_the_hosts_work_is_caught(tmp_path: Path) -> None:
    """Negative control."""
    with opened(SQLITE_HOSTS["sqlite3, isolation_level ''"], tmp_path) as host:
        host.storage = SqliteStorage.over(Committing(lambda: host.connection, LEDGER))
        with pytest.raises(AssertionError):
            test_nothing_is_committed_before_the_host_commits(host)
