"""The statements of the ledger in SQLite, written once for each prefix of table names."""

from __future__ import annotations

import functools

from trialflow.adapters.storages.sqlite_leads import lead_sql

__all__ = ["NO_HEAD", "LedgerSql", "ledger_sql"]

NO_HEAD = "the ledger has lost its head: somebody worked on it by hand; restore it from a backup"
"""What is said where the one row is gone that tells where the ledger ends."""

_AFTER = "WHERE e.position > ? ORDER BY e.position LIMIT ?"


class LedgerSql:
    """The statements, for tables whose names begin with ``prefix``."""

    def __init__(self, prefix: str) -> None:
        self.leads = lead_sql(prefix)
        joined = f"FROM {prefix}events e JOIN {prefix}streams s ON s.id = e.stream"
        select = f"SELECT e.position, s.name, e.version, e.recorded_at, e.payload, e.prev_hash, e.hash {joined}"
        self.page = f"{select} {_AFTER}"
        self.stream = f"{select} WHERE s.name = ? ORDER BY e.version"
        self.above = f"{select} WHERE s.name = ? AND e.version > ? ORDER BY e.version"
        # As bytes: a damaged text is still read, so that its seal is found broken at its own position.
        self.raw_page = (
            "SELECT e.position, CAST(s.name AS BLOB), e.version, e.recorded_at, CAST(e.payload AS BLOB), "
            f"CAST(e.prev_hash AS BLOB), CAST(e.hash AS BLOB), CAST(e.idempotency_key AS BLOB) {joined} {_AFTER}"
        )
        self.head = f"SELECT position, head FROM {prefix}meta"
        self.set_head = f"UPDATE {prefix}meta SET position = ?, head = ?"
        self.ends = f"SELECT position, head, (SELECT coalesce(max(id), 0) FROM {prefix}streams) FROM {prefix}meta"
        self.known = f"SELECT name FROM {prefix}streams WHERE name IN"
        self.add_stream = f"INSERT INTO {prefix}streams VALUES (?, ?)"
        self.add_event = f"INSERT INTO {prefix}events VALUES (?,?,?,?,?,?,?,?)"
        self.tail = f"SELECT e.stream, e.version, e.hash {joined} WHERE s.name = ? ORDER BY e.version DESC LIMIT 1"
        state, named = f"{prefix}lead_state", f"SELECT id, name FROM {prefix}streams WHERE name GLOB 'lead:*'"
        self.any_behind = f"SELECT 1 FROM {state} WHERE filled < version LIMIT 1"
        self.behind = (
            f"SELECT l.stream, s.name FROM {state} l JOIN {prefix}streams s ON s.id = l.stream "
            "WHERE l.filled < l.version LIMIT ?"
        )
        self.lead_streams = f"SELECT count(*) FROM ({named})"
        self.next_leads = f"{named} AND id > ? ORDER BY id LIMIT ?"
        self.leads_after = f"{named} AND id IN (SELECT stream FROM {prefix}events WHERE position > ?)"
        self.find = f"SELECT s.name, e.version {joined} WHERE e.idempotency_key = ?"


@functools.cache
def ledger_sql(prefix: str) -> LedgerSql:
    """The statements of one prefix, written once."""
    return LedgerSql(prefix)
