"""What a host may hand in, with what settings, in what state; and what is refused, in which words."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import psycopg
import pytest
import sqlalchemy as sa
from psycopg.rows import dict_row
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from sqlalchemy.pool import NullPool

from hosts import HOSTS, SQLITE_HOSTS, Host, opened
from ledger_samples import ANNA, Ticking, contacted, day, received
from pg_server import dsn, fresh_schema, skip_without_server
from trialflow import Tracker
from trialflow.adapters.ports import Entry, Storage, SupportsSelfCheck
from trialflow.adapters.queries import LeadQuery, SupportsLeads, SupportsRebuild
from trialflow.adapters.storages import sqlite_host
from trialflow.adapters.storages.hosted import migrate, storage_on, vault_on
from trialflow.adapters.storages.hosted_connections import _known
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.sqlite_host import migrate_host
from trialflow.adapters.storages.sqlite_schema import LEDGER
from trialflow.adapters.storages.vault_sqlite import SqliteVault
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import Conflict, StorageError, Unsupported

DJANGO = [kind for kind in HOSTS if kind.startswith("Django")]
SESSIONS = [kind for kind in HOSTS if "session" in kind]


def fresh(**options: Any) -> sqlite3.Connection:
    connection: sqlite3.Connection = sqlite3.connect(":memory:", **options)
    migrate(connection)
    connection.commit()
    return connection


def test_the_hosts_row_and_text_factories_are_left_alone_and_not_relied_on() -> None:
    with closing(fresh()) as db:
        db.row_factory = lambda _cursor, row: {"row": row}
        db.text_factory = bytes
        storage, vault = SqliteStorage.on(db, clock=Ticking()), SqliteVault.on(db)
        storage.append("lead:a", [received(), contacted(1)], expected_version=0)
        vault.put([Entry("note", "1", "a", "prefers mornings")])
        assert [r.version for r in storage.read("lead:a")] == [1, 2]
        assert vault.get("note", "1") == "prefers mornings"
        assert verify(storage).ok
        assert db.execute("SELECT 'a'").fetchone() == {"row": (b"a",)}


def test_a_hosts_row_and_cursor_factories_of_psycopg_are_left_alone_and_not_relied_on() -> None:
    skip_without_server()
    name = fresh_schema()
    with PostgresStorage(dsn(), schema=name), psycopg.connect(dsn(), row_factory=dict_row) as db:
        db.cursor_factory = psycopg.ClientCursor
        storage = PostgresStorage.on(db, schema=name, clock=Ticking())
        storage.append("lead:a", [received(), contacted(1, key="k-1")], expected_version=0)
        assert [r.version for r in storage.read("lead:a")] == [1, 2]
        assert [lead.attempts for lead in storage.find(LeadQuery(), day(2))] == [1]
        assert verify(storage).ok
        assert db.execute("SELECT 'a' AS x").fetchone() == {"x": "a"}


@pytest.mark.parametrize("setting", ["OFF", "ON", "FAST"])
def test_the_vault_overwrites_what_it_erases_and_leaves_the_hosts_setting(setting: str, tmp_path: Path) -> None:
    path = tmp_path / "host.db"
    secret = "Nessuno Example"
    with closing(sqlite3.connect(path)) as db:
        migrate(db)
        db.execute(f"PRAGMA secure_delete = {setting}")
        before = db.execute("PRAGMA secure_delete").fetchone()
        vault = vault_on(db)
        vault.put([Entry("identity", "1", "a", secret * 50), Entry("identity", "2", "b", "somebody else")])
        db.commit()
        assert secret.encode() in path.read_bytes()
        assert vault.forget("a") == 1
        assert db.execute("PRAGMA secure_delete").fetchone() == before
        db.commit()
    assert secret.encode() not in path.read_bytes()


def test_the_clock_of_a_store_on_a_hosts_connection_is_the_one_that_was_given() -> None:
    with closing(fresh()) as db:
        for number, store in enumerate(
            (SqliteStorage.on(db, clock=lambda: day(7)), storage_on(db, clock=lambda: day(7)))
        ):
            assert store.append(f"lead:{number}", [received()], expected_version=0)[0].recorded_at == day(7)


def test_a_read_that_fails_says_what_could_not_be_read() -> None:
    with closing(fresh()) as db:
        store = SqliteStorage.on(db)
        store.append("lead:a", [received()], expected_version=0)
        db.commit()
        db.execute("DROP TABLE trialflow_meta")
        with pytest.raises(StorageError) as refused:
            store.head()
        assert refused.value.outcome == "not stored"
        assert refused.value.detail.startswith("the host's database cannot be read: ")
    closed = SqliteStorage.on(db)
    with pytest.raises(StorageError, match="the host's database cannot be read: ") as refused:
        closed.head()
    assert refused.value.outcome == "not stored"


def test_tables_of_a_newer_trialflow_are_left_alone() -> None:
    with closing(fresh()) as db:
        db.execute("UPDATE trialflow_schema SET version = version + 1")
        for use in (SqliteStorage.on(db).head, SqliteVault.on(db).namespace, lambda: migrate(db)):
            with pytest.raises(StorageError, match=r"of a newer trialflow.*; upgrade trialflow") as refused:
                use()
            assert refused.value.outcome == "not stored"


def test_foreign_keys_may_be_on() -> None:
    with closing(fresh()) as db:
        db.execute("PRAGMA foreign_keys = ON")
        SqliteStorage.on(db).append("lead:a", [received()], expected_version=0)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE trialflow_events SET payload = '{}'",
        "DELETE FROM trialflow_events",
        "INSERT OR REPLACE INTO trialflow_events SELECT * FROM trialflow_events",
        "UPDATE trialflow_meta SET position = 0",
        "DELETE FROM trialflow_streams",
    ],
)
def test_history_is_append_only_in_the_hosts_file_too(attack: str) -> None:
    with closing(fresh()) as db:
        storage = SqliteStorage.on(db)
        storage.append("lead:a", [received()], expected_version=0)
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(attack)
        assert verify(storage).ok


def test_the_self_check_looks_at_our_tables_alone() -> None:
    with closing(fresh()) as db:
        storage = storage_on(db)
        assert isinstance(storage, SupportsSelfCheck)
        db.execute("CREATE TABLE own (x TEXT)")
        db.execute("CREATE TRIGGER own_trigger AFTER INSERT ON own BEGIN SELECT 1; END")
        assert storage.faults() == ()
        db.execute("DROP TRIGGER trialflow_events_no_delete")
        db.execute("CREATE TRIGGER meddling AFTER INSERT ON trialflow_events BEGIN SELECT 1; END")
        assert storage.faults() == ("trigger trialflow_events_no_delete is missing", "trigger meddling was added")


def test_tables_that_are_missing_older_or_newer_are_told() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        storage = storage_on(db)
        with pytest.raises(StorageError, match=r"no ledger of trialflow; call trialflow\..*hosted\.migrate"):
            storage.read("lead:a")
        with pytest.raises(StorageError, match="no ledger of trialflow"):
            storage.append("lead:a", [received()], expected_version=0)
        migrate(db, vault=False)
        assert storage.read("lead:a") == ()
        with pytest.raises(StorageError, match="no vault of trialflow"):
            vault_on(db).get("note", "1")
        db.execute("UPDATE trialflow_schema SET version = 99")
        with pytest.raises(StorageError, match=r"newer trialflow .*; upgrade trialflow"):
            storage_on(db).read("lead:a")
        with pytest.raises(StorageError, match=r"newer trialflow .*; upgrade trialflow"):
            migrate(db)


def as_an_older_version_wrote(db: sqlite3.Connection) -> None:
    """Two records of one lead, put into the tables of schema 1."""
    memory = MemoryStorage(clock=Ticking())
    memory.append("lead:a", [received(), contacted(1)], expected_version=0)
    db.execute("INSERT INTO trialflow_streams VALUES (1, 'lead:a')")
    for r in memory.raw():
        row = (r.position, 1, r.version, r.recorded_us, r.payload, r.prev_hash, r.hash, r.key or None)
        db.execute("INSERT INTO trialflow_events VALUES (?,?,?,?,?,?,?,?)", row)
    db.execute("UPDATE trialflow_meta SET position = ?, head = ?", memory.head())


@pytest.mark.parametrize("version", range(1, LEDGER.latest))
def test_older_tables_of_a_host_are_brought_up_to_date_in_its_transaction(version: int) -> None:
    old = attrs.evolve(LEDGER, scripts=LEDGER.scripts[:version])
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate_host(db, old)
        as_an_older_version_wrote(db)
        with pytest.raises(StorageError, match=f"its ledger in schema {version}; call"):
            storage_on(db).read("lead:a")
        db.execute("BEGIN")
        migrate(db)
        db.execute("ROLLBACK")
        assert db.execute("SELECT version FROM trialflow_schema").fetchall() == [(version,)]
        migrate(db)
        storage = storage_on(db)
        assert isinstance(storage, SupportsSelfCheck)
        assert storage.faults() == ()
        assert isinstance(storage, SupportsRebuild)
        assert list(storage.differences()) == []
        assert isinstance(storage, SupportsLeads)
        assert [lead.attempts for lead in storage.find(LeadQuery(), day(1))] == [1]
        assert db.execute("SELECT count(*) FROM trialflow_lead_state").fetchall() == [(1,)], "made by the migration"
        assert verify(storage).records == 2


def test_a_hosts_tables_of_our_names_are_left_alone() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE trialflow_events (own TEXT)")
        db.execute("INSERT INTO trialflow_events VALUES ('row')")
        with pytest.raises(StorageError, match="already exists"):
            migrate(db)
        db.commit()
        assert db.execute("SELECT * FROM trialflow_events").fetchall() == [("row",)]
        assert db.execute("SELECT name FROM sqlite_schema").fetchall() == [("trialflow_events",)]


def test_the_key_of_ids_is_drawn_once() -> None:
    with closing(fresh()) as db:
        drawn = vault_on(db).namespace()
        migrate(db)
        assert vault_on(db).namespace() == drawn


def test_a_transaction_that_sqlite_itself_has_rolled_back_is_said_to_be_gone(tmp_path: Path) -> None:
    """A full disk in the middle of a large statement undoes more than a savepoint."""
    with closing(sqlite3.connect(tmp_path / "host.db", isolation_level=None)) as db:
        migrate(db)
        storage = storage_on(db)
        db.execute("PRAGMA cache_size = 5")
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0] + 20}")
        db.execute("BEGIN")
        with pytest.raises(StorageError, match="the disk is full") as full:
            append_many(storage)
        assert full.value.outcome == "not stored"
        assert ("rolled back the host's whole transaction" in full.value.detail) is not db.in_transaction
        if db.in_transaction:
            db.execute("ROLLBACK")
        assert tuple(storage.scan()) == ()


def append_many(storage: Storage) -> None:
    for number in range(400):
        storage.append(f"lead:{number}", [received()], expected_version=0)


def test_a_lost_transaction_is_said_to_be_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an I/O error, which takes the host's transaction along."""
    with closing(fresh(isolation_level=None)) as db:
        storage = storage_on(db)
        assert storage.read("lead:a") == ()
        db.execute("CREATE TABLE own (x TEXT)")
        db.execute("BEGIN")
        db.execute("INSERT INTO own VALUES ('lost')")

        def fails() -> Any:
            db.execute("ROLLBACK")
            raise sqlite3.OperationalError("disk I/O error")

        monkeypatch.setattr(storage, "_clock", fails)
        with pytest.raises(StorageError, match="SQLite has rolled back the host's whole transaction") as lost:
            storage.append("lead:a", [received()], expected_version=0)
        assert lost.value.outcome == "not stored"
        assert lost.value.detail.startswith("the host's database cannot be written: disk I/O error; ")
        assert db.execute("SELECT * FROM own").fetchall() == []


def test_a_closed_connection_is_a_storage_error() -> None:
    db = fresh()
    storage = storage_on(db)
    db.close()
    with pytest.raises(StorageError, match="the host's database cannot be read"):
        storage.read("lead:a")
    with pytest.raises(StorageError, match="the host's database cannot be"):
        storage.append("lead:a", [received()], expected_version=0)


def test_a_connection_that_was_used_and_then_closed_is_a_storage_error_too() -> None:
    db = fresh()
    storage, vault = SqliteStorage.on(db), SqliteVault.on(db)
    storage.append("lead:a", [received()], expected_version=0)
    vault.put([Entry("identity", "1", "a", "text")])
    db.close()
    for use in (
        lambda: storage.read("lead:a"),
        lambda: storage.append("lead:a", [contacted(1)], expected_version=1),
        lambda: storage.find(LeadQuery(), day(1)),
        storage.pending,
        lambda: vault.put([Entry("identity", "2", "b", "text")]),
        lambda: vault.forget("a"),
    ):
        with pytest.raises(StorageError, match="the host's database cannot be ") as refused:
            use()
        assert refused.value.outcome == "not stored"


def test_where_the_hosts_file_lies(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "host.db")) as db:
        migrate(db)
        assert SqliteStorage.on(db).path == tmp_path / "host.db"
    with closing(fresh()) as db:
        assert SqliteVault.on(db).path == Path(":memory:")


@pytest.mark.parametrize("thing", [None, "site.db", object(), sqlite3])
def test_what_is_no_connection_is_refused(thing: Any) -> None:
    for take in (storage_on, vault_on, migrate):
        with pytest.raises(TypeError, match="a host's connection is one of sqlite3, psycopg, Django or SQLAlchemy"):
            take(thing)


def test_another_database_and_another_driver_are_refused() -> None:
    with pytest.raises(Unsupported, match="a store in mysql"):
        _known("mysql", lambda: None)
    for name, fix in (("sqlite", "use Python's sqlite3"), ("postgresql", r"use psycopg 3 \(postgresql\+psycopg://\)")):
        host = _known(name, object)
        with pytest.raises(Unsupported, match=f"a host's connection of the driver builtins is not available: {fix}"):
            host.connect()


def test_neither_framework_is_imported_for_a_host_without_it() -> None:
    code = (
        "import sqlite3, sys; from trialflow.adapters.storages.hosted import migrate, storage_on; "
        "db = sqlite3.connect(':memory:'); migrate(db); storage_on(db).read('x'); "
        "print(sorted(m for m in ('django', 'sqlalchemy', 'psycopg') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_connection_of_sqlalchemy_that_has_not_begun_is_begun(tmp_path: Path) -> None:
    """Else its commit() finds no transaction, and what was appended is lost when the connection is given back."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'host.db'}", poolclass=NullPool)
    with engine.connect() as connection:
        migrate(connection)
        connection.commit()
    with engine.connect() as connection:
        storage_on(connection).append("lead:a", [received()], expected_version=0)
        connection.commit()
    with engine.connect() as connection:
        assert len(storage_on(connection).read("lead:a")) == 1


def test_a_scoped_session_serves_every_thread(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'host.db'}", poolclass=NullPool)
    sessions = scoped_session(sessionmaker(engine))
    migrate(sessions)
    sessions.commit()
    tracker = Tracker(storage_on(sessions), vault_on(sessions))

    def work(number: int) -> None:
        tracker.receive("Radio", f"{number}", by=ANNA)
        sessions.commit()
        sessions.remove()

    run([lambda n=n: work(n) for n in range(4)])
    assert len(tracker.leads()) == 4
    assert tracker.verify().ok
    sessions.remove()


@pytest.mark.parametrize("kind", SESSIONS)
def test_a_session_that_waits_for_its_rollback_takes_nothing(kind: str, tmp_path: Path) -> None:
    with opened(HOSTS[kind], tmp_path) as host:
        session = host.connection
        assert isinstance(session, Session)
        host.write("before")
        nested = session.begin_nested()
        nested.rollback()
        session.get_transaction()._state = sa.orm.session.SessionTransactionState.DEACTIVE  # type: ignore[union-attr]
        with pytest.raises(StorageError, match="roll its transaction back") as refused:
            host.storage.append("lead:a", [received()], expected_version=0)
        assert refused.value.outcome == "not stored"
        session.rollback()
        host.storage.append("lead:a", [received()], expected_version=0)
        host.commit()
        assert host.committed()[1] == 1


@pytest.mark.parametrize("kind", DJANGO)
def test_djangos_own_name_for_its_connection_is_taken(kind: str, tmp_path: Path) -> None:
    """``django.db.connection`` stands for the connection of the thread that asks."""
    from django.db import connections
    from django.utils.connection import ConnectionProxy

    with opened(HOSTS[kind], tmp_path) as host:
        storage = storage_on(ConnectionProxy(connections, host.connection.alias))
        storage.append("lead:a", [received()], expected_version=0)
        assert [record.version for record in host.storage.read("lead:a")] == [1]


@pytest.mark.parametrize("kind", DJANGO)
def test_a_broken_atomic_block_takes_nothing(kind: str, tmp_path: Path) -> None:
    with opened(HOSTS[kind], tmp_path) as host:
        host.begin()
        host.connection.needs_rollback = True
        with pytest.raises(StorageError, match="broken the atomic block") as refused:
            host.storage.append("lead:a", [received()], expected_version=0)
        assert refused.value.outcome == "not stored"
        host.rollback()
        host.begin()
        host.storage.append("lead:a", [received()], expected_version=0)
        host.commit()
        assert host.committed()[1] == 1


@pytest.mark.parametrize("kind", DJANGO)
def test_djangos_connection_is_the_threads_own_and_opened_again(kind: str, tmp_path: Path) -> None:
    """One tracker for the process: requests come in many threads, and Django closes connections between them."""
    from django.db import connections

    with opened(HOSTS[kind], tmp_path) as host:
        tracker = Tracker(host.storage, host.vault, clock=Ticking())
        lead = tracker.receive("Radio", "1", by=ANNA).lead
        host.connection.close()
        assert len(tracker.leads()) == 1
        conflicts: list[Conflict] = []

        def request() -> None:
            try:
                tracker.contact(lead.id, "no_answer", by=ANNA, expected_version=1)
            except Conflict as conflict:
                conflicts.append(conflict)
            finally:
                connections[host.connection.alias].close()

        run([request] * 4)
        assert len(conflicts) == 3
        assert tracker.lead(lead.id).version == 2
        assert [found.version for found in tracker.leads()] == [2]
        assert tracker.verify().ok


def test_a_copy_of_djangos_wrapper_is_used_as_it_is(tmp_path: Path) -> None:
    with opened(SQLITE_HOSTS["Django, SQLite"], tmp_path) as host:
        copy = host.connection.copy()
        storage = storage_on(copy, clock=Ticking())
        host.begin()
        host.storage.append("lead:a", [received()], expected_version=0)
        assert storage.read("lead:a") == (), "another connection"
        host.rollback()
        copy.close()


def test_a_failure_to_connect_is_a_storage_error(tmp_path: Path) -> None:
    from hosts import _open_django

    connection = _open_django(ENGINE="django.db.backends.sqlite3", NAME=tmp_path / "no" / "such" / "folder.db")
    with pytest.raises(StorageError, match="Django cannot connect") as refused:
        storage_on(connection).read("lead:a")
    assert refused.value.outcome == "not stored"


@pytest.mark.parametrize("kind", [name for name in HOSTS if name not in SQLITE_HOSTS])
def test_a_failed_transaction_of_postgresql_takes_nothing(kind: str, tmp_path: Path) -> None:
    with opened(HOSTS[kind], tmp_path) as host:
        host.begin()
        spoil(host)
        with pytest.raises(StorageError):
            host.storage.append("lead:a", [received()], expected_version=0)
        host.rollback()
        host.begin()
        host.storage.append("lead:a", [received()], expected_version=0)
        host.commit()
        assert host.committed()[1] == 1


def spoil(host: Host) -> None:
    """A statement of the host's own that fails."""
    with pytest.raises(Exception, match="no_such_table"):
        host.run("SELECT * FROM no_such_table")


def run(jobs: list[Any]) -> None:
    """Each in a thread of its own. Raises what one of them raised."""
    raised: list[BaseException] = []

    def guarded(job: Any) -> None:
        try:
            job()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def test_the_prefix_is_ours() -> None:
    with closing(fresh()) as db:
        names = {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*'")}
        assert names
        assert {name for name in names if not name.startswith(sqlite_host._PREFIX)} == set()
        assert db.execute("PRAGMA user_version").fetchone() == (0,)
        assert db.execute("PRAGMA application_id").fetchone() == (0,)
