"""One list of checks, three faces: outcomes, tests, the command line; all of them strict about expected failures."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from trialflow.adapters import checks
from trialflow.adapters.checks import (
    Broken,
    Check,
    Outcome,
    RendererSetup,
    SourceSetup,
    StorageSetup,
    VaultSetup,
    WorkflowSetup,
    run,
)
from trialflow.adapters.checks.outcome import outcome_of, quotes
from trialflow.adapters.storages.memory import MemoryStorage

TEST_FILE = """
import pytest
from trialflow.adapters.checks import StorageSetup
from trialflow.adapters.checks.pytest_kit import StorageContract
from trialflow.adapters.storages.memory import MemoryStorage


class OffByOne(MemoryStorage):
    def scan(self, *, after=0):
        return super().scan(after=after - 1)


class TestAcme(StorageContract):
    expected_failures = {
        "scans_in_order_of_positions": "ACME-12: off by one",
        "reads_one_stream_in_order": "it does not fail",
        "no_such_check": "it is gone",
    }

    @pytest.fixture
    def setup(self):
        return StorageSetup(make=OffByOne)


class TestNothing(StorageContract):
    pass
"""
BARE = """
import sys
for name in ("pytest", "_pytest", "hypothesis"):
    sys.modules[name] = None
from trialflow.adapters.checks import StorageSetup, run
from trialflow.adapters.storages.memory import MemoryStorage
outcomes = run(StorageSetup(make=MemoryStorage))
assert all(outcome.ok for outcome in outcomes), outcomes
(told,) = [o for o in outcomes if o.check == "behaves_like_the_store_in_memory"]
print(told.status, told.message)
"""


@quotes("S1")
def fails(_setup: StorageSetup) -> None:
    """Always."""
    raise Broken("it must be otherwise")


@quotes("S1")
def leaves(_setup: StorageSetup) -> None:
    """The program."""
    raise SystemExit(3)


@quotes("S1")
def is_stopped(_setup: StorageSetup) -> None:
    """By a person."""
    raise KeyboardInterrupt


def judged(check: Check[Any], **expected: str) -> Outcome:
    return outcome_of(check, StorageSetup(make=MemoryStorage), expected)


def test_an_outcome_says_what_had_to_hold() -> None:
    told = judged(fails)
    assert (told.check, told.clause, told.status, told.message) == ("fails", "S1", "failed", "it must be otherwise")
    assert isinstance(told.error, Broken)
    assert not told.ok
    expected = judged(fails, fails="ACME-12")
    assert (expected.status, expected.message, expected.ok) == ("expected", "ACME-12", True)


def test_what_an_adapter_raises_is_its_failure_but_a_person_may_stop_it() -> None:
    assert judged(leaves).message == "SystemExit was raised: 3"
    with pytest.raises(KeyboardInterrupt):
        judged(is_stopped)


def test_stores_are_closed_after_each_check_the_last_first() -> None:
    made, closed = list[MemoryStorage](), list[MemoryStorage]()

    class Closing(MemoryStorage):
        def close(self) -> None:
            closed.append(self)

    def make() -> MemoryStorage:
        made.append(Closing())
        return made[-1]

    run(StorageSetup(make=make))
    assert len(made) > 50
    assert set(map(id, closed)) == set(map(id, made))
    assert len(closed) == len(made)


def test_what_cannot_be_closed_has_failed_and_the_others_are_closed() -> None:
    closed: list[int] = []

    class Stuck(MemoryStorage):
        def close(self) -> None:
            closed.append(1)
            raise OSError("it is in use")

    outcomes = run(StorageSetup(make=Stuck), expected_failures={"keeps_its_own_copy": "ACME-12"})
    told = {outcome.check: outcome.message for outcome in outcomes if not outcome.ok}
    assert told["reads_one_stream_in_order"] == "close() raised OSError: it is in use"
    assert "keeps_its_own_copy" in told
    assert len(closed) > 20


def test_a_factory_that_gives_the_same_store_again_is_found() -> None:
    one = MemoryStorage()
    told = {outcome.message for outcome in run(StorageSetup(make=lambda: one)) if not outcome.ok}
    assert "make() must give a new, empty store at every call" in told


def test_a_factory_without_a_clock_is_not_asked_for_one() -> None:
    skipped = {o.check for o in run(StorageSetup(make=lambda: MemoryStorage())) if o.status == "skipped"}
    assert {"stamps_with_its_own_clock", "refuses_a_clock_without_zone"} <= skipped


def test_what_is_no_adapter_fails_every_check_and_raises_nothing() -> None:
    nothing: Any = object
    for setup in (StorageSetup, VaultSetup, SourceSetup, RendererSetup, WorkflowSetup):
        outcomes = run(setup(make=nothing))
        assert {outcome.status for outcome in outcomes} <= {"failed", "skipped"}
        assert any(outcome.status == "failed" for outcome in outcomes)


def test_the_class_is_strict_about_expected_failures(tmp_path: Path) -> None:
    (tmp_path / "test_acme.py").write_text(TEST_FILE, "utf-8")
    options = ["-q", "-rA", "-p", "no:cacheprovider", "-W", "error", "-k", "not behaves_like_the_store_in_memory"]
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    test = "test_acme.py::TestAcme::test_contract"
    assert f"XFAIL {test}[scans_in_order_of_positions] - ACME-12: off by one" in lines
    assert any(line.startswith(f"FAILED {test}[reads_one_stream_in_order]") for line in lines), done.stdout
    assert any(line.startswith(f"FAILED {test}[no_such_check]") for line in lines)
    assert f"FAILED {test}[shows_no_late_arrival]" in done.stdout, "what is not expected fails"
    assert "AssertionError: S5: " in done.stdout, "with its clause"
    assert f"PASSED {test}[keeps_its_own_copy]" in lines
    assert any(line.startswith("SKIPPED") and "no `host` is given" in line for line in lines)
    assert "TestNothing needs a fixture `setup`" in done.stdout


def test_the_checks_need_no_test_framework() -> None:
    done = subprocess.run([sys.executable, "-c", BARE], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("skipped Hypothesis is not installed; `pip install trialflow[testing]`"), done.stderr


def test_the_package_brings_no_plugin_for_pytest() -> None:
    """One would be imported in every test run of everybody who has trialflow installed, before coverage begins."""
    assert [entry for entry in distribution("trialflow").entry_points if entry.group == "pytest11"] == []


def test_the_package_gives_what_it_lists_when_it_is_used() -> None:
    assert set(checks.__all__) == set(checks._HOMES)
    for name in checks.__all__:
        assert getattr(checks, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'no_such_name'"):
        _ = checks.no_such_name


def test_another_process_that_writes_to_a_store_loads_no_reports() -> None:
    code = "import sys, trialflow.adapters.checks.other_process; print('trialflow.reports.dashboard' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
