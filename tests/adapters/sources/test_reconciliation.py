"""From two copies of a sheet to what happened in between."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sheets import by_own_id, copy, events, lead, ledger
from trialflow.adapters.sources.mapping import Mapping
from trialflow.model.errors import ImportRejected, Refused
from trialflow.model.events import Assigned, ContactAttempted, Moved, SourceSet, VisitSet
from trialflow.model.parties import Actor
from trialflow.tracker import Tracker

MONDAY, NEXT, THIRD = "2026-03-02", "2026-03-09", "2026-03-16"
NOON = datetime(2026, 3, 5, 18, tzinfo=UTC)
COORDINATOR = Actor(id="u1", role="coordinator")


def moves(tracker: Tracker, own_id: str = "L-1") -> list[Moved]:
    return [e for e in events(tracker, by_own_id(tracker)[own_id].id) if isinstance(e, Moved)]


def test_a_move_is_dated_by_the_rows_own_date_where_that_lies_between_the_copies(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead(), lead("L-2")))
    tracker.ingest(
        copy(
            tmp_path,
            NEXT,
            lead(status="Left VM", Last_Contact="2026-03-05", Attempts="1"),
            lead("L-2", status="Left VM", Last_Contact="2026-02-27"),
        )
    )
    (proven,), (observed,) = moves(tracker), moves(tracker, "L-2")
    assert proven.at == tracker.instant(datetime(2026, 3, 5, 6, tzinfo=UTC))
    assert proven.observed_after is None
    assert observed.at == tracker.instant(datetime(2026, 3, 9, 5, tzinfo=UTC))
    assert observed.observed_after == tracker.instant(datetime(2026, 3, 2, 6, tzinfo=UTC))


def test_a_move_the_workflow_lacks_is_recorded_and_counted_as_irregular(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead(), lead("L-2")))
    report = tracker.ingest(copy(tmp_path, NEXT, lead(status="Scheduled"), lead("L-2", status="Left VM")))
    assert report.moves == {"new -> scheduled": 1, "new -> contacting": 1}
    assert report.irregular == 1
    assert by_own_id(tracker)["L-1"].irregular_moves == 1
    assert by_own_id(tracker)["L-2"].irregular_moves == 0


def test_spelling_is_no_change(tmp_path: Path) -> None:
    tracker = Tracker()
    row = lead(status="Left VM", Phone="(555) 555-0101", Last_Contact="2026-02-25", Notes="Works nights", Attempts="2")
    tracker.ingest(copy(tmp_path, MONDAY, row))
    held = ledger(tracker)
    other = row | {
        "Lead ID": " l-1 ",
        "Status": "LVM\u00a0",
        "Owner": "SAMPLE,  dana",
        "Phone": "+1 555.555.0101",
        "Email": "MAILTO:L-1@EXAMPLE.org",
        "Last Contact": "25 February 2026",
        "Notes": " works  nights",
        "Attempts": "2.0",
        "Source": "radio ",
    }
    report = tracker.ingest(copy(tmp_path, NEXT, other))
    assert report.outcomes["unchanged"] == 1
    assert report.events == 0
    assert ledger(tracker)[: len(held)] == held


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("Status", "Left VM"),
        ("Owner", "Robin Testa"),
        ("Owner", ""),
        ("Attempts", "1"),
        ("Last Contact", "2026-03-04"),
        ("Prescreen", "Started"),
        ("Records", "Requested"),
        ("Visit Date", "2026-03-20"),
        ("Notes", "call after five"),
    ],
)
def test_each_value_that_differs_makes_the_lead_updated(heading: str, text: str, tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead()))
    report = tracker.ingest(copy(tmp_path, NEXT, lead() | {heading: text}))
    assert report.outcomes["updated"] == 1
    assert report.events == 1


def test_a_blank_count_or_date_of_contact_undoes_nothing(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead(status="Left VM", Attempts="2", Last_Contact="2026-02-27")))
    report = tracker.ingest(copy(tmp_path, NEXT, lead(status="Left VM")))
    assert report.outcomes["unchanged"] == 1
    assert by_own_id(tracker)["L-1"].attempts == 2


@pytest.mark.parametrize(
    ("text", "attempts"), {"twice": 2, "three": 3, "Three calls": 3, "3x": 3, "once": 1, "several": 0}.items()
)
def test_attempts_may_be_counted_in_words(text: str, attempts: int, tmp_path: Path) -> None:
    tracker = Tracker()
    report = tracker.ingest(copy(tmp_path, MONDAY, lead(status="Left VM", Attempts=text, Last_Contact="2026-02-27")))
    assert by_own_id(tracker)["L-1"].attempts == attempts
    assert [p.code for p in report.problems] == ([] if attempts else ["count_unreadable"])


def test_a_cell_that_cannot_be_read_leaves_the_value_and_is_listed_each_time(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead(Visit_Date="2026-03-20", Records="Requested")))
    for day in (NEXT, THIRD):
        report = tracker.ingest(copy(tmp_path, day, lead(Visit_Date="3/20/26", Records="who knows")))
        assert report.outcomes["unchanged"] == 1
        assert [(p.line, p.column, p.code) for p in report.problems] == [
            (2, "visit", "date_short_year"),
            (2, "records", "records_unknown"),
        ]
    assert by_own_id(tracker)["L-1"].items["records"].state == "requested"


def test_notes_come_and_go_and_come_again(tmp_path: Path) -> None:
    tracker = Tracker()
    for day, note in ((MONDAY, "one"), (NEXT, "two"), (THIRD, "one")):
        tracker.ingest(copy(tmp_path, day, lead(Notes=note)))
    assert tracker.notes(by_own_id(tracker)["L-1"].id) == ("one", "two", "one")


def test_a_corrected_source_is_recorded_but_is_no_progress(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead(Source="")))
    report = tracker.ingest(copy(tmp_path, NEXT, lead(Source="Flyer")))
    assert (report.outcomes["unchanged"], report.source_changes) == (1, 1)
    found = by_own_id(tracker)["L-1"]
    assert found.source.id == "Flyer"
    assert any(isinstance(e, SourceSet) for e in events(tracker, found.id))


def test_a_visit_is_booked_moved_cancelled_and_attended(tmp_path: Path) -> None:
    tracker = Tracker()
    days = ("2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30")
    for day, status, visit in zip(
        days,
        ("Scheduled", "Scheduled", "Ready to schedule", "Scheduled", "Seen"),
        ("2026-03-12", "2026-03-19", "", "2026-03-27", "2026-03-27"),
        strict=True,
    ):
        tracker.ingest(copy(tmp_path, day, lead(status=status, Visit_Date=visit)))
    states = [e.to_state for e in events(tracker, by_own_id(tracker)["L-1"].id) if isinstance(e, VisitSet)]
    assert states == ["scheduled", "rescheduled", "cancelled", "scheduled", "attended"]


# --- a host that works on the leads between two copies -------------------------------------------------------------


def test_what_a_host_moved_is_not_undone_by_a_sheet_that_did_not_change(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead()))
    tracker.move(by_own_id(tracker)["L-1"].id, "contacting", by=COORDINATOR, at=NOON)
    report = tracker.ingest(copy(tmp_path, NEXT, lead()))
    assert report.outcomes["unchanged"] == 1
    assert by_own_id(tracker)["L-1"].status == "contacting"


def test_a_sheet_that_catches_up_with_the_ledger_makes_no_event(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead()))
    tracker.move(by_own_id(tracker)["L-1"].id, "contacting", by=COORDINATOR, at=NOON)
    report = tracker.ingest(copy(tmp_path, NEXT, lead(status="Left VM")))
    assert (report.events, report.outcomes["unchanged"]) == (0, 1)
    assert len(moves(tracker)) == 1


def test_a_sheet_that_moves_on_moves_from_where_the_lead_really_is(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead()))
    tracker.move(by_own_id(tracker)["L-1"].id, "contacting", by=COORDINATOR, at=NOON)
    report = tracker.ingest(copy(tmp_path, NEXT, lead(status="Contacted")))
    assert report.moves == {"contacting -> contacted": 1}


# --- copies that come late ------------------------------------------------------------------------------------------


def three(tmp_path: Path) -> list[Path]:
    return [
        copy(tmp_path, MONDAY, lead(), lead("L-2")),
        copy(tmp_path, NEXT, lead(status="Left VM"), lead("L-2", status="Contacted"), lead("L-3")),
        copy(tmp_path, THIRD, lead(status="Contacted"), lead("L-4")),
    ]


def test_a_new_copy_older_than_the_newest_is_refused(tmp_path: Path) -> None:
    first, second, third = three(tmp_path)
    tracker = Tracker()
    tracker.ingest(first)
    tracker.ingest(third)
    held = ledger(tracker)
    with pytest.raises(ImportRejected) as refused:
        tracker.ingest(second)
    assert [p.code for p in refused.value.problems] == ["older_copy"]
    assert ledger(tracker) == held


def test_a_late_copy_tells_only_what_the_newer_ones_do_not(tmp_path: Path) -> None:
    first, second, third = three(tmp_path)
    tracker = Tracker()
    tracker.ingest(first)
    tracker.ingest(third)
    report = tracker.ingest(second, allow_older=True)
    assert report.older
    assert dict(report.outcomes) == {"created": 1, "updated": 1, "unchanged": 1, "duplicate": 0, "rejected": 0}
    assert report.absent == 0
    found = {own: known.status for own, known in by_own_id(tracker).items()}
    assert found == {"L-1": "contacted", "L-2": "contacted", "L-3": "new", "L-4": "new"}
    held = ledger(tracker)
    for path in (second, first, third):
        assert tracker.ingest(path).events == 0
    assert ledger(tracker) == held


def test_a_name_that_reads_two_ways_is_read_as_the_sheet_writes_its_dates(tmp_path: Path) -> None:
    path = copy(tmp_path, MONDAY, lead(status="Left VM", Last_Contact="2/27/2026"))
    named = path.rename(tmp_path / "log 03-02-2026.csv")
    report = Tracker().ingest(named)
    assert (report.as_of_from, report.as_of.date().isoformat()) == ("file name", "2026-03-02")


def test_the_same_content_under_a_new_date_is_a_copy_in_which_nothing_changed(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead()))
    report = tracker.ingest(copy(tmp_path, NEXT, lead()))
    assert not report.repeated
    assert len(tracker.site_state().copies) == 2


def test_a_copy_without_a_date_is_known_again_by_its_content(tmp_path: Path) -> None:
    clock = [datetime(2026, 3, 2, 15, tzinfo=UTC)]
    tracker = Tracker(clock=lambda: clock[0])
    path = copy(tmp_path, "now", lead())
    assert tracker.ingest(path).as_of_from == "today"
    held = ledger(tracker)
    clock[0] = datetime(2026, 3, 4, 15, tzinfo=UTC)
    assert tracker.ingest(path).repeated
    assert ledger(tracker) == held


# --- what a study team decides ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["Enrolled", "In screening", "Screen fail - labs"])
def test_a_study_teams_status_stays_a_word_until_a_person_quotes_the_decision(word: str, tmp_path: Path) -> None:
    tracker = Tracker()
    path = copy(tmp_path, MONDAY, lead(status=word), lead("L-2"))
    for _ in range(2):
        report = tracker.ingest(path)
        assert report.unmapped == {word: 1}
        assert [(p.line, p.code) for p in report.problems] == [(2, "study_team_status")]
    assert by_own_id(tracker)["L-1"].status.startswith("word-")
    investigator = Actor(id="dr1", role="investigator")
    report = tracker.ingest(path, decided_by=investigator, authority_ref="log-7")
    assert not report.unmapped
    (moved,) = moves(tracker)
    assert (moved.by, moved.authority_ref) == (investigator, "log-7")
    assert moved.to_status in ("enrolled", "in_screening", "screen_failed")
    # The decision stands when the next copy comes without a decider.
    report = tracker.ingest(copy(tmp_path, NEXT, lead(status=word), lead("L-2")))
    assert (report.events, report.unmapped, report.problems) == (0, {}, [])


def test_a_decision_recorded_by_the_study_team_itself_agrees_with_the_sheet(tmp_path: Path) -> None:
    tracker = Tracker()
    investigator = Actor(id="dr1", role="investigator")
    tracker.ingest(copy(tmp_path, MONDAY, lead(status="Seen", Visit_Date="2026-02-27")))
    lead_id = by_own_id(tracker)["L-1"].id
    tracker.move(lead_id, "in_screening", by=investigator, authority_ref="log-7", at=NOON)
    report = tracker.ingest(copy(tmp_path, NEXT, lead(status="In screening", Visit_Date="2026-02-27")))
    assert (report.events, report.unmapped, report.problems) == (0, {}, [])


@pytest.mark.parametrize(
    ("decider", "authority", "code"),
    [
        (Actor(id="dr1", role="investigator"), "", "authority_missing"),
        (Actor(id="u1", role="coordinator"), "log-7", "decider_required"),
        (Actor(id="bot", kind="system", role="investigator"), "log-7", "decision_not_allowed"),
    ],
)
def test_not_everybody_may_quote_a_decision(decider: Actor, authority: str, code: str, tmp_path: Path) -> None:
    tracker = Tracker()
    with pytest.raises(Refused) as refused:
        tracker.ingest(copy(tmp_path, MONDAY, lead(status="Enrolled")), decided_by=decider, authority_ref=authority)
    assert [r.code for r in refused.value.refusals] == [code]
    assert not ledger(tracker)


# --- words that get a meaning ---------------------------------------------------------------------------------------


def test_a_word_that_gets_a_meaning_is_applied_by_the_next_import_of_the_same_copy(tmp_path: Path) -> None:
    tracker = Tracker()
    path = copy(tmp_path, MONDAY, lead(status="Parked"), lead("L-2", status="Left VM"))
    assert tracker.ingest(path).unmapped == {"Parked": 1}
    mapping = Mapping(words={"status": {"parked": "awaiting_prescreen", "left vm": "contacted"}})
    report = tracker.ingest(path, mapping=mapping)
    assert not report.unmapped
    assert report.moves == {"Parked -> awaiting_prescreen": 1, "contacting -> contacted": 1}
    assert tracker.ingest(path, mapping=mapping).events == 0


def test_an_owners_alias_joins_two_spellings(tmp_path: Path) -> None:
    tracker = Tracker()
    path = copy(tmp_path, MONDAY, lead(Owner="DS"), lead("L-2", Owner="dana.sample@example.org"), lead("L-3"))
    tracker.ingest(path)
    assert len({known.owner for known in tracker.leads()}) == 2
    report = tracker.ingest(path, mapping=Mapping(words={"owner": {"DS": "Dana Sample"}}))
    assert report.owner_changes == {"DS -> Dana Sample": 1}
    assert len({known.owner for known in tracker.leads()}) == 1
    assert all(isinstance(e, Assigned) for e in events(tracker, by_own_id(tracker)["L-1"].id)[1:])


def test_attempts_in_the_ledger_run_on(tmp_path: Path) -> None:
    tracker = Tracker()
    tracker.ingest(copy(tmp_path, MONDAY, lead(status="LVM", Attempts="1", Last_Contact="2026-02-27")))
    tracker.ingest(copy(tmp_path, NEXT, lead(status="LVM", Attempts="3", Last_Contact="2026-03-06")))
    tried = [e for e in events(tracker, by_own_id(tracker)["L-1"].id) if isinstance(e, ContactAttempted)]
    assert [(e.before, e.after) for e in tried] == [(0, 1), (1, 3)]


def test_a_status_of_na_is_kept_for_a_person_to_say_and_a_dash_says_nothing(tmp_path: Path) -> None:
    """Beside a telephone, n/a is "no answer" as often as "not applicable"."""
    tracker = Tracker()
    report = tracker.ingest(copy(tmp_path, MONDAY, lead(status="N/A"), lead("L-2", status="-"), lead("L-3", status="")))
    assert report.unmapped == {"N/A": 1}
    known = by_own_id(tracker)
    assert [tracker.workflow.status(known[f"L-{n}"].status) is None for n in (1, 2, 3)] == [True, False, False]
