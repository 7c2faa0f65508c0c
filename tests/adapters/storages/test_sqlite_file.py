"""How the two files are opened and shared: settings, permissions, threads, forks, and everything that can be wrong."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
import weakref
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ledger_samples import Ticking, contacted, day, received
from trialflow.adapters.ports import Entry
from trialflow.adapters.storages import sqlite_file
from trialflow.adapters.storages.opening import open_store, vault_path
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.sqlite_file import SqliteFile
from trialflow.adapters.storages.vault_sqlite import SqliteVault
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import StorageError

Open = Callable[[Path], SqliteStorage | SqliteVault]
both = pytest.mark.parametrize("opened", [SqliteStorage, SqliteVault])


def pragma(path: Path, store: SqliteStorage | SqliteVault, name: str) -> object:
    return store._file.rows(f"PRAGMA {name}")[0][0]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@both
def test_settings_that_make_a_commit_durable(opened: Open, tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as store:
        log_ahead = sqlite3.sqlite_version_info >= sqlite_file.SAFE_WAL and opened is SqliteStorage
        assert pragma(store.path, store, "journal_mode") == ("wal" if log_ahead else "delete")
        # 2 is FULL, 3 is EXTRA: FULL and the directory synced after the journal is gone.
        assert pragma(store.path, store, "synchronous") == (2 if log_ahead else 3)
        assert pragma(store.path, store, "secure_delete") == int(opened is SqliteVault)
        assert pragma(store.path, store, "recursive_triggers") == 1
        assert pragma(store.path, store, "trusted_schema") == 0


@pytest.mark.parametrize(("version", "expected"), [((3, 51, 2), "delete"), ((3, 51, 3), "wal"), ((3, 52, 0), "wal")])
def test_the_journal_depends_on_the_sqlite_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int], expected: str
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    with SqliteStorage(tmp_path / "a.db") as ledger, SqliteVault(tmp_path / "v.db") as vault:
        assert pragma(ledger.path, ledger, "journal_mode") == expected
        assert pragma(ledger.path, ledger, "synchronous") == (2 if expected == "wal" else 3)
        assert pragma(vault.path, vault, "journal_mode") == "delete"


def test_a_vault_with_a_write_ahead_log_loses_it_when_it_is_opened(tmp_path: Path) -> None:
    """Some other program gave it one: erased pages would stay in it."""
    path = tmp_path / "v.db"
    SqliteVault(path).close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
    with SqliteVault(path) as vault:
        assert pragma(path, vault, "journal_mode") == "delete"


def test_files_and_their_journals_are_for_the_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        storage, vault = open_store(tmp_path / "site.db")
        for store in (storage, vault):
            with store._file.transaction() as db:
                db.execute("UPDATE meta SET position = position" if store is storage else "DELETE FROM entries WHERE 0")
                db.execute("CREATE TABLE scratch (x)")
                files = sorted(tmp_path.glob(f"{store.path.name}*"))
                assert len(files) > 1, "the journal lies beside the file while it is written"
                assert {mode(f) for f in files} == {0o600}
                db.execute("DROP TABLE scratch")
        storage.close()
        vault.close()
    finally:
        os.umask(before)


def test_an_open_vault_is_tightened_and_a_shared_ledger_left_alone(tmp_path: Path) -> None:
    for store in open_store(tmp_path / "site.db"):
        store.close()
        store.path.chmod(0o644)
    storage, vault = open_store(tmp_path / "site.db")
    assert (mode(storage.path), mode(vault.path)) == (0o644, 0o600)
    storage.close()
    vault.close()


# What can be wrong with a path: each error says what, names the file but not its folder, and says nothing was stored.


def wrong(opened: Open, path: Path) -> str:
    with pytest.raises(StorageError) as caught:
        opened(path)
    assert caught.value.outcome == "not stored"
    assert path.name in str(caught.value)
    assert str(path.parent) not in str(caught.value) or not path.parent.name
    return str(caught.value)


def test_closing_closes_the_connections_of_every_thread(tmp_path: Path) -> None:
    """Also of one that is still at work: its next use is refused."""
    store, read, closed = SqliteStorage(tmp_path / "a.db"), threading.Event(), threading.Event()
    told: list[BaseException] = []

    def work() -> None:
        store.read("lead:a")
        read.set()
        closed.wait(30)
        try:
            store.read("lead:a")
        except StorageError as error:
            told.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert read.wait(30)
    store.close()
    closed.set()
    thread.join()
    assert len(told) == 1


def test_a_guard_that_was_put_in_place_of_ours_is_changed_not_missing(tmp_path: Path) -> None:
    with SqliteStorage(tmp_path / "a.db") as store:
        with closing(sqlite3.connect(store.path)) as db:
            db.execute("DROP TRIGGER events_no_delete")
            assert store.faults() == ("trigger events_no_delete is missing",)
            db.execute("CREATE TRIGGER events_no_delete AFTER INSERT ON events BEGIN SELECT 1; END")
        assert store.faults() == ("trigger events_no_delete is changed",)


def test_a_read_that_fails_names_the_file_and_what_failed(tmp_path: Path) -> None:
    storage, vault = open_store(tmp_path / "site.db")
    for store, table, read in ((storage, "meta", storage.head), (vault, "entries", vault.namespace)):
        with closing(sqlite3.connect(store.path)) as db:
            db.execute(f"DROP TABLE {table}")
        with pytest.raises(StorageError) as refused:
            read()
        assert refused.value.outcome == "not stored"
        assert refused.value.detail.startswith(f"{store.path.name} cannot be read: ")
        assert table in refused.value.detail
        store.close()


@both
def test_a_directory_is_no_store(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    assert "site cannot be opened: check that it is a file" in wrong(opened, tmp_path / "site")


@both
def test_a_missing_folder_is_said(opened: Open, tmp_path: Path) -> None:
    assert "a.db cannot be opened: No such file or directory" in wrong(opened, tmp_path / "none" / "a.db")


@both
def test_a_text_file_is_no_store_and_is_left_as_it_is(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but longer than a hundred bytes " * 9)
    before = path.read_bytes()
    assert "it is no SQLite file; choose another" in wrong(opened, path)
    assert path.read_bytes() == before


@both
def test_a_cut_file_is_refused(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    opened(path).close()
    path.write_bytes(path.read_bytes()[:5000])
    assert "cannot be opened" in wrong(opened, path)


@both
@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_another_programs_database_is_refused_and_left_as_it_is(opened: Open, tmp_path: Path, journal: str) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA journal_mode={journal}")
        db.execute("CREATE TABLE theirs (x)")
        db.commit()
    before = path.read_bytes()
    assert "is a database of another program; choose another file" in wrong(opened, path)
    assert path.read_bytes() == before


def test_ledger_and_vault_are_not_taken_for_each_other(tmp_path: Path) -> None:
    storage, vault = open_store(tmp_path / "site.db")
    storage.close()
    vault.close()
    assert "is the vault of a store, not its ledger" in wrong(SqliteStorage, vault.path)
    assert "is the ledger of a store, not its vault" in wrong(SqliteVault, storage.path)


@both
@pytest.mark.parametrize("name", ["", ":memory:"])
def test_a_name_that_sqlite_takes_for_memory_is_refused(opened: Open, name: str) -> None:
    with pytest.raises(StorageError, match="needs a file; for memory use MemoryStorage") as refused:
        opened(name)  # type: ignore[arg-type]
    assert refused.value.outcome == "not stored"


@both
def test_no_name_is_taken_for_an_address(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with opened(Path("file:a.db?mode=memory")) as store:
        assert store.path == tmp_path / "file:a.db?mode=memory"
        assert store.path.stat().st_size
    assert [p.name for p in tmp_path.iterdir()] == ["file:a.db?mode=memory"]


def test_a_relative_path_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    with SqliteStorage("a.db", clock=Ticking()) as store:
        monkeypatch.chdir(tmp_path / "elsewhere")
        thread = threading.Thread(target=store.append, args=("lead:a", [received()]), kwargs={"expected_version": 0})
        thread.start()
        thread.join()
        assert len(list(store.scan())) == 1
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_ledger_without_its_vault_is_refused(tmp_path: Path) -> None:
    storage, vault = open_store(tmp_path / "site.db", clock=lambda: day(7))
    assert storage.append("lead:a", [received()], expected_version=0)[0].recorded_at == day(7)
    storage.close()
    vault.close()
    vault.path.unlink()
    with pytest.raises(StorageError, match=r"its vault site.vault.db is not there; restore it") as refused:
        open_store(tmp_path / "site.db")
    assert refused.value.outcome == "not stored"
    assert not vault.path.exists(), "no empty vault may take the place of the lost one"


@pytest.mark.parametrize(
    ("path", "beside"),
    [("site.db", "site.vault.db"), ("site", "site.vault.db"), ("a.b.sqlite", "a.b.vault.sqlite")],
)
def test_where_the_vault_lies(path: str, beside: str) -> None:
    assert vault_path(f"folder/{path}") == Path("folder") / beside


@both
def test_a_closed_store_says_so(opened: Open, tmp_path: Path) -> None:
    store = opened(tmp_path / "a.db")
    store.close()
    store.close()
    with pytest.raises(StorageError, match=r"a.db was closed; open it again") as refused:
        store.head() if isinstance(store, SqliteStorage) else store.get("identity", "x")
    assert refused.value.outcome == "not stored"


@both
def test_connections_end_with_their_threads(opened: Open, tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as store:
        file = store._file
        assert isinstance(file, SqliteFile)
        for _ in range(20):
            thread = threading.Thread(target=file.rows, args=("SELECT 1",))
            thread.start()
            thread.join()
        assert len(file._held) == 1
        # SQLite keeps a descriptor or two until no connection holds a lock, and uses them again.
        assert len([p for p in os.listdir("/proc/self/fd") if _is(p, store.path)]) <= 2
    assert not [p for p in os.listdir("/proc/self/fd") if _is(p, tmp_path / "a.db")]


def _is(descriptor: str, path: Path) -> bool:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}") == str(path)
    except OSError:
        return False


def run(code: str, *args: object) -> str:
    """Run Python in a process of its own; what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_opens_its_own_connection(tmp_path: Path) -> None:
    """Parent and child write in turn through the same objects; nobody's lock or transaction is disturbed."""
    told = run(
        """
        import os, sys
        sys.path.insert(0, sys.argv[2])
        from ledger_samples import contacted, received
        from trialflow.adapters.ports import Entry
        from trialflow.adapters.storages.opening import open_store
        from trialflow.adapters.storages.verify import verify
        storage, vault = open_store(sys.argv[1])
        storage.append("lead:a", [received()], expected_version=0)
        inherited = storage._file.connection()
        with storage._file.transaction():  # the parent is in the middle of a write
            child = os.fork()
            if child == 0:
                assert storage._file.connection() is not inherited
                assert len(storage.read("lead:a")) == 1
                vault.put([Entry("note", "n", "", "from the child")])
                os._exit(0)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert storage._file.connection() is inherited
        child = os.fork()
        if child == 0:
            storage.append("lead:a", [contacted(1)], expected_version=1)
            storage.close()
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        storage.append("lead:a", [contacted(2)], expected_version=2)
        print(verify(storage).records, vault.get("note", "n"))
        """,
        tmp_path / "site.db",
        Path(__file__).parents[2] / "helpers",
    )
    assert told == "3 from the child"


def test_a_connection_that_came_over_a_fork_is_given_up_and_stays_open(tmp_path: Path) -> None:
    """To close it could roll back what the parent is writing."""
    db = sqlite3.connect(tmp_path / "a.db", factory=Watched)
    seen = weakref.ref(db)
    held = sqlite_file._Held(db)
    held.close(getpid=lambda: os.getpid() + 1)
    assert db.execute("SELECT 1").fetchone() == (1,)
    del db, held
    # What held it closes it at last, in its own process.
    there = seen()
    assert there is not None, "nobody holds it: it is closed"
    sqlite_file._INHERITED.remove(there)


class Watched(sqlite3.Connection):
    """A connection that can be watched."""


_AS_NOBODY = """
    import os, sys
    sys.path.insert(0, sys.argv[3])
    from ledger_samples import contacted
    from trialflow.adapters.storages.sqlite import SqliteStorage
    from trialflow.adapters.storages.memory import MemoryStorage
    from trialflow.model.errors import StorageError
    MemoryStorage().append("lead:a", [contacted(1)], expected_version=0)  # all that is imported late is imported
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    try:
        store = SqliteStorage(sys.argv[1])
        print(len(list(store.scan())))
        if sys.argv[2] == "append":
            store.append("lead:a", [contacted(1)], expected_version=1)
    except StorageError as error:
        print(error.outcome, "|", error.detail)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can act as another user")
@pytest.mark.parametrize(
    ("permissions", "folder", "act", "expected"),
    [
        (0o644, 0o755, "read", "1"),
        (0o644, 0o755, "append", "1\nnot stored | a.db cannot be written: it is read-only; check its permissions"),
        (0o666, 0o755, "append", "1\nnot stored | a.db cannot be written: it is read-only"),
        (0o600, 0o755, "read", "not stored | a.db cannot be opened: check that it is a file"),
    ],
    ids=["readable", "read-only", "read-only folder", "unreadable"],
)
def test_permissions(tmp_path: Path, permissions: int, folder: int, act: str, expected: str) -> None:
    """A ledger that may only be read can be read; what may not be written says so."""
    if sqlite3.sqlite_version_info >= sqlite_file.SAFE_WAL:
        pytest.skip("a write-ahead log needs a writable folder even for reading")
    place = tmp_path / "shared"
    place.mkdir()
    with SqliteStorage(place / "a.db", clock=Ticking()) as store:
        store.append("lead:a", [received()], expected_version=0)
    (place / "a.db").chmod(permissions)
    place.chmod(folder)
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(parent.stat().st_mode | 0o055)
    told = run(_AS_NOBODY, place / "a.db", act, Path(__file__).parents[2] / "helpers")
    assert told.startswith(expected), told


def test_a_held_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program that never lets go: a clear error after the wait, nothing stored, a retry works."""
    monkeypatch.setattr(sqlite_file, "_BUSY_SECONDS", 0.05)
    with SqliteStorage(tmp_path / "a.db", clock=Ticking()) as store:
        with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match="another program holds it; try again") as caught:
                store.append("lead:a", [received()], expected_version=0)
            assert caught.value.outcome == "not stored"
            assert tuple(store.scan()) == (), "a reader is not kept waiting by a writer"
            other.execute("ROLLBACK")
        store.append("lead:a", [received()], expected_version=0)
        assert verify(store).records == 1


def test_a_commit_held_up_by_a_reader_is_not_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a rollback journal a commit waits for readers; when it gives up, it is rolled back and says so."""
    if sqlite3.sqlite_version_info >= sqlite_file.SAFE_WAL:
        pytest.skip("with a write-ahead log readers hold up nobody")
    monkeypatch.setattr(sqlite_file, "_BUSY_SECONDS", 0.05)
    with SqliteStorage(tmp_path / "a.db", clock=Ticking()) as store:
        store.append("lead:a", [received()], expected_version=0)
        with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM events").fetchall()
            with pytest.raises(StorageError) as caught:
                store.append("lead:a", [contacted(1)], expected_version=1)
            assert caught.value.outcome == "not stored"
        assert len(store.read("lead:a")) == 1
        store.append("lead:a", [contacted(1)], expected_version=1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A file system of 1 MiB of its own."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if (
        not hasattr(os, "geteuid")
        or os.geteuid() != 0
        or subprocess.run(mount, check=False, capture_output=True).returncode
    ):
        pytest.skip("mounting a small disk needs root")
    return place


def test_a_full_disk(small_disk: Path) -> None:
    """What was acknowledged stays, what failed says so, and with free space it goes on without repair."""
    try:
        (small_disk / "ballast").write_bytes(b"x" * 300_000)
        store = SqliteStorage(small_disk / "a.db", clock=Ticking())
        acknowledged = 0

        def fill() -> None:
            nonlocal acknowledged
            while True:
                acknowledged += len(store.append("lead:a", [contacted(1)] * 30, expected_version=acknowledged))

        with pytest.raises(StorageError, match="the disk is full; free some space") as caught:
            fill()
        assert acknowledged
        stored = len(store.read("lead:a"))
        assert stored == acknowledged if caught.value.outcome == "not stored" else stored >= acknowledged
        assert verify(store).ok
        (small_disk / "ballast").unlink()
        store.append("lead:a", [contacted(1)], expected_version=stored)
        assert verify(store).records == stored + 1
        store.close()
    finally:
        subprocess.run(["umount", str(small_disk)], check=True)


def test_a_store_that_is_full_by_its_own_limit(tmp_path: Path) -> None:
    """The same without a mount: SQLite's own limit of pages."""
    with SqliteStorage(tmp_path / "a.db", clock=Ticking()) as store:
        store.append("lead:a", [received()], expected_version=0)
        store._file.rows(f"PRAGMA max_page_count={pragma(store.path, store, 'page_count')}")
        with pytest.raises(StorageError, match="the disk is full"):
            store.append("lead:a", [contacted(n) for n in range(500)], expected_version=1)
        assert verify(store).records == 1
        store._file.rows("PRAGMA max_page_count=100000")
        store.append("lead:a", [contacted(n) for n in range(500)], expected_version=1)
        assert verify(store).records == 501


def test_a_vault_put_is_all_or_nothing(tmp_path: Path) -> None:
    with SqliteVault(tmp_path / "v.db") as vault:
        with pytest.raises(StorageError, match="cannot be written"):
            vault.put([Entry("note", "1", "a", "fine"), Entry("note", "2", "a", None)])  # type: ignore[arg-type]
        assert list(vault.items("note")) == []
