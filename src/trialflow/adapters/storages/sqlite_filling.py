"""Filling in the tables of leads in SQLite, and making them anew from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from trialflow.adapters.storages.lead_state import FORMAT
from trialflow.adapters.storages.sqlite_access import Database
from trialflow.adapters.storages.sqlite_leads import LeadTables, Memory
from trialflow.adapters.storages.sqlite_sql import NO_HEAD, LedgerSql
from trialflow.model.errors import StorageError
from trialflow.model.recorded import Recorded

__all__ = ["Filling"]

Rows = Callable[..., list[Any]]
Tell = Callable[[int, int], None]

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

    def rebuild(self, tell: Tell = lambda _done, _all: None) -> int:
        """Erase the tables and make them anew; how many leads there are. ``tell`` hears how many of how many are done.

        Raises ``StorageError``.
        """
        with self._tables() as (_, rows):
            self._begin(rows)
        return self.complete(tell)

    def complete(self, tell: Tell = lambda _done, _all: None) -> int:
        """Make the tables know the whole ledger, going on where somebody stopped: any number of processes may do so at
        once, and appends go on meanwhile. Raises ``StorageError``."""
        leads = self._file.rows(self._sql.lead_streams)[0][0]
        while not self._step():
            done = self._file.rows(self._sql.leads.leads)[0][0]
            tell(done, max(done, leads))
        return int(self._file.rows(self._sql.leads.leads)[0][0])

    def _step(self) -> bool:
        """One page further; whether the tables know the whole ledger by now."""
        with self._tables() as (tables, rows):
            kept, head = tables.kept, self._head(rows)
            if kept.holds(head):
                return True
            if kept.format != FORMAT or kept.position:
                self._begin(rows)
                return False
            page = rows(self._sql.next_leads, (kept.progress, _PAGE))
            # Behind the last of them come those that were appended to meanwhile: from then on, every append keeps all.
            tables.fill(page or rows(self._sql.leads_after, (kept.start,)))
            tables.keep(0 if page else head)
            if page:
                rows(self._sql.leads.go_on, (page[-1][0],))
            return not page

    def _begin(self, rows: Rows) -> None:
        for table in self._sql.leads.tables:
            rows(f"DELETE FROM {table}")
        rows(self._sql.leads.begin, (FORMAT, self._head(rows)))

    def _head(self, rows: Rows) -> int:
        found = rows(self._sql.head)
        if not found:
            raise StorageError("not stored", NO_HEAD)
        return int(found[0][0])

    @contextmanager
    def _tables(self) -> Iterator[tuple[LeadTables, Rows]]:
        with self._file.transaction() as db:
            yield (
                LeadTables(db, self._sql.leads, self._above, Memory()),
                lambda query, values=(): db.execute(query, values).fetchall(),
            )
