"""What a host is told when PostgreSQL fails: what to do, and whether it may be stored.

Nothing of the server's or the driver's own text is passed on: it can quote values, and a connection string that was
misread quotes parts of a password. The SQLSTATE is named instead.
"""

from __future__ import annotations

from typing import Literal

from trialflow.adapters.storages.postgres_driver import psycopg
from trialflow.model.errors import StorageError

__all__ = ["Collided", "Outcome", "failure", "unreachable"]

Outcome = Literal["not stored", "unknown"]

_TAKEN = ("23505", "23001")
"""UNIQUE, or the guard that takes the next record only."""

_ADVICE = {
    "08": "the connection was lost; try again",
    "22": "a text in it cannot be kept there (the character NUL)",
    "23505": "another append came in between; begin anew, and try again",
    "23001": "another append came in between; begin anew, and try again",
    "23": "the server refused it, since another program has written to its tables",
    "25006": "the server is read-only; name the one that is not",
    "25P02": "the host's transaction has failed; roll it back first",
    "28": "the role or its password is wrong",
    "3D000": "there is no such database; create it",
    "3F000": "there is no such schema; `trialflow storage migrate` makes it",
    "40": "another transaction came in between; try again",
    "42704": "there is no such role; create it",
    "42501": "the role may not; see `trialflow storage grants`",
    "53": "the server is short of something; see its log",
    "53100": "the server's disk is full; free some space",
    "53300": "the server has no connection left; try again, or raise max_connections",
    "54": "a stream's name or a key in it is too long",
    "55P03": "another transaction holds it; try again",
    "57014": "it took longer than the server allows; try again",
    "57": "the server is stopping; try again",
    "58": "the server's disk failed; see its log",
    "XX": "the server found damage or failed itself; see its log, restore a backup",
}
_CONNECTING = (
    ("password", "the role or its password is wrong"),
    ("authentication", "the role or its password is wrong"),
    ("pg_hba.conf", "the server lets nobody in from here; see its pg_hba.conf"),
    ("does not exist", "there is no such database or role; create it"),
    ("too many", "the server has no connection left; try again, or raise max_connections"),
    ("starting up", "the server is starting; try again"),
    ("recovery mode", "the server is starting; try again"),
    ("not yet accepting", "the server is starting; try again"),
    ("shutting down", "the server is stopping; try again"),
    ("translate host name", "no host of that name is known; check the connection string"),
    ("SSL", "no encrypted connection could be agreed on; check sslmode"),
    ("refused", "no server answers there; check the address, and that it runs"),
    ("No such file", "no server answers there; check the address, and that it runs"),
)


class Collided(StorageError):
    """Another append came in between: a row with the same position, version or key is there; nothing was stored."""


def failure(outcome: Outcome, name: str, what: str, error: psycopg.Error) -> StorageError:
    """What a host is told when ``name`` could not be read or written (``what``)."""
    state = error.sqlstate or _state_of(error)
    advice = _ADVICE.get(state) or _ADVICE.get(state[:2]) or "see the server's log"
    number = f" (SQLSTATE {state})" if len(state) == 5 else ""
    return (Collided if state in _TAKEN else StorageError)(outcome, f"{name} cannot be {what}: {advice}{number}")


def _state_of(error: psycopg.Error) -> str:
    """What the driver finds by itself has no state: a value it cannot send, a connection that is gone."""
    if isinstance(error, psycopg.DataError):
        return "22"
    return "08" if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) else ""


def unreachable(name: str, error: psycopg.Error) -> StorageError:
    """What a host is told when no connection came about."""
    said = str(error)
    advice = next((words for part, words in _CONNECTING if part in said), "check the address, and that the server runs")
    return StorageError("not stored", f"{name} cannot be opened: {advice}")
