"""``workflow check | diff | diagram``: what they print, as JSON too, and their exit codes."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from other_workflows import CALL_LIST
from trialflow.cli.exits import OK, REFUSED, UNUSABLE
from trialflow.rules.loading import LARGEST

from .conftest import Run

DEFAULT = files("trialflow.rules").joinpath("default.toml").read_text("utf-8")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "list.toml"
    path.write_text(CALL_LIST, "utf-8")
    return path


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.toml"
    path.write_text(CALL_LIST.replace('to = "booked"', 'to = "bookd"').replace("[shown]", "[shwn]"), "utf-8")
    return path


def test_the_shipped_workflow_is_checked_without_a_file(run: Run) -> None:
    ran = run("workflow", "check")
    assert ran.code == OK
    assert ran.out == "site-default@1: 12 statuses, 14 moves, 12 bucket rules, no problem\n"


def test_every_problem_of_a_file_is_a_line_and_the_exit_code_says_so(run: Run, broken: Path) -> None:
    ran = run("workflow", "check", broken)
    assert ran.code == REFUSED
    assert [line.partition(":")[0] for line in ran.out.splitlines()] == ["shwn", "shown", "moves.book.to", "3 problems"]


def test_problems_as_json_have_path_code_and_message(run: Run, broken: Path) -> None:
    ran = run("workflow", "check", broken, "--json")
    assert ran.code == REFUSED
    assert ran.json["format"] == "trialflow.workflow-check/1"
    assert ran.json["workflow"] is None
    assert {(p["path"], p["code"]) for p in ran.json["problems"]} == {
        ("shwn", "unknown_key"),
        ("shown", "missing_key"),
        ("moves.book.to", "unknown_status"),
    }
    assert all(p["message"] for p in ran.json["problems"])


def test_words_that_need_a_second_look_are_notes_and_no_problem(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "patients.toml"
    path.write_text(CALL_LIST.replace('label = "To call"', 'label = "Patients to call"'), "utf-8")
    ran = run("workflow", "check", path)
    assert ran.code == OK
    assert "note: statuses.open.label: 'patients' is caution wording" in ran.out
    assert run("workflow", "check", path, "--json").json["cautions"][0]["place"] == "statuses.open.label"


def test_the_leads_of_a_store_that_a_file_would_strand_are_counted(run: Run, site: Path, file: Path) -> None:
    kept = run("workflow", "check", "default", "--db", site)
    ran = run("workflow", "check", file, "--db", site, "--json")
    assert ran.code == REFUSED
    assert ran.json["problems"] == []
    assert "scheduled" in ran.json["stranded"]
    assert "open" not in ran.json["stranded"]
    told = run("workflow", "check", file, "--db", site)
    assert f"stranded scheduled: {ran.json['stranded']['scheduled']} leads; name its successor" in told.out
    assert all("scheduled" not in line for line in kept.out.splitlines())


def test_a_file_that_cannot_be_read_or_is_far_too_long_is_told_so(run: Run, tmp_path: Path) -> None:
    missing = run("workflow", "check", tmp_path / "no.toml")
    assert missing.code == UNUSABLE
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    assert run("workflow", "check", binary).code == UNUSABLE
    long = tmp_path / "long.toml"
    long.write_bytes("# é".encode() * LARGEST)
    ran = run("workflow", "check", long)
    assert (ran.code, "larger than 256 kB" in ran.out) == (REFUSED, True)


def test_two_equal_workflows_have_no_difference(run: Run, file: Path) -> None:
    assert run("workflow", "diff", "default", "default").out == "no difference\n"
    ran = run("workflow", "diff", file, file, "--json")
    assert (ran.code, ran.json["changes"], ran.json["stranded"]) == (OK, [], [])


def test_a_difference_that_strands_leads_is_an_exit_code(run: Run, file: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.toml"
    new.write_text(CALL_LIST.replace("booked = {", "planned = {").replace('"booked"]', '"planned"]'), "utf-8")
    new.write_text(new.read_text("utf-8").replace('to = "booked"', 'to = "planned"'), "utf-8")
    ran = run("workflow", "diff", file, new, "--json")
    assert ran.code == REFUSED, ran.out
    assert ran.json["stranded"] == ["booked"]
    assert {"path": "moves.book.to", "kind": "changed", "before": '"booked"', "after": '"planned"'} in ran.json[
        "changes"
    ]

    new.write_text(new.read_text("utf-8") + '\n[renamed]\nbooked = "planned"\n', "utf-8")
    assert run("workflow", "diff", file, new).code == OK


def test_a_broken_file_has_no_difference_and_no_diagram_but_its_problems(run: Run, broken: Path) -> None:
    for command in (("workflow", "diff", "default", broken), ("workflow", "diagram", broken)):
        ran = run(*command)
        assert (ran.code, ran.out) == (REFUSED, "")
        assert "moves.book.to" in ran.err


def test_diagrams_in_both_notations(run: Run, file: Path) -> None:
    assert run("workflow", "diagram").out.startswith("stateDiagram-v2\n    new : New inquiry\n")
    assert run("workflow", "diagram", file, "--as", "dot").out.startswith("digraph workflow {\n")


def test_a_command_works_by_the_workflow_it_is_given(run: Run, tmp_path: Path, site: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(DEFAULT.replace('label = "New inquiries"', 'label = "Just in"'), "utf-8")
    board = run("board", "--workflow", path, "--json").json
    assert "Just in" in [row["label"] for row in board["buckets"]]
