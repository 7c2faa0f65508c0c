"""What is asked of the tables of leads in PostgreSQL, each answer as of one moment of the ledger.

On a connection of our own a look is one REPEATABLE READ transaction. On a host's it is part of whatever the host has
begun: there the marks are read before and after, and where they differ the question is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from trialflow.adapters.queries import LeadQuery
from trialflow.adapters.storages.lead_changes import HandoffRow, LeadRow
from trialflow.adapters.storages.lead_check import LeadCheck
from trialflow.adapters.storages.lead_queries import FEW
from trialflow.adapters.storages.lead_words import LeadWords, query_statuses
from trialflow.adapters.storages.postgres_access import Access, run
from trialflow.adapters.storages.postgres_append import STORED, recorded
from trialflow.adapters.storages.postgres_driver import psycopg
from trialflow.adapters.storages.postgres_errors import failure
from trialflow.adapters.storages.postgres_leads import Filling, Kept, LeadSql
from trialflow.adapters.storages.postgres_server import Server
from trialflow.model.errors import StorageError
from trialflow.model.recorded import Recorded

__all__ = ["PostgresTables"]

Rows = Callable[..., list[Any]]

_BEHIND = "l.stream IN (SELECT stream FROM {schema}.events WHERE position > %(kept)s)"
_USED = f"l.latest <= %(at)s AND NOT {_BEHIND}"
_ID = "substr(l.stream, 6)"
_SNAPSHOT = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class _Questions:
    """The statements of questions, with the schema's name in them."""

    def __init__(self, access: Access) -> None:
        made = access.statement
        state = "FROM {schema}.lead_state l WHERE"
        self.single = made(
            f"SELECT l.stream {state} l.latest > %(at)s UNION SELECT stream FROM {{schema}}.events "
            "WHERE position > %(kept)s AND stream >= 'lead:' AND stream < 'lead;'"
        )
        self.counted = made(
            f"SELECT l.filled, l.latest, l.plain, l.lead, l.rows, l.withdrawn {state} l.latest > %(at)s OR {_BEHIND}"
        )
        self.columns = made(f"SELECT {_ID}, l.rows, l.withdrawn {state} {_USED}")
        within, others = (f"AND l.merged = 0 AND l.status {which}(%(statuses)b)" for which in ("= ANY", "<> ALL"))
        self.opened = made(f"SELECT l.lead, l.rows {state} {_USED} {within}")
        self.recent = made(f"SELECT l.latest, l.rows {state} {_USED} {others} AND l.latest > %(start)s")
        self.order = made(f"SELECT {_ID}, l.rows {state} {_USED} {within}")
        self.spells = made(
            f"SELECT l.spells FROM {{schema}}.lead_handoffs l WHERE {_USED} AND l.status = ANY(%(statuses)b)"
        )
        self.all = f"SELECT l.lead {state} {_USED}"
        self.ids = made(f"{self.all} AND l.stream = ANY(%(ids)b)")
        self.owned = made(
            f"{self.all} AND l.status = ANY(%(statuses)b) AND l.owner = ANY(%(owners)b) "
            f"UNION ALL {self.all} AND l.acting = ANY(%(owners)b)"
        )
        self.standing = made(f"{self.all} AND l.status = ANY(%(statuses)b)")
        self.every = made(self.all)
        self.stream = made(f"SELECT {STORED} FROM {{schema}}.events WHERE stream = %s ORDER BY version")


class PostgresTables:
    """The tables of one ledger (:class:`.lead_queries.Tables`)."""

    def __init__(self, access: Access) -> None:
        self._access, self._sql = access, LeadSql(access)
        self.filling = Filling(access, self._sql)
        self._ask = _Questions(access)

    def prepare(self, at: int, *, everything: bool) -> bool:  # noqa: ARG002
        """Make the tables anew where they do not hold the ledger; fill in where many leads are behind."""
        alone = isinstance(self._access, Server)
        try:
            kept = Kept(*self._access.rows(self._sql.kept)[0])
            if alone and not kept.used:
                self.filling.complete()
            elif alone and len(self._access.rows(self._sql.behind, (kept.position, FEW + 1))) > FEW:
                # Lead by lead where nothing is there yet, in the order of events where some are behind.
                (self.filling.fill if kept.position else self.filling.rebuild)()
        except StorageError:
            pass  # this role may only read: what is there may do all the same
        return self._used(self._access.rows)

    @contextmanager
    def look(self) -> Iterator[PostgresLook | None]:
        """A look at them."""
        with self._snapshot() as rows:
            yield PostgresLook(rows, self._sql, self._ask) if self._used(rows) else None

    def differences(self) -> Iterator[str]:
        """What the tables say otherwise than the events they hold, lead by lead, then the counts."""
        with self._snapshot() as rows:
            if not self._used(rows):
                yield "the tables of leads do not know the whole ledger yet: they are made anew when they are asked"
                return
            kept, check = Kept(*rows(self._sql.kept)[0]), LeadCheck(LeadWords(rows(self._sql.words)))
            last = ""
            while page := rows(self._sql.next, (last, 500)):
                last = page[-1][0]
                for (stream,) in page:
                    records = [
                        r for r in map(recorded, rows(self._ask.stream, (stream,))) if r.position <= kept.position
                    ]
                    if records:
                        yield from self._compared(rows, check, stream, records)
            yield from check.counts({(what, key): (*sums,) for what, key, *sums in rows(self._sql.counts) if any(sums)})

    def _compared(self, rows: Rows, check: LeadCheck, stream: str, records: Sequence[Recorded]) -> Iterator[str]:
        found, spells = rows(self._sql.row, (stream,)), rows(self._sql.handoffs, (stream,))
        row = LeadRow(*found[0]) if found else None
        return check.lead(stream, records, row, HandoffRow(*spells[0]) if spells else None)

    def _used(self, rows: Rows) -> bool:
        return Kept(*rows(self._sql.kept)[0]).used

    @contextmanager
    def _snapshot(self) -> Iterator[Rows]:
        """Reading rows of one moment, where the connection is ours."""
        if not isinstance(self._access, Server):
            yield self._access.rows
            return
        with self._access.lent() as link:
            try:
                run(link, _SNAPSHOT)
                try:
                    yield lambda query, values=(): run(link, query, values).fetchall()
                finally:
                    if not link.closed:
                        run(link, b"ROLLBACK")
            except psycopg.Error as error:
                raise failure("not stored", self._access.name, "read", error) from None


class PostgresLook:
    """One look (:class:`.lead_queries.Look`)."""

    def __init__(self, rows: Rows, sql: LeadSql, ask: _Questions) -> None:
        self._rows, self._sql, self._ask = rows, sql, ask
        self._marks = self._marked()
        self._kept: int = self._marks[0][0]

    def _marked(self) -> tuple[Any, ...]:
        return tuple(self._rows(self._sql.kept)[0]), self._rows(self._sql.head)[0][0]

    def held(self) -> bool:
        """Whether nothing was appended or filled in meanwhile."""
        return self._marked() == self._marks

    def words(self) -> LeadWords:
        """The words."""
        return LeadWords(self._rows(self._sql.words))

    def found(self, query: LeadQuery, words: LeadWords, at: int) -> Iterable[tuple[str | None, str | None]]:
        """Every lead that may be meant: those in the tables, and every single one."""
        statement = self._ask.every
        values: dict[str, object] = {"at": at, "kept": self._kept, "statuses": query_statuses(query, words)}
        if query.ids is not None:
            statement, values["ids"] = self._ask.ids, sorted(f"lead:{name}" for name in query.ids if "\0" not in name)
        elif query.owners is not None:
            statement, values["owners"] = self._ask.owned, words.codes("owners", query.owners)
        elif query.statuses is not None or query.without is not None:
            statement = self._ask.standing
        yield from ((None, text) for (text,) in self._rows(statement, values))
        yield from ((name, None) for name in self.singles(at))

    def singles(self, at: int) -> Iterable[str]:
        """The streams of single leads."""
        return [name for (name,) in self._of(self._ask.single, at)]

    def counted_singles(self, at: int) -> Sequence[Any]:
        """What their rows hold."""
        return self._of(self._ask.counted, at)

    def columns(self, at: int) -> Sequence[Any]:
        """Id, rows, withdrawn."""
        return self._of(self._ask.columns, at)

    def opened(self, statuses: Sequence[int], at: int) -> Sequence[Any]:
        """Text and rows."""
        return self._of(self._ask.opened, at, statuses=list(statuses))

    def recent(self, statuses: Sequence[int], start: int, at: int) -> Sequence[Any]:
        """Latest date and rows of what moved in no such status."""
        return self._of(self._ask.recent, at, statuses=list(statuses), start=start)

    def order(self, statuses: Sequence[int], at: int) -> Sequence[Any]:
        """Id and rows."""
        return self._of(self._ask.order, at, statuses=list(statuses))

    def spells(self, statuses: Sequence[int], at: int) -> Sequence[bytes]:
        """Spells of handoffs."""
        return [spells for (spells,) in self._of(self._ask.spells, at, statuses=list(statuses))]

    def counts(self) -> Sequence[Any]:
        """The counts."""
        return self._rows(self._sql.counts)

    def stream(self, name: str) -> Sequence[Recorded]:
        """All records of one stream."""
        return tuple(map(recorded, self._rows(self._ask.stream, (name,))))

    def _of(self, statement: bytes, at: int, **more: object) -> list[Any]:
        return self._rows(statement, {"at": at, "kept": self._kept, **more})
