"""What lies in the two SQLite files, by schema version, and how an older file is brought up to date.

In the scripts ``${p}`` stands before every name of ours: nothing in our own files, ``trialflow_`` in a host's database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from string import Template
from typing import Any

import attrs

from trialflow.model.errors import StorageError
from trialflow.model.recorded import GENESIS

__all__ = ["LEDGER", "VAULT", "Schema", "check_owner", "migrate", "schema_faults"]

_LEDGER_1 = """
CREATE TABLE ${p}streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE ${p}events (
    position INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES ${p}streams (id),
    version INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    payload TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    idempotency_key TEXT,
    UNIQUE (stream, version)
) STRICT;
CREATE UNIQUE INDEX ${p}events_key ON ${p}events (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE TABLE ${p}meta (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL, head TEXT NOT NULL) STRICT;
INSERT INTO ${p}meta VALUES (1, 0, '${genesis}');
CREATE TRIGGER ${p}events_no_update BEFORE UPDATE ON ${p}events
    BEGIN SELECT RAISE(ABORT, 'history is append-only: no update'); END;
CREATE TRIGGER ${p}events_no_delete BEFORE DELETE ON ${p}events
    BEGIN SELECT RAISE(ABORT, 'history is append-only: no delete'); END;
CREATE TRIGGER ${p}events_only_append BEFORE INSERT ON ${p}events
    WHEN NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM ${p}events)
      OR NEW.version IS NOT (SELECT coalesce(max(version), 0) + 1 FROM ${p}events WHERE stream = NEW.stream)
      OR EXISTS (SELECT 1 FROM ${p}events WHERE idempotency_key = NEW.idempotency_key)
    BEGIN SELECT RAISE(ABORT, 'history is append-only: the next record or none'); END;
CREATE TRIGGER ${p}streams_no_update BEFORE UPDATE ON ${p}streams
    BEGIN SELECT RAISE(ABORT, 'history is append-only: no update'); END;
CREATE TRIGGER ${p}streams_no_delete BEFORE DELETE ON ${p}streams
    BEGIN SELECT RAISE(ABORT, 'history is append-only: no delete'); END;
CREATE TRIGGER ${p}streams_no_replace BEFORE INSERT ON ${p}streams
    WHEN EXISTS (SELECT 1 FROM ${p}streams WHERE id = NEW.id OR name = NEW.name)
    BEGIN SELECT RAISE(ABORT, 'history is append-only: no replacement'); END;
CREATE TRIGGER ${p}meta_no_delete BEFORE DELETE ON ${p}meta
    BEGIN SELECT RAISE(ABORT, 'history is append-only: no delete'); END;
CREATE TRIGGER ${p}meta_no_replace BEFORE INSERT ON ${p}meta
    BEGIN SELECT RAISE(ABORT, 'history is append-only: no replacement'); END;
CREATE TRIGGER ${p}meta_no_rewind BEFORE UPDATE ON ${p}meta
    WHEN NEW.one <> 1 OR NEW.position < OLD.position
    BEGIN SELECT RAISE(ABORT, 'history is append-only: no way back'); END;
"""
# INSERT OR REPLACE deletes the row in its way without firing delete triggers, unless the connection has
# recursive_triggers on. The triggers before INSERT stop it whatever the connection's settings are.

# What follows from the events, made anew whenever it is missing: no guards. docs/queries.md explains every table.
_LEDGER_2 = """
CREATE TABLE ${p}lead_state (
    stream INTEGER PRIMARY KEY REFERENCES ${p}streams (id),
    version INTEGER NOT NULL,
    status INTEGER,
    owner INTEGER,
    acting INTEGER,
    plain INTEGER NOT NULL,
    filled INTEGER NOT NULL,
    latest INTEGER,
    merged INTEGER,
    lead TEXT,
    rows BLOB,
    withdrawn TEXT
) STRICT;
CREATE INDEX ${p}lead_state_work ON ${p}lead_state (status, owner);
CREATE INDEX ${p}lead_state_acting ON ${p}lead_state (acting) WHERE acting IS NOT NULL;
CREATE INDEX ${p}lead_state_behind ON ${p}lead_state (stream) WHERE filled < version;
CREATE INDEX ${p}lead_state_latest ON ${p}lead_state (latest) WHERE latest IS NOT NULL;
CREATE TABLE ${p}lead_handoffs (
    stream INTEGER PRIMARY KEY REFERENCES ${p}streams (id),
    status INTEGER,
    latest INTEGER NOT NULL,
    spells BLOB NOT NULL
) STRICT;
CREATE TABLE ${p}lead_counts (
    what TEXT NOT NULL,
    key TEXT NOT NULL,
    leads INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    handoffs INTEGER NOT NULL,
    PRIMARY KEY (what, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE ${p}lead_words (
    kind TEXT NOT NULL, number INTEGER NOT NULL, word TEXT NOT NULL, PRIMARY KEY (kind, number), UNIQUE (kind, word)
) STRICT, WITHOUT ROWID;
CREATE TABLE ${p}lead_kept (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL,
    format INTEGER NOT NULL,
    words INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    latest INTEGER NOT NULL,
    start INTEGER NOT NULL,
    progress INTEGER NOT NULL
) STRICT;
INSERT INTO ${p}lead_kept VALUES (1, 0, 0, 0, 0, 0, 0, 0);
"""

# What moved lately is read from the index alone, in a third of the time. No column in it is one that an append changes.
_LEDGER_3 = """
DROP INDEX ${p}lead_state_latest;
CREATE INDEX ${p}lead_state_latest ON ${p}lead_state (latest, merged, rows) WHERE latest IS NOT NULL;
"""

_VAULT_1 = """
CREATE TABLE ${p}entries (
    kind TEXT NOT NULL, ref TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (kind, ref)
) STRICT;
"""


_OBJECTS = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name"


@attrs.frozen
class Schema:
    """One kind of file: its ``application_id``, what it is called, and one script per version, oldest first."""

    application: int
    what: str
    scripts: tuple[str, ...]
    private: bool = False

    @property
    def latest(self) -> int:
        """The schema version this code writes."""
        return len(self.scripts)

    def statements(self, version: int, prefix: str = "") -> Iterator[str]:
        """What brings tables of ``version`` (0: none yet) to the latest."""
        for script in self.scripts[version:]:
            yield from _statements(Template(script).substitute(p=prefix, genesis=GENESIS))


LEDGER = Schema(0x74726C66, "ledger", (_LEDGER_1, _LEDGER_2, _LEDGER_3))  # "trlf"
VAULT = Schema(0x7472766C, "vault", (_VAULT_1,), private=True)  # "trvl"


def check_owner(db: sqlite3.Connection, schema: Schema, name: str) -> None:
    """Raises ``StorageError`` when the file is another program's, the other kind, or newer; only reads."""
    with _one_view(db):
        (version, owner), tables = _stamp(db), _tables(db)
    if owner != schema.application and (owner or tables):
        other = next((s.what for s in (LEDGER, VAULT) if s.application == owner), "")
        found = f"the {other} of a store, not its {schema.what}" if other else "a database of another program"
        raise StorageError("not stored", f"{name} is {found}; choose another file")
    if version > schema.latest:
        detail = f"{name} was written by a newer trialflow (schema {version}, here {schema.latest}); upgrade trialflow"
        raise StorageError("not stored", detail)


def migrate(db: sqlite3.Connection, schema: Schema, name: str) -> None:
    """Bring a file up to date in one transaction: afterwards it is at the latest schema, or as it was."""
    if _stamp(db)[0] == schema.latest:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been faster, and it may have been a newer trialflow.
        check_owner(db, schema, name)
        for statement in schema.statements(_stamp(db)[0]):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {schema.application}")
        db.execute(f"PRAGMA user_version = {schema.latest}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def schema_faults(rows: Callable[[str], list[Any]], schema: Schema, prefix: str = "") -> tuple[str, ...]:
    """Tables, indexes and guards that are missing, changed or added: somebody worked on the file by hand.

    ``rows`` gives the rows of a query.
    """
    fresh = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for statement in schema.statements(0, prefix):
            fresh.execute(statement)
        expected = {(kind, name): sql for kind, name, _, sql in fresh.execute(_OBJECTS)}
    finally:
        fresh.close()
    ours = {name for kind, name in expected if kind == "table"}
    found = {(kind, name): sql for kind, name, table, sql in rows(_OBJECTS) if not prefix or table in ours}
    faults = [
        f"{kind} {name} is {'changed' if (kind, name) in found else 'missing'}"
        for (kind, name), sql in expected.items()
        if found.get((kind, name)) != sql
    ]
    faults += [f"{kind} {name} was added" for kind, name in found if kind == "trigger" and (kind, name) not in expected]
    return tuple(faults)


@contextmanager
def _one_view(db: sqlite3.Connection) -> Iterator[None]:
    """All reads within see one state of the file, whatever another process creates in it meanwhile."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("ROLLBACK")


def _tables(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])


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
