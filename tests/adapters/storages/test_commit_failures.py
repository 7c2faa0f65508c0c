"""What a failed commit says: "not stored" only where that is certain, "unknown" wherever the bytes may be there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger_samples import Ticking, contacted, day, received
from trialflow.adapters.ports import Entry
from trialflow.adapters.queries import LeadQuery
from trialflow.adapters.storages import sqlite_file
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.vault_sqlite import SqliteVault
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import KeyReused, StorageError


class Faulty:
    """A real connection whose next statement beginning with ``word`` fails as told."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db, self.word = db, ""
        self.fail: Callable[[sqlite3.Connection, str], None] = lambda _db, _sql: None

    def execute(self, sql: str, *values: Any) -> Any:
        if self.word and sql.startswith(self.word):
            self.word = ""
            self.fail(self.db, sql)
            raise sqlite3.OperationalError("disk I/O error")
        return self.db.execute(sql, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.db, name)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Faulty]:
    made: list[Faulty] = []
    real = sqlite_file._connect

    def connect(*given: Any) -> Any:
        made.append(Faulty(real(*given)))
        return made[-1]

    monkeypatch.setattr(sqlite_file, "_connect", connect)
    return made


def commits_then_fails(db: sqlite3.Connection, sql: str) -> None:
    """The bytes are on disk, the answer is lost."""
    db.execute(sql)


def rolls_back(db: sqlite3.Connection, _sql: str) -> None:
    """SQLite undoes the transaction by itself, as after an I/O error."""
    db.execute("ROLLBACK")


def leaves_open(_db: sqlite3.Connection, _sql: str) -> None:
    """The transaction stands, as after a lock that never came."""


def closes(db: sqlite3.Connection, _sql: str) -> None:
    """The connection is gone: nobody can look whether the transaction stands."""
    db.close()


CASES = [
    ("COMMIT", commits_then_fails, "unknown", 3),
    ("COMMIT", closes, "unknown", 1),
    ("COMMIT", rolls_back, "unknown", 1),
    ("COMMIT", leaves_open, "not stored", 1),
    ("UPDATE", leaves_open, "not stored", 1),
    ("BEGIN", leaves_open, "not stored", 1),
]


@pytest.mark.parametrize(("word", "fault", "outcome", "stored"), CASES)
def test_the_outcome_is_said_and_a_retry_stores_once(
    tmp_path: Path,
    connections: list[Faulty],
    word: str,
    fault: Callable[[sqlite3.Connection, str], None],
    outcome: str,
    stored: int,
) -> None:
    made = connections
    with SqliteStorage(tmp_path / "a.db", clock=Ticking()) as store:
        store.append("lead:a", [received()], expected_version=0)
        made[-1].word, made[-1].fail = word, fault
        events = [contacted(1, key="k1"), contacted(2, key="k2")]
        with pytest.raises(StorageError, match=r"a\.db cannot be written") as failed:
            store.append("lead:a", events, expected_version=1)
        assert failed.value.outcome == outcome
        assert len(store.read("lead:a")) == stored
        again = store.append("lead:a", events, expected_version=1)
        assert [r.version for r in again] == [2, 3]
        assert verify(store).records == 3
        with pytest.raises(KeyReused):
            store.append("lead:b", [contacted(1, key="k1")], expected_version=0)


def test_a_connection_that_cannot_even_roll_back_is_given_up(tmp_path: Path, connections: list[Faulty]) -> None:
    made = connections
    with SqliteStorage(tmp_path / "a.db", clock=Ticking()) as store:
        made[-1].word, made[-1].fail = "UPDATE", closes
        with pytest.raises(StorageError):
            store.append("lead:a", [received()], expected_version=0)
        store.append("lead:a", [received()], expected_version=0)
        assert len(made) == 2, "a new connection"
        assert verify(store).records == 1


def test_a_question_that_cannot_begin_says_so(tmp_path: Path, connections: list[Faulty]) -> None:
    with SqliteStorage(tmp_path / "a.db", clock=Ticking()) as store:
        store.append("lead:a", [received()], expected_version=0)
        connections[-1].word = "BEGIN"
        with pytest.raises(StorageError) as failed:
            store.find(LeadQuery(), day(1))
        assert failed.value.outcome == "not stored"
        assert failed.value.detail == "a.db cannot be read: disk I/O error"
        assert [lead.id for lead in store.find(LeadQuery(), day(1))] == ["a"]


def test_the_vault_says_the_same(tmp_path: Path, connections: list[Faulty]) -> None:
    made = connections
    with SqliteVault(tmp_path / "v.db") as vault:
        made[-1].word, made[-1].fail = "COMMIT", commits_then_fails
        with pytest.raises(StorageError, match=r"v\.db cannot be written") as failed:
            vault.put([Entry("note", "1", "a", "text")])
        assert failed.value.outcome == "unknown"
        vault.put([Entry("note", "1", "a", "text")])
        assert list(vault.items("note")) == [("1", "a", "text")]


def test_an_interrupted_append_is_undone(tmp_path: Path, connections: list[Faulty]) -> None:
    """Ctrl-C in the middle of a transaction: nothing is left, and nobody is locked out."""
    made = connections

    def interrupted(_db: sqlite3.Connection, _sql: str) -> None:
        raise KeyboardInterrupt

    with SqliteStorage(tmp_path / "a.db", clock=Ticking()) as store:
        made[-1].word, made[-1].fail = "UPDATE", interrupted
        with pytest.raises(KeyboardInterrupt):
            store.append("lead:a", [received()], expected_version=0)
        with SqliteStorage(tmp_path / "a.db", clock=Ticking()) as other:
            other.append("lead:a", [received()], expected_version=0)
        assert verify(store).records == 1
