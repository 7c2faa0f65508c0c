"""How the files are opened, and the versions of the ledger's schema."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from trialflow.model.errors import StorageError
from trialflow.model.recorded import GENESIS

__all__ = ["LATEST", "SAFE_WAL", "connect", "migrate"]

SAFE_WAL = (3, 51, 3)
"""The first SQLite whose write-ahead log is safe under two writers."""

_APPLICATION = 0x74726C66  # "trlf"

_VERSION_1 = f"""
CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES streams (id),
    version INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    payload TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    idempotency_key TEXT,
    UNIQUE (stream, version)
) STRICT;
CREATE UNIQUE INDEX events_key ON events (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL, head TEXT NOT NULL) STRICT;
INSERT INTO meta VALUES (1, 0, '{GENESIS}');
CREATE TRIGGER events_no_update BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'history is append-only: no update'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'history is append-only: no delete'); END;
CREATE TRIGGER events_no_replace BEFORE INSERT ON events
    WHEN NEW.position IS NULL OR NEW.position <= (SELECT position FROM meta)
      OR EXISTS (SELECT 1 FROM events WHERE stream = NEW.stream AND version = NEW.version)
    BEGIN SELECT RAISE(ABORT, 'history is append-only: no replacement'); END;
CREATE TRIGGER streams_no_update BEFORE UPDATE ON streams
    BEGIN SELECT RAISE(ABORT, 'history is append-only: no update'); END;
CREATE TRIGGER streams_no_delete BEFORE DELETE ON streams
    BEGIN SELECT RAISE(ABORT, 'history is append-only: no delete'); END;
CREATE TRIGGER streams_no_replace BEFORE INSERT ON streams
    WHEN EXISTS (SELECT 1 FROM streams WHERE id = NEW.id OR name = NEW.name)
    BEGIN SELECT RAISE(ABORT, 'history is append-only: no replacement'); END;
CREATE TRIGGER meta_no_delete BEFORE DELETE ON meta
    BEGIN SELECT RAISE(ABORT, 'history is append-only: no delete'); END;
"""

_MIGRATIONS = (_VERSION_1,)
LATEST = len(_MIGRATIONS)
"""The schema version this code writes."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection with safe settings; a new file is readable by its owner only."""
    try:
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        db = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
        mode = "WAL" if sqlite3.sqlite_version_info >= SAFE_WAL else "DELETE"
        db.execute(f"PRAGMA journal_mode={mode}")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA recursive_triggers=ON")
        db.execute("PRAGMA trusted_schema=OFF")
        db.execute("PRAGMA cache_size=-65536")
        return db
    except sqlite3.DatabaseError as error:
        raise StorageError("not stored", f"{path.name} is not a ledger of trialflow: {error}") from error
    except OSError as error:
        raise StorageError("not stored", f"{path.name} cannot be opened: {error.strerror}") from error


def migrate(db: sqlite3.Connection, *, name: str = "the file") -> None:
    """Bring the schema up to date, in one transaction. Raises ``StorageError`` for a newer or a foreign file."""
    try:
        _migrate(db, name)
    except sqlite3.DatabaseError as error:
        raise StorageError("not stored", f"{name} is not a ledger of trialflow: {error}") from error


def _migrate(db: sqlite3.Connection, name: str) -> None:
    version, owner = _stamp(db)
    tables = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if tables and owner != _APPLICATION:
        raise StorageError("not stored", f"{name} is a database of another program; choose another file")
    if version > LATEST:
        detail = f"{name} was written by a newer trialflow (schema {version}, here {LATEST}); upgrade trialflow"
        raise StorageError("not stored", detail)
    if version == LATEST:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        version, _ = _stamp(db)
        for script in _MIGRATIONS[version:]:
            for statement in _statements(script):
                db.execute(statement)
        db.execute(f"PRAGMA application_id = {_APPLICATION}")
        db.execute(f"PRAGMA user_version = {LATEST}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _stamp(db: sqlite3.Connection) -> tuple[int, int]:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    owner = db.execute("PRAGMA application_id").fetchone()[0]
    return int(version), int(owner)


def _statements(script: str) -> list[str]:
    found, pending = [], ""
    for line in script.strip().splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            found.append(pending)
            pending = ""
    return found
