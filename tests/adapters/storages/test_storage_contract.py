"""Both stores keep the storage contract; stores with one fault each do not."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

import trialflow.adapters.ports as ports
from broken_stores import BROKEN_STORES
from ledger_samples import Ticking
from storage_checks import STORAGE_CHECKS, Broken, Make
from trialflow.adapters.ports import Storage
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.sqlite_file import SAFE_WAL

Check = Callable[[Make], None]


@pytest.fixture(params=["memory", "sqlite", "sqlite with a write-ahead log"])
def make(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    opened: list[SqliteStorage] = []
    if request.param.endswith("log"):
        # What a newer SQLite will use. The fault of older ones needs far more writing than these checks do.
        monkeypatch.setattr(sqlite3, "sqlite_version_info", SAFE_WAL)

    def made(clock: Callable[[], datetime] | None = None) -> Storage:
        ticking = clock or Ticking()
        if request.param == "memory":
            return MemoryStorage(clock=ticking)
        opened.append(SqliteStorage(tmp_path / f"{len(opened)}.db", clock=ticking))
        return opened[-1]

    yield made
    for store in opened:
        store.close()


@pytest.mark.parametrize("check", STORAGE_CHECKS, ids=lambda check: check.__name__)
def test_store_keeps_the_contract(make: Make, check: Check) -> None:
    check(make)


@pytest.mark.parametrize("broken", BROKEN_STORES, ids=lambda store: store.__name__)
def test_a_broken_store_is_caught(broken: type[MemoryStorage]) -> None:
    caught = []
    for check in STORAGE_CHECKS:
        try:
            check(lambda clock=None: broken(clock=clock or Ticking()))
        except (Broken, Exception) as error:
            caught.append((check.__name__, error))
    assert caught, f"no check notices {broken.__name__}: {broken.__doc__}"


def test_every_clause_is_checked_and_every_check_names_its_clause() -> None:
    clauses = set(re.findall(r"^S\d", ports.__doc__ or "", re.MULTILINE))
    quoted = {(check.__doc__ or "")[:2] for check in STORAGE_CHECKS}
    assert clauses == quoted
    assert len({check.__name__ for check in STORAGE_CHECKS}) == len(STORAGE_CHECKS)
