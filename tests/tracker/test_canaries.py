"""What is private goes into the vault and nowhere else: no byte of it in the ledger, in anything a sponsor gets, in any
log record or error."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from canaries import CANARIES, found_in, sheet
from ledger_samples import ANNA, Ticking, day, noted
from trialflow import Actor, LeadNotFound, Refused, Source, Tracker, TrialflowError
from trialflow.adapters.renderers.formats import FORMATS, render
from trialflow.model.codec import decode, loads
from trialflow.model.errors import ImportRejected

CHIEF = Actor(id="chief", role="site_lead")
NOT_KEPT = {"reason", "records", "prescreen", "extra"}
"""Words of a coded column that mean nothing to the workflow are listed for the person who imports, and left out."""


@pytest.fixture
def tracker(tmp_path: Path) -> Iterator[Tracker]:
    with Tracker.open(tmp_path / "site.db", clock=Ticking(day(0))) as opened:
        yield opened


@pytest.fixture
def lead(tracker: Tracker, tmp_path: Path) -> str:
    """The lead of the canaries, after two copies of the sheet and some work by hand."""
    for number, status in enumerate(("", "Closed")):
        path = tmp_path / f"copy{number}.csv"
        path.write_text(sheet(status=status), "utf-8")
        report = tracker.ingest(path, as_of=day(7 * number - 14))
        assert report.rows == 21
    found = next(ref for ref, _, text in tracker.vault.items("identity") if CANARIES["last"] in text)
    tracker.note(found, CANARIES["note"], by=ANNA, key=CANARIES["email"])
    return found


def ledger(tracker: Tracker, tmp_path: Path) -> bytes:
    return b"".join(p.read_bytes() for p in tmp_path.iterdir() if p.name.startswith("site.db"))


def test_no_byte_of_it_is_in_the_ledger(tracker: Tracker, lead: str, tmp_path: Path) -> None:
    assert tracker.history(lead)
    assert found_in(ledger(tracker, tmp_path)) == []
    exported = "\n".join(row.payload for row in tracker.storage.raw())  # type: ignore[attr-defined]
    assert found_in(exported.encode()) == []


def test_it_is_in_the_vault(tracker: Tracker, lead: str, tmp_path: Path) -> None:
    """Else the search above would prove nothing."""
    assert set(found_in((tmp_path / "site.vault.db").read_bytes())) >= set(CANARIES) - NOT_KEPT
    identity = tracker.identity(lead)
    assert CANARIES["last"] in identity["name"]
    assert set(tracker.notes(lead)) == {CANARIES["note"]}
    assert CANARIES["owner"] in tracker.labels().values()


def test_the_sites_own_board_may_show_names(tracker: Tracker, lead: str) -> None:
    board = render(tracker.dashboard(as_of=day(-10)), "text", labels=tracker.labels())
    assert "owner" in found_in(board)
    assert found_in(render(tracker.dashboard(as_of=day(-10)), "text")) == [], "without labels it shows ids"
    assert lead


@pytest.mark.parametrize("format_", FORMATS)
def test_no_sponsor_gets_it_in_any_format(tracker: Tracker, lead: str, format_: str) -> None:
    """Whatever is handed to the renderer beside the report."""
    labels = {**tracker.labels(), lead: CANARIES["last"], "Radio": CANARIES["note"], "closed": CANARIES["email"]}
    for at in (day(-14), day(-10), day(-7), day(1)):
        update = tracker.sponsor_update(as_of=at)
        for given in ({}, labels):
            assert found_in(render(update, format_, labels=given)) == []
        assert lead.encode() not in render(update, format_, labels=labels)


def test_erased_it_is_nowhere(tracker: Tracker, lead: str, tmp_path: Path) -> None:
    tracker.erase(lead, reason="asked", by=CHIEF)
    shared = {"owner", "status"}  # names of the site's staff and of its own words are not this person's
    assert set(found_in((tmp_path / "site.vault.db").read_bytes())) <= shared
    assert found_in(ledger(tracker, tmp_path)) == []
    assert tracker.verify().ok


def errors(tracker: Tracker, lead: str, tmp_path: Path) -> Iterator[Callable[[], object]]:
    """Ways to be told that something is wrong, with private words in every place where they can be put by mistake."""
    words = CANARIES["note"]
    yield lambda: tracker.move(lead, words, by=ANNA)
    yield lambda: tracker.move(lead, "closed", reason=words, by=ANNA)
    yield lambda: tracker.move(lead, "in_screening", authority_ref=words, by=CHIEF)
    yield lambda: tracker.assign(lead, CANARIES["owner"], by=ANNA)
    yield lambda: tracker.assign(lead, "ben", reason=words, by=ANNA)
    yield lambda: tracker.contact(lead, words, by=ANNA)
    yield lambda: tracker.contact(lead, "reached", channel=words, by=ANNA)
    yield lambda: tracker.prescreen(lead, words, by=ANNA)  # type: ignore[arg-type]
    yield lambda: tracker.set_item(lead, words, "needed", by=ANNA)
    yield lambda: tracker.set_item(lead, "records", words, by=ANNA)  # type: ignore[arg-type]
    yield lambda: tracker.block(lead, words, by=ANNA)
    yield lambda: tracker.block(lead, "availability", owner=CANARIES["owner"], by=ANNA)
    yield lambda: tracker.unblock(lead, words, by=ANNA)
    yield lambda: tracker.set_action(lead, words, day(9), by=ANNA)
    yield lambda: tracker.set_action(lead, "call_back", day(9), owner=CANARIES["owner"], by=ANNA)
    yield lambda: tracker.visit(lead, words, by=ANNA)  # type: ignore[arg-type]
    yield lambda: tracker.visit(lead, "cancelled", reason=words, by=ANNA)
    yield lambda: tracker.request_decision(lead, words, role="investigator", by=ANNA)
    yield lambda: tracker.request_decision(lead, "review", role=words, by=ANNA)
    yield lambda: tracker.record_decision(lead, words, words, authority_ref=words, by=ANNA)
    yield lambda: tracker.permit(lead, evidence_ref=words, by=ANNA)
    yield lambda: tracker.permit(lead, evidence_ref="form-1", channel=CANARIES["phone"], by=ANNA)
    yield lambda: tracker.forbid(lead, channel=CANARIES["phone"], by=ANNA)
    yield lambda: tracker.correct(lead, 1, reason=words, by=ANNA)
    yield lambda: tracker.erase(lead, reason=words, by=CHIEF)
    yield lambda: tracker.propose(lead, words, words, target=words, reason=words, by=ANNA)
    yield lambda: tracker.accept_proposal(lead, words, by=ANNA)
    yield lambda: tracker.merge(lead, CANARIES["email"], by=ANNA)
    yield lambda: tracker.note(lead, words, by=Actor(id="x", role=words))
    yield lambda: tracker.note(CANARIES["email"], words, by=ANNA)
    yield lambda: tracker.lead(CANARIES["phone"])
    yield lambda: tracker.lead(" ".join((CANARIES["first"], CANARIES["last"])))
    yield lambda: tracker.receive("Radio", "9", owner=CANARIES["owner"], by=ANNA)
    yield lambda: tracker.receive("Radio", "9", person_ref=CANARIES["email"], by=ANNA)
    yield lambda: tracker.set_source(lead, Source(id=""), by=Actor(id="x", role=words))
    yield lambda: tracker.contact(lead, "reached", by=ANNA, key=CANARIES["email"])
    yield lambda: tracker.absence(CANARIES["owner"], day(1), by=CHIEF)
    yield lambda: tracker.spend(CANARIES["email"], 1, "USD", day(-1), day(0), by=CHIEF)
    yield lambda: tracker.spend("Radio", 1, CANARIES["note"], day(-1), day(0), by=CHIEF)
    yield lambda: tracker.storage.append(f"lead:{lead}", [noted("x")], expected_version=0)
    yield lambda: loads(words)
    yield lambda: loads(f'["{words}"]')
    yield lambda: decode({"kind": "noted", "at": words, "by": {"id": "x"}, "ref": words})
    yield lambda: decode({"kind": "moved", "at": words, "by": words, "from_status": 7, "to_status": words})
    yield lambda: decode(
        {"kind": "item_set", "at": "2026-03-02T00:00:00Z", "by": {"id": "x"}, "item": "r", "to_state": words}
    )
    for content in broken_files(words):
        path = tmp_path / f"broken{len(content)}.csv"
        path.write_bytes(content)
        yield lambda path=path: tracker.ingest(path, as_of=day(20))  # type: ignore[misc]


def broken_files(words: str) -> Iterator[bytes]:
    """Files that cannot be imported, each holding private words."""
    yield f"{words}\n{words}\n".encode()
    yield f"<html><body>{words}</body></html>".encode()
    yield b"\x00\xff\xfe" + words.encode()
    yield f"Lead ID,Date Received,Status\n1,03/04/2026,{words}\n2,04/03/2026,New\n".encode()
    yield f"Lead ID,Lead ID,Status,Status\n1,{words},New,{words}\n".encode()
    yield f'Lead ID,Status\n1,"{words}'.encode() + b"\n" * 3


def test_no_error_and_no_log_record_holds_it(
    tracker: Tracker, lead: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    raised = [error for act in errors(tracker, lead, tmp_path) if (error := refusal(act)) is not None]
    assert len(raised) > 35
    for error in raised:
        # The text and the fields, the chain of causes included; not the lines of this test's own source.
        told = [str(error), repr(error), *_causes(error)]
        assert found_in("\n".join(told).encode()) == [], f"{type(error).__name__}: {error}"
    assert found_in(caplog.text.encode()) == []
    assert found_in("".join(capfd.readouterr()).encode()) == []
    assert found_in(ledger(tracker, tmp_path)) == [], "and what was accepted holds none of it either"


def refusal(act: Callable[[], object]) -> TrialflowError | None:
    """The error that ``act`` raises, or None."""
    try:
        act()
    except TrialflowError as error:
        return error
    return None


def _causes(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield "".join(traceback.format_exception_only(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_what_an_import_lists_names_lines_and_columns_not_cells(tracker: Tracker, tmp_path: Path) -> None:
    path = tmp_path / "copy.csv"
    path.write_text(sheet(), "utf-8")
    report = tracker.ingest(path, as_of=day(0))
    told = [p.message for p in report.problems] + [str(p) for p in report.file_problems]
    assert report.problems
    assert found_in("\n".join(told).encode()) == []
    assert CANARIES["status"] in report.unmapped, "the words to be mapped are listed apart, for the site alone"


def test_an_address_in_the_source_column_stays_out(tracker: Tracker, tmp_path: Path) -> None:
    """The source is the one column whose words the ledger holds, since sponsors read them: no address gets in there."""
    path = tmp_path / "copy.csv"
    cells = ["Radio", CANARIES["email"], f"call {CANARIES['phone']}"]
    rows = [f"{n},{cell},New" for n, cell in enumerate(cells)]
    path.write_text("\n".join(["Lead ID,Source,Status", *rows]), "utf-8")
    report = tracker.ingest(path, as_of=day(0))
    assert [p.code for p in report.problems] == ["source_is_contact"] * 2
    assert sorted(s.source for s in tracker.dashboard(as_of=day(0)).sources) == ["Radio", "Unknown source"]
    for source in (Source(id=cells[1]), Source(id="Web", campaign=cells[2])):
        with pytest.raises(Refused) as refused:
            tracker.receive(source, "9", by=ANNA)
        assert [r.code for r in refused.value.refusals] == ["source_is_contact"]
    assert found_in(ledger(tracker, tmp_path)) == []


@pytest.mark.parametrize("name", CANARIES)
def test_the_search_finds_each_canary_in_each_disguise(name: str) -> None:
    """Negative control."""
    from canaries import disguises

    for disguise in disguises(CANARIES[name]):
        if len(disguise) >= 8:
            assert name in found_in(b"bytes before " + disguise + b" bytes behind")
    assert found_in(b"nothing of the kind") == []


def test_a_ledger_that_holds_words_is_found_out(tracker: Tracker, lead: str, tmp_path: Path) -> None:
    """Negative control: written past the rules, straight into the store."""
    version = len(tracker.history(lead))
    tracker.storage.append(f"lead:{lead}", [noted(CANARIES["note"])], expected_version=version)
    assert found_in(ledger(tracker, tmp_path)) == ["note"]


def test_who_is_unknown_is_not_named(tracker: Tracker) -> None:
    with pytest.raises(LeadNotFound) as missing:
        tracker.lead("2f0c1d9e-9d1c-5f57-8a53-0d5d1f8a6b7c")
    assert "2f0c1d9e" in str(missing.value), "an id is repeated: it helps"


def test_a_rejected_file_says_what_to_do(tracker: Tracker, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("<html></html>", "utf-8")
    with pytest.raises(ImportRejected) as rejected:
        tracker.ingest(path, as_of=day(0))
    assert rejected.value.problems
