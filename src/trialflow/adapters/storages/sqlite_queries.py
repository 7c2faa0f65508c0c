"""What is asked of the tables of leads in SQLite, each answer as of one moment of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from trialflow.adapters.queries import LeadQuery
from trialflow.adapters.storages.lead_queries import FEW
from trialflow.adapters.storages.lead_words import LeadWords
from trialflow.adapters.storages.sqlite_access import Database
from trialflow.adapters.storages.sqlite_filling import Filling
from trialflow.adapters.storages.sqlite_leads import Kept
from trialflow.adapters.storages.sqlite_questions import Questions
from trialflow.adapters.storages.sqlite_sql import LedgerSql
from trialflow.model.errors import StorageError
from trialflow.model.recorded import Recorded

__all__ = ["SqliteTables"]

Read = Callable[[str], Sequence[Recorded]]


class SqliteTables:
    """The tables of one store (:class:`.lead_queries.Tables`)."""

    def __init__(self, file: Database, sql: LedgerSql, filling: Filling, read: Read) -> None:
        self._file, self._sql, self._filling = file, sql, filling
        self._look = SqliteLook(file, sql, read)

    def prepare(self, at: int, *, everything: bool) -> bool:
        """Make the tables anew where they do not know the ledger; fill in where many leads are behind and matter."""
        alone = self._file.writes_alone
        try:
            if not self._whole():
                if not alone:
                    return False
                self._filling.complete()
            matter = everything or self._look.latest() > at
            if matter and alone and len(self._file.rows(self._sql.behind, (FEW + 1,))) > FEW:
                self._filling.fill()
        except StorageError:
            pass  # it cannot be written: what is there may do all the same
        return self._whole()

    @contextmanager
    def look(self) -> Iterator[SqliteLook | None]:
        """A look at them, as of one moment."""
        with self._file.view():
            yield self._look if self._whole() else None

    def _whole(self) -> bool:
        head = self._file.rows(self._sql.head)
        return Kept(*self._file.rows(self._sql.leads.kept)[0]).holds(head[0][0] if head else 0)


class SqliteLook:
    """One look (:class:`.lead_queries.Look`)."""

    def __init__(self, file: Database, sql: LedgerSql, read: Read) -> None:
        self._rows, self._sql, self.stream = file.rows, sql, read
        self._ask = Questions(file.prefix)

    def held(self) -> bool:
        """A transaction shows one moment."""
        return True

    def latest(self) -> int:
        """The latest date of all records of leads."""
        return Kept(*self._rows(self._sql.leads.kept)[0]).latest

    def words(self) -> LeadWords:
        """The words."""
        return LeadWords(self._rows(self._sql.leads.words))

    def found(self, query: LeadQuery, words: LeadWords, at: int) -> Iterable[tuple[str | None, str | None]]:
        """Every lead that may be meant. Outlines tell of all records: where one is dated later, no single may miss."""
        for statement, values in self._ask.find(query, words, at):
            yield from self._rows(statement, values)
        if self.latest() > at:
            yield from ((name, None) for name in self.singles(at))

    def singles(self, at: int) -> Iterable[str]:
        """The streams of single leads."""
        return [name for (name,) in self._rows(self._ask.singles, (at,))]

    def counted_singles(self, at: int) -> Sequence[Any]:
        """What their rows hold."""
        return self._rows(self._ask.counted_singles, (at,))

    def columns(self, at: int) -> Sequence[Any]:
        """Id, rows, withdrawn."""
        return self._rows(self._ask.columns, (at,))

    def opened(self, statuses: Sequence[int], at: int) -> Sequence[Any]:
        """Text and rows."""
        return self._rows(*self._ask.opened(statuses, at))

    def recent(self, statuses: Sequence[int], start: int, at: int) -> Sequence[Any]:
        """Latest date and rows of what moved in no such status."""
        return self._rows(*self._ask.recent(statuses, start, at))

    def order(self, statuses: Sequence[int], at: int) -> Sequence[Any]:
        """Id and rows."""
        return self._rows(*self._ask.order(statuses, at))

    def spells(self, statuses: Sequence[int], at: int) -> Sequence[bytes]:
        """Spells of handoffs."""
        return [spells for (spells,) in self._rows(*self._ask.spells(statuses, at))]

    def counts(self) -> Sequence[Any]:
        """The counts."""
        return self._rows(self._sql.leads.counts)
