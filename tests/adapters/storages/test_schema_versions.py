"""Schema versions of the two files: old ones are read, newer ones refused, a migration is whole or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import attrs
import pytest

from ledger_samples import Ticking, contacted, noted, received
from trialflow.adapters.storages import sqlite, sqlite_schema, vault_sqlite
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.sqlite_schema import LEDGER, VAULT, Schema, check_owner, migrate
from trialflow.adapters.storages.vault_sqlite import SqliteVault
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import StorageError

FIXTURES = Path(__file__).parent / "fixtures"
HEAD = "ba7c4452a3da56870ee57cecc55faa98d9668e371e179e5f5890353101a5fee3"
"""The head of the ledger in every fixture: a migration changes how records lie in the file, never a record."""


def restore(name: str, version: int, schema: Schema, path: Path) -> Path:
    """A file as an earlier trialflow wrote it. A dump does not hold the two stamps in the file's header."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript((FIXTURES / f"{name}_{version}.sql").read_text("utf-8"))
        db.executescript(f"PRAGMA application_id={schema.application}; PRAGMA user_version={version}")
    return path


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [*db.iterdump(), str(db.execute("PRAGMA user_version").fetchone())]


@pytest.mark.parametrize("version", range(1, LEDGER.latest + 1))
def test_every_ledger_schema_is_read_and_written_on(tmp_path: Path, version: int) -> None:
    path = restore("ledger", version, LEDGER, tmp_path / "old.db")
    with SqliteStorage(path, clock=Ticking()) as store:
        assert verify(store, expected_head=(4, HEAD)).ok
        assert [r.event.kind for r in store.read("lead:a")] == ["received", "contact_attempted", "contact_attempted"]
        store.append("lead:a", [noted("later")], expected_version=3)
        assert store.append("lead:a", [received(key="k1"), contacted(1)], expected_version=0)[0].position == 1
        assert verify(store).records == 5
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == LEDGER.latest


@pytest.mark.parametrize("version", range(1, VAULT.latest + 1))
def test_every_vault_schema_is_read_and_written_on(tmp_path: Path, version: int) -> None:
    path = restore("vault", version, VAULT, tmp_path / "old.vault.db")
    with SqliteVault(path) as vault:
        assert str(vault.namespace()) == "00000000-0000-4000-8000-000000000001"
        assert vault.get("note", "note-1") == "prefers mornings"
        assert vault.forget("a") == 1


def later(schema: Schema, script: str) -> Schema:
    return attrs.evolve(schema, scripts=(*schema.scripts, script))


def use(monkeypatch: pytest.MonkeyPatch, schema: Schema) -> None:
    monkeypatch.setattr(sqlite, "LEDGER", schema)
    monkeypatch.setattr(vault_sqlite, "VAULT", schema)
    monkeypatch.setattr(sqlite_schema, "LEDGER", schema)


def test_a_migration_keeps_every_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a version made up here: the way by which every later one will go."""
    path = restore("ledger", 1, LEDGER, tmp_path / "old.db")
    use(monkeypatch, later(LEDGER, "CREATE TABLE extra (x TEXT) STRICT;\nALTER TABLE events ADD COLUMN more TEXT;"))
    with SqliteStorage(path) as store:
        assert verify(store, expected_head=(4, HEAD)).ok
    assert dump(path)[-1] == f"({LEDGER.latest + 1},)"


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = restore("ledger", 1, LEDGER, tmp_path / "old.db")
    before = dump(path)
    use(monkeypatch, later(LEDGER, "CREATE TABLE extra (x TEXT) STRICT;\nCREATE TABLE events (again TEXT);"))
    with pytest.raises(StorageError, match=r"old\.db cannot be opened"):
        SqliteStorage(path)
    assert dump(path) == before


@pytest.mark.parametrize(("opened", "schema"), [(SqliteStorage, LEDGER), (SqliteVault, VAULT)])
def test_a_newer_file_is_refused_and_left_as_it_is(
    tmp_path: Path, opened: type[SqliteStorage | SqliteVault], schema: Schema
) -> None:
    path = tmp_path / "a.db"
    opened(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.executescript("PRAGMA user_version=99; PRAGMA journal_mode=WAL; CREATE TABLE from_the_future (x)")
    before = path.read_bytes()
    text = f"a.db was written by a newer trialflow (schema 99, here {schema.latest}); upgrade trialflow"
    with pytest.raises(StorageError) as caught:
        opened(path)
    assert (caught.value.outcome, caught.value.detail) == ("not stored", text)
    assert path.read_bytes() == before


def test_a_file_that_another_process_creates_meanwhile_is_no_foreign_one(tmp_path: Path) -> None:
    """Who owns the file and what lies in it are read as of one moment: eight processes may open one new file."""
    path = tmp_path / "site.db"
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as db,
        closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as faster,
    ):
        outcomes: list[str] = []

        def create(statement: str) -> None:
            if "sqlite_schema" in statement and not outcomes:
                outcomes.append("tried")
                with suppress(sqlite3.OperationalError):  # locked: it has to wait until the look is over
                    migrate(faster, LEDGER, path.name)

        db.set_trace_callback(create)
        check_owner(db, LEDGER, path.name)
        assert outcomes == ["tried"]
        db.set_trace_callback(None)
        migrate(faster, LEDGER, path.name)
        check_owner(db, LEDGER, path.name)
        assert not db.in_transaction
