"""Filling in the tables of leads in SQLite, and making them anew from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from trialflow.adapters.storages.sqlite_access import Database
from trialflow.adapters.storages.sqlite_leads import LeadTables, Memory
from trialflow.adapters.storages.sqlite_sql import LedgerSql
from trialflow.model.recorded import Recorded

__all__ = ["Filling"]

_PAGE = 1000
"""Leads in one transaction: others may write after some tenths of a second."""


class Filling:
    """Writes what follows from the ledger. ``above`` gives the records of a stream above a version."""

    def __init__(self, file: Database, sql: LedgerSql, above: Callable[[str, int], Sequence[Recorded]]) -> None:
        self._file, self._sql, self._above = file, sql, above

    def fill(self) -> int:
        """Fill in every lead that is behind, page by page; how many there were. Raises ``StorageError``."""
        done = 0
        while self._file.rows(self._sql.any_behind):
            with self._tables() as (tables, rows):
                if not tables.kept.holds(self._head(rows)):
                    return done
                found = rows(self._sql.behind, (_PAGE,))
                tables.fill(found)
                tables.keep(tables.kept.position)
            done += len(found)
        return done

    def rebuild(self, tell: Callable[[int, int], None] = lambda _done, _all: None) -> int:
        """Erase the tables and make them anew; how many leads there are. ``tell`` hears how many of how many are done.

        Appends go on meanwhile. Where another process begins the same, this one leaves it to it. Raises
        ``StorageError``.
        """
        with self._tables() as (tables, rows):
            for table in self._sql.leads.tables:
                rows(f"DELETE FROM {table}")
            rows(self._sql.leads.begin)
            turn, start, leads = tables.kept.turn + 1, self._head(rows), int(rows(self._sql.lead_streams)[0][0])
        last = done = 0
        while page := self._made(turn, last):
            last, done = page[-1][0], done + len(page)
            tell(done, max(done, leads))
        self._close(turn, start)
        return done

    def _made(self, turn: int, last: int) -> Sequence[tuple[int, str]]:
        """Make the next page of leads; empty behind the last of them, or where this is another's work by now."""
        with self._tables() as (tables, rows):
            if tables.kept.turn != turn:
                return ()
            found = rows(self._sql.next_leads, (last, _PAGE))
            tables.fill(found)
            tables.keep(0)
        return found

    def _close(self, turn: int, start: int) -> None:
        """Take in what was appended meanwhile: from now on every append keeps the tables up to date."""
        with self._tables() as (tables, rows):
            if tables.kept.turn == turn and not tables.kept.position:
                tables.fill(rows(self._sql.leads_after, (start,)))
                tables.keep(self._head(rows))

    def _head(self, rows: Callable[..., list[tuple[int, str]]]) -> int:
        return rows(self._sql.head)[0][0]

    @contextmanager
    def _tables(self) -> Iterator[tuple[LeadTables, Callable[..., list[tuple[int, str]]]]]:
        with self._file.transaction() as db:
            yield (
                LeadTables(db, self._sql.leads, self._above, Memory()),
                lambda query, values=(): db.execute(query, values).fetchall(),
            )
