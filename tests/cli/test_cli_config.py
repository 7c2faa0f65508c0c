"""``trialflow.toml``, ``trialflow init``, ``--storage``, ``--vault``: which store, workflow and site a command uses."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from trialflow import Tracker
from trialflow.cli import config as configuration

SHEET = "Lead ID,Status,Source\nA-1,New,Web\nA-2,New,Radio\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with a sheet, and nothing in the environment."""
    for name in ("TRIALFLOW_DB", "TRIALFLOW_BY", "TRIALFLOW_ROLE"):
        monkeypatch.delenv(name, raising=False)
    work = tmp_path / "work"
    work.mkdir()
    (work / "tracker 2026-03-02.csv").write_text(SHEET, "utf-8")
    monkeypatch.chdir(work)
    return work


def write(path: Path, text: str) -> Path:
    """A configuration."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_init_writes_a_configuration_that_every_command_uses(run: Any, folder: Path) -> None:
    assert run("init").code == 0
    assert run("import", "tracker 2026-03-02.csv").code == 0
    assert (folder / "trialflow.db").exists()
    assert (folder / "trialflow.vault.db").exists()
    assert "A-1" in run("worklist").out


def test_init_leaves_a_configuration_as_it_is(run: Any, folder: Path) -> None:
    file = write(folder / "trialflow.toml", "# mine\n")
    told = run("init")
    assert told.code == 3
    assert "left as it is" in told.err
    assert file.read_text("utf-8") == "# mine\n"
    assert run("init", "--config", folder / "none" / "x.toml").code == 3


def test_the_written_file_says_each_key_and_its_comments_are_right_when_uncommented(folder: Path) -> None:
    found, problems = configuration.read_config(write(folder / "a.toml", configuration.TEMPLATE))
    assert problems == []
    assert (found.site, found.plugins, found.workflow) == ("main", (), "")
    lines = configuration.TEMPLATE.splitlines()
    rest = lines[lines.index("# The same in PostgreSQL (pip install trialflow[postgres]):") + 1 :]
    tail = tomllib.loads("\n".join(line.removeprefix("# ") for line in rest))
    assert tail == {"storage": {"use": "postgres", "dsn": "env:TRIALFLOW_DSN"}}
    assert '# workflow = "workflow.toml"' in lines
    assert all(
        f"\n{key}" in configuration.TEMPLATE or f"[{key}]" in configuration.TEMPLATE for key in ("site", "vault")
    )


def test_paths_of_a_configuration_start_where_it_lies(run: Any, folder: Path) -> None:
    there = write(
        folder / "conf" / "site.toml",
        '[storage]\nuse = "sqlite"\npath = "a.db"\n[vault]\nuse = "sqlite"\npath = "names.db"\n',
    )
    assert run("import", "tracker 2026-03-02.csv", "--config", there).code == 0
    assert (there.parent / "a.db").exists()
    assert (there.parent / "names.db").exists()
    assert "A-2" in run("worklist", "--config", there).out
    assert run("worklist").code == 2


def test_a_vault_goes_without_saying_beside_a_file(run: Any, folder: Path) -> None:
    write(folder / "trialflow.toml", '[storage]\nuse = "sqlite"\npath = "a.db"\n')
    assert run("import", "tracker 2026-03-02.csv").code == 0
    assert (folder / "a.vault.db").exists()
    assert "A-2" in run("worklist", "--storage", "sqlite:path=a.db").out
    assert "A-2" in run("worklist", "--db", "a.db").out


def test_the_command_line_comes_before_the_environment_and_that_before_the_file(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "trialflow.toml", '[storage]\nuse = "sqlite"\npath = "file.db"\n')
    for name in ("file", "environment", "line"):
        assert run("import", "tracker 2026-03-02.csv", "--db", f"{name}.db").code == 0
    assert run("note", "A-1", "seen", "--by", "u1", "--db", "file.db").code == 0

    def events(*argv: str) -> int:
        return len(run("export", *argv).out.splitlines())

    usual = events("--db", "line.db")
    assert events() == usual + 1
    monkeypatch.setenv("TRIALFLOW_DB", "environment.db")
    assert events() == usual
    assert events("--db", "file.db") == usual + 1
    assert events("--storage", "sqlite:path=file.db") == usual + 1


def test_the_site_of_the_configuration_is_the_trackers(run: Any, folder: Path) -> None:
    write(folder / "trialflow.toml", 'site = "north-1"\n')
    assert run("import", "tracker 2026-03-02.csv").code == 0
    with Tracker.open(folder / "trialflow.db") as tracker:
        streams = {record.stream for record in tracker.storage.scan()}
    assert "site:north-1" in streams


def test_the_workflow_of_the_configuration_is_used_and_the_command_line_comes_first(run: Any, folder: Path) -> None:
    from importlib.resources import files

    text = files("trialflow.rules").joinpath("default.toml").read_text("utf-8")
    write(folder / "conf" / "ours.toml", text.replace('name = "site-default"', 'name = "ours"', 1))
    write(folder / "conf" / "site.toml", 'workflow = "ours.toml"\n[storage]\nuse = "sqlite"\npath = "a.db"\n')
    run("import", "tracker 2026-03-02.csv", "--config", "conf/site.toml")
    assert "ours@" in run("board", "--config", "conf/site.toml").out
    assert "site-default@" in run("board", "--config", "conf/site.toml", "--workflow", "default").out


PROBLEMS = """\
site = "two words"
workflw = "x.toml"
plugins = ["acme==", 3]
[storage]
use = "sqlite"
pth = "a.db"
[vault]
path = "b.db"
"""


def test_all_problems_come_at_once_each_with_its_path(run: Any, folder: Path) -> None:
    write(folder / "trialflow.toml", PROBLEMS)
    told = run("board", "--json")
    assert told.code == 3
    document = json.loads(told.err)
    assert document["code"] == "config_invalid"
    assert {(p["path"], p["code"]) for p in document["problems"]} == {
        ("site", "unreadable"),
        ("workflw", "unknown_key"),
        ("plugins", "wrong_type"),
        ("storage.pth", "option_unknown"),
        ("storage.path", "option_missing"),
        ("vault.use", "missing"),
    }
    assert "trialflow.toml has 6 problem(s):" in run("board").err
    assert run("worklist", "--db", "x.db").code == 3, "a file with a slip in it is never half used"


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        ("site = 3", "site", "wrong_type"),
        ('site = ""', "site", "wrong_type"),
        ("workflow = []", "workflow", "wrong_type"),
        ('plugins = "acme"', "plugins", "wrong_type"),
        ('plugins = ["a b"]', "plugins[0]", "unreadable"),
        ('storage = "sqlite"', "storage", "wrong_type"),
        ("[storage]\nuse = 3", "storage.use", "missing"),
        ('[storage]\nuse = "nowhere"', "storage.use", "provider_unknown"),
        ('[storage]\nuse = "sqlite"\npath = 3', "storage.path", "option_invalid"),
        ('[vault]\nuse = "sqlite"\npath = "a"\nx = 1\n[storage]\nuse = "memory"', "vault.x", "option_unknown"),
    ],
)
def test_each_problem_has_its_path_and_code(run: Any, folder: Path, text: str, path: str, code: str) -> None:
    write(folder / "trialflow.toml", text)
    told = run("board", "--json")
    assert told.code == 3
    assert (path, code) in {(p["path"], p["code"]) for p in json.loads(told.err)["problems"]}


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = ", b"x" * 70_000, b"[" * 5000])
def test_what_is_no_configuration_is_said(run: Any, folder: Path, content: bytes) -> None:
    (folder / "trialflow.toml").write_bytes(content)
    told = run("board")
    assert told.code == 3
    assert "trialflow.toml" in told.err
    assert "Traceback" not in told.err


def test_a_configuration_that_was_named_has_to_be_there(run: Any, folder: Path) -> None:
    told = run("board", "--config", "nowhere.toml")
    assert told.code == 3
    assert "nowhere.toml cannot be read" in told.err


def test_a_secret_is_neither_taken_from_the_file_nor_shown(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = "postgresql://u:hunter2-canary@db.example.org/site"
    store = '[storage]\nuse = "postgres"\ndsn = "{}"\n[vault]\nuse = "postgres"\ndsn = "{}"\n'
    write(folder / "trialflow.toml", store.format(canary, "env:NOT_SET_ANYWHERE"))
    told = run("board")
    assert told.code == 3
    assert "storage.dsn" in told.err
    assert "vault.dsn: the environment has no NOT_SET_ANYWHERE" in told.err
    assert "hunter2" not in told.out + told.err
    on_the_line = run("board", "--storage", f"postgres:dsn={canary}", "--vault", "memory", "--config", "/dev/null")
    assert on_the_line.code == 2
    assert "hunter2" not in on_the_line.out + on_the_line.err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--storage", "sqlight:path=a.db"), "did you mean sqlite?"),
        (("--storage", "sqlite"), "path: it is needed"),
        (("--storage", "sqlite:path=a.db,pth=b"), "pth: there is no such option"),
        (("--storage", "sqlite:path=a.db", "--vault", "sqlight:path=b"), "there is no vault 'sqlight'"),
        (("--storage", "a=b"), "NAME:option=value"),
        (("--storage", "sqlite:path=a.db", "--db", "b.db"), "give it, or --storage and --vault"),
        (("--vault", "memory"), "--vault goes with --storage"),
        (("--storage", "sqlite:path=none.db"), "there is no store none.db"),
        (("--storage", "sqlite:path=."), "is a directory"),
        (("--plugin", "a b"), "write a distribution"),
        (("--format", "papyrus"), "there is no format 'papyrus'; there are: csv, html, json, markdown, text"),
    ],
)
def test_a_wrong_choice_says_what_to_write_instead(run: Any, folder: Path, argv: tuple[str, ...], said: str) -> None:
    (folder / "trialflow.db").touch()
    told = run("board", *argv)
    assert told.code in (2, 3)
    assert said in told.err
    assert "Traceback" not in told.err


def test_a_ledger_that_lost_its_vault_is_refused(run: Any, folder: Path) -> None:
    both = ("--storage", "sqlite:path=a.db", "--vault", "sqlite:path=v.db")
    assert run("import", "tracker 2026-03-02.csv", *both).code == 0
    (folder / "v.db").unlink()
    told = run("import", "tracker 2026-03-02.csv", *both)
    assert told.code == 3
    assert "its vault v.db is not there; restore it" in told.err
    assert run("board", *both).code == 2


def test_a_store_in_memory_is_there_for_trying_out(run: Any, folder: Path) -> None:
    assert run("import", "tracker 2026-03-02.csv", "--storage", "memory").code == 0
    assert [file.name for file in folder.iterdir()] == ["tracker 2026-03-02.csv"]
