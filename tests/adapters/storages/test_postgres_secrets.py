"""A connection string may hold a password, and the server's own words may quote values: no message repeats either."""

from __future__ import annotations

import traceback

import psycopg
import pytest

from pg_server import dsn, fresh_schema, skip_without_server
from trialflow.adapters.storages.postgres import PostgresStorage
from trialflow.adapters.storages.postgres_errors import failure
from trialflow.adapters.storages.vault_postgres import PostgresVault
from trialflow.model.errors import StorageError

SECRET = "s3cr3t-pa55word"


@pytest.fixture
def schema() -> str:
    skip_without_server()
    return fresh_schema()


WRONG_DSNS = {
    "no server": f"host=/nowhere password={SECRET}",
    "no such database": f"dbname=nowhere password={SECRET}",
    "no such role": f"user=nobody_there password={SECRET}",
    "refused": f"host=127.0.0.1 port=1 password={SECRET}",
    "not closed": f"password='{SECRET}",
    "no such word": f"{SECRET} host=x",
    "no such option": f"secret={SECRET}",
    "a stray percent": f"postgresql://u:%zz{SECRET}@localhost/x",
    "an @ too many": f"postgresql://u:p@{SECRET}@localhost/x",
    "a bad port": f"postgresql://u@localhost:{SECRET}/x",
}


@pytest.mark.parametrize("wrong", WRONG_DSNS.values(), ids=WRONG_DSNS.keys())
def test_a_connection_string_is_in_no_message(schema: str, wrong: str) -> None:
    given = f"{dsn()} {wrong}" if wrong.startswith(("dbname", "user")) else wrong
    with pytest.raises(StorageError, match=f"the ledger {schema} cannot be opened: ") as refused:
        PostgresStorage(given, schema=schema)
    told = "".join(traceback.format_exception(refused.value)) + repr(refused.value)
    assert SECRET not in told
    assert refused.value.outcome == "not stored"


def test_a_server_that_is_not_there_is_told_apart_from_a_string_that_cannot_be_read(schema: str) -> None:
    told = []
    for given in (f"host=/no-such-folder dbname=a password={SECRET}", f"no string {SECRET}"):
        with pytest.raises(StorageError) as refused:
            PostgresStorage(given, schema=schema)
        told.append("its connection string cannot be read" in refused.value.detail)
    assert told == [False, True]


def test_the_string_is_in_no_repr(schema: str) -> None:
    given = dsn(password=SECRET)
    with PostgresStorage(given, schema=schema) as store, PostgresVault(given, schema=fresh_schema()) as vault:
        assert SECRET not in repr(store) + repr(vault) + repr(store._access)


ADVICE = {
    "40001": "another transaction came in between",
    "40P01": "another transaction came in between",
    "53100": "the server's disk is full",
    "53300": "raise max_connections",
    "57P01": "the server is stopping",
    "25006": "the server is read-only",
    "XX001": "restore a backup",
    "99999": "see the server's log",
}


@pytest.mark.parametrize(("state", "words"), ADVICE.items())
def test_every_state_says_what_to_do_and_not_what_the_server_said(state: str, words: str) -> None:
    error = psycopg.Error("Failing row contains (identity, 1, Ann Example)")
    error.sqlstate = state
    told = failure("not stored", "the ledger x", "written", error)
    assert words in told.detail
    assert f"SQLSTATE {state}" in told.detail
    assert "Ann" not in str(told)
