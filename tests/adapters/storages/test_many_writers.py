"""Eight processes, and eight threads, on one file at once: nothing is lost and nothing but Conflict is seen."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ledger_samples import Ticking, contacted, later_kind, noted, received
from tests_sizes import size
from trialflow.adapters.ports import Append, Entry
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.opening import open_store
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.verify import verify
from trialflow.model.errors import TrialflowError
from trialflow.model.events import Event

WRITERS = 8
HELPERS = Path(__file__).parents[2] / "helpers"


def test_eight_processes_on_one_new_file(tmp_path: Path) -> None:
    """They race to create it, too."""
    each = size(ci=30, long=2_000)
    started = [
        subprocess.Popen(
            [sys.executable, HELPERS / "many_writers.py", tmp_path / "site.db", f"w{n}", str(each)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(WRITERS)
    ]
    told = [process.communicate() for process in started]
    assert [process.returncode for process in started] == [0] * WRITERS, [errors[-500:] for _, errors in told]
    storage, vault = open_store(tmp_path / "site.db")
    with storage, vault:
        refs = sorted(getattr(r.event, "ref", "") for r in storage.scan())
        assert refs == sorted(f"w{w}.{n}" for w in range(WRITERS) for n in range(each)), "each append exactly once"
        assert verify(storage).ok
        assert len(list(vault.items("note"))) == WRITERS * each
        assert len({str(vault.namespace())}) == 1


def test_eight_threads_on_one_object(tmp_path: Path) -> None:
    errors: list[BaseException] = []
    storage, vault = open_store(tmp_path / "site.db")

    def work(name: int) -> None:
        try:
            for number in range(25):
                storage.append(f"lead:{name}", [noted(f"{name}.{number}")], expected_version=number)
                vault.put([Entry("note", f"{name}.{number}", str(name), "text")])
                assert len(storage.read(f"lead:{name}")) == number + 1
                assert vault.get("note", f"{name}.{number}") == "text"
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with storage, vault:
        assert verify(storage).records == WRITERS * 25
        assert len(list(vault.items("note"))) == WRITERS * 25


class SameAsMemory(RuleBasedStateMachine):
    """Whatever is done to it, the file answers as the memory store does: results, errors, order, head."""

    streams = st.sampled_from(["lead:a", "lead:b", "site:main"])
    keys = st.sampled_from(["", "", "", "k1", "k2"])

    @initialize()
    def begin(self) -> None:
        self.clock, self.other = Ticking(), Ticking()
        self.memory = MemoryStorage(clock=self.clock)
        self.folder = tempfile.TemporaryDirectory()
        self.file = SqliteStorage(Path(self.folder.name) / "a.db", clock=self.other)

    def both(self, parts: list[Append]) -> None:
        answers = []
        for store in (self.memory, self.file):
            try:
                answers.append((tuple(store.append_batch(parts)), ""))
            except TrialflowError as error:
                answers.append(((), f"{error.code}: {error}"))
        assert answers[0] == answers[1]
        self.clock.now = self.other.now = max(self.clock.now, self.other.now)

    @rule(stream=streams, key=keys, off=st.sampled_from([0, 0, 0, 1, -1]), kind=st.integers(0, 3), n=st.integers(0, 3))
    def append(self, stream: str, key: str, off: int, kind: int, n: int) -> None:
        events: list[Event] = [received(key=key), contacted(1, key=key), noted("n1"), later_kind(n)][kind : kind + n]
        self.both([Append(stream, tuple(events), len(self.memory.read(stream)) + off)])

    @rule(first=streams, second=streams, off=st.sampled_from([0, 0, 1]), key=keys)
    def batch(self, first: str, second: str, off: int, key: str) -> None:
        version = len(self.memory.read(first))
        behind = version + 2 if first == second else len(self.memory.read(second))
        self.both(
            [Append(first, (noted("n1"), contacted(1, key=key)), version), Append(second, (noted("n2"),), behind + off)]
        )

    @rule()
    def reopen(self) -> None:
        self.file.close()
        self.file = SqliteStorage(Path(self.folder.name) / "a.db", clock=self.other)

    @rule(after=st.integers(0, 12))
    def scan(self, after: int) -> None:
        assert list(self.memory.scan(after=after)) == list(self.file.scan(after=after))

    @invariant()
    def same_head(self) -> None:
        if hasattr(self, "file"):
            assert self.memory.head() == self.file.head()

    def teardown(self) -> None:
        if hasattr(self, "file"):
            assert verify(self.file) == verify(self.memory)
            self.file.close()
            self.folder.cleanup()


def test_the_file_behaves_as_the_memory_store() -> None:
    sizes = settings(max_examples=size(ci=25, long=2_000), stateful_step_count=size(ci=20, long=100), deadline=None)
    run_state_machine_as_test(SameAsMemory, settings=sizes)


def test_a_backup_taken_while_others_write_is_a_beginning_of_the_ledger(tmp_path: Path) -> None:
    """By SQLite's own backup call, ledger first: each copy verifies, is a prefix, and its vault knows all its leads."""
    storage, vault = open_store(tmp_path / "site.db")
    stop = threading.Event()

    def write(name: int) -> None:
        number = 0
        while not stop.is_set():
            vault.put([Entry("identity", f"{name}.{number}", "", "text")])
            storage.append(f"lead:{name}.{number}", [received(), contacted(1)], expected_version=0)
            number += 1

    threads = [threading.Thread(target=write, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    copies = []
    for number in range(size(ci=8, long=200)):
        for name in ("site", "site.vault"):
            source = sqlite3.connect(tmp_path / f"{name}.db")
            target = sqlite3.connect(tmp_path / f"copy{number}{name[4:]}.db")
            with closing(source), closing(target):
                source.backup(target)
        copies.append(tmp_path / f"copy{number}.db")
    stop.set()
    for thread in threads:
        thread.join()
    everything = list(storage.scan())
    for path in copies:
        ledger, private = open_store(path)
        with ledger, private:
            assert verify(ledger).ok
            records = list(ledger.scan())
            assert records == everything[: len(records)]
            known = {ref for ref, _, _ in private.items("identity")}
            assert {r.stream.removeprefix("lead:") for r in records} <= known
    assert verify(storage, expected_head=_head(copies[-1])).ok, "and its head is an anchor of the original"
    storage.close()
    vault.close()


def _head(path: Path) -> tuple[int, str]:
    with SqliteStorage(path) as store:
        return store.head()
