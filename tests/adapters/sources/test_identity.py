"""Which row is whose: ids, phones, e-mails, names with birth dates; twice, in conflict, shared, corrected."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from sheets import HEADINGS, by_own_id, copy, lead, ledger
from trialflow.adapters.import_report import ImportReport
from trialflow.adapters.sources.identity import uuid5_text
from trialflow.model.parties import Actor
from trialflow.tracker import Tracker

MONDAY, NEXT, THIRD = "2026-03-02", "2026-03-09", "2026-03-16"
NO_ID = tuple(h for h in HEADINGS if h != "Lead ID")


def codes(report: ImportReport) -> list[tuple[int, str]]:
    return [(p.line, p.code) for p in report.problems]


def person(name: str, status: str = "New", phone: str = "", email: str = "", born: str = "") -> dict[str, str]:
    return {"Name": name, "Status": status, "Phone": phone, "Email": email, "DOB": born, "Source": "Radio"}


def ingest(tracker: Tracker, folder: Path, day: str, *rows: dict[str, str]) -> ImportReport:
    return tracker.ingest(copy(folder, day, *rows, headings=(*NO_ID, "DOB")))


def test_a_row_twice_is_a_duplicate_and_one_in_conflict_names_both_lines(tmp_path: Path) -> None:
    tracker = Tracker()
    rows = lead(), lead("L-2"), lead(Phone=" "), lead("L-2", status="Closed")
    report = tracker.ingest(copy(tmp_path, MONDAY, *rows))
    assert dict(report.outcomes) == {"created": 2, "updated": 0, "unchanged": 0, "duplicate": 1, "rejected": 1}
    assert codes(report) == [(5, "conflicting_row")]
    assert "line 3" in report.problems[0].message
    again = tracker.ingest(copy(tmp_path, NEXT, *rows))
    assert dict(again.outcomes) == {"created": 0, "updated": 0, "unchanged": 2, "duplicate": 1, "rejected": 1}


def test_absent_leads_stay_and_are_compared_with_what_is_known_when_they_return(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead(status="Left VM"), lead("L-2")))
    report = tracker.ingest(copy(tmp_path, NEXT, lead("L-2")))
    gone = by_own_id(tracker)["L-1"]
    assert (report.absent, report.absent_leads, gone.status) == (1, (gone.id,), "contacting")
    report = tracker.ingest(copy(tmp_path, THIRD, lead(status="Contacted"), lead("L-2")))
    assert (report.absent, report.outcomes["updated"], report.moves) == (0, 1, {"contacting -> contacted": 1})


def test_corrected_contact_data_make_no_second_lead_where_there_is_an_id(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead(Phone="5555550101", Name="Avery Sampel")))
    report = tracker.ingest(copy(tmp_path, NEXT, lead(Phone="5555550199", Name="Avery Sample", Email="a@example.org")))
    assert (report.leads_known, report.outcomes["unchanged"]) == (1, 1)
    (known,) = tracker.leads()
    told = tracker.identity(known.id)
    assert (told["phone"], told["name"], told["email"]) == ("5555550199", "Avery Sample", "a@example.org")


def test_ids_are_compared_without_case_width_and_a_spreadsheets_fraction(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead("1043"), lead("rv-7")))
    report = tracker.ingest(copy(tmp_path, NEXT, lead("1043.0"), lead(" ＲＶ－７ ")))
    assert report.outcomes["unchanged"] == 2


def test_a_lead_without_its_id_is_found_by_phone_or_e_mail_and_keeps_its_lead_when_the_id_comes(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead("", Email="a@example.org", Name="Avery Sample")))
    report = tracker.ingest(copy(tmp_path, NEXT, lead("L-9", Email="a@example.org", Name="Avery Sample")))
    assert (report.leads_known, report.outcomes["unchanged"]) == (1, 1)
    report = tracker.ingest(copy(tmp_path, THIRD, lead("", Email="a@example.org", Name="Avery Sample", Status="LVM")))
    assert (report.leads_known, report.outcomes["updated"]) == (1, 1)


def test_another_persons_address_under_a_new_id_is_another_lead(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead("", Email="a@example.org", Name="Avery Sample")))
    report = tracker.ingest(copy(tmp_path, NEXT, lead("L-9", Email="a@example.org", Name="Blake Other")))
    assert (report.leads_known, report.outcomes["created"], report.absent) == (2, 1, 1)


def test_either_of_phone_and_e_mail_finds_the_lead(tmp_path: Path) -> None:
    tracker = Tracker()
    ingest(tracker, tmp_path, MONDAY, person("Avery Sample", phone="5555550101", email="a@example.org"))
    for day, row in (
        (NEXT, person("Avery Sample", phone="5555550101")),
        (THIRD, person("Avery Sample", phone="5555550102", email="a@example.org")),
    ):
        report = ingest(tracker, tmp_path, day, row)
        assert (report.leads_known, report.outcomes["unchanged"]) == (1, 1)


def test_two_people_of_one_name_are_two_leads_and_one_phone_may_serve_two(tmp_path: Path) -> None:
    tracker = Tracker()
    rows = (
        person("Avery Sample", phone="5555550101"),
        person("Avery Sample", phone="5555550102"),
        person("Blake Sample", phone="5555550103", email="b@example.org"),
        person("Casey Sample", phone="5555550103", email="c@example.org"),
    )
    assert ingest(tracker, tmp_path, MONDAY, *rows).outcomes["created"] == 4
    assert ingest(tracker, tmp_path, NEXT, *reversed(rows)).outcomes["unchanged"] == 4


def test_phone_of_one_and_e_mail_of_another_is_refused(tmp_path: Path) -> None:
    tracker = Tracker()
    first = person("Avery Sample", phone="5555550101"), person("Blake Testa", email="b@example.org")
    ingest(tracker, tmp_path, MONDAY, *first)
    report = ingest(tracker, tmp_path, NEXT, *first, person("Avery Sample", phone="5555550101", email="b@example.org"))
    assert codes(report) == [(4, "identity_conflict")]


def test_name_with_birth_date_is_an_identity_name_alone_is_none(tmp_path: Path) -> None:
    tracker = Tracker()
    rows = person("Sample, Avery", born="1961-04-03"), person("avery sample", born="1970-01-02"), person("Avery Sample")
    report = ingest(tracker, tmp_path, MONDAY, *rows)
    assert report.outcomes["created"] == 2
    assert codes(report) == [(4, "no_identity")]
    assert ingest(tracker, tmp_path, NEXT, person("Avery  Sample", born="3 Apr 1961")).outcomes["unchanged"] == 1


def test_a_number_that_only_counts_the_rows_is_no_id(tmp_path: Path) -> None:
    headings = ("No.", *NO_ID)
    rows = [person(f"P{n}", phone=f"55555501{n:02d}") | {"No.": str(n)} for n in range(1, 6)]
    tracker = Tracker()
    report = tracker.ingest(copy(tmp_path, MONDAY, *rows, headings=headings))
    assert [p.code for p in report.file_problems] == ["row_numbers"]
    renumbered = [row | {"No.": str(n)} for n, row in enumerate(reversed(rows[1:]), start=1)]
    report = tracker.ingest(copy(tmp_path, NEXT, *renumbered, headings=headings))
    assert (report.outcomes["unchanged"], report.absent, report.leads_known) == (4, 1, 5)
    # What was found out about the column holds for later copies, however they are sorted.
    unsorted = [row | {"No.": n} for n, row in zip("31524", rows, strict=True)]
    assert tracker.ingest(copy(tmp_path, THIRD, *unsorted, headings=headings)).outcomes["unchanged"] == 5


def test_a_count_of_rows_is_no_id_where_name_and_birth_date_tell_who_it_is(tmp_path: Path) -> None:
    headings = ("Nr", *(h for h in NO_ID if h not in ("Phone", "Email")), "DOB")
    rows = [person(f"P{n}", born=f"1961-04-{n:02d}") for n in range(1, 5)]
    tracker = Tracker()
    for day, copied in ((MONDAY, rows), (NEXT, list(reversed(rows)))):
        numbered = [row | {"Nr": str(n)} for n, row in enumerate(copied, start=1)]
        report = tracker.ingest(copy(tmp_path, day, *numbered, headings=headings))
    assert (report.outcomes["unchanged"], report.leads_known) == (4, 4)


def test_numbers_that_are_no_mere_count_are_ids(tmp_path: Path) -> None:
    headings = ("No.", *NO_ID)
    rows = [person(f"P{n}", phone=f"55555501{n:02d}") | {"No.": str(100 + n)} for n in range(1, 4)]
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, *rows, headings=headings))
    report = tracker.ingest(copy(tmp_path, NEXT, *(row | {"Phone": ""} for row in rows), headings=headings))
    assert report.outcomes["unchanged"] == 3


def test_an_erased_person_is_not_imported_again(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead(), lead("L-2")))
    tracker.erase(by_own_id(tracker)["L-1"].id, by=Actor(id="u9", role="site_lead"), reason="asked")
    held = ledger(tracker)
    report = tracker.ingest(copy(tmp_path, NEXT, lead(), lead("L-2")))
    assert codes(report) == [(2, "erased")]
    assert len(ledger(tracker)) == len(held) + 1  # the copy itself


def test_two_trackers_in_one_store_share_no_identity(tmp_path: Path) -> None:
    tracker = Tracker()
    path = copy(tmp_path, MONDAY, lead(), lead("L-2"))
    assert tracker.ingest(path, sheet="north").outcomes["created"] == 2
    report = tracker.ingest(path, sheet="south")
    assert (report.outcomes["created"], report.absent, report.leads_known) == (2, 0, 2)
    assert len(tracker.leads()) == 4
    assert tracker.ingest(path, sheet="north").repeated


@pytest.mark.parametrize("row", [{"Lead ID": "L-3"}, {"Lead ID": "see the other sheet"}])
def test_a_number_filled_in_beforehand_is_no_lead_yet(row: dict[str, str], tmp_path: Path) -> None:
    report = Tracker().ingest(copy(tmp_path, MONDAY, lead(), row))
    assert codes(report) == [(3, "only_an_id")]


def test_lead_ids_are_uuids_of_version_five() -> None:
    for number in range(300):
        name = f"tracker|id:ü-{number}"
        assert uuid5_text(uuid.NAMESPACE_URL.bytes + name.encode()) == str(uuid.uuid5(uuid.NAMESPACE_URL, name))
