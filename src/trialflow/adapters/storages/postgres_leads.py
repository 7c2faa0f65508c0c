"""The tables of leads in PostgreSQL: what lies there, and how it is filled in.

An append writes to none of them, so that it stays one statement of a role that may INSERT and SELECT: the leads behind
their events are those with events above the position in ``lead_kept``, and a question tells them from their streams
(:mod:`.postgres_queries`). Everything here follows from the events alone, may be erased at any time, and nothing is
decided by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from trialflow.adapters.storages.lead_changes import LeadChanges, LeadRow, state_of
from trialflow.adapters.storages.lead_state import FORMAT
from trialflow.adapters.storages.lead_words import LeadWords
from trialflow.adapters.storages.postgres_access import Access, Link, run
from trialflow.adapters.storages.postgres_append import STORED, recorded
from trialflow.adapters.storages.postgres_driver import psycopg
from trialflow.model.recorded import Recorded

__all__ = ["Filling", "Kept", "LeadSql"]

_LEADS = "stream >= 'lead:' AND stream < 'lead;'"
_PAGE, _EVENTS = 1000, 5000
"""Leads, and events, in one transaction."""

Tell = Callable[[int, int], None]


class Kept(NamedTuple):
    """The tables hold every event up to ``position``. While they are made anew it is 0: ``start`` is where the ledger
    ended when that was begun, ``progress`` the last stream that is done. ``turn`` counts how often they were begun."""

    position: int
    format: int
    turn: int
    start: int
    progress: str

    @property
    def used(self) -> bool:
        """Whether a question may use them: not in another format, nor while they are made anew."""
        return self.format == FORMAT if self.position else not self.start


class LeadSql:
    """The statements, with the schema's name in them."""

    def __init__(self, access: Access) -> None:
        made = access.statement
        self.kept = made("SELECT position, format, turn, start, progress FROM {schema}.lead_kept")
        self.hold = self.kept + b" FOR UPDATE"
        self.begin = made(
            "UPDATE {schema}.lead_kept SET position = 0, format = %s, turn = turn + 1, start = %s, progress = ''"
        )
        self.keep = made(f"UPDATE {{schema}}.lead_kept SET position = %s, progress = %s, format = {FORMAT}")
        self.erase = [made(f"DELETE FROM {{schema}}.lead_{name}") for name in ("state", "handoffs", "counts", "words")]
        self.head = made("SELECT coalesce(max(position), 0) FROM {schema}.heads")
        self.next = made(
            f"SELECT DISTINCT stream FROM {{schema}}.events WHERE {_LEADS} AND stream > %s ORDER BY stream LIMIT %s"
        )
        self.changed = made(
            f"SELECT DISTINCT stream FROM {{schema}}.events WHERE position > %s AND position <= %s AND {_LEADS}"
        )
        self.behind = made(f"SELECT DISTINCT stream FROM {{schema}}.events WHERE position > %s AND {_LEADS} LIMIT %s")
        self.streams = made(
            f"SELECT {STORED} FROM {{schema}}.events WHERE stream = ANY(%b) AND position <= %s ORDER BY stream, version"
        )
        self.states = made(
            "SELECT stream, filled, latest, plain, lead, rows, withdrawn FROM {schema}.lead_state "
            "WHERE stream = ANY(%b)"
        )
        self.words = made("SELECT kind, number, word FROM {schema}.lead_words")
        self.add_word = made("INSERT INTO {schema}.lead_words VALUES (%s, %s, %s)")
        self.leads = made("SELECT count(*) FROM {schema}.lead_state")
        fields = [*LeadRow._fields]
        self.put = made(_upsert("lead_state", ["stream"], fields))
        self.row = made(f"SELECT {', '.join(fields)} FROM {{schema}}.lead_state WHERE stream = %s")
        self.put_handoffs = made(_upsert("lead_handoffs", ["stream"], ["status", "latest", "spells"]))
        self.handoffs = made("SELECT status, latest, spells FROM {schema}.lead_handoffs WHERE stream = %s")
        self.drop_handoffs = made("DELETE FROM {schema}.lead_handoffs WHERE stream = %s")
        self.count = made(_upsert("lead_counts", ["what", "key"], ["leads", "attempts", "handoffs"], add=True))
        self.counts = made("SELECT what, key, leads, attempts, handoffs FROM {schema}.lead_counts")


def _upsert(table: str, keys: list[str], fields: list[str], *, add: bool = False) -> str:
    places = ", ".join(["%s"] * (len(keys) + len(fields)))
    new = (f"{name} = {f't.{name} + ' if add else ''}excluded.{name}" for name in fields)
    return (
        f"INSERT INTO {{schema}}.{table} AS t ({', '.join([*keys, *fields])}) VALUES ({places}) "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {', '.join(new)}"
    )


class Filling:
    """Writes what follows from the ledger; one at a time, whoever it is."""

    def __init__(self, access: Access, sql: LeadSql) -> None:
        self._access, self._sql = access, sql

    def fill(self) -> int:
        """Fill in every lead that is behind; how many there were. Raises ``StorageError``."""
        done, begin = 0, None
        while True:
            with self._access.transaction() as link:
                kept, head = self._held(link)
                if not kept.used or kept.position == head:
                    return done
                begin = kept.position if begin is None else begin
                until = min(head, kept.position + _EVENTS)
                streams = [row[0] for row in run(link, self._sql.changed, (kept.position, until)).fetchall()]
                told = self._take(link, streams, until)
                run(link, self._sql.keep, (until, ""))
                # A lead with events in an earlier page, too, was counted there.
                done += sum(not any(begin < r.position <= kept.position for r in found) for found in told.values())

    def rebuild(self, tell: Tell = lambda _done, _all: None) -> int:
        """Erase the tables and make them anew; how many leads there are. ``tell`` hears how many of how many are done.

        Raises ``StorageError``.
        """
        with self._access.transaction() as link:
            self._begin(link, self._held(link)[1])
        return self.complete(tell)

    def complete(self, tell: Tell = lambda _done, _all: None) -> int:
        """Make the tables hold the ledger as far as it went when this was begun, going on where somebody stopped, and
        what was appended since. Raises ``StorageError``."""
        while not self._step():
            done = int(self._access.rows(self._sql.leads)[0][0])
            tell(done, done)
        self.fill()
        return int(self._access.rows(self._sql.leads)[0][0])

    def _step(self) -> bool:
        with self._access.transaction() as link:
            kept, head = self._held(link)
            if kept.used:
                return True
            if kept.format != FORMAT:
                self._begin(link, head)
                return False
            page = [row[0] for row in run(link, self._sql.next, (kept.progress, _PAGE)).fetchall()]
            self._take(link, page, kept.start)
            run(link, self._sql.keep, (0, page[-1]) if page else (kept.start, ""))
            return not page

    def _held(self, link: Link) -> tuple[Kept, int]:
        """What the tables hold, for as long as this transaction lasts; and where the ledger ends."""
        kept = Kept(*run(link, self._sql.hold).fetchall()[0])
        return kept, int(run(link, self._sql.head).fetchall()[0][0])

    def _begin(self, link: Link, head: int) -> None:
        for statement in self._sql.erase:
            run(link, statement)
        run(link, self._sql.begin, (FORMAT, head))

    def _take(self, link: Link, streams: Sequence[str], until: int) -> dict[str, list[Recorded]]:
        """Fill in these leads with their records up to position ``until``; those records, by stream."""
        sql, told = self._sql, dict[str, list[Recorded]]()
        for record in map(recorded, run(link, sql.streams, (streams, until)).fetchall()):
            told.setdefault(record.stream, []).append(record)
        states = {name: state_of(*row) for name, *row in run(link, sql.states, (streams,)).fetchall()}
        words = LeadWords(run(link, sql.words).fetchall())
        changes = LeadChanges(words, lambda name, version: told[name][: version - 1])
        for name, records in told.items():
            before = states.get(name)
            fresh = records[before.version :] if before is not None else records
            if fresh:
                changes.take(name, before, fresh)
        _all(link, sql.put, [(name, *row) for name, row in changes.rows.items()])
        _all(link, sql.put_handoffs, [(name, *row) for name, row in changes.handoffs.items() if row is not None])
        _all(link, sql.drop_handoffs, [(name,) for name, row in changes.handoffs.items() if row is None])
        _all(link, sql.count, list(changes.changed_counts()))
        _all(link, sql.add_word, words.fresh())
        return told


def _all(link: Link, statement: bytes, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        psycopg.Cursor(link).executemany(statement, rows)
