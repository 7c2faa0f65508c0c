"""What ``trialflow new adapter`` writes, at once: its tests run, and fail for the right reasons."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import attrs
import pytest

from trialflow.adapters.checks import RENDERER_CHECKS, SOURCE_CHECKS, STORAGE_CHECKS
from trialflow.adapters.plugins import Plugins
from trialflow.cli.new.command import write_package

NAMES = {
    "storage": {check.name: check.clause for check in STORAGE_CHECKS},
    "source": {check.name: check.clause for check in SOURCE_CHECKS},
    "renderer": {check.name: check.clause for check in RENDERER_CHECKS},
}
TO_DO = {"storage": "scan() has to", "source": "fetch() has to", "renderer": "render() has to"}


@attrs.frozen
class Ran:
    """The tests of a package: what each of them ended with."""

    failed: dict[str, str]
    skipped: dict[str, str]
    passed: frozenset[str]


def run_tests(root: Path) -> Ran:
    out = root / "out.xml"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-W",
        "error",
        "-p",
        "no:cacheprovider",
        f"--junitxml={out}",
        "tests",
    ]
    env = os.environ | {"PYTHONPATH": str(root / "src")}
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, encoding="utf-8", check=False, timeout=300)
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr[-2000:]
    failed, skipped, passed = dict[str, str](), dict[str, str](), set[str]()
    for case in ElementTree.parse(out).iter("testcase"):
        name = case.attrib["name"].partition("[")[2].rstrip("]")
        assert case.find("error") is None, "nothing breaks before a check is run"
        if (failure := case.find("failure")) is not None:
            failed[name] = failure.attrib["message"]
        elif (skip := case.find("skipped")) is not None:
            skipped[name] = skip.attrib["message"]
        else:
            passed.add(name)
    return Ran(failed, skipped, frozenset(passed))


@pytest.mark.parametrize("port", ["storage", "source", "renderer"])
def test_a_new_package_fails_for_the_right_reasons(tmp_path: Path, port: str) -> None:
    root = write_package(port, "acme-x", tmp_path)[0].parent
    ran = run_tests(root)
    assert {*ran.failed, *ran.skipped, *ran.passed} == set(NAMES[port]), "the whole kit is run"
    for name, message in ran.failed.items():
        assert message.startswith(f"AssertionError: {NAMES[port][name]}: NotImplementedError was raised: "), message
        assert TO_DO[port] in message
    assert ran.passed <= {"names_its_media_type"}, "nothing passes that nobody wrote"
    assert len(ran.failed) >= len(NAMES[port]) * 2 // 3


@pytest.mark.parametrize("port", ["storage", "source", "renderer"])
def test_what_a_new_package_says_to_do_names_every_clause_that_exists(tmp_path: Path, port: str) -> None:
    """A clause that is named has a check; what the text sends to can be imported."""
    root = write_package(port, "acme-x", tmp_path)[0].parent
    text = (root / "src" / "trialflow_acme_x" / f"{port}.py").read_text("utf-8")
    named = set(re.findall(r"\b[SLR][0-9]+\b", text))
    assert named <= set(NAMES[port].values())
    assert len(named) >= 6
    for name, module in re.findall(r'see `(\w+)` "?\s*"?in "?\s*"?(trialflow[\w.]+)', text):
        assert hasattr(import_module(module), name)


def test_new_packages_are_typed_and_clean(tmp_path: Path) -> None:
    """By mypy --strict and ruff: what somebody starts from is not what they have to mend first."""
    roots = {port: write_package(port, f"acme-{port}", tmp_path)[0].parent for port in NAMES}
    for root in roots.values():
        for command in ("check --select E,F,I,B,UP,RUF", "format --check"):
            tool(root, f"ruff {command} --isolated --line-length 120 .")
    tests = tmp_path / "tests"
    tests.mkdir()
    for port, root in roots.items():
        shutil.copy(root / "tests" / "test_contract.py", tests / f"test_{port}.py")
    sources = " ".join(str(root / "src") for root in roots.values())
    path = os.pathsep.join([*sources.split(), str(tests)])
    tool(tmp_path, f"mypy --strict --explicit-package-bases --config-file {os.devnull} {sources} tests", MYPYPATH=path)


def tool(place: Path, command: str, **variables: str) -> None:
    words, env = [sys.executable, "-m", *command.split()], os.environ | variables
    done = subprocess.run(words, cwd=place, env=env, capture_output=True, encoding="utf-8", check=False, timeout=300)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("port", ["storage", "source", "renderer"])
def test_a_new_package_is_a_plugin_without_a_fault(tmp_path: Path, port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_package(port, f"acme-{port}", tmp_path)[0].parent
    monkeypatch.syspath_prepend(str(root / "src"))
    plugins = Plugins(import_module(f"trialflow_acme_{port}.plugin"))
    assert plugins.problems == ()
    kinds: dict[str, Any] = {
        "storage": plugins.storages,
        "source": plugins.lead_sources,
        "renderer": plugins.renderers,
    }
    offered = kinds[port]()[f"acme-{port}"]
    made = offered.make(**{option.name: tmp_path / option.name for option in offered.options})
    assert type(made).__name__ == f"Acme{port.capitalize()}{port.capitalize()}"
