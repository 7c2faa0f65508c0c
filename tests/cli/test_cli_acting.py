"""Every command that changes something: what it does to the lead, who is named, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialflow.model.events import Event
from trialflow.tracker import Tracker

from .conftest import MORNING, Run

ACTS: tuple[tuple[str, ...], ...] = (
    ("assign", "LF-0352", "Ben Sampleton", "--reason", "workload"),
    ("acknowledge", "LF-0352"),
    ("contact", "LF-0352", "--outcome", "reached", "--channel", "email"),
    ("prescreen", "LF-0352", "completed"),
    ("item", "LF-0352", "records", "needed", "--due", "2026-05-25"),
    ("block", "LF-0352", "availability", "--due", "2026-05-25"),
    ("unblock", "LF-0352", "availability"),
    ("action", "LF-0352", "call_again", "--due", "2026-05-22"),
    ("done", "LF-0352"),
    ("ask", "LF-0352", "medication_allowed", "--of", "investigator", "--due", "2026-05-22"),
    ("note", "LF-0352", "prefers mornings"),
    ("permit", "LF-0352", "--channel", "text", "--evidence", "form-17"),
    ("forbid", "LF-0352", "--channel", "letter"),
    ("source", "LF-0352", "Physician referral"),
    ("merge", "LF-0352", "LF-0351"),
    ("unmerge", "LF-0352"),
    ("move", "LF-0352", "close", "--reason", "declined"),
    ("move", "LF-0352", "reopen"),
    ("erase", "LF-0352", "--reason", "asked"),
)
"""One lead through every command, in an order that the rules allow."""


def last_event(store: Path) -> Event:
    with Tracker.open(store) as found:
        return max(found.storage.scan(), key=lambda record: record.position).event


def test_one_lead_through_every_command(run: Run, site: Path) -> None:
    known = run("lead", "LF-0352", "--as-of", MORNING, "--json").json
    for number, argv in enumerate(ACTS):
        at = f"2026-05-18T10:{number:02d}:00-05:00"
        # An erased lead has lost the sheet's id: its own id still finds it.
        argv = (argv[0], known["lead"], *argv[2:]) if argv[0] == "erase" else argv
        ran = run(*argv, "--at", at, "--role", "site_lead")
        assert ran.code == 0, (argv, ran.err)
        assert ran.out.strip(), argv
    history = run("lead", known["lead"], "--json").json["history"]
    made = [row["event"]["kind"] for row in history][len(known["history"]) :]
    assert made == [
        "assigned", "acknowledged", "contact_attempted", "prescreened", "item_set", "blocked", "unblocked",
        "action_set", "action_done", "decision_requested", "noted", "permission_set", "permission_set", "source_set",
        "merged", "unmerged", "moved", "moved", "erased",
    ]  # fmt: skip


def test_a_visit_from_booking_to_attendance(run: Run, site: Path) -> None:
    lead = next(
        row
        for row in run("worklist", "--as-of", MORNING, "--json").json["rows"]
        if row["bucket"] == "scheduling_ready"
    )["lead_id"]  # fmt: skip
    assert run("schedule", lead, "2026-05-20T10:00:00-05:00", "--at", MORNING).code == 0
    assert run("schedule", lead, "2026-05-21T10:00:00-05:00", "--at", MORNING).code == 0
    assert run("visit", lead, "attended", "--at", "2026-05-21T11:00:00-05:00").code == 0
    ran = run("move", lead, "attended", "--at", "2026-05-21T11:00:00-05:00")
    assert ran.code == 0
    assert "Visit attended" in ran.out


def test_a_handoff_is_accepted_by_the_new_owner_named_as_in_the_sheet(run: Run, site: Path) -> None:
    assert run("assign", "LF-0352", "Ben Sampleton", "--reason", "workload", "--at", MORNING).code == 0
    refused = run("accept", "LF-0352", "--at", MORNING)  # by Ana, who is not the new owner
    assert refused.code == 1
    assert "only the new owner accepts" in refused.err
    assert run("accept", "LF-0352", "--by", "ben sampleton", "--at", MORNING).code == 0


def test_what_the_study_team_decides_needs_a_decider_and_an_authority(run: Run, site: Path) -> None:
    refused = run("decide", "LF-0352", "medication_allowed", "yes", "--at", MORNING)
    assert refused.code == 1
    assert "act as one of: investigator" in refused.err
    assert "--authority REF" in refused.err
    done = run(
        "decide", "LF-0352", "medication_allowed", "pause", "--by", "inv-1", "--role", "investigator",
        "--authority", "log-17", "--at", MORNING,
    )  # fmt: skip
    assert done.code == 0
    assert last_event(site).by.id == "inv-1"


def test_a_correction_voids_an_event_and_keeps_it_readable(run: Run, site: Path) -> None:
    run("contact", "LF-0352", "--at", MORNING)
    history = run("lead", "LF-0352", "--json").json["history"]
    ran = run("correct", "LF-0352", str(history[-1]["position"]), "--reason", "typing_error", "--at", MORNING)
    assert ran.code == 0
    after = run("lead", "LF-0352", "--json").json["history"]
    assert [row["event"]["kind"] for row in after[-2:]] == ["contact_attempted", "corrected"]


def test_names_stay_out_of_the_ledger(run: Run, site: Path) -> None:
    run("assign", "LF-0352", "Ben Sampleton", "--at", MORNING)
    run("note", "LF-0352", "Zebulon canary called", "--at", MORNING)
    raw = site.read_bytes()
    for text in (b"Sampleton", b"Mockridge", b"canary"):
        assert text not in raw
    assert "Zebulon canary called" in run("lead", "LF-0352").out  # it is kept, in the vault


@pytest.mark.parametrize("who", ["Zoe Unheard-Of", "zoe@example.org", "", "   "])
def test_an_actor_is_an_id_or_somebody_of_the_sheet(run: Run, site: Path, who: str) -> None:
    ran = run("acknowledge", "LF-0352", "--by", who)
    assert ran.code == 2
    assert "give" in ran.err


@pytest.mark.parametrize("text", ["on holiday, back soon", "", "Ünïcode", "x" * 81])
def test_a_reason_is_a_code(run: Run, site: Path, text: str) -> None:
    ran = run("assign", "LF-0352", "Ben Sampleton", "--reason", text)
    assert ran.code == 2
    assert "trialflow note" in ran.err


def test_absence_and_spend_belong_to_the_site(run: Run, site: Path) -> None:
    before = run("board", "--as-of", MORNING, "--json").json
    ran = run("absence", "Dev Fictor", "--since", "2026-05-18", "--until", "2026-05-20", "--at", MORNING)
    assert ran.code == 0
    assert "Dev Fictor is away" in ran.out
    assert run("board", "--as-of", MORNING, "--json").json["unowned"] > before["unowned"]
    spent = run(
        "spend", "Radio", "12.5", "--currency", "EUR", "--since", "2026-05-01", "--until", "2026-05-18", "--json"
    )  # fmt: skip
    assert spent.json["amount_minor"] == 1250
    away = run("absence", "temp-1", "--since", "2026-05-18", "--json").json
    assert away["until"] is None


@pytest.mark.parametrize(
    ("argv", "advice"),
    [
        (("spend", "Radio", "12,50", "--since", "2026-05-01", "--until", "2026-05-02"), "write 1250 or 1250.00"),
        (("spend", "Radio", "-3", "--since", "2026-05-01", "--until", "2026-05-02"), ""),
        (("spend", "Radioo", "3", "--since", "2026-05-01", "--until", "2026-05-02"), "there are: Community event"),
        (("spend", "Radio", "3", "--since", "2026-05-02", "--until", "2026-05-01"), "a period runs forward"),
        (("spend", "Radio", "3", "--currency", "dollars", "--since", "2026-05-01", "--until", "2026-05-02"), "USD"),
        (("absence", "temp-1", "--since", "2026-05-02", "--until", "2026-05-01"), "a period runs forward"),
        (("absence", "temp-1", "--since", "tomorrow"), "write 2026-03-02"),
        (("action", "LF-0352", "call_again"), "give --due WHEN"),
    ],
)
def test_what_cannot_be_meant_is_said(run: Run, site: Path, argv: tuple[str, ...], advice: str) -> None:
    before = site.read_bytes()
    ran = run(*argv)
    assert ran.code == 2
    assert advice in ran.err
    assert site.read_bytes() == before


def test_what_changed_as_a_document(run: Run, site: Path) -> None:
    told = run("contact", "LF-0352", "--at", MORNING, "--json").json
    assert told["format"] == "trialflow.changed/1"
    assert set(told) == {"format", "lead", "status", "owner", "version"}
    assert "Mockridge" not in str(told)


@pytest.mark.parametrize(
    "argv", [("contact", "LF-0352"), ("assign", "LF-0352", "temp-1", "--reason", "workload"), ("note", "LF-0352", "hm")]
)
def test_a_command_on_a_version_that_is_no_more(run: Run, site: Path, argv: tuple[str, ...]) -> None:
    seen = run("lead", "LF-0352", "--json").json["version"]
    assert run("acknowledge", "LF-0352", "--at", MORNING, "--expect-version", str(seen)).code == 0
    before = site.read_bytes()
    stale = run(*argv, "--at", MORNING, "--expect-version", str(seen))
    assert stale.code == 1
    assert f"is at version {seen + 1}, not {seen}" in stale.err
    assert site.read_bytes() == before
    assert run(*argv, "--at", MORNING, "--expect-version", str(seen + 1)).code == 0


def test_the_version_that_is_shown_can_be_named(run: Run, site: Path) -> None:
    """With a record dated ahead, too; as of an earlier moment it is the version of that moment."""
    assert run("contact", "LF-0352", "--at", "2199-01-01").code == 0
    shown = run("lead", "LF-0352", "--json").json["version"]
    assert run("lead", "LF-0352", "--as-of", MORNING, "--json").json["version"] == shown - 1
    assert run("note", "LF-0352", "hm", "--expect-version", str(shown)).code == 0


def test_a_proposal_is_answered_on_the_version_that_was_seen(run: Run, site: Path) -> None:
    run("item", "LF-0352", "records", "needed", "--at", MORNING)
    opened = run("proposals", "--suggest", "--as-of", MORNING, "--json").json["proposals"]
    lead, proposal = next((row["lead"], row["proposal"]) for row in opened if not row["expired"])
    seen = run("lead", lead, "--json").json["version"]
    answer = ("resolve", lead, proposal, "declined", "--at", MORNING, "--expect-version")
    assert run(*answer, str(seen - 1)).code == 1
    assert run(*answer, str(seen)).code == 0
