"""Which words are read, how far, and which are left for a person to say."""

from __future__ import annotations

import pytest

from trialflow.adapters.sources.mapping import Mapping
from trialflow.adapters.sources.vocabulary import Vocabulary

READ = {
    "LVM x3": ("contacting", "", ""),
    "Called 3x no answer": ("contacting", "", ""),
    "2nd attempt": ("contacting", "", ""),
    "Contact attempt #3": ("contacting", "", ""),
    "called, LVM, texted": ("contacting", "", ""),
    "Left VM - pt works nights": ("contacting", "", ""),
    "VM2": ("contacting", "", ""),
    "Spoke w/ pt 3/4, wants to think": ("contacted", "", ""),
    "not reached": ("contacting", "", ""),
    "Not Contacted": ("new", "", ""),
    "Scheduled 3/12": ("scheduled", "", ""),
    "Scheduled for 3/12 @ 10:30 am": ("scheduled", "", ""),
    "Rescheduled to 3/20": ("scheduled", "", ""),
    "Prescreened - awaiting PI": ("in_review", "", ""),
    "Records requested 2/3": ("preparing", "", "requested"),
    "Records needed": ("preparing", "", "needed"),
    "Ready to schedule": ("preparing", "", ""),
    "Closed - not interested": ("closed", "declined", ""),
    "Closed: DNQ - BMI": ("closed", "not_a_fit_prescreen", ""),
    "Closed (spoke to brother)": ("closed", "", ""),
    "DNQ: BMI": ("closed", "not_a_fit_prescreen", ""),
    "Declined (too far)": ("closed", "declined", ""),
    "Lost - no response": ("closed", "no_response", ""),
    "SF": ("screen_failed", "screen_failure", ""),
    "Screen fail - labs": ("screen_failed", "screen_failure", ""),
    "Stage 3: Prescreen": ("awaiting_prescreen", "", ""),
    "Stage 5b: Ready to schedule": ("preparing", "", ""),
    "10-Mar LVM": ("contacting", "", ""),
    "2. Left VM": ("contacting", "", ""),
    "99 - Closed": ("closed", "", ""),
    "READY_TO_SCHED": ("preparing", "", ""),
    "Chart under review": ("in_review", "", ""),
    "Screen fail - phone": ("closed", "not_a_fit_prescreen", ""),
    "ＣＬＯＳＥＤ": ("closed", "", ""),
    "clo\u200bsed\u00a0": ("closed", "", ""),
}

UNKNOWN = [
    "Stage 3",
    "Stage 3: pending",
    "n/a",
    "NA",
    "pending",
    "active",
    "complete",
    "ok",
    "done",
    "x",
    "in",
    "r",
    "passed",
    "failed",
    "ready",
    "cleared",
    "participant",
    "approved",
    "screening",
    "eligible",
    "qualified",
    "interested",
    "open",
    "cancelled",
    "confirmed",
    "contact",
    "waitlist",
    "On hold",
    "No show",
    "Unable to reach",
    "No response",
    "Follow up",
    "Info sent",
    "Contacted - not interested",
    "Scheduled - cancelled",
    "Scheduled - no show",
    "Left message with husband",
    "spoke w/ wife",
    "now interested",
    "Enrolled elsewhere",
    "never contacted or called since",
]


@pytest.mark.parametrize(("text", "meaning"), READ.items())
def test_everyday_words_are_read(text: str, meaning: tuple[str, str, str]) -> None:
    assert Vocabulary(Mapping()).status(text) == (meaning, False)


@pytest.mark.parametrize("text", UNKNOWN)
def test_a_word_that_could_mean_two_things_is_left_alone(text: str) -> None:
    vocabulary = Vocabulary(Mapping())
    assert vocabulary.status(text)[0] is None
    assert vocabulary.unknown["status"] == {text}


@pytest.mark.parametrize(
    ("text", "status"),
    {
        "Schedueld": "scheduled",
        "Contated": "contacted",
        "Closd": "closed",
        "Atempting contact": "contacting",
        "Not intrested": "closed",
        "Inquirey": "new",
    }.items(),
)
def test_one_slip_in_a_long_word_is_read_and_said(text: str, status: str) -> None:
    found, slip = Vocabulary(Mapping()).status(text)
    assert found is not None
    assert (found.status, slip) == (status, True)


@pytest.mark.parametrize("text", ["contact", "ineligble or not", "uneligible", "unscheduled", "sene", "los"])
def test_more_than_a_slip_is_no_slip(text: str) -> None:
    assert Vocabulary(Mapping()).status(text)[0] is None


def test_a_sites_own_words_come_first() -> None:
    mapping = Mapping(
        words={"status": {"Pending": "awaiting_prescreen", "Left VM": "contacted", "Gone": "closed:declined"}}
    )
    vocabulary = Vocabulary(mapping)
    assert vocabulary.status("PENDING")[0] == ("awaiting_prescreen", "", "")
    assert vocabulary.status("left vm x2")[0] == ("contacted", "", "")
    assert vocabulary.status("gone")[0] == ("closed", "declined", "")


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("prescreen", "Passed", "completed"),
        ("prescreen", "not started", "none"),
        ("prescreen", "maybe", None),
        ("records", "rec'd 3/4", "received"),
        ("records", "✓", "received"),
        ("records", "done", None),
        ("records", "R", None),
        ("records", "Rev'd", None),
        ("reason", "BMI too high - also too far", "not_a_fit_prescreen"),
        ("reason", "Lives too far away", "logistics"),
        ("reason", "see notes", None),
        ("reason", "no show", None),
    ],
)
def test_the_words_of_other_columns(field: str, text: str, code: str | None) -> None:
    assert Vocabulary(Mapping()).code(field, text)[0] == code


def test_very_long_texts_and_many_unknown_words_stay_cheap() -> None:
    vocabulary = Vocabulary(Mapping())
    assert vocabulary.status("closed " * 20_000)[0] is None
    for number in range(5_000):
        assert vocabulary.status(f"nothing of the sort {number:x} q")[0] is None
    assert len(vocabulary.unknown["status"]) == 500
