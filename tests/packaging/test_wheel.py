"""What is published: a wheel with all the package reads, a source archive with all a contributor needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from scripts.check_dist import check, main

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return out


def names(dist: Path) -> list[str]:
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        return wheel.namelist()


def test_both_archives_pass_the_check(dist: Path) -> None:
    assert main([str(path) for path in dist.iterdir()]) == 0
    assert main([]) == 1  # nothing to check is no success


def test_the_wheel_holds_every_file_of_the_package(dist: Path) -> None:
    source = ROOT / "src"
    kept = {
        path.relative_to(source).as_posix()
        for path in (source / "trialflow").rglob("*")
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in path.parts[len(source.parts) :])
    }
    assert {name for name in names(dist) if name.startswith("trialflow/")} == kept
    for needed in ("py.typed", "rules/default.toml", "adapters/renderers/templates/page.css"):
        assert f"trialflow/{needed}" in kept
    assert any(name.startswith("trialflow/adapters/sources/lexicon/") and name.endswith(".txt") for name in kept)


def test_the_wheel_has_metadata_licence_and_command(dist: Path) -> None:
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        about = next(name for name in wheel.namelist() if name.endswith("METADATA"))
        metadata = wheel.read(about).decode()
        assert "trialflow = trialflow.cli:main" in wheel.read(about.replace("METADATA", "entry_points.txt")).decode()
        assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
    assert "Requires-Python: >=3.11" in metadata
    assert "License-Expression: MIT" in metadata
    required = {
        line.split()[1].split(">")[0]
        for line in metadata.splitlines()
        if line.startswith("Requires-Dist") and "extra" not in line
    }
    assert required == {"attrs", "cattrs", "pluggy", "python-dateutil", "typing-extensions", "tzdata"}


ACME = """
import pytest
import trialflow
from trialflow.adapters.checks import RendererSetup, StorageSetup
from trialflow.adapters.checks.pytest_kit import RendererContract, StorageContract
from trialflow.adapters.renderers.csv_file import CsvRenderer
from trialflow.adapters.storages.memory import MemoryStorage

class TestAcme(StorageContract):
    @pytest.fixture
    def setup(self):
        assert trialflow.__file__.startswith({place!r})
        return StorageSetup(make=MemoryStorage)

class TestAcmeTable(RendererContract):
    @pytest.fixture
    def setup(self):
        return RendererSetup(make=CsvRenderer)
"""


def test_an_adapter_is_checked_with_what_the_wheel_brings(dist: Path, tmp_path: Path) -> None:
    """The kit needs nothing of the tests here. (.ci/run does the same in an empty environment.)"""
    place = tmp_path / "installed"
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        wheel.extractall(place)
        entries = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
        assert "pytest11" not in wheel.read(entries).decode()
    tests = tmp_path / "acme"
    tests.mkdir()
    (tests / "test_acme.py").write_text(ACME.format(place=str(place)), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "test_acme.py"]
    env = os.environ | {"PYTHONPATH": str(place)}
    done = subprocess.run(command, cwd=tests, env=env, capture_output=True, encoding="utf-8", check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"^3[0-9] passed, [12][0-9] skipped", done.stdout, re.MULTILINE), done.stdout


def test_the_source_archive_can_be_tested(dist: Path) -> None:
    with tarfile.open(next(dist.glob("*.tar.gz"))) as source:
        kept = {name.partition("/")[2] for name in source.getnames()}
    for needed in (
        "Makefile",
        "conftest.py",
        "tests/conftest.py",
        "docs/cli.md",
        "benchmarks/run.py",
        "pyproject.toml",
    ):
        assert needed in kept


@pytest.mark.parametrize("name", ["trialflow/py.typed", "trialflow/rules/default.toml"])
def test_a_wheel_without_a_file_is_found(dist: Path, tmp_path: Path, name: str) -> None:
    broken = tmp_path / "broken.whl"
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel, zipfile.ZipFile(broken, "w") as copy:
        for kept in wheel.namelist():
            if kept != name:
                copy.writestr(kept, wheel.read(kept))
        copy.writestr("trialflow/__pycache__/x.pyc", b"")
    assert check(broken) == [f"{name} is missing", "trialflow/__pycache__/x.pyc does not belong here"]
