"""The Django example: its own tests on both databases, its migrations, and one command that makes it run."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from pg_server import dsn
from serving import HOST

SITE = Path(__file__).parents[2] / "examples" / "django_site"


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLINIC_", "DJANGO_"))}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **more}


def manage(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py`, where a warning is an error."""
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *words],
        cwd=SITE,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
def test_its_own_tests_pass(database: str, tmp_path: Path) -> None:
    # Django makes a database for the tests beside the named one.
    place = {"CLINIC_DB": str(tmp_path / "clinic.sqlite3")} if database == "SQLite" else {"CLINIC_POSTGRES": dsn()}
    found = manage("test", "--noinput", **place)
    assert found.returncode == 0, found.stderr
    ran = re.search(r"Ran (\d+) tests", found.stderr)
    assert ran is not None
    assert int(ran[1]) >= 13


def test_its_migrations_are_complete(tmp_path: Path) -> None:
    found = manage("makemigrations", "--check", "--dry-run", CLINIC_DB=str(tmp_path / "clinic.sqlite3"))
    assert found.returncode == 0, found.stdout


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of the running demonstration."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--port", str(port), "--password", "demo-pass"],
        cwd=SITE,
        env=environment(CLINIC_DB=str(tmp_path / "clinic.sqlite3")),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://{HOST}:{port}"
    try:
        until = time.monotonic() + 60
        while not answers(address):
            assert running.poll() is None, "the demonstration has ended"
            assert time.monotonic() < until, "the demonstration does not answer"
            time.sleep(0.2)
        yield address
    finally:
        running.terminate()
        running.wait(30)


def answers(address: str) -> bool:
    try:
        urllib.request.urlopen(f"{address}/admin/login/", timeout=5).close()
    except OSError:
        return False
    return True


def test_one_command_starts_it(served: str) -> None:
    session = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    login = session.open(f"{served}/admin/login/?next=/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', login)
    assert token is not None
    form = f"csrfmiddlewaretoken={token[1]}&username=anna&password=demo-pass&next=/".encode()
    board = session.open(urllib.request.Request(f"{served}/admin/login/", form)).read().decode()
    assert "<iframe" in board
    page = session.open(f"{served}/admin/recruiting/enquiry/board/page/").read().decode()
    assert "CL-0" in page
    assert session.open(f"{served}/static/admin/css/base.css").status == 200
    stranger = urllib.request.urlopen(f"{served}/admin/recruiting/enquiry/board/page/").read().decode()
    assert "CL-0" not in stranger
    assert "id_password" in stranger


def test_a_vault_of_its_own_keeps_names_out_of_the_database(tmp_path: Path) -> None:
    database, vault = tmp_path / "clinic.sqlite3", tmp_path / "vault.db"
    place = {"CLINIC_DB": str(database), "CLINIC_VAULT": str(vault)}
    first, again = (manage("demo", "--no-server", **place) for _ in range(2))
    assert "27 rows" in first.stdout, first.stderr
    assert again.returncode == 0
    assert "rows" not in again.stdout, "filled once"
    assert b"cleo2@example.org" in vault.read_bytes()
    assert b"cleo2@example.org" not in database.read_bytes()
    passwords = {word for found in (first, again) for word in re.findall(r"password (\S+):", found.stdout)}
    assert len(passwords) == 2, "a new password at each start"
