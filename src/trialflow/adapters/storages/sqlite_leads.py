"""The tables of leads in SQLite: their outline written together with the events, the rest filled in when asked for.

``lead_kept`` says up to which position they know every event, in which format. Only tables that were up to date before
an append are kept up to date by it; others are made anew when somebody asks (:mod:`.sqlite_filling`). Their rows follow
from the events alone: they may be erased at any time, and nothing is decided by them.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from trialflow.adapters.storages.lead_changes import LeadChanges, state_of
from trialflow.adapters.storages.lead_state import FORMAT, Outline, outlined
from trialflow.adapters.storages.lead_words import LeadWords, Word
from trialflow.model.moments import micros
from trialflow.model.recorded import Recorded

__all__ = ["Kept", "LeadSql", "LeadTables", "Memory", "lead_sql"]

Above = Callable[[str, int], Sequence[Recorded]]
Db = sqlite3.Connection | sqlite3.Cursor


class LeadSql:
    """The statements, for tables whose names begin with ``prefix``."""

    def __init__(self, prefix: str) -> None:
        state = f"{prefix}lead_state"
        # Each as a maximum: where somebody erased the one row, too, there is an answer, that nothing is known.
        self.kept = f"SELECT {', '.join(f'coalesce(max({name}), 0)' for name in Kept._fields)} FROM {prefix}lead_kept"
        self.keep = f"UPDATE {prefix}lead_kept SET position = ?, format = ?, words = ?, latest = ?"
        # A row that was erased comes back with a turn that no handle remembers.
        self.begin = (
            f"INSERT INTO {prefix}lead_kept VALUES (1, 0, ?, 0, abs(random() / 2), 0, ?, 0) ON CONFLICT (one) DO "
            "UPDATE SET position = 0, format = excluded.format, words = 0, turn = turn + 1, latest = 0, "
            "start = excluded.start, progress = 0"
        )
        self.go_on = f"UPDATE {prefix}lead_kept SET progress = ?"
        self.leads = f"SELECT count(*) FROM {state}"
        self.tables = tuple(f"{prefix}lead_{name}" for name in ("state", "handoffs", "counts", "words"))
        self.words = f"SELECT kind, number, word FROM {prefix}lead_words"
        self.add_word = f"INSERT INTO {prefix}lead_words VALUES (?, ?, ?)"
        self.add = (
            f"INSERT INTO {state} (stream, version, status, owner, acting, plain, filled) VALUES (?, ?, ?, ?, ?, 1, 0)"
        )
        self.outline = (
            f"UPDATE {state} SET version = ?, status = coalesce(?, status), owner = coalesce(?, owner), "
            "acting = coalesce(?, acting) WHERE stream = ? AND plain"
        )
        self.behind = (
            f"INSERT INTO {state} (stream, version, plain, filled) VALUES (?, ?, 0, 0) "
            "ON CONFLICT (stream) DO UPDATE SET version = excluded.version"
        )
        self.state = f"SELECT filled, latest, plain, lead, rows, withdrawn FROM {state} WHERE stream = ?"
        self.row = (
            "SELECT version, status, owner, acting, plain, filled, latest, merged, lead, rows, withdrawn "
            f"FROM {state} WHERE stream = ?"
        )
        self.handoffs = f"SELECT status, latest, spells FROM {prefix}lead_handoffs WHERE stream = ?"
        self.counts = f"SELECT what, key, leads, attempts, handoffs FROM {prefix}lead_counts"
        counts, leads = f"{prefix}lead_counts", f"SELECT count(*) FROM {state} WHERE lead IS NOT NULL AND NOT merged"
        self.faults = (
            f"SELECT iif((SELECT count(*) FROM {prefix}streams WHERE name GLOB 'lead:*') <> "
            f"(SELECT count(*) FROM {state}), 'the tables of leads have not as many leads as the ledger', NULL) "
            f"UNION ALL SELECT iif((SELECT coalesce(sum(c.leads), 0) FROM {counts} c WHERE c.what = w.what) <> "
            f"({leads}), 'the counts of leads do not add up', NULL) FROM (SELECT 'end' AS what UNION SELECT 'reach' "
            f"UNION SELECT 'place' UNION SELECT what FROM {counts}) w"
        )
        self.put = f"INSERT OR REPLACE INTO {state} VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
        self.put_handoffs = f"INSERT OR REPLACE INTO {prefix}lead_handoffs VALUES (?, ?, ?, ?)"
        self.drop_handoffs = f"DELETE FROM {prefix}lead_handoffs WHERE stream = ?"
        self.count = (
            f"INSERT INTO {prefix}lead_counts VALUES (?, ?, ?, ?, ?) ON CONFLICT (what, key) DO UPDATE SET "
            "leads = leads + excluded.leads, attempts = attempts + excluded.attempts, "
            "handoffs = handoffs + excluded.handoffs"
        )


@functools.cache
def lead_sql(prefix: str) -> LeadSql:
    """The statements of one prefix, written once."""
    return LeadSql(prefix)


class Kept(NamedTuple):
    """Up to which position the tables know every event; ``turn`` counts how often they were begun anew, ``latest`` is
    the latest date of all events of leads, microseconds UTC. While they are made anew ``position`` is 0: ``start`` is
    where the ledger ended when that was begun, ``progress`` the number of the last stream that is done."""

    position: int
    format: int
    words: int
    turn: int
    latest: int
    start: int
    progress: int

    def holds(self, position: int) -> bool:
        """Whether they hold everything up to the end of the ledger at ``position``."""
        return self.position == position and (self.format == FORMAT or not position)


class Memory:
    """The words that one handle remembers from its last append."""

    def __init__(self) -> None:
        self.turn, self.words = -1, LeadWords()

    def begin(self, kept: Kept, read: Callable[[], Iterable[Word]]) -> LeadWords:
        """The words as they are stored now."""
        if kept.turn != self.turn or not kept.words == self.words.stored == len(self.words):
            self.turn, self.words = kept.turn, LeadWords(read())
        return self.words


class LeadTables:
    """The tables within one write transaction. ``above`` gives the records of a stream above a version."""

    def __init__(self, db: Db, sql: LeadSql, above: Above, memory: Memory) -> None:
        self._db, self._sql, self._above = db, sql, above
        self.kept = Kept(*db.execute(sql.kept).fetchone())
        self._latest = self.kept.latest
        self.words = memory.begin(self.kept, lambda: db.execute(sql.words))

    def append(self, numbers: Mapping[str, int], fresh: Mapping[str, Sequence[Recorded]], position: int) -> None:
        """The new records of each lead's stream, stored already; the last of all at ``position``."""
        fill, new, db = list[tuple[int, str]](), list[tuple[object, ...]](), self._db
        dates = [max([record.event.at for record in records]) for records in fresh.values()]
        self._latest = max(self._latest, micros(max(dates))) if dates else self._latest
        for stream, records in fresh.items():
            number, version, outline = numbers[stream], records[-1].version, outlined(records)
            row = self._coded(outline) if outline is not None else None
            if row is not None and version == len(records):
                new.append((number, version, *row))
            elif row is None or not db.execute(self._sql.outline, (version, *row, number)).rowcount:
                fill.append((number, stream))
                db.execute(self._sql.behind, (number, version))
        if new:
            db.executemany(self._sql.add, new)
        if fill:
            self.fill(fill)
        self.keep(position)

    def _coded(self, found: Outline) -> tuple[int | None, int | None, int | None]:
        words = self.words.columns
        return (
            words.statuses.code(found.status) if found.status is not None else None,
            words.owners.code(found.owner) if found.owner is not None else None,
            words.owners.code(found.acting) if found.acting is not None else None,
        )

    def fill(self, leads: Iterable[tuple[int, str]]) -> None:
        """Fill in these leads, by number and name of their streams."""
        db, sql, changes = self._db, self._sql, LeadChanges(self.words, self._below)
        numbers = dict[str, int]()
        for number, stream in leads:
            row = db.execute(sql.state, (number,)).fetchone()
            before = state_of(*row) if row and row[0] else None
            fresh = self._above(stream, before.version if before is not None else 0)
            if fresh:
                changes.take(stream, before, fresh)
                numbers[stream] = number
        db.executemany(sql.put, ((numbers[stream], *found) for stream, found in changes.rows.items()))
        for stream, handoffs in changes.handoffs.items():
            if handoffs is not None:
                db.execute(sql.put_handoffs, (numbers[stream], *handoffs))
            else:
                db.execute(sql.drop_handoffs, (numbers[stream],))
        db.executemany(sql.count, changes.changed_counts())
        self._latest = max([self._latest, *(found.latest for found in changes.rows.values())])

    def _below(self, stream: str, version: int) -> Sequence[Recorded]:
        return [record for record in self._above(stream, 0) if record.version < version]

    def keep(self, position: int) -> None:
        """Note that everything up to ``position`` is in the tables."""
        if words := self.words.fresh():
            self._db.executemany(self._sql.add_word, words)
        self._db.execute(self._sql.keep, (position, FORMAT, len(self.words), self._latest))
