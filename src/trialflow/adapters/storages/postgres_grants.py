"""The rights that a role needs, and no more: a ledger to append to and to read, never to change."""

from __future__ import annotations

from trialflow.adapters.storages.postgres_access import Hosted, Link, run
from trialflow.adapters.storages.postgres_schema import Schema, quoted

__all__ = ["apply", "grants"]


def grants(role: str, name: str, schema: Schema, *, reader: bool = False) -> tuple[str, ...]:
    """The statements that leave ``role`` exactly these rights in schema ``name``, as its owner gives them.

    On a ledger INSERT and SELECT: no UPDATE, DELETE or TRUNCATE. On a vault also UPDATE and DELETE, since private
    values can be erased. A ``reader`` gets SELECT alone. Raises ``ValueError`` when a name is none.
    """
    if not role or "\0" in role:
        raise ValueError("name the role that is to get the rights")
    place, who = quoted(name), '"' + role.replace('"', '""') + '"'
    given = {table: "SELECT" if reader else rights for table, rights in schema.rights.items()}
    return (
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {place} FROM {who}",
        f"REVOKE ALL ON SCHEMA {place} FROM {who}",
        f"GRANT USAGE ON SCHEMA {place} TO {who}",
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {place} TO {who}",
        *(f"GRANT {rights} ON {place}.{table} TO {who}" for table, rights in given.items()),
    )


def apply(link: Link, statements: tuple[str, ...], name: str) -> None:
    """Carry out all statements or none, in a transaction or as part of the host's. Raises ``StorageError``."""
    with Hosted(f"schema {name}", quoted(name), lambda: link).transaction():
        for statement in statements:
            run(link, statement.encode())
