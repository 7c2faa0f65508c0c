"""uv.lock belongs to this pyproject.toml: a requirement that was added without `uv lock` is found."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / name).read_text("utf-8"))


def wanted(project: dict[str, Any]) -> set[tuple[str, str, str]]:
    """(name, specifier, extra) of every requirement; an extra that names others of this project is left out."""
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    found = ((Requirement(each), extra) for extra, requirements in groups.items() for each in requirements)
    return {(one.name, str(one.specifier), extra) for one, extra in found if one.name != "trialflow"}


def locked(package: dict[str, Any]) -> set[tuple[str, str, str]]:
    """The same of the lock."""
    rows = set()
    for row in package["metadata"]["requires-dist"]:
        if row["name"] != "trialflow":
            extra = row.get("marker", "").partition("extra == '")[2].rstrip("'")
            rows.add((row["name"], row.get("specifier", ""), extra))
    return rows


def test_the_lock_has_every_requirement() -> None:
    lock = read("uv.lock")
    ours = next(package for package in lock["package"] if package["name"] == "trialflow")
    project = read("pyproject.toml")["project"]
    assert locked(ours) == wanted(project), "run `uv lock`"
    assert lock["requires-python"] == project["requires-python"]


def test_the_lock_has_the_groups() -> None:
    ours = next(package for package in read("uv.lock")["package"] if package["name"] == "trialflow")
    groups = read("pyproject.toml")["dependency-groups"]
    told = ours["metadata"]["requires-dev"]
    assert set(told) == set(groups)
    names = {Requirement(each).name for each in groups["bench"]}
    assert {row["name"] for row in told["bench"]} == names


def test_a_missing_requirement_would_be_found() -> None:
    project = read("pyproject.toml")["project"]
    ours = next(package for package in read("uv.lock")["package"] if package["name"] == "trialflow")
    more = {**project, "dependencies": [*project["dependencies"], "something-new>=1"]}
    assert wanted(more) - locked(ours) == {("something-new", ">=1", "")}
