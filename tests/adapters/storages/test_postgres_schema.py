"""Schema versions in PostgreSQL: old ones are brought up to date when asked, newer and foreign ones are refused, and a
migration is whole or not at all, wherever its connection is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import psycopg
import pytest

from ledger_samples import Ticking, contacted, noted, received
from pg_server import dsn, fresh_schema, skip_without_server
from trialflow.adapters.ports import Entry
from trialflow.adapters.storages import postgres, vault_postgres
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.postgres_access import Link
from trialflow.adapters.storages.postgres_migration import migrate, stamp
from trialflow.adapters.storages.postgres_schema import LEDGER, VAULT, Schema
from trialflow.adapters.storages.vault_postgres import PostgresVault
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import StorageError

FIXTURES = Path(__file__).parent / "fixtures"
HEAD = "871b81203dbb0215f6fa8029b4c3a71a6b24a5615c5632ffc75a3b21031ee379"
"""The head of the ledger in every fixture: a migration changes how records lie, never a record."""
LATER = (
    "CREATE TABLE {schema}.extra (x text)",
    "ALTER TABLE {schema}.store ADD COLUMN more text",
    "CREATE INDEX extra_x ON {schema}.extra (x)",
    "INSERT INTO {schema}.extra VALUES ('made here')",
)


@pytest.fixture
def database() -> Iterator[str]:
    """A database of its own; its connection string."""
    skip_without_server()
    name = fresh_schema()
    with psycopg.connect(dsn(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    yield dsn(dbname=name)
    with psycopg.connect(dsn(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} (FORCE)".encode())


def restore(database: str, kind: str, version: int) -> None:
    """A schema as an earlier trialflow made it."""
    with psycopg.connect(database) as link:
        link.execute((FIXTURES / f"postgres_{kind}_{version}.sql").read_bytes())


def connected(database: str) -> Link:
    return psycopg.connect(database, autocommit=True)


def later(schema: Schema) -> Schema:
    """A version made up here: the way by which every later one will go."""
    return attrs.evolve(schema, scripts=(*schema.scripts, LATER))


@pytest.mark.parametrize("version", range(1, LEDGER.latest + 1))
def test_every_ledger_schema_is_brought_up_to_date_and_written_on(database: str, version: int) -> None:
    restore(database, "ledger", version)
    with connected(database) as link:
        assert migrate(link, "trialflow", LEDGER) == (version, LEDGER.latest)
    with PostgresStorage(database, clock=Ticking()) as store:
        assert verify(store, expected_head=(4, HEAD)).ok
        assert [r.event.kind for r in store.read("lead:a")] == ["received", "contact_attempted", "contact_attempted"]
        store.append("lead:a", [noted("later")], expected_version=3)
        assert store.append("lead:a", [received(key="k1"), contacted(1)], expected_version=0)[0].position == 1
        assert verify(store).records == 5


@pytest.mark.parametrize("version", range(1, VAULT.latest + 1))
def test_every_vault_schema_is_brought_up_to_date_and_written_on(database: str, version: int) -> None:
    restore(database, "vault", version)
    with connected(database) as link:
        assert migrate(link, "trialflow_vault", VAULT) == (version, VAULT.latest)
    with PostgresVault(database) as vault:
        assert str(vault.namespace()) == "00000000-0000-4000-8000-000000000001"
        assert vault.get("note", "note-1") == "prefers mornings"
        assert vault.forget("a") == 1


def test_an_older_schema_is_left_to_its_command(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    restore(database, "ledger", 1)
    newer = later(LEDGER)
    monkeypatch.setattr(postgres, "LEDGER", newer)
    words = f"schema trialflow is at version 1, here {newer.latest}; run `trialflow storage migrate`"
    with pytest.raises(StorageError) as refused:
        PostgresStorage(database)
    assert (refused.value.outcome, refused.value.detail) == ("not stored", words)
    with connected(database) as link:
        assert migrate(link, "trialflow", newer) == (1, newer.latest)
    with PostgresStorage(database) as store:
        assert verify(store, expected_head=(4, HEAD)).code == "guard_missing", "the table added here is unknown to it"


@pytest.mark.parametrize(("kind", "schema"), [("ledger", LEDGER), ("vault", VAULT)])
def test_a_newer_schema_is_refused(database: str, kind: str, schema: Schema) -> None:
    restore(database, kind, 1)
    name = {"ledger": postgres.SCHEMA, "vault": vault_postgres.SCHEMA}[kind]
    with connected(database) as link:
        migrate(link, name, later(schema))
        with pytest.raises(StorageError, match=rf"newer trialflow \(version {schema.latest + 1}, here {schema.latest}"):
            migrate(link, name, schema)
    with pytest.raises(StorageError, match=f"schema {name} was written by a newer trialflow") as refused:
        (PostgresStorage if kind == "ledger" else PostgresVault)(database)
    assert refused.value.outcome == "not stored"


def test_what_is_not_ours_is_refused_and_left_alone(database: str) -> None:
    with connected(database) as link:
        link.execute("CREATE SCHEMA trialflow")
        link.execute("CREATE TABLE trialflow.their_own (x int)")
        with pytest.raises(StorageError, match="holds tables of another program; choose another name") as refused:
            PostgresStorage(database)
        assert refused.value.outcome == "not stored"
        PostgresVault(database).close()
        said = "schema trialflow_vault is the vault of a store, not its ledger; choose another name"
        with pytest.raises(StorageError, match=said) as refused:
            PostgresStorage(database, schema="trialflow_vault")
        assert refused.value.outcome == "not stored"
        assert link.execute("SELECT count(*) FROM pg_class WHERE relname = 'events'").fetchone() == (0,)


def test_an_empty_schema_that_an_administrator_made_is_filled(database: str) -> None:
    with connected(database) as link:
        link.execute("CREATE ROLE keeper LOGIN")
        link.execute("CREATE SCHEMA trialflow AUTHORIZATION keeper")
        try:
            with PostgresStorage(psycopg.conninfo.make_conninfo(database, user="keeper")) as store:
                store.append("lead:a", [received()], expected_version=0)
                assert verify(store).ok
            with pytest.raises(StorageError, match="schema trialflow_vault cannot be written: the role may not"):
                PostgresVault(psycopg.conninfo.make_conninfo(database, user="keeper"))
        finally:
            link.execute("DROP OWNED BY keeper CASCADE")
            link.execute("DROP ROLE keeper")


def test_eight_processes_may_open_one_new_store(database: str) -> None:
    raised: list[BaseException] = []

    def open_it() -> None:
        try:
            PostgresStorage(database).close()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []


def test_a_vault_on_a_hosts_connection_is_part_of_the_hosts_transaction(database: str) -> None:
    note = Entry("note", "1", "a", "prefers mornings")
    with psycopg.connect(database) as host:
        with pytest.raises(StorageError, match="schema names is not there; run `trialflow storage migrate`"):
            PostgresVault.on(host, schema="names")
        migrate(host, "names", VAULT)
        host.commit()
        vault = PostgresVault.on(host, schema="names")
        vault.put([note])
        host.rollback()
        assert vault.get("note", "1") is None
        vault.put([note])
        host.commit()
        with PostgresVault(database, schema="names") as own:
            assert list(own.items("note")) == [("1", "a", "prefers mornings")]
            assert own.namespace() == vault.namespace()
        host.execute("DELETE FROM names.entries WHERE kind = 'key'")
        with pytest.raises(StorageError, match="the vault names has lost its key"):
            vault.namespace()


def test_a_migration_in_a_hosts_transaction_is_the_hosts(database: str) -> None:
    with psycopg.connect(database) as host:
        assert migrate(host, "trialflow", LEDGER) == (0, LEDGER.latest)
        PostgresStorage.on(host).append("lead:a", [received()], expected_version=0)
        host.rollback()
        assert stamp(host, "trialflow", LEDGER) == 0
        with pytest.raises(StorageError, match="schema trialflow is not there; run `trialflow storage migrate`"):
            PostgresStorage.on(host)
        migrate(host, "trialflow", LEDGER)
        host.commit()
        assert PostgresStorage.on(host).head()[0] == 0


def lose(link: Link, n: int) -> None:
    """The server ends this connection before its ``n``-th statement from now on."""
    wait, left = link.wait, [n]

    def counted(*given: object, **more: object) -> object:
        left[0] -= 1
        if not left[0]:
            with psycopg.connect(dsn(), autocommit=True) as admin:
                admin.execute("SELECT pg_terminate_backend(%s, 10000)", (link.info.backend_pid,))
        return wait(*given, **more)  # type: ignore[arg-type]

    link.wait = counted  # type: ignore[assignment, method-assign]


def killed_at_each_statement(database: str, schema: Schema, look: Callable[[Link], object]) -> int:
    """Migrate again and again, the connection lost one statement later each time; how often it took to get through."""
    for n in range(1, 200):
        with connected(database) as link:
            before = look(link)
            lose(link, n)
            try:
                migrate(link, "trialflow", schema)
                return n
            except StorageError:
                with connected(database) as other:
                    assert look(other) == before, f"statement {n} left something behind"
    raise AssertionError("it never got through")


def test_making_a_schema_killed_at_each_statement_leaves_nothing(database: str) -> None:
    query = "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('trialflow')"
    times = killed_at_each_statement(database, LEDGER, lambda link: link.execute(query).fetchone())
    assert times > len(LEDGER.scripts[0]), "each statement must have been reached"
    with PostgresStorage(database) as store:
        assert store.faults() == ()


def test_a_migration_killed_at_each_statement_leaves_the_old_schema(database: str) -> None:
    restore(database, "ledger", 1)
    query = "SELECT version, (SELECT count(*) FROM pg_attribute) FROM trialflow.store"
    times = killed_at_each_statement(database, later(LEDGER), lambda link: link.execute(query).fetchone())
    assert times > len(LATER)
    with connected(database) as link:
        assert stamp(link, "trialflow", later(LEDGER)) == LEDGER.latest + 1
        assert link.execute("SELECT count(*) FROM trialflow.events").fetchone() == (4,)
