"""``trialflow storage``, and every other command over a store in PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from pg_server import dsn, fresh_schema, skip_without_server
from trialflow.adapters.storages.postgres_schema import LEDGER, VAULT

SHEET = "Id,Name,Phone,Status,Coordinator\n1,Ann Example,555-0101,New,Anna\n2,Ben Example,555-0102,Contacted,Anna\n"
PASSWORD = "s3cr3t-pa55word"


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[str, ...]:
    """The options that name a store in PostgreSQL."""
    skip_without_server()
    monkeypatch.setenv("SITE_DSN", dsn(password=PASSWORD))
    monkeypatch.chdir(tmp_path)
    return tuple(
        word
        for option in ("--storage", "--vault")
        for word in (option, f"postgres:dsn=env:SITE_DSN,schema={fresh_schema()}")
    )


def schema_of(place: tuple[str, ...], part: int) -> str:
    return place[part].partition("schema=")[2]


def test_a_tracker_is_imported_shown_and_verified(run: Any, place: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "tracker.csv").write_text(SHEET, "utf-8")
    assert run("import", "tracker.csv", *place, "--json").json["outcomes"]["created"] == 2
    assert run("import", "tracker.csv", *place, "--json").json["outcomes"]["unchanged"] == 2
    shown = run("worklist", *place)
    assert (shown.code, shown.err) == (0, "")
    assert "Anna" in shown.out
    checked = run("verify", *place, "--json")
    assert checked.json["ok"]
    exported = run("export", *place, "--out", "ledger.jsonl")
    assert exported.code == 0
    assert run("verify", "--file", "ledger.jsonl").code == 0


def test_migrate_makes_both_schemas_and_says_what_it_did(run: Any, place: tuple[str, ...]) -> None:
    first = run("storage", "migrate", *place)
    ledger, vault = (f"{what} in schema {schema_of(place, n)}" for what, n in (("ledger", 1), ("vault", 3)))
    new, old = LEDGER.latest, VAULT.latest
    assert (first.code, first.out) == (0, f"{ledger}: made, at version {new}\n{vault}: made, at version {old}\n")
    again = run("storage", "migrate", *place, "--json").json
    assert again["parts"] == [
        {"part": ledger, "before": new, "after": new},
        {"part": vault, "before": old, "after": old},
    ]
    assert run("storage", "migrate", *place).out.startswith(f"{ledger}: at version {new} already")


def test_files_are_opened(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    missing = run("storage", "migrate", "--db", "site.db")
    assert missing.code == 2
    (tmp_path / "tracker.csv").write_text(SHEET, "utf-8")
    run("import", "tracker.csv", "--db", "site.db")
    opened = run("storage", "migrate", "--db", "site.db")
    assert (opened.code, opened.out) == (0, f"{tmp_path / 'site.db'}: opened, which keeps it up to date\n")
    memory = run("storage", "migrate", "--storage", "memory")
    assert (memory.code, memory.out) == (0, "memory: opened, which keeps it up to date\n")


def test_a_foreign_schema_is_refused(run: Any, place: tuple[str, ...]) -> None:
    with psycopg.connect(dsn(), autocommit=True) as admin:
        admin.execute(f"CREATE SCHEMA {schema_of(place, 1)}".encode())
        admin.execute(f"CREATE TABLE {schema_of(place, 1)}.theirs (x int)".encode())
    refused = run("storage", "migrate", *place)
    assert refused.code == 3
    assert "holds tables of another program" in refused.err


def test_grants_are_printed_and_applied(run: Any, place: tuple[str, ...]) -> None:
    early = run("storage", "grants", *place, "--to", "pg_monitor", "--apply")
    assert early.code == 3
    assert "there is no such schema; `trialflow storage migrate` makes it" in early.err
    run("storage", "migrate", *place)
    role = f"worker_{schema_of(place, 1)}"
    printed = run("storage", "grants", *place, "--to", role)
    assert printed.code == 0
    assert f'GRANT SELECT, INSERT ON "{schema_of(place, 1)}".events TO "{role}";' in printed.out
    assert f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{schema_of(place, 3)}".entries TO "{role}";' in printed.out
    missing = run("storage", "grants", *place, "--to", role, "--apply")
    assert missing.code == 3
    assert "there is no such role; create it" in missing.err
    with psycopg.connect(dsn(), autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN".encode())
        try:
            applied = run("storage", "grants", *place, "--to", role, "--apply")
            assert (applied.code, applied.out.count(f"{role} has its rights")) == (0, 2)
            rights = "SELECT has_table_privilege(%s, %s, %s)"
            events = f"{schema_of(place, 1)}.events"
            assert admin.execute(rights, (role, events, "INSERT")).fetchone() == (True,)
            assert admin.execute(rights, (role, events, "UPDATE")).fetchone() == (False,)
            run("storage", "grants", *place, "--to", role, "--reader", "--apply")
            assert admin.execute(rights, (role, events, "INSERT")).fetchone() == (False,)
            assert admin.execute(rights, (role, events, "SELECT")).fetchone() == (True,)
        finally:
            admin.execute(f"DROP OWNED BY {role}".encode())
            admin.execute(f"DROP ROLE {role}".encode())


def test_what_cannot_be_meant_is_said(run: Any, place: tuple[str, ...], tmp_path: Path) -> None:
    elsewhere = run("storage", "grants", "--storage", f"sqlite:path={tmp_path / 'a.db'}", "--to", "somebody")
    assert elsewhere.code == 2
    assert "roles have rights in PostgreSQL only" in elsewhere.err
    assert run("storage", "grants", *place, "--to", "").code == 2
    odd = run("storage", "migrate", "--storage", "postgres:dsn=env:SITE_DSN,schema=Not This")
    assert odd.code == 2
    assert "small letters" in odd.err


def test_a_password_is_printed_nowhere(run: Any, place: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    said = [run("storage", "migrate", *place), run("plugins"), run("verify", *place)]
    for wrong in (f"host=/nowhere password={PASSWORD}", f"password='{PASSWORD}", f"postgresql://u:{PASSWORD}@@/x"):
        monkeypatch.setenv("SITE_DSN", wrong)
        for words in (("storage", "migrate"), ("verify",), ("storage", "grants", "--to", "x", "--apply")):
            said.append(run(*words, *place))
            assert said[-1].code == 3
            assert "cannot be opened" in said[-1].err
    written = run("storage", "migrate", "--storage", f"postgres:dsn=password={PASSWORD}")
    assert written.code == 2
    assert all(PASSWORD not in each.out + each.err for each in [*said, written])
