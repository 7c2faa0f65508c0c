"""Nobody rewrites history: ordinary SQL is refused by the file itself, work on the file by its owner is found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger_samples import Ticking, contacted, noted, received
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.verify import verify

_COPY = "SELECT position, stream, version, recorded_at, '{}', prev_hash, hash, idempotency_key FROM events"

REFUSED = {
    "update": "UPDATE events SET payload = '{}' WHERE position = 2",
    "update all": "UPDATE events SET recorded_at = 0",
    "update or replace": "UPDATE OR REPLACE events SET position = 1 WHERE position = 2",
    "update or ignore": "UPDATE OR IGNORE events SET payload = '{}' WHERE position = 2",
    "delete": "DELETE FROM events WHERE position = 3",
    "delete all": "DELETE FROM events",
    "insert over a position": f"INSERT INTO events {_COPY} WHERE position = 2",
    "replace a position": f"REPLACE INTO events {_COPY} WHERE position = 2",
    "insert or replace": f"INSERT OR REPLACE INTO events {_COPY} WHERE position = 2",
    "upsert": f"INSERT INTO events {_COPY} WHERE position = 2 ON CONFLICT DO UPDATE SET payload = '{{}}'",
    "replace a version": "REPLACE INTO events SELECT 5, stream, version, 0, '{}', prev_hash, hash, NULL "
    "FROM events WHERE position = 2",
    "replace by key": "REPLACE INTO events SELECT 5, stream, 4, 0, '', hash, hash, 'k1' FROM events WHERE version = 3",
    "skip a position": "INSERT INTO events SELECT 9, stream, 4, 0, '', hash, hash, NULL FROM events WHERE version = 3",
    "skip a version": "INSERT INTO events SELECT 5, stream, 7, 0, '', hash, hash, NULL FROM events WHERE version = 3",
    "before the first": "INSERT INTO events SELECT 0, stream, 4, 0, '', hash, hash, NULL FROM events WHERE version = 3",
    "rename a stream": "UPDATE streams SET name = 'lead:z' WHERE id = 1",
    "delete a stream": "DELETE FROM streams WHERE id = 1",
    "replace a stream": "REPLACE INTO streams VALUES (1, 'lead:z')",
    "take a stream's name": "REPLACE INTO streams VALUES (9, 'lead:a')",
    "delete the head": "DELETE FROM meta",
    "replace the head": "REPLACE INTO meta VALUES (1, 0, '')",
    "rewind the head": "UPDATE meta SET position = 1",
    "a second head": "INSERT INTO meta VALUES (2, 9, '')",
}

_UNGUARD = "DROP TRIGGER events_no_update; DROP TRIGGER events_no_delete; DROP TRIGGER events_only_append;"

BY_THE_OWNER = {
    "drop a guard": ("DROP TRIGGER events_no_delete", None, "guard_missing"),
    "drop every guard": (_UNGUARD, None, "guard_missing"),
    "weaken a guard": (
        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, 'ON events', 'ON events WHEN 0') "
        "WHERE name = 'events_no_update'; PRAGMA writable_schema=OFF",
        None,
        "guard_missing",
    ),
    "add a trigger": (
        "CREATE TRIGGER spy AFTER INSERT ON events BEGIN UPDATE meta SET head = head; END",
        None,
        "guard_missing",
    ),
    "drop an index": ("DROP INDEX events_key", None, "guard_missing"),
    "edit": (
        f"{_UNGUARD} UPDATE events SET payload = replace(payload, 'no_answer', 'reached') WHERE position = 2",
        2,
        "record_changed",
    ),
    "edit the time": (
        f"{_UNGUARD} UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 3",
        3,
        "record_changed",
    ),
    "edit a key": (f"{_UNGUARD} UPDATE events SET idempotency_key = 'k2' WHERE position = 1", 1, "key_changed"),
    "remove a key": (f"{_UNGUARD} UPDATE events SET idempotency_key = NULL WHERE position = 1", 1, "key_changed"),
    "delete one": (f"{_UNGUARD} DELETE FROM events WHERE position = 2", 2, "position_gap"),
    "delete the last": (f"{_UNGUARD} DELETE FROM events WHERE position = 4", 4, "head_mismatch"),
    "delete all": (f"{_UNGUARD} DELETE FROM events", 1, "head_mismatch"),
    "append a forgery": (
        f"{_UNGUARD} INSERT INTO events SELECT 5, stream, 4, 0, '', hash, hash, NULL FROM events WHERE position = 3",
        5,
        "head_mismatch",
    ),
    "rename a stream": (
        "DROP TRIGGER streams_no_update; UPDATE streams SET name = 'lead:z' WHERE id = 1",
        1,
        "record_changed",
    ),
    "delete a stream": ("DROP TRIGGER streams_no_delete; DELETE FROM streams WHERE id = 2", 4, "head_mismatch"),
    "set the head": ("UPDATE meta SET head = 'ff'", 5, "head_mismatch"),
    "advance the head": ("UPDATE meta SET position = 9", 5, "head_mismatch"),
    "lose the head": ("DROP TRIGGER meta_no_delete; DELETE FROM meta", 1, "head_mismatch"),
    "drop the table": ("DROP TABLE events", 1, "unreadable"),
    "rename the table": ("ALTER TABLE events RENAME TO gone", 1, "unreadable"),
    "text that is no text": (
        f"{_UNGUARD} UPDATE events SET payload = CAST(x'FF' AS TEXT) WHERE position = 4",
        4,
        "record_changed",
    ),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with SqliteStorage(tmp_path / "site.db", clock=Ticking()) as store:
        store.append("lead:a", [received(key="k1"), contacted(1)], expected_version=0)
        store.append("lead:a", [contacted(2)], expected_version=2)
        store.append("lead:b", [noted("n1")], expected_version=0)
    return tmp_path / "site.db"


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
def test_ordinary_sql_cannot_change_history(path: Path, sql: str) -> None:
    """By a plain connection with SQLite's own defaults, none of this library's settings."""
    with closing(sqlite3.connect(path)) as db:
        before = list(db.iterdump())
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(sql)
        db.rollback()
        assert list(db.iterdump()) == before


@pytest.mark.parametrize(("sql", "position", "code"), BY_THE_OWNER.values(), ids=BY_THE_OWNER)
def test_work_on_the_file_is_found(path: Path, sql: str, position: int | None, code: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(sql)
        db.commit()
    with SqliteStorage(path) as store:
        found = verify(store)
    assert (found.ok, found.first_bad_position, found.code) == (False, position, code)


def test_an_untouched_file_passes(path: Path) -> None:
    with SqliteStorage(path) as store:
        found = verify(store)
    assert found.ok
    assert (found.records, found.streams, found.first_bad_position, found.code) == (4, 2, None, "intact")


def test_a_damaged_index_is_found(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_events_1'").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    raw = bytearray(path.read_bytes())
    end = page * size
    raw[end - 1] ^= 1
    path.write_bytes(raw)
    with SqliteStorage(path) as store:
        assert not verify(store).ok
