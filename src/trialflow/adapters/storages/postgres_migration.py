"""Make a schema, bring it up to date, and refuse what is not ours."""

from __future__ import annotations

from collections.abc import Callable

from trialflow.adapters.storages.postgres_access import Hosted, Link, run
from trialflow.adapters.storages.postgres_driver import psycopg
from trialflow.adapters.storages.postgres_errors import failure
from trialflow.adapters.storages.postgres_schema import Schema, quoted
from trialflow.model.errors import StorageError

__all__ = ["OLDEST", "check", "checked", "migrate", "ready", "stamp"]

OLDEST = 14
"""The oldest PostgreSQL that is taken."""

_LOOK = b"""
SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'),
    EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = %(name)s),
    count(*), coalesce(bool_or(relname = 'store'), false)
FROM pg_catalog.pg_class WHERE relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = %(name)s)
"""
_STAMP = "SELECT what, version FROM {schema}.store"
_STORE = """
CREATE TABLE {schema}.store (
    what text NOT NULL, version integer NOT NULL, one boolean PRIMARY KEY DEFAULT true CHECK (one)
)"""
_SET = """
INSERT INTO {schema}.store (what, version) VALUES (%s, %s)
    ON CONFLICT (one) DO UPDATE SET version = excluded.version"""
# One migration at a time in a database: 0x74726C6D is "trlm".
_ONE_AT_A_TIME = b"SELECT pg_catalog.pg_advisory_xact_lock(1953655917, 0)"


def ready(link: Link, name: str, schema: Schema) -> None:
    """Make the schema where there is none. Raises ``StorageError`` when it is another program's, newer or older.

    An older one is left alone: other processes may be using it. ``trialflow storage migrate`` brings it up to date.
    """
    if not stamp(link, name, schema):
        migrate(link, name, schema)
    check(link, name, schema)


def check(link: Link, name: str, schema: Schema) -> None:
    """Raises ``StorageError`` unless the schema is there, ours and at the version this code writes; only reads."""
    version = stamp(link, name, schema)
    if version != schema.latest:
        found = f"at version {version}, here {schema.latest}" if version else "not there"
        raise StorageError("not stored", f"schema {name} is {found}; run `trialflow storage migrate`")


def checked(connect: Callable[[], Link], name: str, schema: Schema) -> Callable[[], Link]:
    """``connect``, which looks at its first connection as :func:`check` does."""
    looked: list[bool] = []

    def connection() -> Link:
        link = connect()
        if not looked:
            check(link, name, schema)
            looked.append(True)
        return link

    return connection


def migrate(link: Link, name: str, schema: Schema) -> tuple[int, int]:
    """Bring a schema up to date in one transaction: afterwards it is at the latest version, or as it was.

    The versions before (0: it was made) and after. Within a host's transaction it is part of that. Raises
    ``StorageError`` when the schema is another program's or newer, or the role may not.
    """
    host = Hosted(f"schema {name}", quoted(name), lambda: link)
    with host.transaction():
        run(link, _ONE_AT_A_TIME)
        # Another process may have been faster, and it may have been a newer trialflow.
        before = stamp(link, name, schema)
        if before == schema.latest:
            return before, before
        if not before:
            if not run(link, _LOOK, {"name": name}).fetchall()[0][2]:
                run(link, host.statement("CREATE SCHEMA {schema}"))
            run(link, host.statement(_STORE))
        for script in schema.scripts[before:]:
            for text in script:
                run(link, host.statement(text))
        run(link, host.statement(_SET), (schema.what, schema.latest))
    return before, schema.latest


def stamp(link: Link, name: str, schema: Schema) -> int:
    """The version of what lies in the schema, 0 when it is empty or not there; only reads. Raises ``StorageError``."""
    try:
        server, encoding, _, things, ours = run(link, _LOOK, {"name": name}).fetchall()[0]
        found = run(link, _STAMP.replace("{schema}", quoted(name)).encode()).fetchall() if ours else []
    except psycopg.Error as error:
        raise failure("not stored", f"schema {name}", "read", error) from None
    if server < OLDEST or encoding != "UTF8":
        detail = f"the server is PostgreSQL {server} with {encoding}; a store needs {OLDEST} or newer, and UTF8"
        raise StorageError("not stored", detail)
    if things and not found:
        raise StorageError("not stored", f"schema {name} holds tables of another program; choose another name")
    if not things:
        return 0
    what, version = found[0]
    if what != schema.what:
        detail = f"schema {name} is the {what} of a store, not its {schema.what}; choose another name"
        raise StorageError("not stored", detail)
    if version > schema.latest:
        detail = (
            f"schema {name} was written by a newer trialflow (version {version}, here {schema.latest}); "
            "upgrade trialflow"
        )
        raise StorageError("not stored", detail)
    return int(version)
