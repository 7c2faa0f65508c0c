"""``new adapter``: what is written, and what is refused. tests/examples runs what it writes."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from trialflow.cli.new.command import PORTS

from .conftest import Run


@pytest.mark.parametrize("port", PORTS)
def test_a_package_is_written_whole(run: Run, tmp_path: Path, port: str) -> None:
    done = run("new", "adapter", port, "acme-forms", "--into", tmp_path / "some" / "where")
    assert done.code == 0
    root = tmp_path / "some" / "where" / "trialflow-acme-forms"
    *written, following = done.out.splitlines()
    assert following == f"next: cd {root}; pip install -e '.[test]'; pytest"
    assert {Path(path) for path in written} == {path for path in root.rglob("*") if path.is_file()}
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["name"] == "trialflow-acme-forms"
    assert project["entry-points"]["trialflow"] == {"acme-forms": "trialflow_acme_forms.plugin"}
    for path in root.rglob("*.py"):
        text = path.read_text("utf-8")
        ast.parse(text)
        assert not {"$", "PACKAGE"} & set(text.split())
        assert max(map(len, text.splitlines())) <= 120
    assert (root / "src" / "trialflow_acme_forms" / "py.typed").is_file()


def test_what_is_there_is_left_alone(run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "trialflow-acme"
    kept.mkdir()
    (kept / "pyproject.toml").write_text("mine", "utf-8")
    done = run("new", "adapter", "storage", "acme", "--into", tmp_path)
    assert done.code == 3
    assert "there is a" in done.err
    assert [path.name for path in kept.iterdir()] == ["pyproject.toml"]
    assert (kept / "pyproject.toml").read_text("utf-8") == "mine"


def test_a_place_that_cannot_be_written_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    done = run("new", "adapter", "storage", "acme", "--into", tmp_path / "file")
    assert done.code == 3
    assert "cannot be written" in done.err or "already" in done.err


@pytest.mark.parametrize(
    "name", ["", "Acme", "2acme", "acme_x", "acme--x", "acme/../x", "-acme", "acme-", "a" * 41, "ü"]
)
def test_a_name_that_is_none_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    done = run("new", "adapter", "storage", name, "--into", tmp_path)
    assert done.code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("port", "name"), [("storage", "sqlite"), ("source", "jsonl"), ("renderer", "text")])
def test_a_name_that_is_built_in_is_refused(run: Run, tmp_path: Path, port: str, name: str) -> None:
    done = run("new", "adapter", port, name, "--into", tmp_path)
    assert done.code == 2
    assert f"trialflow itself has a {port} '{name}'; choose another name" in done.err
    assert list(tmp_path.iterdir()) == []
    assert run("new", "adapter", "storage", "text", "--into", tmp_path).code == 0, "a name of another kind is free"
