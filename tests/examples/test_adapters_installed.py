"""Three adapters as strangers write them: built, installed into an empty environment, found, checked and used."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from fresh_env import ROOT, Environment

from .conftest import ADAPTERS

HOME = ROOT / "examples" / "adapters"
LET_IN = [word for name in ADAPTERS for word in ("--plugin", f"trialflow-{name}")]


@pytest.fixture(scope="module")
def env(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    found = Environment.empty(tmp_path_factory.mktemp("adapters") / "env", wheels)
    found.install(*(f"trialflow-{name}[test]" for name in ADAPTERS))
    return found


@pytest.fixture(scope="module")
def survey() -> Iterator[Any]:
    """The server of the kobo adapter's own tests, with five submissions."""
    spec = spec_from_file_location("kobo_server", HOME / "kobo" / "tests" / "kobo_server.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.serving() as server:
        server.submissions = [module.submission(number) for number in range(1, 6)]
        server.source = f"kobo:url={server.url},form=aForm,token=env:TOKEN,fields=name=full_name phone"
        server.token = module.TOKEN
        yield server


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in memory where there is one: a ledger on a busy disk waits for it at every append."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def test_nothing_of_this_checkout_is_in_the_environment(env: Environment) -> None:
    listed = env.pip("list", "--format", "json").stdout
    names = {row["name"].lower() for row in json.loads(listed)}
    assert {f"trialflow-{name}" for name in ADAPTERS} | {"trialflow", "lmdb", "xlsxwriter"} <= names
    assert not {"django", "psycopg", "jinja2", "ruff", "mypy"} & names, "it was empty before"
    where = env.run("python", "-c", "import trialflow; print(trialflow.__file__)").stdout
    assert Path(where).is_relative_to(env.path)


def test_they_are_found_and_not_imported_before_they_are_let_in(env: Environment) -> None:
    found = json.loads(env.run("trialflow", "plugins", "--json").stdout)
    assert [plugin["distribution"] for plugin in found["plugins"]] == ["trialflow"]
    assert {(row["distribution"], row["code"]) for row in found["problems"]} == {
        (f"trialflow-{name}", "not_allowed") for name in ADAPTERS
    }


def test_each_gives_what_it_says_through_its_entry_point(env: Environment) -> None:
    done = env.run("trialflow", "plugins", "--json", *LET_IN)
    assert done.returncode == 0, done.stdout
    found = json.loads(done.stdout)
    offers = {plugin["distribution"]: plugin for plugin in found["plugins"]}
    assert found["problems"] == []
    for name, kind in zip(ADAPTERS, ("storage", "source", "format"), strict=True):
        (offer,) = offers[f"trialflow-{name}"]["offers"]
        assert offers[f"trialflow-{name}"]["version"] == "1.0.0"
        assert offer["name"] == name
        assert kind in offer["kind"].replace("renderers", "format").replace("lead_sources", "source")


@pytest.mark.parametrize("name", ADAPTERS)
def test_its_own_tests_pass_where_it_is_installed(env: Environment, place: Path, name: str) -> None:
    shutil.copytree(HOME / name / "tests", place / "tests")
    command = ("python", "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "tests")
    done = env.run(*command, cwd=place, TMPDIR=str(place))
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout


@pytest.mark.parametrize("port", ["storage", "source", "renderer"])
def test_the_kit_finds_nothing_at_the_shell(env: Environment, place: Path, survey: Any, port: str) -> None:
    target = {"storage": "lmdb", "source": survey.source, "renderer": "xlsx"}[port]
    variables = {"TOKEN": survey.token, "TMPDIR": str(place)}
    done = env.run("trialflow", "check", port, target, "--json", *LET_IN, cwd=place, **variables)
    assert done.returncode == 0, done.stdout[-4000:]
    counts = json.loads(done.stdout)["counts"]
    assert counts["failed"] == counts["expected"] == 0
    assert counts["passed"] >= {"storage": 30, "source": 7, "renderer": 8}[port]


def test_they_are_used_together(env: Environment, tmp_path: Path, survey: Any) -> None:
    store = ["--storage", "lmdb:path=ledger", "--vault", "sqlite:path=vault.db", *LET_IN]

    def run(*command: str) -> str:
        done = env.run("trialflow", *command, *store, cwd=tmp_path, TOKEN=survey.token)
        assert done.returncode == 0, done.stdout
        return done.stdout

    assert run("pull", "--source", survey.source) == "kobo: 5 inquiries: 5 created\n"
    assert run("pull", "--source", survey.source) == "kobo: 0 inquiries, nothing new\n"
    assert json.loads(run("verify", "--json"))["records"] == 5
    assert {path.name for path in (tmp_path / "ledger").iterdir()} == {"data.mdb", "lock.mdb"}
    assert len(json.loads(run("worklist", "--json"))["rows"]) == 5
    written = env.run("sh", "-c", 'trialflow board --format xlsx "$@" > board.xlsx', "sh", *store, cwd=tmp_path)
    assert written.returncode == 0, written.stdout
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / "board.xlsx").read_bytes()))
    assert len(book.sheetnames) > 5
    assert 5 in [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]


def test_a_configuration_replaces_repeating_them(env: Environment, tmp_path: Path, survey: Any) -> None:
    (tmp_path / "trialflow.toml").write_text(
        'plugins = ["trialflow-lmdb", "trialflow-kobo==1.0.0"]\n'
        '[storage]\nuse = "lmdb"\npath = "ledger"\n[vault]\nuse = "sqlite"\npath = "vault.db"\n',
        "utf-8",
    )
    done = env.run("trialflow", "pull", "--source", survey.source, cwd=tmp_path, TOKEN=survey.token)
    assert (done.returncode, done.stdout) == (0, "kobo: 5 inquiries: 5 created\n")
    refused = env.run("trialflow", "board", "--format", "xlsx", cwd=tmp_path)
    assert refused.returncode == 2
    assert "there is no format 'xlsx'" in refused.stdout, "it is installed, but not on the list"
    assert "installed, but not on the list of plugins: trialflow-xlsx" in refused.stdout


@pytest.mark.parametrize("name", ADAPTERS)
def test_the_commands_of_its_readme_let_it_in(name: str) -> None:
    blocks = (HOME / name / "README.md").read_text("utf-8").replace("\\\n", " ").split("```")[1::2]
    commands = [line for block in blocks for line in block.splitlines() if line.startswith("trialflow ")]
    assert commands
    assert [line for line in commands if f"--plugin trialflow-{name}" not in line] == []


def test_they_are_typed(tmp_path: Path) -> None:
    sources = [str(HOME / name / part) for name in ADAPTERS for part in ("src", "tests")]
    options = ["--strict", "--explicit-package-bases", "--ignore-missing-imports", "--config-file", os.devnull]
    command = [sys.executable, "-m", "mypy", *options, *sources]
    env = os.environ | {"MYPYPATH": os.pathsep.join(sources)}
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, encoding="utf-8", check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout
