"""No user mistake ends in a traceback: each has its exit code, says what is wrong, and what to do instead."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trialflow.cli.exits import EXITS, INTERRUPTED, OK, REFUSED, UNUSABLE, USAGE
from trialflow.cli.main import main, parser

from .conftest import MORNING, Run


def test_every_exit_code_has_a_meaning_in_every_help(run: Run) -> None:
    for text in EXITS.values():
        assert text in run("--help").out
        assert text in run("board", "--help").out


@pytest.mark.parametrize(
    ("argv", "code", "advice"),
    [
        ((), USAGE, "COMMAND"),
        (("nonsense",), USAGE, "invalid choice"),
        (("board", "--nonsense"), USAGE, "unrecognized"),
        (("board", "--db", "no.db"), USAGE, "trialflow import FILE --db no.db"),
        (("board", "--as-of", "yesterday"), USAGE, "write 2026-03-02"),
        (("board", "--as-of", "2026-05-18T09:00:00"), USAGE, "has no offset"),
        (("board", "--as-of", "2026-02-30"), USAGE, "is no date"),
        (("board", "--as-of", "9999-12-31"), USAGE, "from 1900 to 2199"),
        (("board", "--as-of", "0001-01-01T00:00:00+14:00"), USAGE, "from 1900 to 2199"),
        (("board", "--db", "."), UNUSABLE, "name a file in it"),
        (("import", "no.csv", "--db", "no-such/site.db"), UNUSABLE, "no directory no-such"),
        (("worklist", "--owner", "ana-mockrige"), USAGE, "lists the owners"),
        (("worklist", "--owner", "Ana Mockrige"), USAGE, "the sheet names nobody"),
        (("note", "LF-0352", "  "), USAGE, "the note is empty"),
        (("visit", "LF-0352", "attended"), REFUSED, "trialflow schedule LEAD WHEN"),
        (("move", "LF-0352", "nowhere"), REFUSED, "possible here:"),
        (("move", "LF-0352", "scheduled"), REFUSED, "no move leads from"),
        (("move", "LF-0352", "close"), REFUSED, "give one of:"),
        (("move", "LF-9999", "close"), REFUSED, "trialflow worklist"),
        (("lead", "LF-9999"), REFUSED, "no lead LF-9999"),
        (("prescreen", "LF-0352", "maybe"), USAGE, "invalid choice"),
        (("board", "--workflow", "no.toml"), UNUSABLE, "cannot be read"),
        (("board", "--html", "no/such/place.html"), UNUSABLE, "cannot be written"),
        (("import", "no.csv"), UNUSABLE, "cannot be read"),
        (("report", "no.csv"), UNUSABLE, "cannot be read"),
        (("import", "a.csv", "b.csv", "--as-of", "2026-05-18"), USAGE, "one file"),
        (("workflow", "check", "no.toml"), UNUSABLE, "cannot be read"),
    ],
)
def test_a_mistake_is_told(run: Run, site: Path, argv: tuple[str, ...], code: int, advice: str) -> None:
    ran = run(*argv)
    assert ran.code == code, ran.err
    assert advice in ran.err
    assert "Traceback" not in ran.err


def test_a_mapping_that_cannot_be_written_is_told(run: Run, demo: Path) -> None:
    ran = run("mapping", demo / "tracker-2026-05-18.csv", "--out", "no/such/place.toml")
    assert (ran.code, ran.out) == (UNUSABLE, "")
    assert "no/such/place.toml cannot be written" in ran.err


def test_what_a_store_says_to_programs_is_not_said_to_people(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_bytes(b"no database")
    assert "outcome" not in run("board", "--db", path).err
    assert "outcome: not stored" in json.loads(run("board", "--db", path, "--json").err)["message"]


def test_a_record_that_may_be_there_is_to_be_looked_for(run: Run, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from trialflow.model.errors import StorageError
    from trialflow.tracker import Tracker

    def late(*_: object, **__: object) -> None:
        raise StorageError("unknown", "the disk went away")

    monkeypatch.setattr(Tracker, "acknowledge", late)
    ran = run("acknowledge", "LF-0352")
    assert ran.code == UNUSABLE
    assert "look with `trialflow lead`" in ran.err


def test_a_folder_nobody_may_enter_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def barred(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "shut/site.db")

    monkeypatch.setattr(Path, "exists", barred)
    for more in ((), ("--json",)):
        ran = run("board", "--db", "shut/site.db", *more)
        assert ran.code == UNUSABLE
        assert "shut/site.db cannot be used: Permission denied" in ran.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_below_standard_output_is_told(site: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "trialflow", "gaps", "--db", site],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == UNUSABLE
    assert done.stderr.startswith("trialflow gaps: standard output cannot be used")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_a_closed_standard_output_is_no_mistake(site: Path) -> None:
    command = ["sh", "-c", '"$0" -m trialflow board --db "$1" >&-', sys.executable, str(site)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (OK, "")


def test_a_refusal_names_every_reason_at_once(run: Run, site: Path) -> None:
    ran = run("decide", "LF-0352", "x", "y", "--role", "sponsor", "--json")
    assert ran.code == REFUSED
    told = json.loads(ran.err)
    assert told["format"] == "trialflow.error/1"
    assert told["code"] == "refused"
    assert {problem["code"] for problem in told["problems"]} >= {"decider_required", "authority_missing"}
    assert all(problem["fix"] for problem in told["problems"])


def test_an_error_is_a_document_where_documents_are_asked_for(run: Run, site: Path) -> None:
    for argv, code in ((("lead", "LF-9999"), "lead_not_found"), (("board", "--as-of", "x"), "usage")):
        ran = run(*argv, "--json")
        assert ran.out == ""
        assert json.loads(ran.err)["code"] == code


def test_somebody_was_faster(run: Run, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from trialflow.model.errors import Conflict
    from trialflow.tracker import Tracker

    def lost(*_: object, **__: object) -> None:
        raise Conflict("lead:1", 3, 4)

    monkeypatch.setattr(Tracker, "acknowledge", lost)
    ran = run("acknowledge", "LF-0352")
    assert ran.code == REFUSED
    assert "read it again" in ran.err


def test_a_file_that_is_no_store(run: Run, tmp_path: Path) -> None:
    for name, content in (("text.db", b"not a database, but long enough to look at" * 40), ("empty-dir", None)):
        path = tmp_path / name
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(content)
        ran = run("board", "--db", path)
        assert ran.code == UNUSABLE, ran.err
        assert name in ran.err


def test_a_store_of_another_program(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE t (x)")
    db.close()
    before = path.read_bytes()
    ran = run("board", "--db", path)
    assert ran.code == UNUSABLE
    assert path.read_bytes() == before


def test_a_store_of_a_newer_version(run: Run, site: Path) -> None:
    with sqlite3.connect(site) as db:
        db.execute("PRAGMA user_version = 9999")
    db.close()
    ran = run("board")
    assert ran.code == UNUSABLE
    assert "newer" in ran.err


def test_a_ledger_without_its_vault(run: Run, site: Path) -> None:
    (site.parent / "site.vault.db").unlink()
    ran = run("board")
    assert ran.code == UNUSABLE
    assert "vault" in ran.err


def test_more_than_one_lead_fits(run: Run, site: Path) -> None:
    ids = [row["lead_id"] for row in run("worklist", "--as-of", MORNING, "--json").json["rows"]]
    # Four characters are few among more than a hundred leads: some two begin alike, or the start is one lead's own.
    heads = [known[:4] for known in ids]
    twice = next((head for head in heads if heads.count(head) > 1), None)
    if twice is None:
        pytest.skip("no two ids begin alike")
    assert run("lead", twice).code == USAGE


def test_defaults_come_from_the_environment(run: Run, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALFLOW_ROLE", "sponsor")
    refused = run("acknowledge", "LF-0352", "--at", MORNING)
    assert "the role sponsor may not acknowledge" in refused.err
    monkeypatch.delenv("TRIALFLOW_DB")
    monkeypatch.chdir(site.parent)
    assert "there is no store trialflow.db" in run("board").err


def test_ctrl_c_is_told_without_a_traceback(run: Run, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from trialflow.tracker import Tracker

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Tracker, "dashboard", stop)
    ran = run("board")
    assert ran.code == INTERRUPTED
    assert "stopped" in ran.err


def spawn(*argv: str, **more: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-W", "error", "-m", "trialflow", *argv]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)  # type: ignore[call-overload, no-any-return]


def test_the_module_runs_and_the_reader_may_leave(site: Path) -> None:
    process = spawn("export", "--db", str(site))
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b'{"format":"trialflow.export/1"')
    process.stdout.close()
    errors = process.stderr.read()
    assert process.wait(60) == OK
    assert errors == b""
    process.stderr.close()


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_real_interrupt(site: Path) -> None:
    # A shell starts its background jobs with the signal ignored, and children inherit that.
    process = spawn("export", "--db", str(site), preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    assert process.stdout is not None
    process.stdout.readline()  # it is at work, and waits for a reader of the rest
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert b"Traceback" not in errors


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_labels_print_on_any_code_page(site: Path, encoding: str) -> None:
    env = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    process = spawn("board", "--db", str(site), "--as-of", MORNING, env=env)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == OK, errors
    assert "Where the leads are" in out.decode("utf-8")


def commands_of(top: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield command
                yield from commands_of(command)


def test_every_option_and_command_is_explained() -> None:
    commands = list(commands_of(parser()))
    assert len(commands) > 35
    for command in commands:
        assert command.description, command.prog
        assert command.epilog, command.prog
        for action in command._actions:
            if not isinstance(action, argparse._SubParsersAction):
                assert action.help, (command.prog, action.dest)


def test_version(run: Run) -> None:
    from importlib.metadata import version

    assert run("--version").out == f"trialflow {version('trialflow')}\n"
    assert main(["--version"]) == OK
