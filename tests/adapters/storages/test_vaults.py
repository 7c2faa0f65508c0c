"""The vault: apart from the ledger, for its owner alone, erasable for good."""

from __future__ import annotations

import random
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from trialflow.adapters.ports import Entry, Vault
from trialflow.adapters.storages import sqlite_file
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.vault_memory import MemoryVault
from trialflow.adapters.storages.vault_sqlite import SqliteVault
from trialflow.model.errors import StorageError


@pytest.fixture(params=["memory", "sqlite"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Vault]:
    if request.param == "memory":
        yield MemoryVault()
        return
    with SqliteVault(tmp_path / "v.db") as opened:
        yield opened


def test_put_and_get(vault: Vault) -> None:
    vault.put([Entry("identity", "a", "a", "Ann Example"), Entry("note", "a", "a", "other kind, same ref")])
    vault.put([Entry("identity", "a", "a", "Ann B. Example")])
    assert vault.get("identity", "a") == "Ann B. Example"
    assert vault.get("note", "a") == "other kind, same ref"
    assert vault.get("identity", "b") is None
    assert vault.get("label", "a") is None


def test_the_last_of_two_entries_in_one_put_need_not_be_first(vault: Vault) -> None:
    vault.put([Entry("label", "b", "", "2"), Entry("label", "a", "", "1")])
    assert list(vault.items("label")) == [("a", "", "1"), ("b", "", "2")], "items come in the order of refs"


def test_put_takes_any_iterable_and_nothing_of_one_that_breaks(vault: Vault) -> None:
    def broken() -> Iterator[Entry]:
        yield Entry("note", "1", "a", "text")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        vault.put(broken())
    assert list(vault.items("note")) == []
    vault.put(Entry("note", str(n), "a", "text") for n in range(3))
    assert len(list(vault.items("note"))) == 3
    vault.put([])


def test_items_streams_many(tmp_path: Path) -> None:
    with SqliteVault(tmp_path / "v.db") as vault:
        vault.put(Entry("row", f"{n:06}", "s", "t") for n in range(25_000))
        assert [ref for ref, _, _ in vault.items("row")] == [f"{n:06}" for n in range(25_000)]


def test_forget_erases_one_subject_and_keeps_its_tombstone(vault: Vault) -> None:
    vault.put(
        [
            Entry("identity", "a", "a", "Ann"),
            Entry("note", "n1", "a", "text"),
            Entry("tombstone", "a", "a", "erased"),
            Entry("identity", "b", "b", "Ben"),
            Entry("label", "own-1", "", "Anna"),
        ]
    )
    assert vault.forget("a") == 2
    assert vault.get("identity", "a") is None
    assert vault.get("note", "n1") is None
    assert vault.get("tombstone", "a") == "erased"
    assert vault.get("identity", "b") == "Ben"
    assert vault.forget("a") == 0
    assert vault.forget("nobody") == 0


def test_forget_of_nobody_erases_nothing(vault: Vault) -> None:
    """What belongs to no lead has the subject "": it is nobody's to erase."""
    vault.put([Entry("label", "own-1", "", "Anna")])
    assert vault.forget("") == 0
    assert vault.get("label", "own-1") == "Anna"


def test_the_namespace_stays(tmp_path: Path) -> None:
    with SqliteVault(tmp_path / "v.db") as first:
        namespace = first.namespace()
        first.forget("")
        first.forget("key")
    with SqliteVault(tmp_path / "v.db") as again, SqliteVault(tmp_path / "other.db") as other:
        assert again.namespace() == namespace
        assert other.namespace() != namespace, "every vault draws its own"
    assert MemoryVault().namespace() == MemoryVault().namespace(), "in memory, a run can be repeated"


def test_the_key_belongs_to_nobody_who_could_be_forgotten(tmp_path: Path) -> None:
    with SqliteVault(tmp_path / "v.db") as vault:
        assert list(vault.items("key")) == [("namespace", "", str(vault.namespace()))]


def test_a_vault_that_is_there_is_opened_without_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else whoever opens it would wait for everybody who writes."""
    path = tmp_path / "v.db"
    SqliteVault(path).close()
    monkeypatch.setattr(sqlite_file, "_BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with SqliteVault(path) as vault:
            assert vault.namespace()


def test_a_vault_that_lost_its_key_says_so(tmp_path: Path) -> None:
    with SqliteVault(tmp_path / "v.db") as vault:
        with closing(sqlite3.connect(tmp_path / "v.db")) as db:
            db.execute("DELETE FROM entries WHERE kind = 'key'")
            db.commit()
        with pytest.raises(StorageError, match=r"v.db has lost its key; restore it from a backup") as refused:
            vault.namespace()
        assert refused.value.outcome == "not stored"


def test_a_vault_in_memory_has_the_namespace_it_was_given() -> None:
    given = uuid.UUID(int=7)
    assert MemoryVault(given).namespace() == given
    assert isinstance(MemoryVault().namespace(), uuid.UUID)


SECRETS = ("Erasmus Verschwinde", "+1 212 555 0177", "erasmus@example.org")


def remains(path: Path) -> list[str]:
    raw = b"".join(p.read_bytes() for p in path.parent.iterdir() if p.name.startswith(path.name))
    return [text for text in SECRETS if text.encode() in raw]


@pytest.mark.parametrize("how", ["forget", "replace", "shorten"])
@pytest.mark.parametrize("filling", [0, 3_000])
def test_erased_bytes_are_gone_from_the_file(tmp_path: Path, how: str, filling: int) -> None:
    """No byte of it in the file or beside it: not in a free page, not in the slack of a page, not in a journal."""
    path = tmp_path / "v.db"
    rng = random.Random(how)
    with SqliteVault(path) as vault:
        others = [Entry("row", f"{rng.random()}", f"s{n}", "x" * rng.randrange(400)) for n in range(filling)]
        mine = [Entry("identity", text, "a", text * 20) for text in SECRETS]
        mine += [Entry("note", f"{n}", "a", f"{SECRETS[0]} {n}" * 300) for n in range(20)]  # on overflow pages
        vault.put(others[::2])
        vault.put(mine)
        vault.put(others[1::2])
        assert remains(path) == list(SECRETS), "the search must find what is there"
        if how == "forget":
            assert vault.forget("a") == len(mine)
        else:
            vault.put(Entry(e.kind, e.ref, "a", "" if how == "replace" else "gone") for e in mine)
            vault.forget("a")
        assert remains(path) == []
    assert remains(path) == []


def test_the_search_finds_what_is_not_overwritten(tmp_path: Path) -> None:
    """Negative control: the same deletion without secure_delete leaves the bytes in the file."""
    path = tmp_path / "v.db"
    with SqliteVault(path) as vault:
        vault._file.rows("PRAGMA secure_delete=OFF")
        vault.put(Entry("identity", text, "a", text * 20) for text in SECRETS)
        vault.forget("a")
    assert remains(path)


def test_vault_and_ledger_are_two_files(tmp_path: Path) -> None:
    """Neither store has a method of the other: what is private cannot be put into the ledger by mistake."""
    with SqliteVault(tmp_path / "v.db") as vault, SqliteStorage(tmp_path / "l.db") as ledger:
        assert vault.path != ledger.path
    for method in ("put", "get", "items", "forget", "namespace"):
        assert not hasattr(SqliteStorage, method)
        assert not hasattr(MemoryStorage, method)
    for method in ("append", "read", "scan"):
        assert not hasattr(SqliteVault, method)
        assert not hasattr(MemoryVault, method)
