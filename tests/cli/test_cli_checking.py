"""``trialflow check``: the kit at the shell, for what is provided and for what a module holds."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from trialflow.adapters.checks import STORAGE_CHECKS, storage_model
from trialflow.adapters.checks.clauses import clauses

from .conftest import Run

BROKEN = """\
from trialflow.adapters.checks import StorageSetup, VaultSetup
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.model.errors import Refusal
from trialflow.rules.loading import default_workflow

class Store(MemoryStorage):
    def scan(self, *, after=0):
        return super().scan(after=after - 1)

def checked():
    return StorageSetup(make=Store)

a_setup = StorageSetup(make=MemoryStorage)
a_vault = VaultSetup(make=None)
number = 3

def no_more(attempt):
    return Refusal("acme:no_slot", "no visit slot is free", "open a slot first") if attempt.lead.attempts else None

def workflow():
    return default_workflow()

def falls():
    raise RuntimeError("no database")

def leaves():
    raise SystemExit(0)

class Unhappy:
    def __init__(self, path):
        raise OSError("no such disk")
"""


@pytest.fixture(autouse=True)
def _acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "acme_store.py").write_text(BROKEN, "utf-8")
    (tmp_path / "acme_lost.py").write_text("import no_such_library\n", "utf-8")
    (tmp_path / "acme_leaves.py").write_text("raise SystemExit(0)\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(storage_model, "SETTINGS", {**storage_model.SETTINGS, "max_examples": 5})
    yield
    for name in ("acme_store", "acme_lost", "acme_leaves"):
        sys.modules.pop(name, None)


def test_what_is_built_in_is_checked_by_its_name(run: Run) -> None:
    found = run("check", "storage", "memory")
    assert found.code == 0
    lines = found.out.splitlines()
    assert [(line.split()[0], line.split()[2].rstrip(":")) for line in lines[:-1]] == [
        (check.clause, check.name) for check in STORAGE_CHECKS
    ]
    assert lines[-1] == "storage memory: 27 passed, 0 failed, 15 skipped, 0 expected"


def test_a_provided_file_is_made_anew_reopened_and_opened_by_other_processes(run: Run, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    told = run("check", "storage", "sqlite", "--json").json
    assert (told["format"], told["port"], told["target"]) == ("trialflow.check/1", "storage", "sqlite")
    by_status = Counter(row["status"] for row in told["outcomes"])
    assert told["counts"] == {status: by_status[status] for status in ("passed", "failed", "skipped", "expected")}
    assert {row["clause"] for row in told["outcomes"] if row["status"] == "skipped"} == {"S14", "S15", "S17"}
    assert told["counts"]["failed"] == 0
    assert set(tmp_path.iterdir()) == before, "nothing is left behind"


@pytest.mark.parametrize(
    ("port", "target"),
    [("vault", "sqlite"), ("vault", "memory"), ("renderer", "csv"), ("guard", "owner"), ("workflow", "default")],
)
def test_every_port_has_its_checks(run: Run, port: str, target: str) -> None:
    found = run("check", port, target)
    assert (found.code, found.err) == (0, "")
    assert found.out.splitlines()[-1].startswith(f"{port} {target}: ")
    assert " 0 failed" in found.out


def test_an_inbox_is_checked_as_far_as_one_can_tell_without_knowing_it(run: Run, tmp_path: Path) -> None:
    line = (
        '{"external_id": "w-1", "at": "2026-03-02T15:00:00Z", "source": "Web form", "person": {"name": "Ann Example"}}'
    )
    (tmp_path / "web.jsonl").write_text(f"{line}\n", "utf-8")
    told = run("check", "source", f"jsonl:path={tmp_path}", "--json").json
    outcomes = {row["check"]: row["status"] for row in told["outcomes"]}
    assert outcomes["goes_on_in_another_object"] == "passed"
    assert outcomes["gives_every_inquiry_once"] == "skipped"
    assert told["counts"]["failed"] == 0


def test_a_broken_store_of_a_module_is_told_with_the_clause_it_breaks(run: Run) -> None:
    found = run("check", "storage", "acme_store:Store")
    assert found.code == 1
    assert "S5  FAILED   scans_in_order_of_positions: scan(after=1) must start right behind it\n" in found.out
    assert f"clause S5: {clauses('S')['S5']}\n" in found.out
    same = run("check", "storage", "acme_store:checked")
    assert same.out.replace("checked", "Store") == found.out


def test_an_expected_failure_has_a_reason_and_is_strict(run: Run) -> None:
    broken = [row["check"] for row in run("check", "storage", "acme_store:Store", "--json").json["outcomes"]
              if row["status"] == "failed"]  # fmt: skip
    expected = [f"--expect={name}=ACME-12: off by one" for name in broken]
    found = run("check", "storage", "acme_store:Store", *expected)
    assert found.code == 0
    assert "expected scans_in_order_of_positions: ACME-12: off by one" in found.out
    one_more = run("check", "storage", "acme_store:Store", *expected, "--expect=reads_one_stream_in_order=never")
    assert one_more.code == 1
    assert "it passes, though it was expected to fail (never); take it from the expected failures" in one_more.out
    unknown = run("check", "storage", "acme_store:a_setup", "--expect=no_such_check=gone")
    assert unknown.code == 1
    assert "FAILED   no_such_check: there is no check of this name" in unknown.out
    assert run("check", "storage", "memory", "--expect=shows_no_late_arrival").code == 2


def test_a_guard_and_a_workflow_of_a_module(run: Run) -> None:
    assert run("check", "guard", "acme_store:no_more").code == 0
    assert run("check", "workflow", "acme_store:workflow").code == 0


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("no_such", "there is no storage 'no_such'"),
        ("no_such_module:make", "no_such_module cannot be imported: ModuleNotFoundError"),
        ("acme_lost:make", "acme_lost cannot be imported: ModuleNotFoundError: No module named 'no_such_library'"),
        ("acme_leaves:make", "acme_leaves cannot be imported: SystemExit: 0"),
        ("acme_store:no_such", "acme_store has no no_such; name a factory or a setup"),
        ("acme_store:falls", "acme_store:falls cannot be called: RuntimeError: no database"),
        ("acme_store:leaves", "acme_store:leaves cannot be called: SystemExit: 0"),
        ("acme_store:number", "acme_store:number is no factory"),
        ("acme_store:a_vault", "acme_store:a_vault is a VaultSetup; the checks of this kind need a StorageSetup"),
        ("sqlite:color=red", "sqlite: color: there is no such option; there are: path"),
    ],
)
def test_what_cannot_be_checked_is_said(run: Run, target: str, said: str) -> None:
    found = run("check", "storage", target)
    assert (found.code, found.out) == (2, "")
    assert said in found.err


def test_a_path_without_fresh_gives_one_store_and_that_is_no_new_one(run: Run, tmp_path: Path) -> None:
    found = run("check", "storage", f"sqlite:path={tmp_path / 'one.db'}")
    assert found.code == 1
    assert "make() must give a new, empty store at every call" in found.out
    named = run("check", "vault", f"sqlite:path={tmp_path}/v-{{fresh}}.db")
    assert named.code == 0
    assert len([path for path in tmp_path.iterdir() if path.name.startswith("v-")]) > 5


def test_what_cannot_be_made_fails_with_its_reason(run: Run) -> None:
    found = run("check", "storage", "acme_store:Unhappy")
    assert found.code == 1
    assert "TypeError was raised: " in found.out
