"""``import`` and ``report`` as a person and a program meet them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sheets import copy, lead
from trialflow.cli.main import main

KEYS = {
    "format",
    "file",
    "as_of",
    "rows",
    "outcomes",
    "absent",
    "leads_known",
    "moves",
    "owner_changes",
    "unmapped",
    "problems",
}


def run(*command: str) -> int:
    return main(list(command))


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "site.db")


def copies(folder: Path) -> tuple[str, str]:
    first = copy(folder, "2026-03-02", lead(), lead("L-2", status="Left VM"), lead("L-3", status="Parked"))
    rows = [lead(status="Left VM", Owner="Robin Testa"), *(lead(f"L-{n}", Visit_Date="3/4/26") for n in range(4, 304))]
    return str(first), str(copy(folder, "2026-03-09", *rows))


def test_one_document_a_line_with_the_agreed_keys(
    tmp_path: Path, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("import", *copies(tmp_path), "--db", store, "--json") == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["format"] == "trialflow.import/1"
    assert first.keys() >= KEYS
    assert first["as_of"] == "2026-03-02T06:00:00Z"
    assert first["outcomes"] == {"created": 3, "updated": 0, "unchanged": 0, "duplicate": 0, "rejected": 0}
    assert first["unmapped"] == {"Parked": 1}
    assert second["moves"] == {"new -> contacting": 1}
    assert second["owner_changes"] == {"Dana Sample -> Robin Testa": 1}
    assert second["absent"] == 2
    assert len(second["problems"]) == 300
    assert second["problems"][0].keys() == {"line", "column", "code", "message"}


def test_a_person_reads_the_date_the_counts_and_each_problem_once(
    tmp_path: Path, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("import", *copies(tmp_path), "--db", store) == 0
    said = capsys.readouterr().out
    assert "tracker-2026-03-02.csv, as of 2026-03-02 (from the file's name): 3 rows: 3 created" in said
    assert "status words with no meaning yet: 'Parked' (1 row); `trialflow mapping` writes a file" in said
    assert "moves: new -> contacting 1" in said
    assert "2 known leads are missing from this copy; they stay as they were" in said
    short_years = [line for line in said.splitlines() if "[date_short_year]" in line]
    assert short_years == [
        "  lines 3, 4, 5, 6, 7, 8 and 294 more, visit: the year has two digits; write four [date_short_year]"
    ]


def test_one_is_not_said_as_many(tmp_path: Path, store: str, capsys: pytest.CaptureFixture[str]) -> None:
    for day, rows in (("02", "L-1,Sam Fictum,New\n"), ("09", "L-2,Kim Testa,New\n")):
        (tmp_path / f"tracker-2026-03-{day}.csv").write_text(f"Lead ID,Name,Status\n{rows}")
    assert run("import", *sorted(map(str, tmp_path.glob("*.csv"))), "--db", store) == 0
    said = capsys.readouterr().out
    assert said.count("1 row: 1 created") == 2
    assert "1 known lead is missing from this copy; it stays as it was" in said


def test_every_copy_again_is_fine_and_changes_nothing(
    tmp_path: Path, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files = copies(tmp_path)
    assert run("import", *files, "--db", store) == 0
    capsys.readouterr()
    assert run("import", *files, "--db", store) == 0
    said = capsys.readouterr().out
    assert said.count("this copy was imported before: nothing changed") == 2


def test_the_date_of_a_copy_is_given_or_in_the_name_or_today(
    tmp_path: Path, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = copy(tmp_path, "of-the-week", lead())
    assert run("import", str(plain), "--db", store, "--as-of", "2026-03-02") == 0
    assert "as of 2026-03-02 (as given)" in capsys.readouterr().out
    assert run("import", str(copy(tmp_path, "of-this-week", lead(status="LVM"))), "--db", store) == 0
    assert "(today)" in capsys.readouterr().out
    assert run("import", *copies(tmp_path), "--db", store, "--as-of", "2026-03-02") == 2
    assert "put the date into each file's name" in capsys.readouterr().err


def test_an_older_copy_is_refused_and_may_be_asked_for(
    tmp_path: Path, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = copies(tmp_path)
    assert run("import", second, "--db", store) == 0
    assert run("import", first, "--db", store) == 3
    assert "--allow-older" in capsys.readouterr().err
    assert run("import", first, "--db", store, "--allow-older") == 0
    said = capsys.readouterr().out
    assert "a newer copy was imported before" in said
    assert "3 rows: 2 created, 1 unchanged" in said


def test_two_trackers_of_one_site(tmp_path: Path, store: str, capsys: pytest.CaptureFixture[str]) -> None:
    first, _ = copies(tmp_path)
    for name in ("north", "south"):
        assert run("import", first, "--db", store, "--tracker", name, "--json") == 0
        assert json.loads(capsys.readouterr().out)["outcomes"]["created"] == 3


def test_a_decision_needs_a_name_and_an_authority(
    tmp_path: Path, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(copy(tmp_path, "2026-03-02", lead(status="Enrolled")))
    assert run("import", path, "--db", store) == 0
    assert "--decided-by" in capsys.readouterr().out
    assert run("import", path, "--db", store, "--decided-by", "dr1") == 1
    assert "authority_missing" in capsys.readouterr().err
    assert run("import", path, "--db", store, "--decided-by", "dr1", "--authority", "log-7") == 0
    assert "Enrolled -> enrolled 1" in capsys.readouterr().out


def test_a_refused_file_is_said_in_json_too(tmp_path: Path, store: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tracker.csv"
    path.write_text("Name,Date\nAvery,03/04/2026\n", "utf-8")
    assert run("import", str(path), "--db", store, "--json") == 3
    document = json.loads(capsys.readouterr().err)
    assert document["format"] == "trialflow.error/1"
    assert {p["code"] for p in document["problems"]} == {"no_status_column", "date_order_ambiguous"}


def test_a_report_prints_the_board_and_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files, page = copies(tmp_path), tmp_path / "board.html"
    assert run("report", *files, "--html", str(page)) == 0
    assert "as of 2026-03-09" in capsys.readouterr().out
    assert "L-2" in page.read_text("utf-8")
    assert run("report", *files, "--html", str(page), "--no-names") == 0
    assert "L-2" not in page.read_text("utf-8")
    capsys.readouterr()
    assert run("report", *files, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["format"] == "trialflow.dashboard/1"
    assert document["leads"] == 303


def test_the_sheet_of_a_workbook_may_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title in ("January", "February"):
        sheet = book.create_sheet(title)
        sheet.append(["Lead ID", "Name", "Status"])
        sheet.append([title, "Avery Sample", "New"])
    path = tmp_path / "tracker-2026-03-02.xlsx"
    book.save(path)
    assert run("report", str(path)) == 3
    assert "--sheet" in capsys.readouterr().err
    assert run("report", str(path), "--sheet", "February") == 0
    assert "sheet 'February'" in capsys.readouterr().out
    assert run("mapping", str(path), "--sheet", "February") == 0
    assert 'sheet = "February"' in capsys.readouterr().out
