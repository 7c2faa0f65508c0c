"""Contender: the least that a durable round can cost in SQLite: four texts into one table without an index, committed
with a write-ahead log and synchronous=FULL. No history, no lock, no seal: what is left is the disk."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from append_common import EACH, measure

_TEXT = (
    '{"at":"2026-03-02T15:00:00Z","by":{"id":"anna","role":"coordinator"},"kind":"contact_attempted",'
    '"outcome":"no_answer","before":0,"after":1,"v":1}'
)


def main() -> None:
    """Write and count."""
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder) / "bare.db")) as db:
        db.isolation_level = None
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE texts (position INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")

        def write(_number: int) -> None:
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO texts (text) VALUES (?)", [(_TEXT,)] * EACH)
            db.execute("COMMIT")

        measure(write, lambda: int(db.execute("SELECT count(*) FROM texts").fetchone()[0]))


if __name__ == "__main__":
    main()
