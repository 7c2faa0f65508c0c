"""From what a host has in hand to the driver's connection beneath it. Neither Django nor SQLAlchemy is imported here
unless the host has done so."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from trialflow.model.errors import StorageError, Unsupported

__all__ = ["Host", "host_of"]

_DATABASES: dict[str, Literal["sqlite", "postgres"]] = {"sqlite": "sqlite", "postgresql": "postgres"}
"""The names of Django and SQLAlchemy, and ours."""

_PROXY = ("django.utils.connection", "ConnectionProxy")
_WRAPPER = ("django.db.backends.base.base", "BaseDatabaseWrapper")


class Host(NamedTuple):
    """``connect`` gives the driver's connection of this moment, ready for use in the host's transaction."""

    database: Literal["sqlite", "postgres"]
    connect: Callable[[], Any]


def host_of(connection: Any) -> Host:
    """How to reach the driver's connection. Raises ``TypeError``, ``Unsupported``."""
    if isinstance(connection, sqlite3.Connection):
        return Host("sqlite", lambda: connection)
    if _is(connection, "psycopg", "Connection"):
        return Host("postgres", lambda: connection)
    if _is(connection, "sqlalchemy", "Connection"):
        return _known(connection.dialect.name, lambda: _of_sqlalchemy(connection))
    if _is(connection, "sqlalchemy.orm", "Session", "scoped_session"):
        return _known(connection.get_bind().dialect.name, lambda: _of_sqlalchemy(connection))
    if _is(connection, *_PROXY) or _is(connection, *_WRAPPER):
        return _known(connection.vendor, _django(connection))
    raise TypeError(
        "a host's connection is one of sqlite3, psycopg, Django or SQLAlchemy, not async; "
        f"this is a {type(connection).__module__}.{type(connection).__qualname__}"
    )


def _is(thing: Any, module: str, *names: str) -> bool:
    """Whether ``thing`` is of a class that the host must have imported to have it."""
    known = sys.modules.get(module)
    return known is not None and isinstance(thing, tuple(getattr(known, name) for name in names))


def _known(name: str, connect: Callable[[], Any]) -> Host:
    database = _DATABASES.get(name)
    if database is None:
        raise Unsupported(f"a store in {name}", "SQLite and PostgreSQL are there; for others write a Storage")

    def checked() -> Any:
        link = connect()
        if isinstance(link, sqlite3.Connection) or _is(link, "psycopg", "Connection"):
            return link
        fix = "use Python's sqlite3" if database == "sqlite" else "use psycopg 3 (postgresql+psycopg://)"
        raise Unsupported(f"a host's connection of the driver {type(link).__module__}", fix)

    return Host(database, checked)


def _of_sqlalchemy(given: Any) -> Any:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        connection = given.connection() if hasattr(given, "get_bind") else given
        if not connection.in_transaction():
            # As any statement would. Without it the host's commit() would find no transaction, and commit nothing.
            connection.begin()
        return connection.connection.driver_connection
    except SQLAlchemyError as error:
        detail = "SQLAlchemy gives no connection; roll its transaction back, or open a new one"
        raise StorageError("not stored", detail) from error


def _django(given: Any) -> Callable[[], Any]:
    """Django's connection of the present thread, where ``given`` is one of ``connections``."""
    from django.db import connections

    alias = given.alias
    shared = alias in connections and (_is(given, *_PROXY) or connections[alias] is given)
    return lambda: _of_django(connections[alias] if shared else given)


def _of_django(wrapper: Any) -> Any:
    from django.db import Error

    if wrapper.needs_rollback:
        detail = "an earlier error has broken the atomic block around this; leave it, so that it is rolled back"
        raise StorageError("not stored", detail)
    try:
        wrapper.ensure_connection()
    except Error as error:
        raise StorageError("not stored", f"Django cannot connect to its database {wrapper.alias}") from error
    return wrapper.connection
