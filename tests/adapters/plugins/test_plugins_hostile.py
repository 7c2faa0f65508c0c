"""Sixty distributions that do wrong beside one that does right: none crashes the host, none stays unseen, and none that
is not on the list is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from hostile_plugins import GOOD, HOSTILE, HostilePlugin, install_good, install_hostile

HOST = Path(__file__).parents[2] / "helpers" / "hostile_host.py"
UNREADABLE = {one.name for one in HOSTILE if one.code == "metadata_unreadable"}
NEVER_IMPORTED = UNREADABLE | {one.name for one in HOSTILE if one.module}


@attrs.frozen
class Ran:
    """What the host found, and which modules left their file."""

    found: dict[str, Any]
    imported: set[str]

    def problems_of(self, plugin: HostilePlugin) -> list[list[str]]:
        """The rows about one distribution."""
        names = {plugin.distribution} if plugin.metadata is None else {"?"}
        return [row for row in self.found["problems"] if row[0] in names]


def environment(folder: Path, sentinels: Path) -> dict[str, str]:
    """Where the distributions are found."""
    sentinels.mkdir(exist_ok=True)
    return {**os.environ, "PYTHONPATH": str(folder), "SENTINELS": str(sentinels), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all of them."""
    folder = tmp_path_factory.mktemp("site-packages")
    install_good(folder)
    assert len(list(install_hostile(folder))) >= 60
    return folder


def host(installed: Path, sentinels: Path, allow: list[str] | None) -> Ran:
    """Run the host; it ends well."""
    command = [sys.executable, str(HOST), json.dumps(allow), "1.0"]
    ran = subprocess.run(command, env=environment(installed, sentinels), capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return Ran(json.loads(ran.stdout), {file.name for file in sentinels.iterdir()})


@pytest.fixture(scope="module")
def everything(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """All of them let in."""
    return host(installed, tmp_path_factory.mktemp("all"), None)


@pytest.fixture(scope="module")
def good_only(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Only the good one let in."""
    return host(installed, tmp_path_factory.mktemp("good"), [GOOD])


def test_the_host_lives_and_the_good_plugin_works_among_all_the_others(everything: Ran) -> None:
    found = everything.found
    assert found["records"] == 1201
    assert found["heard"] == 1201
    assert found["moved"] == "contacting"
    assert found["folder"]
    assert found["refusals"]["good:never"] == "not today [never] - come back"
    assert ["storages", "good-store", GOOD] in found["offers"]
    assert ["storages", "sqlite", "trialflow"] in found["offers"]
    assert all("guard_failed" in text for name, text in found["refusals"].items() if name.startswith("h:"))
    assert [row for row in found["problems"] if row[0] == GOOD] == []


@pytest.mark.parametrize("plugin", HOSTILE, ids=lambda plugin: plugin.name)
def test_each_is_shown_with_its_distribution_and_version(everything: Ran, plugin: HostilePlugin) -> None:
    rows = everything.problems_of(plugin)
    assert plugin.code in [row[4] for row in rows]
    assert all(len(row[5]) < 700 for row in rows)
    if plugin.name not in UNREADABLE:
        assert {(row[1], row[2]) for row in rows} == {("1.0", plugin.name)}
    assert not any("Ann Example" in row[5] for row in rows), "what a renderer said may hold names"


def test_everything_that_could_be_imported_was(everything: Ran) -> None:
    """The negative control of the next test: the files it looks for do appear."""
    wanted = {one.module_name for one in HOSTILE if one.name not in NEVER_IMPORTED and one.name != "syntax_error"}
    assert everything.imported == wanted


def test_nothing_that_is_not_on_the_list_is_imported(good_only: Ran) -> None:
    assert good_only.imported == set()
    assert good_only.found["heard"] == 1201
    assert {offer[2] for offer in good_only.found["offers"]} == {"trialflow", GOOD}


@pytest.mark.parametrize("plugin", HOSTILE, ids=lambda plugin: plugin.name)
def test_what_is_not_on_the_list_is_shown_all_the_same(good_only: Ran, plugin: HostilePlugin) -> None:
    wanted = "metadata_unreadable" if plugin.name in UNREADABLE else "not_allowed"
    assert [row[4] for row in good_only.problems_of(plugin)] == [wanted]


def test_the_command_line_shows_them_all_and_prints_nothing_of_theirs(installed: Path, tmp_path: Path) -> None:
    quick = [one for one in HOSTILE if not one.code.endswith(("_slow", "_unusable")) and one.name not in UNREADABLE]
    allowed = [word for one in quick for word in ("--plugin", one.distribution)]
    command = [sys.executable, "-m", "trialflow", "plugins", *allowed]
    env = environment(installed, tmp_path / "sentinels")
    ran = subprocess.run([*command, "--json"], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    document = json.loads(ran.stdout)
    assert ran.returncode == 1
    shown = {problem["distribution"] for problem in document["problems"]}
    in_use = {"make", "use", "announce"}
    working = {one.distribution for one in quick} & {plugin["distribution"] for plugin in document["plugins"]}
    assert {one.distribution for one in quick} <= shown | working
    assert in_use.isdisjoint(problem["stage"] for problem in document["problems"])
    words = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert words.returncode == 1
    assert "\x1b" not in words.stdout + words.stderr
    assert "forged" not in words.stdout + ran.stdout
    assert "hostile-misspelt==1.0:misspelt: there is no hook trialflow_storage; did you mean trialflow_storages?" in (
        words.stdout
    )
