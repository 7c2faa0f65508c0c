"""The storage contract, on directories that are made and thrown away."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from failing_disk import failing
from trialflow_lmdb.storage import LmdbStorage

from trialflow import StorageError
from trialflow.adapters.checks import Opener, StorageSetup
from trialflow.adapters.checks.pytest_kit import StorageContract
from trialflow.model.events import Received
from trialflow.model.moments import parse_iso
from trialflow.model.parties import Actor, Source

_number = itertools.count()


ANNA = Actor(id="anna", role="coordinator")


def event() -> Received:
    """Somebody asked on the radio."""
    return Received(at=parse_iso("2026-03-02T15:00:00Z"), by=ANNA, source=Source(id="Radio"))


def path_of(store: Any) -> Path:
    """Where a store lies."""
    return Path(store.path)


class TestLmdb(StorageContract):
    """Every clause but those of a host's connection, which LMDB does not have."""

    @pytest.fixture
    def setup(self, tmp_path: Path) -> StorageSetup:
        """New directories, two handles on one, another process, and a full one."""

        def make(**clock: Any) -> LmdbStorage:
            return LmdbStorage(tmp_path / f"ledger-{next(_number)}", **clock)

        return StorageSetup(
            make=make,
            reopen=lambda store: LmdbStorage(path_of(store)),
            opener=lambda store: Opener("trialflow_lmdb.storage:LmdbStorage", str(path_of(store))),
            failing=failing,
        )


def test_a_full_ledger_refuses_and_stores_again_in_a_larger_one(tmp_path: Path) -> None:
    """Nothing of what was refused is there; what was stored before is."""
    stored = 0

    def fill(store: LmdbStorage) -> None:
        nonlocal stored
        while True:
            store.append(f"lead:{stored}", [event()], expected_version=0)
            stored += 1

    with LmdbStorage(tmp_path, size_mb=1) as store, pytest.raises(StorageError, match="larger size_mb") as raised:
        fill(store)
    assert raised.value.outcome == "not stored"
    with LmdbStorage(tmp_path, size_mb=64) as store:
        assert store.read(f"lead:{stored}") == ()
        store.append(f"lead:{stored}", [event()], expected_version=0)
        assert len(list(store.scan())) == stored + 1


def test_a_closed_ledger_says_so(tmp_path: Path) -> None:
    """Not a crash, and closing twice is no mistake."""
    store = LmdbStorage(tmp_path)
    store.close()
    store.close()
    with pytest.raises(StorageError, match="closed"):
        store.read("lead:1")


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file stands in its place."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be opened"):
        LmdbStorage(tmp_path / "file")


def test_a_record_that_is_damaged_is_told(tmp_path: Path) -> None:
    """By its position, and not as something that LMDB says."""
    with LmdbStorage(tmp_path) as store:
        store.append("lead:1", [event()], expected_version=0)
        environment = store._env
        with environment.writing() as transaction:
            transaction.put((1).to_bytes(8, "big"), b"no record", db=environment.records)
        with pytest.raises(StorageError, match="record 1 cannot be read"):
            store.read("lead:1")
        with pytest.raises(StorageError, match="record 1 cannot be read"):
            list(store.scan())
