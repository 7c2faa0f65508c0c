"""What a failure of PostgreSQL becomes: its outcome, its kind, its SQLSTATE, and advice that fits."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from trialflow.adapters.storages.postgres_errors import Collided, failure, unreachable
from trialflow.model.errors import StorageError

KNOWN: dict[str, tuple[psycopg.Error, str]] = {
    "by its own state": (errors.DiskFull("x"), "the server's disk is full"),
    "by the class of its state": (errors.OutOfMemory("x"), "the server is short of something"),
    "a state nobody knows": (errors.FeatureNotSupported("x"), "see the server's log"),
    "a value the driver cannot send": (psycopg.DataError("x"), "cannot be kept there"),
    "a connection that is gone": (psycopg.OperationalError("x"), "the connection was lost"),
    "a connection that was closed": (psycopg.InterfaceError("x"), "the connection was lost"),
    "anything else of the driver's": (psycopg.ProgrammingError("x"), "see the server's log"),
}


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("outcome", ["not stored", "unknown"])
def test_a_failure_says_what_failed_and_what_to_do(name: str, outcome: str) -> None:
    error, advice = KNOWN[name]
    told = failure("unknown" if outcome == "unknown" else "not stored", "the ledger x", "written", error)
    assert type(told) is StorageError
    assert told.outcome == outcome
    assert told.detail.startswith("the ledger x cannot be written: ")
    assert advice in told.detail
    assert ("SQLSTATE" in told.detail) is bool(error.sqlstate)
    assert (error.sqlstate or "") in told.detail


@pytest.mark.parametrize("error", [errors.UniqueViolation("x"), errors.RestrictViolation("x")])
def test_a_row_that_another_append_took_is_a_collision(error: psycopg.Error) -> None:
    told = failure("not stored", "the ledger x", "written", error)
    assert isinstance(told, Collided)
    assert "begin anew" in told.detail
    assert type(failure("not stored", "the ledger x", "written", errors.NotNullViolation("x"))) is StorageError


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ('FATAL: password authentication failed for user "x"', "the role or its password is wrong"),
        ('FATAL: database "x" does not exist', "there is no such database or role"),
        ("connection refused", "no server answers there"),
        ("FATAL: the database system is starting up", "the server is starting"),
        ("something new", "check the address"),
    ],
)
def test_no_connection_says_why_in_our_own_words(said: str, advice: str) -> None:
    told = unreachable("the ledger x", psycopg.OperationalError(said))
    assert told.outcome == "not stored"
    assert told.detail.startswith("the ledger x cannot be opened: ")
    assert advice in told.detail
    assert said not in told.detail
