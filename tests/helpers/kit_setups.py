"""Setups of what this package brings, for the kit. Stores on a host's connection are in tests/helpers/hosts.py."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from trialflow.adapters.checks import Opener, RendererSetup, SourceSetup, StorageSetup, VaultSetup
from trialflow.adapters.ports import Renderer, Storage, Vault
from trialflow.adapters.renderers.formats import FORMATS
from trialflow.adapters.sources.jsonl_inbox import JsonLinesInbox
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.sqlite_file import SqliteFile
from trialflow.adapters.storages.vault_sqlite import SqliteVault

__all__ = [
    "format_called",
    "formats",
    "in_memory",
    "inbox",
    "sqlite_files",
    "sqlite_vaults",
]

HERE = Path(__file__).parent


def in_memory() -> StorageSetup:
    """The reference."""
    return StorageSetup(make=MemoryStorage)


def sqlite_files(folder: Path) -> StorageSetup:
    """Files in ``folder``, one a store."""
    names = (folder / f"{n}.db" for n in itertools.count())

    def make(**options: Any) -> Storage:
        return SqliteStorage(next(names), **options)

    return StorageSetup(make=make, reopen=_reopened, opener=_opener, failing=failing)


def _reopened(store: Storage) -> Storage:
    assert isinstance(store, SqliteStorage)
    return SqliteStorage(store.path)


def _opener(store: Storage) -> Opener:
    assert isinstance(store, SqliteStorage)
    return Opener("trialflow.adapters.storages.sqlite:SqliteStorage", str(store.path))


class Counting:
    """A real connection whose ``n``-th statement fails as a bad disk makes it fail."""

    def __init__(self, db: sqlite3.Connection, n: int) -> None:
        self.db, self.left = db, n

    def execute(self, sql: str, *values: Any) -> Any:
        self._count()
        return self.db.execute(sql, *values)

    def executemany(self, sql: str, *values: Any) -> Any:
        self._count()
        return self.db.executemany(sql, *values)

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise sqlite3.OperationalError("disk I/O error")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.db, name)


@contextmanager
def failing(store: Storage, n: int) -> Iterator[Callable[[], bool]]:
    """The ``n``-th statement of ``store`` on its file fails."""
    assert isinstance(store, SqliteStorage)
    assert isinstance(store._file, SqliteFile)
    held = store._file._local.held
    counting = Counting(held.db, n)
    held.db = counting
    try:
        yield lambda: counting.left <= 0
    finally:
        held.db = counting.db


def sqlite_vaults(folder: Path) -> VaultSetup:
    """Files in ``folder``, one a vault."""
    names = (folder / f"{n}.vault.db" for n in itertools.count())
    return VaultSetup(make=lambda: SqliteVault(next(names)), reopen=_reopened_vault)


def _reopened_vault(vault: Vault) -> Vault:
    assert isinstance(vault, SqliteVault)
    return SqliteVault(vault.path)


def inbox(folder: Path) -> SourceSetup:
    """An inbox of JSON lines with more than one batch in two files, lines among them that are no inquiries."""
    start = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=-6)))
    holds: dict[str, datetime] = {}

    def line(number: int) -> str:
        holds[f"w-{number}"] = start + timedelta(minutes=number)
        person = {"name": f"Zwobbel Quaxterman {number}", "phone": f"555-01{number % 100:02}"}
        told = {"external_id": f"w-{number}", "at": holds[f"w-{number}"].isoformat(), "person": person, "study": "S1"}
        return json.dumps(told) + "\n"

    (folder / "a.jsonl").write_text("".join(map(line, range(400))) + "no JSON\n", "utf-8")
    (folder / "b.jsonl").write_text('{"external_id": "", "at": 3}\n' + "".join(map(line, range(400, 700))), "utf-8")

    def arrive() -> str:
        number = len(holds)
        with (folder / "b.jsonl").open("a", encoding="utf-8") as file:
            file.write(line(number))
        return f"w-{number}"

    @contextmanager
    def unreachable() -> Iterator[None]:
        away = folder.with_name(f"{folder.name}-away")
        folder.rename(away)
        try:
            yield
        finally:
            away.rename(folder)

    return SourceSetup(
        make=lambda: JsonLinesInbox(folder, "Web form"),
        holds=dict(holds),
        unusable=2,
        arrive=arrive,
        unreachable=unreachable,
    )


def formats(name: str) -> RendererSetup:
    """A built-in format, which other processes make as well."""
    opener = Opener("kit_setups:format_called", name, (str(HERE),))
    return RendererSetup(make=lambda: format_called(name), opener=opener)


def format_called(name: str) -> Renderer:
    """A new renderer of a built-in format."""
    return type(FORMATS[name])()
