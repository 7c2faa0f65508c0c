"""The mapping file: written by the tool, corrected by a person, read back with every mistake named."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheets import copy, lead
from trialflow.adapters.sources.mapping import Mapping, read_mapping
from trialflow.adapters.sources.mapping_file import write_mapping
from trialflow.adapters.sources.sheet import Sheet, open_sheet
from trialflow.cli.main import main
from trialflow.model.errors import ImportRejected
from trialflow.rules.loading import default_workflow
from trialflow.tracker import Tracker

WORKFLOW = default_workflow()


def opened(path: Path, mapping: Mapping | None = None) -> Sheet:
    sheet = open_sheet(path, mapping=mapping)
    for _ in sheet.rows():
        pass
    return sheet


def tracker_file(folder: Path) -> Path:
    rows = (
        lead(status="Parked", Owner="DS", Prescreen="sort of", Records="who knows", Reason_Closed="meh"),
        lead("L-2", status='say "when"', Owner="Dana Sample", Date_Received="3/25/2026"),
        lead("L-3", status="Left VM", Owner="RT", Source="FB"),
    )
    return copy(folder, "2026-03-30", *rows)


def rewritten(text: str, folder: Path) -> Mapping:
    path = folder / "mapping.toml"
    path.write_text(text, "utf-8")
    return read_mapping(path, WORKFLOW)


def test_the_file_lists_what_was_recognised_and_leaves_blanks_for_the_rest(tmp_path: Path) -> None:
    text = write_mapping(opened(tracker_file(tmp_path)), WORKFLOW)
    for line in (
        '"Lead ID" = "lead_id"',
        'received = "MDY"',
        '"Parked" = ""',
        '"say \\"when\\"" = ""',
        '"sort of" = ""',
        '"who knows" = ""',
        '"meh" = ""',
        '# "DS" = "DS"  # Dana Sample?',
        '# "RT" = "RT"',
    ):
        assert line in text.splitlines()
    assert "Left VM" not in text


def test_the_file_as_written_changes_nothing(tmp_path: Path) -> None:
    path = tracker_file(tmp_path)
    before = opened(path)
    mapping = rewritten(write_mapping(before, WORKFLOW), tmp_path)
    after = opened(path, mapping)
    assert list(after.rows()) == list(before.rows())
    assert after.columns == before.columns
    assert write_mapping(after, WORKFLOW, mapping) == write_mapping(before, WORKFLOW)


def test_what_a_person_filled_in_is_kept_and_used(tmp_path: Path) -> None:
    path = tracker_file(tmp_path)
    text = write_mapping(opened(path), WORKFLOW)
    text = text.replace('"Parked" = ""', '"Parked" = "closed:logistics"')
    text = text.replace('# "DS" = "DS"  # Dana Sample?', '"DS" = "Dana Sample"')
    text = text.replace('"Notes" = "note"', '"Notes" = "ignore"')
    mapping = rewritten(text, tmp_path)
    assert mapping.words["status"] == {"Parked": "closed:logistics"}
    sheet = opened(path, mapping)
    first = next(sheet.rows())
    assert (first.status, first.values.reason, first.values.owner) == ("closed", "logistics", "Dana Sample")
    assert "Notes" in sheet.ignored
    again = write_mapping(sheet, WORKFLOW, mapping)
    assert '"Parked" = "closed:logistics"' in again
    assert '"DS" = "Dana Sample"' in again


MISTAKES = """
[columns]
"Name" = "nome"
"A" = "status"
"B" = "status"
"Pt Name" = 7
[dates]
received = "DYM"
shoe = "DMY"
[status]
"Parked" = "parking"
"Gone" = "closed:bored"
"Wait" = "preparing:soon"
[prescreen]
"Half" = "half"
[records]
"There" = "there"
[reason]
"Bored" = "bored"
[file]
encoding = "klingon"
delimiter = "x"
header_line = "four"
tab = 1
[colours]
"""


def test_every_mistake_is_named_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(ImportRejected) as refused:
        rewritten(MISTAKES + 'owner = "x"\n', tmp_path)
    found = [(p.path, p.code) for p in refused.value.problems]
    bad = "mapping_bad_value"
    assert found == [
        ("columns.Name", bad),
        ("columns.Pt Name", bad),
        ("dates.received", bad),
        ("dates.shoe", "mapping_unknown_key"),
        ("status.Parked", bad),
        ("status.Gone", bad),
        ("status.Wait", bad),
        ("prescreen.Half", bad),
        ("records.There", bad),
        ("reason.Bored", bad),
        ("file.encoding", bad),
        ("file.delimiter", bad),
        ("file.header_line", bad),
        ("file.tab", "mapping_unknown_key"),
        ("colours", "mapping_unknown_key"),
        ("columns.status", bad),
    ]


@pytest.mark.parametrize("encoding", ["klingon", "base64", "rot13", "undefined", "utf\\u00008"])
def test_what_is_no_encoding_of_text_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(ImportRejected) as refused:
        rewritten(f'[file]\nencoding = "{encoding}"\n', tmp_path)
    assert [(p.path, p.code) for p in refused.value.problems] == [("file.encoding", "mapping_bad_value")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[status\n", "mapping_invalid"),
        ("status = 3\n", "mapping_bad_value"),
        ('[columns]\n"Name" = "name"\n"NAME " = "name"\n', "mapping_bad_value"),
        ("x" * 300_000, "mapping_invalid"),
        ("a." * 20_000 + "b = 1", "mapping_invalid"),
        ("[file]\nheader_line = -1\n", "mapping_bad_value"),
    ],
)
def test_a_file_that_is_no_mapping(text: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(ImportRejected) as refused:
        rewritten(text, tmp_path)
    assert code in {p.code for p in refused.value.problems}


def test_a_missing_mapping_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ImportRejected, match="cannot be read"):
        read_mapping(tmp_path / "none.toml")


def test_a_mapping_may_declare_how_to_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "tracker.csv"
    path.write_bytes("Status;Zettel\nanother line\nNr;Zustand;Wer\n1;Neu;Zoë\n".encode("cp1252"))
    mapping = Mapping(
        columns={"Nr": "lead_id", "Zustand": "status", "Wer": "name"},
        words={"status": {"Neu": "new"}},
        encoding="cp1252",
        delimiter=";",
        header_line=3,
    )
    (row,) = opened(path, mapping).rows()
    assert (row.lead_id, row.status, row.full_name) == ("1", "new", "Zoë")


def test_a_heading_that_is_gone_is_said(tmp_path: Path) -> None:
    sheet = opened(copy(tmp_path, "2026-03-02", lead()), Mapping(columns={"Date of birth": "birth_date"}))
    assert [p.code for p in sheet.problems] == ["mapping_no_such_heading"]


def test_a_declared_order_settles_what_the_file_does_not_prove(tmp_path: Path) -> None:
    path = copy(tmp_path, "2026-04-30", lead(Date_Received="03/04/2026", Last_Contact="05/04/2026"))
    with pytest.raises(ImportRejected) as refused:
        open_sheet(path)
    assert [p.code for p in refused.value.problems] == ["date_order_ambiguous"] * 2
    (row,) = opened(path, Mapping(dates={"*": "DMY", "last_contact": "MDY"})).rows()
    assert (row.facts.received, row.values.last_contact) == ("2026-04-03", "2026-05-04")


def test_what_an_earlier_copy_proved_holds_for_the_next(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, "2026-03-30", lead(Date_Received="25/03/2026")))
    report = tracker.ingest(
        copy(tmp_path, "2026-04-06", lead(Date_Received="25/03/2026"), lead("L-2", Date_Received=""))
    )
    assert report.date_orders["received"] == "DMY"
    report = tracker.ingest(copy(tmp_path, "2026-04-13", lead("L-3", Date_Received="03/04/2026")))
    found = {known.received_at.month for known in tracker.leads() if known.received_at.day < 5}
    assert report.outcomes["created"] == 1
    assert found == {4}


def test_the_command_writes_the_file_and_the_import_takes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, mapping, store = tracker_file(tmp_path), tmp_path / "mapping.toml", str(tmp_path / "site.db")
    assert main(["import", str(path), "--db", store]) == 0
    assert "'Parked' (1 row" in capsys.readouterr().out
    assert main(["mapping", str(path), "--out", str(mapping)]) == 0
    text = mapping.read_text("utf-8")
    mapping.write_text(text.replace('"Parked" = ""', '"Parked" = "awaiting_prescreen"'), "utf-8")
    assert main(["import", str(path), "--db", store, "--mapping", str(mapping)]) == 0
    said = capsys.readouterr().out
    assert "Parked -> awaiting_prescreen 1" in said
    assert "'Parked'" not in said
    mapping.write_text(text.replace('"Parked" = ""', '"Parked" = "waiting"'), "utf-8")
    assert main(["import", str(path), "--db", store, "--mapping", str(mapping)]) == 3
    assert "status.Parked" in capsys.readouterr().err
