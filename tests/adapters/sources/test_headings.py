"""Which headings are read, how surely, and which are left for a person to say."""

from __future__ import annotations

import pytest

from trialflow.adapters.sources.header import match_header
from trialflow.adapters.sources.headings import field_of, named_by
from trialflow.adapters.sources.line_kinds import LineKinds

CONCLUDED = {
    "date_last_contact": "last_contact",
    "LAST_CONTACT_DT": "last_contact",
    "Last Activity Date": "last_contact",
    "last_call_at": "last_contact",
    "num_contact_attempts": "attempts",
    "ATTEMPT_CNT": "attempts",
    "REFERRAL_DT": "received",
    "CRC_INIT": "owner",
    "RECORDS_STAT": "records",
    "PRESCREEN_FLG": "prescreen",
    "SCR_VISIT_DT": "visit",
    "Visit 1 Date/Time": "visit",
    "Consent/Screening Appt": "visit",
    "Mobile / cell": "phone",
    "Status / outcome": "status",
    "DQ / Lost Reason": "reason",
    "Primary coordinator": "owner",
    "CLOSE_RSN_TXT": "reason",
}

NOBODY_KNOWS = [
    "Subject Initials",
    "Call #",
    "# contact status date",
    "Yes/No",
    "Preferred Date",
    "Current Date",
    "Prescreen Date",
    "Records Requested Date",
    "Status Change Date",
    "Source Date",
    "Name/Phone",
    "Phone/Email",
    "CRC/Date",
    "Coordinator Email",
    "Referring provider phone",
    "Next call date",
    "Preferred contact method",
    "Best time to call",
    "Date closed",
]


@pytest.mark.parametrize(("heading", "field"), CONCLUDED.items())
def test_a_heading_is_concluded_from_a_listed_one(heading: str, field: str) -> None:
    named = named_by(heading)
    assert named is not None
    assert (named.field, named.listed) == (field, False)


@pytest.mark.parametrize("heading", NOBODY_KNOWS)
def test_a_heading_that_could_mean_something_else_is_left_alone(heading: str) -> None:
    assert field_of(heading) is None


def test_the_sign_for_a_number_may_stick_to_its_word() -> None:
    assert [field_of(h) for h in ("ID#", "Phone#", "Attempt#")] == ["lead_id", "phone", "attempts"]


def test_a_number_of_contact_is_a_telephone_only_where_it_is_listed() -> None:
    assert field_of("Contact #") == "phone"
    assert field_of("# contact") is None


@pytest.mark.parametrize(
    "headings", [["Last Activity Date", "Last Contacted"], ["Last Contacted", "Last Activity Date"]]
)
def test_a_concluded_heading_gives_way_to_a_listed_one(headings: list[str]) -> None:
    match = match_header(["Lead ID", "Status", *headings])
    assert match.headings[match.columns["last_contact"]] == "Last Contacted"
    assert match.ignored == ("Last Activity Date",)
    assert [p.code for p in match.problems] == ["column_twice"]


def test_the_campaign_is_the_source_where_nothing_else_is() -> None:
    assert match_header(["Lead ID", "Status", "Campaign"]).columns == {"lead_id": 0, "status": 1, "source": 2}
    beside = match_header(["Lead ID", "Status", "Campaign", "Source"])
    assert (beside.columns["campaign"], beside.columns["source"]) == (2, 3)
    two = match_header(["Lead ID", "Status", "Campaign", "Channel"])
    assert "source" not in two.columns
    said = match_header(["Lead ID", "Status", "Campaign"], {"Campaign": "campaign"})
    assert "source" not in said.columns


def test_a_legend_and_a_pages_total_are_no_leads() -> None:
    kinds = LineKinds(match_header(["Log #", "Date received", "Phone", "Status"]))
    assert kinds.of(["Key:", "LM = left message", "", ""]) == "units"
    assert kinds.of(["Page total", "", "", "52"]) == "totals"
    assert kinds.of(["S-1", "2026-03-02", "", "New"]) == "lead"
