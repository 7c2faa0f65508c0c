"""``pull`` as a person and a program meet it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trialflow import SourceError
from trialflow.adapters.plugins_options import Choice
from trialflow.adapters.ports import Batch
from trialflow.adapters.sources.jsonl_inbox import JsonLinesInbox
from trialflow.cli.pull import remembered_as

from .conftest import Ran, Run


def line(number: int, **other: Any) -> str:
    said = {"external_id": str(number), "at": "2026-03-02T09:00:00-06:00", "source": "Radio"}
    return json.dumps({**said, "person": {"name": f"Person {number}"}, **other}) + "\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "web.jsonl").write_text(line(1) + line(2), "utf-8")
    return folder


def pull(run: Run, inbox: Path, *more: str) -> Ran:
    return run("pull", "--source", f"jsonl:path={inbox}", "--db", inbox.parent / "site.db", *more)


def test_a_pull_receives_and_the_next_one_goes_on(run: Run, inbox: Path) -> None:
    first = pull(run, inbox)
    assert (first.code, first.out, first.err) == (0, "jsonl: 2 inquiries: 2 created\n", "")
    assert pull(run, inbox).out == "jsonl: 0 inquiries, nothing new\n"
    (inbox / "next.jsonl").write_text(line(2) + line(3) + "Ann Example\n", "utf-8")
    third = pull(run, inbox)
    assert third.code == 0
    assert third.out.splitlines() == [
        "jsonl: 3 inquiries: 1 created, 1 known already, 1 refused",
        "  next.jsonl, line 3: this is no JSON object in UTF-8, or a key stands twice in it [not_json]",
    ]
    assert pull(run, inbox, "--restart").out.startswith("jsonl: 5 inquiries: 4 known already, 1 refused")
    rows = run("worklist", "--db", inbox.parent / "site.db", "--json").json["rows"]
    assert len(rows) == 3


def test_a_program_gets_a_document(run: Run, inbox: Path) -> None:
    (inbox / "web.jsonl").write_text(line(1) + line(2, study="call in the evening"), "utf-8")
    found = pull(run, inbox, "--json").json
    assert found.pop("source").startswith("jsonl:")
    (problem,) = found.pop("problems")
    assert (problem["path"], problem["code"]) == ("web.jsonl, line 2", "not_a_code")
    assert found == {
        "format": "trialflow.pull/1", "received": 2, "created": 1, "duplicate": 0, "refused": 1, "more": False
    }  # fmt: skip


def test_many_problems_are_cut_for_people_and_whole_for_programs(run: Run, inbox: Path) -> None:
    (inbox / "web.jsonl").write_text("oops\n" * 30, "utf-8")
    told = pull(run, inbox).out.splitlines()
    assert len(told) == 22
    assert told[-1] == "  and 10 problems more; --json lists all"
    assert len(pull(run, inbox, "--restart", "--json").json["problems"]) == 30


def test_a_limit_says_that_there_is_more(run: Run, inbox: Path) -> None:
    (inbox / "web.jsonl").write_text("".join(line(n) for n in range(501)), "utf-8")
    assert pull(run, inbox, "--limit", "1").out.splitlines()[-1] == "  the source has more; pull again"
    assert pull(run, inbox).out == "jsonl: 1 inquiry: 1 created\n"
    for wrong in ("0", "-1", "x", "9" * 20):
        assert pull(run, inbox, "--limit", wrong).code == 2


def test_a_source_that_fails_is_told_with_what_came_before(
    run: Run, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox / "web.jsonl").write_text("".join(line(n) for n in range(600)), "utf-8")
    fetch = JsonLinesInbox.fetch

    def failing(self: JsonLinesInbox, cursor: str | None) -> Batch:
        if cursor is not None:
            raise SourceError("jsonl", "the share went away; pull again later")
        return fetch(self, cursor)

    monkeypatch.setattr(JsonLinesInbox, "fetch", failing)
    found = pull(run, inbox)
    assert (found.code, found.out) == (3, "jsonl: 500 inquiries: 500 created\n")
    assert "the share went away; pull again later" in found.err
    monkeypatch.undo()
    assert pull(run, inbox).out == "jsonl: 100 inquiries: 100 created\n"


def test_a_place_that_is_not_there_is_told(run: Run, inbox: Path) -> None:
    found = run("pull", "--source", "jsonl:path=nowhere", "--db", inbox.parent / "site.db", "--json")
    assert (found.code, found.out) == (3, "")
    assert json.loads(found.err)["code"] == "source_failed"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("jsonl", "path: it is needed"),
        ("jsonx:path=.", "did you mean jsonl?"),
        ("jsonl:paht=.", "there is no such option"),
        ("=", "is not written as NAME:option=value"),
    ],
)
def test_a_source_that_cannot_be_made_is_a_mistake_of_the_command_line(
    run: Run, inbox: Path, source: str, told: str
) -> None:
    found = run("pull", "--source", source, "--db", inbox.parent / "site.db")
    assert found.code == 2
    assert told in found.err


def test_another_place_is_another_source_and_a_new_password_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {"path": "path", "token": "secret", "form": "text"}

    def name(**options: str) -> str:
        return remembered_as(Choice("web", options), kinds)

    assert remembered_as(Choice("web"), kinds) == "web"
    assert name(form="a", path="x") == name(path="x", form="a", token="env:ONE") == name(path="./x", form="a")
    assert len({name(path="x"), name(path="y"), name(form="x"), name(form="a", path="x")}) == 4
    here = name(path="x")
    monkeypatch.chdir("/")
    assert name(path="x") != here, "a relative path means another folder elsewhere"
