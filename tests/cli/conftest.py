"""The command line as a person uses it: in this process through ``main``, over a copy of the demonstration's store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from trialflow.cli import main


@attrs.frozen
class Ran:
    """One command: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


Run = Callable[..., Ran]
MORNING = "2026-05-18T09:00:00-05:00"
"""When the demonstration ends."""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``trialflow`` with these arguments."""

    def call(*argv: str | Path) -> Ran:
        capsys.readouterr()
        code = main([str(arg) for arg in argv])
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return call


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``trialflow demo`` wrote, made once; not to be changed."""
    out = tmp_path_factory.mktemp("demo") / "out"
    assert main(["demo", "--out", str(out)]) == 0
    return out


@pytest.fixture
def site(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the demonstration's store, which commands use by themselves; the path of its ledger."""
    for name in ("site.db", "site.vault.db"):
        shutil.copy(demo / name, tmp_path / name)
    store = tmp_path / "site.db"
    monkeypatch.setenv("TRIALFLOW_DB", str(store))
    monkeypatch.setenv("TRIALFLOW_BY", "Ana Mockridge")
    return store
