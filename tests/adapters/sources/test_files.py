"""Files that are not what they claim: refused with what to do, never half read; no message holds a person's value."""

from __future__ import annotations

import builtins
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheets import HEADINGS, copy, lead
from trialflow.adapters.sources.mapping import Mapping
from trialflow.adapters.sources.sheet import open_sheet
from trialflow.model.errors import ImportRejected, Problem, Unsupported
from trialflow.tracker import Tracker

HEAD = ",".join(HEADINGS) + "\n"
ROW = "L-1,2026-02-20,Radio,Avery Sample,,a@example.org,New,Dana Sample,,,,,,,\n"


def problems(path: Path, mapping: Mapping | None = None) -> tuple[Problem, ...]:
    tracker = Tracker()
    with pytest.raises(ImportRejected) as refused:
        tracker.ingest(path, mapping=mapping)
    assert not list(tracker.storage.scan())
    return refused.value.problems


def codes(path: Path, mapping: Mapping | None = None) -> list[str]:
    return [problem.code for problem in problems(path, mapping)]


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    book.save(path)
    return path


def table() -> list[list[Any]]:
    return [["Lead ID", "Name", "Phone", "Status"], ["L-1", "Avery Sample", 5555550101, "New"]]


def zipped(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


CLAIMS: dict[str, tuple[str, bytes]] = {
    "empty": ("file_empty", b""),
    "only blanks": ("file_empty", b" \r\n\t\n"),
    "a web page": ("file_is_html", b"\xef\xbb\xbf  <html><table><tr><td>Name</td></tr></table></html>"),
    "a web page in UTF-16": ("file_is_html", "\ufeff<html><table>".encode("utf-16-le")),
    "a web archive": ("file_is_html", b"MIME-Version: 1.0\nContent-Type: multipart/related"),
    "spreadsheet XML": ("file_is_xml", b'<?xml version="1.0"?><Workbook></Workbook>'),
    "a PDF": ("file_is_pdf", b"%PDF-1.7\n..."),
    "rich text": ("file_is_document", b"{\\rtf1\\ansi Name}"),
    "JSON": ("file_is_json", b'[{"Name": "x"}]'),
    "binary": ("file_is_binary", bytes(range(256)) * 20),
    "NUL bytes": ("file_is_binary", HEAD.encode() + b"L-1,\x00\x00\x00\n"),
    "a damaged workbook": ("file_damaged", b"PK\x03\x04" + b"no archive" * 20),
    "another compound document": ("file_is_document", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
    "a workbook with a password": (
        "file_password_protected",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
    ),
    "a compound file that says it is a workbook": (
        "file_damaged",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "Workbook".encode("utf-16-le"),
    ),
    "only a header": ("no_rows", HEAD.encode()),
    "no header": ("no_header", b"L-1,2026-02-20,Radio,Avery\nL-2,2026-02-20,Flyer,Blake\n"),
    "prose": ("no_header", b"Dear team,\nplease find nothing attached.\n"),
    "a quotation to the end": ("quote_not_closed", (HEAD + '"L-1,x\n' + ROW * 3).encode()),
    "a quotation in the middle": ("quote_not_closed", (HEAD + 'L-0,"2026' + ROW * 3 + '","\n' + ROW).encode()),
    "a quotation over hundreds of lines": ("quote_not_closed", (HEAD + 'L-0,"' + "x\n" * 900).encode()),
    "a huge cell": ("quote_not_closed", (HEAD + "L-0," + "x" * 200_000 + "\n").encode()),
    "far too many columns": ("too_many_columns", (HEAD + "L-1," + "x," * 600 + "\n").encode()),
    "bytes of no encoding": ("encoding_mixed", HEAD.encode() + b"L-1,,Radio,\x81\x8d\xff,,a@example.org,New\n"),
}


@pytest.mark.parametrize("name", ["tracker.csv", "tracker.xlsx", "tracker.xls"])
@pytest.mark.parametrize(("code", "data"), CLAIMS.values(), ids=CLAIMS)
def test_what_a_file_is_counts_not_its_name(code: str, data: bytes, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    found = problems(path)
    assert [problem.code for problem in found] == [code]
    assert all(problem.message and problem.path for problem in found)


@pytest.mark.parametrize("name", ["tracker.csv", "tracker.xls", "tracker"])
def test_a_workbook_under_any_name_is_read(name: str, tmp_path: Path) -> None:
    made = workbook(tmp_path / "book.xlsx", Log=table()).rename(tmp_path / name)
    assert Tracker().ingest(made).outcomes["created"] == 1


def test_a_csv_under_a_workbooks_name_is_read(tmp_path: Path) -> None:
    path = copy(tmp_path, "2026-03-02", lead()).rename(tmp_path / "tracker.xlsx")
    assert Tracker().ingest(path).outcomes["created"] == 1


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("file_is_archive", {"word/document.xml": b"<w/>"}),
        ("file_damaged", {"xl/workbook.xml": b"<workbook", "[Content_Types].xml": b"<x"}),
        ("file_too_large", {"xl/workbook.xml": b"<w/>", "xl/worksheets/sheet1.xml": b"0" * 80_000_000}),
        ("file_too_large", {"xl/workbook.xml": b"<w/>", **{f"xl/part{n}": b"" for n in range(2500)}}),
    ],
    ids=["a text document", "broken parts", "a bomb", "thousands of parts"],
)
def test_archives_that_are_no_good_workbook(code: str, parts: dict[str, bytes], tmp_path: Path) -> None:
    assert codes(zipped(tmp_path / "tracker.xlsx", parts)) == [code]


def told(path: Path) -> set[str]:
    try:
        return {row.unknown_status or row.status for row in open_sheet(path).rows()}
    except ImportRejected as refused:
        return {problem.code for problem in refused.problems}


def test_entities_in_a_workbook_are_not_expanded(tmp_path: Path) -> None:
    made = workbook(tmp_path / "book.xlsx", Log=table())
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b SYSTEM "file:///etc/hostname">]><worksheet'
    with zipfile.ZipFile(made) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = next(name for name in parts if name.startswith("xl/worksheets/"))
    parts[sheet] = parts[sheet].replace(b"<worksheet", bomb, 1).replace(b"New", b"N&a;&b;")
    assert b"&b;" in parts[sheet]
    assert told(zipped(tmp_path / "tracker.xlsx", parts)) <= {"file_damaged", "N", "N&a;&b;"}


def test_a_folder_and_a_missing_file_cannot_be_read(tmp_path: Path) -> None:
    assert codes(tmp_path) == ["file_unreadable"]
    assert codes(tmp_path / "tracker.csv") == ["file_unreadable"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_cannot_be_read(tmp_path: Path) -> None:
    path = copy(tmp_path, "2026-03-02", lead())
    path.chmod(0)
    assert codes(path) == ["file_unreadable"]


def test_without_the_extra_a_workbook_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "tracker.xlsx", Log=table())
    real: Callable[..., Any] = builtins.__import__

    def missing(name: str, *args: Any, **named: Any) -> Any:
        if name == "python_calamine":
            raise ImportError(name)
        return real(name, *args, **named)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(Unsupported, match=r"pip install trialflow\[xlsx\]"):
        Tracker().ingest(path)


# --- sheets --------------------------------------------------------------------------------------------------------


def test_two_sheets_that_fit_equally_are_refused_by_name_and_one_may_be_chosen(tmp_path: Path) -> None:
    path = workbook(tmp_path / "tracker.xlsx", January=table(), February=table(), Lists=[["Status"], ["New"]])
    (problem,) = problems(path)
    assert problem.code == "sheet_ambiguous"
    assert "'January'" in problem.message
    assert "'February'" in problem.message
    assert Tracker().ingest(path, mapping=Mapping(sheet="February")).sheet == "February"


def test_an_empty_sheet_of_the_same_form_is_no_rival(tmp_path: Path) -> None:
    path = workbook(tmp_path / "tracker.xlsx", Template=table()[:1], Log=table())
    assert Tracker().ingest(path).sheet == "Log"


def test_a_sheet_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    path = workbook(tmp_path / "tracker.xlsx", Log=table())
    (problem,) = problems(path, Mapping(sheet="Logg"))
    assert problem.code == "sheet_missing"
    assert "Log" in problem.message


def test_a_hidden_sheet_is_read_only_when_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "tracker.xlsx", Log=table(), Secret=[[*table()[0], "Email"], [*table()[1], ""]])
    book = openpyxl.load_workbook(path)
    book["Secret"].sheet_state = "hidden"
    book.save(path)
    assert Tracker().ingest(path).sheet == "Log"
    assert Tracker().ingest(path, mapping=Mapping(sheet="Secret")).sheet == "Secret"


def test_line_numbers_of_a_workbook_are_the_spreadsheets(tmp_path: Path) -> None:
    path = workbook(tmp_path / "tracker.xlsx", Log=[[], [], ["A title"], *table(), ["L-2", "x", "", "Hmm"], ["Total"]])
    report = Tracker().ingest(path)
    assert report.header_line == 4
    assert [(p.line, p.code) for p in report.problems] == [(7, "totals")]


def test_the_older_workbook_formats_are_read_too(tmp_path: Path) -> None:
    ods = tmp_path / "tracker.ods"
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f"<table:table-cell office:value-type='string'><text:p>{cell}</text:p></table:table-cell>" for cell in line
        )
        + "</table:table-row>"
        for line in table()
    )
    content = (
        '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="Log">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    mime = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        b'<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    zipped(ods, {"mimetype": mime, "META-INF/manifest.xml": manifest, "content.xml": content.encode()})
    assert Tracker().ingest(ods).outcomes["created"] == 1


# --- many problems at once ------------------------------------------------------------------------------------------


def test_all_problems_of_a_file_come_together(tmp_path: Path) -> None:
    path = tmp_path / "tracker.csv"
    path.write_text("Date Received,Last Contact,DOB,Source\n03/04/2026,25/03/2026,04/05/1961,Radio\n,03/25/2026,,\n")
    found = problems(path)
    assert [p.code for p in found] == [
        "no_identity_column",
        "no_status_column",
        "date_order_ambiguous",
        "date_order_mixed",
        "date_order_ambiguous",
    ]
    both = next(p for p in found if p.path == "Date Received").message
    assert "4 March 2026" in both.replace("3 April", "") or "3 April 2026" in both
    assert "March 2026" in both
    # A birth date is a person's value: it is pointed at, not quoted.
    assert "1961" not in next(p for p in found if p.path == "DOB").message


def test_ragged_lines_lose_nothing_and_say_so(tmp_path: Path) -> None:
    path = tmp_path / "tracker.csv"
    path.write_text("Lead ID,Name,Status,Phone\nL-1,Avery Sample\nL-2,Blake Testa,New,5555550101,more,\nL-3,C,New\n")
    report = Tracker().ingest(path)
    assert report.outcomes["created"] == 3
    assert [(p.line, p.code) for p in report.problems] == [(3, "extra_cells")]


def test_rows_after_a_windows_byte_are_read_and_quotes_in_cells_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "tracker.csv"
    text = 'Lead ID;Name;Status;Notes\nL-1;Zoë;New;"says ""yes""\nand; more"\nL-2;Núria;New;5" tall\n'
    path.write_bytes(text.encode("cp1252"))
    tracker = Tracker()
    assert tracker.ingest(path).outcomes["created"] == 2
    names = {tracker.identity(known.id)["name"] for known in tracker.leads()}
    assert names == {"Zoë", "Núria"}


def test_no_message_holds_a_persons_value(tmp_path: Path) -> None:
    secrets = {
        "Phone": "nocanary1",
        "Email": "canary2",
        "Name": "canary3",
        "Notes": "canary4 " * 5000,
        "DOB": "canary5",
    }
    rows = [
        {**lead(), **secrets},
        {**lead("", Email="canary6", Name="canary7"), "Phone": "canary8"},
        {**lead(), "Name": "canary9"},
    ]
    report = Tracker().ingest(copy(tmp_path, "2026-03-02", *rows, headings=(*HEADINGS, "DOB")))
    assert {p.code for p in report.problems} >= {"phone_unreadable", "email_unreadable", "note_too_long", "no_identity"}
    said = io.StringIO()
    print(report.to_json(), file=said)
    assert "canary" not in said.getvalue()


def test_a_sheet_says_which_columns_it_uses(tmp_path: Path) -> None:
    path = tmp_path / "tracker.csv"
    path.write_text(
        "Lead ID,Pt Name,Dispo,Dispostion,Shoe size,Recieved,Cell,Home phone\nL-1,A,New,,43,2026-03-01,,5555550101\n"
    )
    sheet = open_sheet(path)
    assert sheet.columns == {
        "lead_id": "Lead ID",
        "name": "Pt Name",
        "status": "Dispo",
        "received": "Recieved",
        "phone": "Cell",
    }
    assert sheet.ignored == ("Dispostion", "Shoe size")
    assert {p.code for p in sheet.problems} == {"heading_misspelt"}
    (row,) = sheet.rows()
    assert row.facts.phone == "5555550101"
