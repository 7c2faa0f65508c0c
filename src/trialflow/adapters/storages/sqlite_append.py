"""One append to the ledger in SQLite: where the store and its streams end, and what is to be added."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime

from trialflow.adapters.ports import Append
from trialflow.adapters.storages.repeats import repeated
from trialflow.adapters.storages.sealing import Sealing, Texts
from trialflow.adapters.storages.sqlite_leads import LeadTables
from trialflow.adapters.storages.sqlite_sql import NO_HEAD, LedgerSql
from trialflow.model.errors import Conflict, StorageError
from trialflow.model.moments import micros
from trialflow.model.recorded import GENESIS, Recorded

__all__ = ["Writer"]

_NAMES = 500
_NOTHING = (0, 0, GENESIS)
"""Where a stream ends that does not exist: its number, its version, its hash."""


class Writer:
    """One write transaction: where the store and its streams end, and what is to be added."""

    def __init__(
        self,
        db: sqlite3.Connection | sqlite3.Cursor,
        sql: LedgerSql,
        at: datetime,
        read: Callable[[str], Sequence[Recorded]],
        texts: Texts,
    ) -> None:
        self._db, self._sql, self._read, self._at_us = db, sql, read, micros(at)
        ends = db.execute(sql.ends).fetchone()
        if ends is None:
            raise StorageError("not stored", NO_HEAD)
        position, head, last = ends
        self._chain = Sealing(position, head, at, texts)
        self._last_stream = int(last)
        self._tails: dict[str, tuple[int, int, str]] = {}
        self._streams: list[tuple[int, str]] = []
        self._rows: list[tuple[object, ...]] = []
        self._begin = int(position)
        self._fresh: dict[str, list[Recorded]] = {}

    def store(self, parts: Sequence[Append], *, keyed: bool) -> tuple[Recorded, ...]:
        """Add every part. Raises :class:`Conflict`, :class:`KeyReused`; then nothing was written."""
        done: list[Recorded] = []
        self._find_new(parts)
        for part in parts:
            stored = repeated(part, self._find, self._read) if keyed else None
            done += self._sealed(part) if stored is None else stored
        if self._streams:
            self._db.executemany(self._sql.add_stream, self._streams)
        self._db.executemany(self._sql.add_event, self._rows)
        self._db.execute(self._sql.set_head, (self._chain.position, self._chain.head))
        return tuple(done)

    def keep_leads(self, tables: LeadTables) -> None:
        """Keep the tables of leads up to date, where they were."""
        if self._rows and tables.kept.holds(self._begin):
            numbers = {stream: self._tails[stream][0] for stream in self._fresh}
            tables.append(numbers, self._fresh, self._chain.position)

    def _find_new(self, parts: Sequence[Append]) -> None:
        """Of a bulk's streams those that do not exist yet: asked for by the hundred, not one by one."""
        said = [part.stream for part in parts if not part.expected_version] if len(parts) > 1 else []
        for start in range(0, len(said), _NAMES):
            names = said[start : start + _NAMES]
            marks = ",".join("?" * len(names))
            known = {row[0] for row in self._db.execute(f"{self._sql.known} ({marks})", names)}
            self._tails.update((name, _NOTHING) for name in names if name not in known)

    def _sealed(self, part: Append) -> list[Recorded]:
        stream = part.stream
        number, version, before = self._tails.get(stream) or self._tail(stream)
        if version != part.expected_version:
            raise Conflict(stream, part.expected_version, version)
        if part.events and not number:
            self._last_stream = number = self._last_stream + 1
            self._streams.append((number, stream))
        made, at_us = self._chain.seal(stream, version, before, part.events), self._at_us
        for r, payload in zip(made, self._chain.payloads, strict=True):
            key = r.event.idempotency_key or None
            self._rows.append((r.position, number, r.version, at_us, payload, r.prev_hash, r.hash, key))
        if made:
            self._tails[stream] = (number, made[-1].version, made[-1].hash)
            if stream.startswith("lead:"):
                self._fresh.setdefault(stream, []).extend(made)
        return made

    def _tail(self, stream: str) -> tuple[int, int, str]:
        """(number, version, hash) of a stream's end; number 0 where there is none yet."""
        row = self._db.execute(self._sql.tail, (stream,)).fetchone()
        return (int(row[0]), int(row[1]), str(row[2])) if row else _NOTHING

    def _find(self, key: str) -> tuple[str, int] | None:
        row = self._db.execute(self._sql.find, (key,)).fetchone()
        return (str(row[0]), int(row[1])) if row else None
