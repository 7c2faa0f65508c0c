"""The ledger and the vault in a host's own database, inside the host's own transactions.

``connection`` is what the host has in hand: a ``sqlite3`` or ``psycopg`` connection, Django's ``connection`` (or one of
``connections``), an SQLAlchemy ``Connection``, or an SQLAlchemy ``Session``.

* Inside the host's transaction an append is a savepoint of it. A refused append (``Conflict``, ``KeyReused``,
  ``StorageError``) undoes itself and nothing else; the host goes on, commits or rolls back, and our records go the same
  way. Nothing is committed that is not ours.
* Outside any transaction an append does what a statement of the host's own would do: where the connection commits each
  statement, it is a transaction of its own; where the driver begins transactions, one is begun and left to the host.
* The vault may lie in the same database, and then commits and rolls back with the ledger, or in a file or database of
  its own (:class:`.vault_sqlite.SqliteVault`, :class:`.vault_postgres.PostgresVault`). Apart, a backup or a dump of the
  host's database holds no person; but what was put there stays when the host rolls back: an entry nothing refers to.
"""

from __future__ import annotations

from typing import Any

from trialflow.adapters.ports import Clock, Storage, Vault
from trialflow.adapters.storages.hosted_connections import host_of
from trialflow.adapters.wall_clock import wall_clock

__all__ = ["migrate", "storage_on", "vault_on"]


def storage_on(connection: Any, *, clock: Clock = wall_clock) -> Storage:
    """The ledger in the host's database. ``clock`` gives ``recorded_at``.

    With Django's connection or an SQLAlchemy ``Session`` the store may outlive requests and transactions, and be shared
    by threads that have connections of their own: the present connection is asked for at each use. With any other it
    lives as long as that connection, and closing the store closes nothing.

    Raises ``TypeError`` for what is no connection, ``Unsupported`` for another database or driver. Its methods raise
    ``StorageError`` where :func:`migrate` was not called.
    """
    host = host_of(connection)
    if host.database == "sqlite":
        from trialflow.adapters.storages.sqlite import SqliteStorage
        from trialflow.adapters.storages.sqlite_host import HostDatabase
        from trialflow.adapters.storages.sqlite_schema import LEDGER

        return SqliteStorage.over(HostDatabase(host.connect, LEDGER), clock=clock)
    from trialflow.adapters.storages.postgres import PostgresStorage

    return PostgresStorage.over(host.connect, clock=clock)


def vault_on(connection: Any) -> Vault:
    """The vault in the host's database, under the same terms as :func:`storage_on`."""
    host = host_of(connection)
    if host.database == "sqlite":
        from trialflow.adapters.storages.sqlite_host import HostDatabase
        from trialflow.adapters.storages.sqlite_schema import VAULT
        from trialflow.adapters.storages.vault_sqlite import SqliteVault

        return SqliteVault.over(HostDatabase(host.connect, VAULT))
    from trialflow.adapters.storages.vault_postgres import PostgresVault

    return PostgresVault.over(host.connect)


def migrate(connection: Any, *, vault: bool = True) -> None:
    """Make our tables in the host's database, or bring them up to date, as part of the host's transaction.

    Call it in a migration of the host's own. In SQLite the tables are named ``trialflow_...``, in PostgreSQL they lie
    in the schemas ``trialflow`` and ``trialflow_vault``. ``vault=False`` leaves the vault out, for a host that keeps it
    elsewhere. May be called again.

    Raises ``StorageError`` where the host has tables of these names, ours are of a newer trialflow, or it may not.
    """
    host = host_of(connection)
    if host.database == "sqlite":
        from trialflow.adapters.storages.sqlite import SqliteStorage
        from trialflow.adapters.storages.vault_sqlite import SqliteVault

        SqliteStorage.migrate(host.connect())
        if vault:
            SqliteVault.migrate(host.connect())
        return
    from trialflow.adapters.storages import postgres, postgres_schema, vault_postgres
    from trialflow.adapters.storages.postgres_migration import migrate as bring_up

    bring_up(host.connect(), postgres.SCHEMA, postgres_schema.LEDGER)
    if vault:
        bring_up(host.connect(), vault_postgres.SCHEMA, postgres_schema.VAULT)
