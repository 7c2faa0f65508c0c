"""Private values in a PostgreSQL schema of their own beside the ledger's. Needs the extra ``postgres``."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Self

from trialflow.adapters.ports import Entry
from trialflow.adapters.storages.closing import Closing
from trialflow.adapters.storages.postgres_access import Access, Hosted, Link, run
from trialflow.adapters.storages.postgres_migration import check, checked
from trialflow.adapters.storages.postgres_schema import VAULT, quoted
from trialflow.adapters.storages.postgres_server import Server
from trialflow.model.errors import StorageError

__all__ = ["SCHEMA", "PostgresVault"]

SCHEMA = "trialflow_vault"
"""Where a vault lies unless another schema is named."""

_PUT = (
    "INSERT INTO {schema}.entries (kind, ref, subject, text) "
    "SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::bytea[]) "
    "ON CONFLICT (kind, ref) DO UPDATE SET subject = excluded.subject, text = excluded.text"
)
_GET = "SELECT text FROM {schema}.entries WHERE kind = %s AND ref = %s"
_ITEMS = "SELECT ref, subject, text FROM {schema}.entries WHERE kind = %s AND ref > %s ORDER BY ref LIMIT %s"
_FORGET = "DELETE FROM {schema}.entries WHERE subject = %s AND kind <> 'tombstone'"
_PAGE = 10_000


class PostgresVault(Closing):
    """A vault in one schema of a database, made when it is not there; see :class:`.postgres.PostgresStorage`.

    What is erased or replaced stays in the table's file until the server vacuums it, which it is told to do at once,
    and in the write-ahead log and in backups until those expire: encrypt the disk, let backups expire.
    """

    def __init__(self, dsn: str = "", *, schema: str = SCHEMA) -> None:
        self._begin(Server(dsn, schema, VAULT))

    @classmethod
    def on(cls, connection: Link, *, schema: str = SCHEMA) -> Self:
        """The same vault on a psycopg connection of a host: what is put or erased is part of the host's transaction."""
        check(connection, schema, VAULT)
        return cls.over(lambda: connection, schema=schema)

    @classmethod
    def over(cls, connect: Callable[[], Link], *, schema: str = SCHEMA) -> Self:
        """The same where the host's connection is asked for at each use; the schema is looked at with the first."""
        vault = cls.__new__(cls)
        vault._begin(Hosted(f"the vault {schema}", quoted(schema), checked(connect, schema, VAULT)))
        return vault

    def _begin(self, access: Access) -> None:
        self._access = access

    def namespace(self) -> uuid.UUID:
        """The secret under which ids are made, drawn once, with the vault. Raises ``StorageError`` when it is gone."""
        text = self.get("key", "namespace")
        if text is None:
            raise StorageError("not stored", f"{self._access.name} has lost its key; restore it from a backup")
        return uuid.UUID(text)

    def put(self, entries: Iterable[Entry]) -> None:
        """Store or replace, all or none."""
        # One statement cannot replace the same row twice, and sorted, two of them cannot block each other.
        last = {(entry.kind, entry.ref): entry for entry in entries}
        rows = [(kind, ref, last[kind, ref].subject, last[kind, ref].text.encode()) for kind, ref in sorted(last)]
        if rows:
            with self._access.transaction() as link:
                run(link, self._access.statement(_PUT), [list(column) for column in zip(*rows, strict=True)])

    def get(self, kind: str, ref: str) -> str | None:
        """One text, or None."""
        rows = self._access.rows(self._access.statement(_GET), (kind, ref)) if "\0" not in kind + ref else []
        return rows[0][0].decode() if rows else None

    def items(self, kind: str) -> Iterator[tuple[str, str, str]]:
        """(ref, subject, text) of one kind in the order of refs, page by page."""
        query, last = self._access.statement(_ITEMS), ""
        while page := self._access.rows(query, (kind, last, _PAGE)):
            yield from ((ref, subject, text.decode()) for ref, subject, text in page)
            last = page[-1][0]

    def forget(self, subject: str) -> int:
        """Erase every entry of ``subject`` but its tombstone; how many there were."""
        if not subject:
            return 0
        with self._access.transaction() as link:
            return run(link, self._access.statement(_FORGET), (subject,)).rowcount

    def close(self) -> None:
        """Close the connections; a host's own is left as it is."""
        if isinstance(self._access, Server):
            self._access.close()
