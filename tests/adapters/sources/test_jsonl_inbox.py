"""The inbox of JSON lines: strict, and whatever happens to its files, no inquiry is passed over."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_samples import MONDAY
from tests_sizes import size
from trialflow import Problem, Source, SourceError
from trialflow.adapters.ports import Batch, Inquiry
from trialflow.adapters.sources import jsonl_inbox
from trialflow.adapters.sources.jsonl_inbox import JsonLinesInbox
from trialflow.adapters.sources.jsonl_marks import LONGEST_LINE

GOOD = {"external_id": "81", "at": "2026-03-02T09:00:00-06:00", "source": "Radio"}


def line(number: int, **other: Any) -> str:
    return json.dumps({**GOOD, "external_id": str(number), **other}) + "\n"


def write(path: Path, *lines: str, mode: str = "a") -> None:
    with path.open(mode, encoding="utf-8") as file:
        file.write("".join(lines))


def batches(inbox: JsonLinesInbox, cursor: str | None = None) -> Iterator[Batch]:
    while True:
        batch = inbox.fetch(cursor)
        yield batch
        cursor = batch.cursor
        if not batch.more:
            return


def everything(inbox: JsonLinesInbox, cursor: str | None = None) -> tuple[list[str], list[Problem], str | None]:
    found = list(batches(inbox, cursor))
    ids = [one.external_id for batch in found for one in batch.inquiries]
    return ids, [problem for batch in found for problem in batch.problems], found[-1].cursor


def ids(inbox: JsonLinesInbox, cursor: str | None = None) -> list[str]:
    return everything(inbox, cursor)[0]


def test_a_line_says_all_an_inquiry_can_hold(tmp_path: Path) -> None:
    said = {
        **GOOD,
        "source": {"id": "Radio", "category": "media", "campaign": "spring"},
        "person": {"name": "Ann Example", "phone": "555-0101"},
        "study": "S1",
        "owner": "u7",
        "person_ref": "p1",
    }
    write(tmp_path / "web.jsonl", "\ufeff" + json.dumps(said))
    (found,) = JsonLinesInbox(tmp_path).fetch(None).inquiries
    assert found == Inquiry(
        external_id="81",
        at=MONDAY,
        source=Source(id="Radio", category="media", campaign="spring"),
        person={"name": "Ann Example", "phone": "555-0101"},
        study="S1",
        owner="u7",
        person_ref="p1",
        where="web.jsonl, line 1",
    )
    assert "Ann" not in repr(found)


def test_an_inbox_may_name_the_source_of_its_lines(tmp_path: Path) -> None:
    plain = {name: value for name, value in GOOD.items() if name != "source"}
    write(tmp_path / "web.jsonl", json.dumps(plain) + "\n", line(2))
    given = JsonLinesInbox(tmp_path, source="Website").fetch(None)
    assert [one.source.id for one in given.inquiries] == ["Website", "Radio"]
    (problem,) = JsonLinesInbox(tmp_path).fetch(None).problems
    assert "`source` is missing" in problem.message


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("Ann Example, 555-0101", "not_json", "no JSON object"),
        ('["Ann"]', "not_json", "no JSON object"),
        ('{"external_id": "1", "external_id": "2"}', "not_json", "stands twice"),
        ('{"external_id": NaN}', "not_json", "no JSON object"),
        ('{"a":' * 5_000, "not_json", "no JSON object"),
        ('{"external_id": ' + "9" * 5_000 + "}", "not_json", "no JSON object"),
        (json.dumps({**GOOD, "phone": "555-0101"}), "bad_value", "'phone'"),
        (json.dumps({**GOOD, "Ann Example": 1}), "bad_value", "(not a code)"),
        (json.dumps({"at": GOOD["at"], "source": "Radio"}), "bad_value", "`external_id` is missing"),
        (json.dumps({"external_id": "1", "source": "Radio"}), "bad_value", "`at` is when"),
        (json.dumps({**GOOD, "at": "2026-03-02T09:00:00"}), "bad_value", "with its offset"),
        (json.dumps({**GOOD, "at": "02/03/2026"}), "bad_value", "with its offset"),
        (json.dumps({**GOOD, "at": 1772463600}), "bad_value", "with its offset"),
        (json.dumps({**GOOD, "source": {"name": "Radio"}}), "bad_value", "the id at least"),
        (json.dumps({**GOOD, "source": {"id": "Radio", "name": "x"}}), "bad_value", "the id at least"),
        (json.dumps({**GOOD, "source": 5}), "bad_value", "`source` is missing"),
        (json.dumps({**GOOD, "source": {"id": 5}}), "inquiry_malformed", "source.id is no text"),
        (json.dumps({**GOOD, "external_id": 81}), "inquiry_malformed", "external_id is no text"),
        (json.dumps({**GOOD, "external_id": " "}), "external_id_blank", "blank"),
        (json.dumps({**GOOD, "study": "call in the evening"}), "not_a_code", "study"),
        (json.dumps({**GOOD, "person": {"name": "\ud800"}}), "inquiry_malformed", "person"),
        (json.dumps({**GOOD, "person": {"message": "x" * LONGEST_LINE}}), "line_too_long", "65536 bytes"),
        (json.dumps({**GOOD, "person": {"message": "x" * 3 * LONGEST_LINE}}), "line_too_long", "65536 bytes"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_inquiry_is_told_and_the_next_is_read(
    tmp_path: Path, text: str, code: str, told: str
) -> None:
    write(tmp_path / "web.jsonl", "\n", text + "\n", line(9))
    given, problems, cursor = everything(JsonLinesInbox(tmp_path))
    assert given == ["9"]
    assert [(problem.path, problem.code) for problem in problems] == [("web.jsonl, line 2", code)]
    assert told in problems[0].message
    assert not {"Ann", "555-0101"} & set(str(problems).split())
    assert everything(JsonLinesInbox(tmp_path), cursor) == ([], [], cursor)


def test_all_that_is_wrong_with_a_line_is_said_together(tmp_path: Path) -> None:
    write(tmp_path / "web.jsonl", '{"mail": "ann@example.org"}\n')
    (problem,) = JsonLinesInbox(tmp_path).fetch(None).problems
    for part in ("'mail'", "`external_id`", "`at`", "`source`"):
        assert part in problem.message
    assert "ann@" not in problem.message


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "web.jsonl").write_bytes(b'{"external_id": "\xff"}\n' + line(2).encode())
    given, problems, _ = everything(JsonLinesInbox(tmp_path))
    assert (given, [problem.code for problem in problems]) == (["2"], ["not_json"])


def test_batches_hold_500_and_say_whether_there_is_more(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", *(line(n) for n in range(500)))
    found = list(batches(JsonLinesInbox(tmp_path)))
    assert [(len(batch.inquiries), batch.more) for batch in found] == [(500, False)]
    write(tmp_path / "b.jsonl", *(line(n) for n in range(500, 1_001)))
    os.utime(tmp_path / "a.jsonl", ns=(1, 1))
    found = list(batches(JsonLinesInbox(tmp_path)))
    assert [(len(batch.inquiries), batch.more) for batch in found] == [(500, True), (500, True), (1, False)]
    assert ids(JsonLinesInbox(tmp_path)) == [str(n) for n in range(1_001)]


def test_blank_lines_and_unfinished_ones_are_no_more(tmp_path: Path) -> None:
    write(tmp_path / "web.jsonl", *(line(n) for n in range(500)), "\n  \n", line(7)[:20])
    assert not JsonLinesInbox(tmp_path).fetch(None).more


def test_a_last_line_waits_until_it_is_finished(tmp_path: Path) -> None:
    path, whole = tmp_path / "web.jsonl", line(2)
    write(path, line(1), whole[:30])
    given, problems, cursor = everything(JsonLinesInbox(tmp_path))
    assert (given, problems) == (["1"], [])
    write(path, whole[30:-1])
    given, _, cursor = everything(JsonLinesInbox(tmp_path), cursor)
    assert given == ["2"], "whole, though its line end is still to come"
    write(path, "\n", "oops\n")
    given, problems, _ = everything(JsonLinesInbox(tmp_path), cursor)
    assert (given, [problem.path for problem in problems]) == ([], ["web.jsonl, line 3"])


def test_a_long_last_line_waits_too(tmp_path: Path) -> None:
    write(tmp_path / "web.jsonl", line(1), "x" * 2 * LONGEST_LINE)
    assert everything(JsonLinesInbox(tmp_path))[:2] == (["1"], [])


def test_a_file_is_an_inbox_with_its_rotated_parts(tmp_path: Path) -> None:
    for number, name in enumerate(("web.jsonl", "web.jsonl.1", "web.jsonl-20260302", "other.jsonl", "web.jsonl.bak")):
        write(tmp_path / name, line(number))
    assert sorted(ids(JsonLinesInbox(tmp_path / "web.jsonl"))) == ["0", "1", "2"]
    assert sorted(ids(JsonLinesInbox(tmp_path))) == ["0", "1", "2", "3"]


def test_only_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    os.mkfifo(tmp_path / "pipe.jsonl")
    write(tmp_path / "web.jsonl", line(1))
    assert ids(JsonLinesInbox(tmp_path)) == ["1"]


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert JsonLinesInbox(tmp_path).fetch(None) == Batch((), None)
    for missing in (tmp_path / "web.jsonl", tmp_path / "no" / "web.jsonl"):
        with pytest.raises(SourceError, match="there is no inbox"):
            JsonLinesInbox(missing).fetch(None)


def test_a_file_nobody_may_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "web.jsonl", line(1))

    def refuse(self: Path, *_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)  # root may read everything
    with pytest.raises(SourceError, match=r"web\.jsonl cannot be read: Permission denied"):
        JsonLinesInbox(tmp_path).fetch(None)


def test_a_file_that_is_renamed_at_this_moment_is_read_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.jsonl", line(1))
    write(tmp_path / "b.jsonl", line(2))
    changed = jsonl_inbox._changed

    def renaming(path: Path) -> tuple[int, str]:
        """Between the look into the folder and the look at the file."""
        if path.name == "a.jsonl" and path.exists():
            path.rename(tmp_path / "a.jsonl.1")
        return changed(path)

    monkeypatch.setattr(jsonl_inbox, "_changed", renaming)
    first = JsonLinesInbox(tmp_path).fetch(None)
    assert [one.external_id for one in first.inquiries] == ["2"]
    assert ids(JsonLinesInbox(tmp_path), first.cursor) == ["1"]


@pytest.mark.parametrize(
    "cursor", ["", "7", "[]", "{}", "null", '["jsonl/2"]', '["jsonl/1",["a",1,1]]', '["jsonl/1",["a","1",1,"x"]]',
               '["jsonl/1",["a",-1,1,"x"]]', "[" * 100_000]
)  # fmt: skip
def test_a_cursor_of_another_source_is_refused(tmp_path: Path, cursor: str) -> None:
    with pytest.raises(SourceError, match="restart"):
        JsonLinesInbox(tmp_path).fetch(cursor)


def test_a_file_that_was_rewritten_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "web.jsonl"
    write(path, line(1), line(2))
    cursor = everything(JsonLinesInbox(tmp_path))[2]
    write(path, line(3), line(4), line(5), mode="w")
    assert ids(JsonLinesInbox(tmp_path), cursor) == ["3", "4", "5"]


def test_the_cursor_says_nothing_of_a_person(tmp_path: Path) -> None:
    write(tmp_path / "web.jsonl", line(1, person={"name": "Ann Example"}))
    cursor = JsonLinesInbox(tmp_path).fetch(None).cursor
    assert cursor is not None
    assert "Ann" not in cursor


DEEDS = ("append", "append", "append", "begin", "rotate", "copy_truncate", "copy", "archive", "pull")


@settings(max_examples=size(ci=80, long=3_000), deadline=None)
@given(steps=st.lists(st.sampled_from(DEEDS), max_size=25), where=st.sampled_from(["folder", "file"]))
def test_whatever_happens_to_the_files_no_inquiry_is_passed_over(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str], where: str
) -> None:
    """What was whole in the inbox at a pull has come by then; and nothing comes twice where no file was copied."""
    folder = tmp_path_factory.mktemp("inbox")
    path = folder / "web.jsonl"
    path.touch()
    cursor, came, written, half = None, list[str](), 0, ""
    for number, step in enumerate([*steps, "pull"]):
        if step == "append":
            write(path, half, line(written))
            written, half = written + 1, ""
        elif step == "begin" and not half:
            text = line(written)
            write(path, text[:25])
            written, half = written + 1, text[25:]
        elif step == "pull":
            inbox = JsonLinesInbox(folder if where == "folder" else path)
            given, problems, cursor = everything(inbox, cursor)
            came += given
            assert problems == []
            due = written - bool(half)
            assert set(came) == {str(n) for n in range(due)}
        elif not half:
            aside = folder / f"web.jsonl.{number}"
            if step == "rotate":
                path.rename(aside)
            elif step in ("copy", "copy_truncate"):
                shutil.copy(path, aside)
            if step == "copy_truncate":
                path.write_text("")
            if step == "archive" and set(came) == {str(n) for n in range(written)}:
                path.unlink()
            path.touch()
    if not {"copy", "copy_truncate"} & set(steps):
        assert len(came) == len(set(came))
