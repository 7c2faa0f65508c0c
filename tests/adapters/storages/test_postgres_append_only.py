"""Nobody rewrites history: a role lacks the right, triggers refuse the owner, and what he does nevertheless is seen."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import psycopg
import pytest

from ledger_samples import Ticking, contacted, noted, received
from pg_server import dsn, fresh_schema, skip_without_server
from trialflow.adapters.ports import Entry
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.postgres_grants import apply, grants
from trialflow.adapters.storages.postgres_schema import LEDGER, VAULT
from trialflow.adapters.storages.vault_postgres import PostgresVault
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import StorageError

_NEXT = "position, stream, version, recorded_at, payload, prev_hash, hash"
_COPY = f"SELECT {_NEXT} FROM {{s}}.events WHERE position = 2"

REFUSED = {
    "update": "UPDATE {s}.events SET payload = '{{}}' WHERE position = 2",
    "update nothing": "UPDATE {s}.events SET payload = '' WHERE position = 99",
    "delete": "DELETE FROM {s}.events WHERE position = 3",
    "delete all": "DELETE FROM {s}.events",
    "truncate": "TRUNCATE {s}.events",
    "truncate both": "TRUNCATE {s}.heads, {s}.events CASCADE",
    "merge": "MERGE INTO {s}.events e USING (SELECT 2 AS p) x ON e.position = x.p WHEN MATCHED THEN DELETE",
    "insert over a position": f"INSERT INTO {{s}}.events {_COPY}",
    "upsert": f"INSERT INTO {{s}}.events {_COPY} ON CONFLICT (position) DO UPDATE SET payload = ''",
    "update the head": "UPDATE {s}.heads SET head = '' WHERE position = 3",
    "delete the head": "DELETE FROM {s}.heads",
    "truncate the heads": "TRUNCATE {s}.heads",
}
"""What neither the appending role nor the owner may do."""

_ROW = (
    "INSERT INTO {{s}}.events ({columns}) SELECT {position}, stream, {version}, 0, '', {link}, hash FROM {{s}}.events"
)
_LAST = " WHERE stream = 'lead:a' AND version = 3"


def row(position: int = 4, version: int = 4, link: str = "hash", where: str = _LAST) -> str:
    return _ROW.format(columns=_NEXT, position=position, version=version, link=link) + where


NOT_NEXT = {
    "skip a position": row(position=9),
    "before the first": row(position=0),
    "skip a version": row(version=7),
    "version 0": row(version=0),
    "a link to nothing": row(link="'\\x00'"),
    "a head of nothing": "INSERT INTO {s}.heads VALUES (9, '')",
    "a second head below": "INSERT INTO {s}.heads VALUES (1, '')",
}
"""What a role that may insert may not insert."""


@attrs.frozen
class Place:
    """A ledger of three records in two appends, and a role that has no more than the documented rights on it."""

    schema: str
    role: str

    def run(self, statement: str, *, user: str = "postgres") -> None:
        with psycopg.connect(dsn(user=user), autocommit=True) as link:
            link.execute(statement.format(s=self.schema).encode())

    def store(self, *, user: str = "postgres") -> PostgresStorage:
        return PostgresStorage(dsn(user=user), schema=self.schema, clock=Ticking())


@pytest.fixture
def place() -> Iterator[Place]:
    skip_without_server()
    found = Place(fresh_schema(), f"appender_{fresh_schema()}")
    with found.store() as store:
        store.append("lead:a", [received(key="k1"), contacted(1)], expected_version=0)
        store.append("lead:a", [contacted(2)], expected_version=2)
    found.run(f"CREATE ROLE {found.role} LOGIN")
    with psycopg.connect(dsn()) as owner:
        apply(owner, grants(found.role, found.schema, LEDGER), found.schema)
    yield found
    found.run(f"DROP SCHEMA {{s}} CASCADE; DROP OWNED BY {found.role}; DROP ROLE {found.role}")


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED.keys())
def test_history_is_refused_to_everyone(place: Place, statement: str) -> None:
    with place.store() as store:
        before = list(store.scan())
        for user in (place.role, "postgres"):
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.IntegrityError)) as refused:
                place.run(statement, user=user)
            if user == place.role and not statement.startswith("INSERT INTO {s}.events SELECT"):
                assert refused.type is psycopg.errors.InsufficientPrivilege, "it lacks the right itself"
        assert list(store.scan()) == before
        assert verify(store).ok


@pytest.mark.parametrize("statement", NOT_NEXT.values(), ids=NOT_NEXT.keys())
def test_only_the_next_record_can_be_inserted(place: Place, statement: str) -> None:
    for user in (place.role, "postgres"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            place.run(statement, user=user)
    with place.store() as store:
        assert verify(store).records == 3


def test_the_next_record_itself_could_be_inserted(place: Place) -> None:
    """The control: the statements above fail for what is wrong with them. What was forged so is found."""
    place.run(row(), user=place.role)
    with place.store() as store:
        assert verify(store).code == "head_mismatch"


def test_a_session_that_plays_a_replica_is_refused_as_well(place: Place) -> None:
    for statement in (REFUSED["update"], REFUSED["truncate the heads"], row(position=9)):
        with pytest.raises(psycopg.errors.RestrictViolation):
            place.run("SET session_replication_role = replica; " + statement)


def test_the_role_appends_reads_and_verifies(place: Place) -> None:
    with place.store(user=place.role) as store:
        store.append("lead:a", [noted("one")], expected_version=3)
        store.append("lead:b", [noted(str(n)) for n in range(300)], expected_version=0)
        assert store.append("lead:a", [received(key="k1"), contacted(1)], expected_version=0)[0].position == 1
        assert verify(store).records == 304
        assert store.faults() == ()


def test_the_role_can_neither_switch_off_guards_nor_migrate(place: Place) -> None:
    for statement in (
        "ALTER TABLE {s}.events DISABLE TRIGGER ALL",
        "DROP TRIGGER events_no_change ON {s}.events",
        "SET session_replication_role = replica",
        "UPDATE {s}.store SET version = 9",
        "CREATE TABLE {s}.more (x int)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            place.run(statement, user=place.role)


def test_a_reader_cannot_append_and_says_so(place: Place) -> None:
    with psycopg.connect(dsn()) as owner:
        apply(owner, grants(place.role, place.schema, LEDGER, reader=True), place.schema)
    with place.store(user=place.role) as store:
        assert verify(store).records == 3
        with pytest.raises(StorageError, match="may not; see `trialflow storage grants`") as refused:
            store.append("lead:a", [noted("x")], expected_version=3)
        assert refused.value.outcome == "not stored"


def test_grants_can_be_narrowed_and_are_all_or_none(place: Place) -> None:
    said = f"schema {place.schema} cannot be written.*42704"
    with psycopg.connect(dsn()) as owner, pytest.raises(StorageError, match=said):
        apply(owner, (f"GRANT UPDATE ON {place.schema}.events TO nobody_there",), place.schema)
    place.run(f"GRANT ALL ON ALL TABLES IN SCHEMA {{s}} TO {place.role}")
    with psycopg.connect(dsn()) as owner:
        apply(owner, grants(place.role, place.schema, LEDGER), place.schema)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        place.run(REFUSED["update"], user=place.role)


def test_the_vaults_role_erases_but_cannot_empty_it(place: Place) -> None:
    name = fresh_schema()
    PostgresVault(dsn(), schema=name).close()
    with psycopg.connect(dsn()) as owner:
        apply(owner, grants(place.role, name, VAULT), name)
    with PostgresVault(dsn(user=place.role), schema=name) as vault:
        vault.put([Entry("note", "1", "a", "text")])
        assert vault.forget("a") == 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        place.run(f"TRUNCATE {name}.entries", user=place.role)


def test_a_role_with_an_odd_name_is_quoted(place: Place) -> None:
    assert 'TO "odd""; DROP TABLE x"' in grants('odd"; DROP TABLE x', "trialflow", LEDGER)[2]
    for name in ("", "a\0b"):
        with pytest.raises(ValueError, match="name the role"):
            grants(name, "trialflow", LEDGER)


_UNGUARD = "ALTER TABLE {s}.events DISABLE TRIGGER ALL; ALTER TABLE {s}.heads DISABLE TRIGGER ALL; "
BY_THE_OWNER = {
    "drop a guard": ("DROP TRIGGER events_no_change ON {s}.events", None, "guard_missing"),
    "switch a guard off": ("ALTER TABLE {s}.heads DISABLE TRIGGER heads_no_change", None, "guard_missing"),
    "weaken a guard": ("ALTER TABLE {s}.events ENABLE TRIGGER events_no_change", None, "guard_missing"),
    "empty a guard": (
        "CREATE OR REPLACE FUNCTION {s}.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        None,
        "guard_missing",
    ),
    "add a trigger": (
        "CREATE TRIGGER spy AFTER INSERT ON {s}.events FOR EACH STATEMENT EXECUTE FUNCTION {s}.serial()",
        None,
        "guard_missing",
    ),
    "add a rule": ("CREATE RULE r AS ON DELETE TO {s}.events DO INSTEAD NOTHING", None, "guard_missing"),
    "drop an index": ("DROP INDEX {s}.events_key", None, "guard_missing"),
    "drop the lock": ("ALTER TABLE {s}.events DROP CONSTRAINT events_stream_version", None, "guard_missing"),
    "change a column": ("ALTER TABLE {s}.events ALTER version TYPE numeric", None, "guard_missing"),
    "edit": (f"{_UNGUARD}UPDATE {{s}}.events SET recorded_at = 0 WHERE position = 2", 2, "record_changed"),
    "edit a key": (f"{_UNGUARD}UPDATE {{s}}.events SET idempotency_key = 'k2' WHERE position = 1", 1, "key_changed"),
    "delete one": (f"{_UNGUARD}DELETE FROM {{s}}.events WHERE position = 2", 2, "position_gap"),
    "delete the last": (f"{_UNGUARD}DELETE FROM {{s}}.events WHERE position = 3", 3, "head_mismatch"),
    "delete all": (f"{_UNGUARD}DELETE FROM {{s}}.events", 1, "head_mismatch"),
    "edit the head": (f"{_UNGUARD}UPDATE {{s}}.heads SET head = '' WHERE position = 3", 4, "head_mismatch"),
}


@pytest.mark.parametrize(("statement", "position", "code"), BY_THE_OWNER.values(), ids=BY_THE_OWNER.keys())
def test_what_the_owner_does_all_the_same_is_found(
    place: Place, statement: str, position: int | None, code: str
) -> None:
    place.run(statement)
    with place.store() as store:
        found = verify(store)
        assert (found.ok, found.first_bad_position, found.code) == (False, position, code)
