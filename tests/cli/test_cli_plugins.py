"""``trialflow plugins``, ``--plugin`` and what plugins bring to the other commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from distributions import install

ACME = """\
import os
from pathlib import Path

import attrs
from trialflow import Refusal, default_workflow
from trialflow.adapters.hooks import hookimpl
from trialflow.adapters.provider import Option, Provider
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.vault_sqlite import SqliteVault

Path("imported").touch()
print("acme says hello")
FILE = (Option("file", "where it lies", kind="path", required=True), Option("speed", "how fast", default="slow"))

def store(file, speed="slow"):
    return SqliteStorage(file)

def vault(file, speed="slow"):
    return SqliteVault(file)

class Shouting:
    media_type = "text/plain"
    def render(self, report, *, labels):
        if os.environ.get("ACME_FAILS"):
            raise OSError("no ink")
        return type(report).__name__.upper().encode() + os.environ.get("ACME_END", "").encode("latin-1")

def never(attempt):
    return Refusal("never", "not today", "come back")

@hookimpl
def trialflow_storages():
    yield Provider("acme", "the ACME store", store, FILE)

@hookimpl
def trialflow_vaults():
    yield Provider("acme", "the ACME vault", vault, FILE)

@hookimpl
def trialflow_renderers():
    yield Provider("shout", "the kind of the report, loud", Shouting)

@hookimpl
def trialflow_guards():
    yield Provider("acme:never", "nobody passes", lambda: never)

@hookimpl
def trialflow_workflows():
    yield Provider("acme-flow", "our workflow", lambda: attrs.evolve(default_workflow(), name="acme"))

@hookimpl
def trialflow_recorded(records):
    with open("heard", "a") as file:
        file.writelines(f"{record.position}\\n" for record in records)
"""
PLUGINS = ("acme", "broken", "slow")
BROKEN = "from trialflow.adapters.hooks import hookimpl\n@hookimpl\ndef trialflow_storage(): return []\n"
SHEET = "Lead ID,Status,Source\nA-1,New,Web\n"
STORE = ("--storage", "acme:file=a.db", "--vault", "acme:file=v.db")


@attrs.frozen
class Shell:
    """A working directory, and distributions beside it that Python finds."""

    folder: Path
    packages: Path
    run: Callable[..., Any]

    def __call__(self, *argv: str) -> Any:
        """Run ``trialflow`` in this process, its plugins imported anew."""
        for name in PLUGINS:
            sys.modules.pop(name, None)
        return self.run(*argv)

    def process(self, *argv: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        """Run it in a process of its own."""
        env = {**os.environ, "PYTHONPATH": str(self.packages), "PYTHONDONTWRITEBYTECODE": "1", **environment}
        command = [sys.executable, "-m", "trialflow", *argv]
        return subprocess.run(command, cwd=self.folder, env=env, capture_output=True, timeout=120)

    @property
    def imported(self) -> bool:
        """Whether the plugin was ever imported."""
        return (self.folder / "imported").exists()


@pytest.fixture
def shell(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """With the distributions ``acme-flow`` and ``broken``, nothing let in."""
    found = Shell(tmp_path / "work", tmp_path / "packages", run)
    found.folder.mkdir()
    install(found.packages, "acme-flow", {"acme.py": ACME}, "[trialflow]\nacme = acme\n", version="1.2")
    install(found.packages, "broken", {"broken.py": BROKEN}, "[trialflow]\nbroken = broken\n", version="0.9")
    (found.folder / "tracker 2026-03-02.csv").write_text(SHEET, "utf-8")
    for name in ("TRIALFLOW_DB", "TRIALFLOW_BY", "TRIALFLOW_ROLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.syspath_prepend(found.packages)
    monkeypatch.chdir(found.folder)
    yield found
    for name in PLUGINS:
        sys.modules.pop(name, None)


def write_config(shell: Shell, *plugins: str, more: str = "") -> None:
    """A configuration that lets these in."""
    (shell.folder / "trialflow.toml").write_text(f"plugins = {json.dumps(plugins)}\n{more}", "utf-8")


def test_help_version_and_ordinary_commands_import_no_plugin(shell: Shell) -> None:
    write_config(shell, "acme-flow")
    for argv in (("--help",), ("--version",), ("board", "--help")):
        assert shell.process(*argv).returncode == 0
    assert not shell.imported
    (shell.folder / "trialflow.toml").unlink()
    assert shell("import", "tracker 2026-03-02.csv").code == 0
    assert shell("board").code == 0
    assert not shell.imported


def test_without_a_list_what_is_installed_is_shown_and_not_imported(shell: Shell) -> None:
    told = shell("plugins", "--json")
    assert told.code == 0
    document = json.loads(told.out)
    assert document["format"] == "trialflow.plugins/1"
    assert [plugin["distribution"] for plugin in document["plugins"]] == ["trialflow"]
    assert {(p["distribution"], p["version"], p["code"]) for p in document["problems"]} == {
        ("acme-flow", "1.2", "not_allowed"),
        ("broken", "0.9", "not_allowed"),
    }
    assert "not on the list of plugins, so not imported:\n  acme-flow==1.2:acme:" in shell("plugins").out
    assert not shell.imported


def test_what_is_let_in_is_shown_with_all_it_offers(shell: Shell) -> None:
    told = shell("plugins", "--plugin", "acme-flow", "--json")
    assert told.code == 0
    acme = json.loads(told.out)["plugins"][1]
    assert (acme["plugin"], acme["distribution"], acme["version"], acme["recorded"]) == (
        "acme",
        "acme-flow",
        "1.2",
        True,
    )
    assert acme["pin"].startswith("acme-flow==1.2:acme@sha256:")
    assert {(offer["kind"], offer["name"]) for offer in acme["offers"]} == {
        ("storages", "acme"),
        ("vaults", "acme"),
        ("renderers", "shout"),
        ("guards", "acme:never"),
        ("workflows", "acme-flow"),
    }
    assert acme["offers"][0]["options"][0] == {
        "name": "file", "summary": "where it lies", "kind": "path", "default": None, "required": True
    }  # fmt: skip
    words = shell("plugins", "--plugin", "acme-flow").out
    assert "acme (acme-flow 1.2)" in words
    assert (
        "  storage acme: the ACME store\n    file=PATH where it lies; needed\n    speed=TEXT how fast; default: slow"
        in words
    )
    assert "is told what is recorded" in words
    assert "acme says hello" not in words


def test_the_exit_code_says_whether_something_let_in_is_wrong(shell: Shell) -> None:
    told = shell("plugins", "--plugin", "*")
    assert told.code == 1
    assert "broken==0.9:broken: there is no hook trialflow_storage; did you mean trialflow_storages?" in told.out
    assert "acme (acme-flow 1.2)" in told.out
    assert shell("plugins", "--plugin", "nowhere").code == 1


def test_a_store_of_a_plugin_is_used_like_any_other(shell: Shell) -> None:
    assert shell("import", "tracker 2026-03-02.csv", *STORE, "--plugin", "acme-flow").code == 0
    assert "A-1" in shell("worklist", *STORE, "--plugin", "acme-flow").out
    store = '[storage]\nuse = "acme"\nfile = "a.db"\n[vault]\nuse = "acme"\nfile = "v.db"\n'
    write_config(shell, "acme-flow==1.2", more=store)
    assert "A-1" in shell("worklist").out


def test_a_plugin_that_is_not_let_in_is_said_when_its_store_is_asked_for(shell: Shell) -> None:
    told = shell("worklist", *STORE)
    assert told.code == 2
    assert "there is no storage 'acme'" in told.err
    assert "installed, but not on the list of plugins: acme-flow, broken (--plugin lets one in)" in told.err
    assert not shell.imported


def test_a_kept_ledger_needs_a_kept_vault(shell: Shell) -> None:
    told = shell("import", "tracker 2026-03-02.csv", "--storage", "acme:file=a.db", "--plugin", "acme-flow")
    assert told.code == 2
    assert "name it too, with --vault" in told.err
    assert not (shell.folder / "a.db").exists()


def test_a_broken_plugin_is_told_and_stops_nothing(shell: Shell) -> None:
    write_config(shell, "acme-flow", "broken")
    told = shell("import", "tracker 2026-03-02.csv", "--json")
    assert told.code == 0
    json.loads(told.out)
    assert told.err.count("broken==0.9:broken: there is no hook trialflow_storage") == 1


def test_a_format_of_a_plugin_prints_its_bytes(shell: Shell) -> None:
    write_config(shell, "acme-flow")
    shell("import", "tracker 2026-03-02.csv")
    assert shell("board", "--format", "shout").out == "DASHBOARD"
    assert shell("report", "tracker 2026-03-02.csv", "--format", "shout").out == "DASHBOARD"
    assert shell.process("board", "--format", "shout", ACME_END="\xff").stdout == b"DASHBOARD\xff"
    known = shell("board", "--format", "shuot").err
    assert "there are: csv, html, json, markdown, shout, text" in known


def test_a_format_that_fails_does_so_before_a_release_is_recorded(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config(shell, "acme-flow")
    shell("import", "tracker 2026-03-02.csv")
    release = ("sponsor", "--release", "r1", "--by", "u1", "--role", "site_lead", "--format", "shout")
    monkeypatch.setenv("ACME_FAILS", "1")
    told = shell(*release)
    assert told.code == 3
    assert "format shout: it failed with OSError" in told.err
    assert "no ink" not in told.err
    monkeypatch.delenv("ACME_FAILS")
    again = shell(*release)
    assert again.code == 0
    assert again.out == "SPONSORUPDATE"


def test_a_workflow_may_name_a_plugins_guard_and_a_plugin_may_bring_a_workflow(shell: Shell) -> None:
    from importlib.resources import files

    text = files("trialflow.rules").joinpath("default.toml").read_text("utf-8")
    (shell.folder / "ours.toml").write_text(
        text.replace('requires = ["owner"', 'requires = ["acme:never", "owner"'), "utf-8"
    )
    refused = shell("workflow", "check", "ours.toml")
    assert refused.code == 1
    assert "acme:never" in refused.out
    assert shell("workflow", "check", "ours.toml", "--plugin", "acme-flow").code == 0
    write_config(shell, "acme-flow", more='workflow = "acme-flow"\n')
    shell("import", "tracker 2026-03-02.csv")
    assert "acme@" in shell("board").out


def test_subscribers_hear_of_a_command_before_it_ends(shell: Shell) -> None:
    write_config(shell, "acme-flow")
    assert shell("import", "tracker 2026-03-02.csv").code == 0
    heard = (shell.folder / "heard").read_text("utf-8").split()
    ledger = [json.loads(line) for line in shell("export").out.splitlines()]
    assert heard == [str(number) for number in range(1, len(ledger))]


def test_a_subscriber_that_hangs_is_not_waited_for(shell: Shell) -> None:
    text = (
        "import time\nfrom trialflow.adapters.hooks import hookimpl\n"
        "@hookimpl\ndef trialflow_recorded(records): time.sleep(600)\n"
    )
    install(shell.packages, "slow", {"slow.py": text}, "[trialflow]\nslow = slow\n")
    told = shell.process("import", "tracker 2026-03-02.csv", "--plugin", "slow")
    assert told.returncode == 0
    assert b"a plugin is still busy with what was recorded; it is not waited for" in told.stderr


def test_built_in_stores_are_listed_with_their_options(run: Any) -> None:
    told = run("plugins")
    assert told.code == 0
    assert "storage sqlite: " in told.out
    assert "postgres" in told.out
    assert "dsn=env:NAME or file:PATH" in told.out
    assert told.out.rstrip().endswith("no problem") or "not on the list of plugins" in told.out
