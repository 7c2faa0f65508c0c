"""May we contact this person now? Every reason alone and combined, in every zone, around every clock change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import AT, blocker, item, lead, permission
from tests_sizes import size
from trialflow.model.facts import ContactAttempt, Permission, Stay
from trialflow.model.lead import Lead
from trialflow.rules.contact import asked_for_none, may_contact, permission_for
from trialflow.rules.loading import default_workflow

W = default_workflow()
NOON = AT + timedelta(hours=3)
"""Noon in Chicago."""


def codes(one: Lead, channel: str = "phone", at: datetime = NOON, **given_: Any) -> tuple[str, ...]:
    """Why the person may not be contacted; nothing when they may."""
    answer = may_contact(one, W, channel, at, **{"zone": "America/Chicago", **given_})
    assert answer.allowed == (not answer.codes)
    return answer.codes


def attempts(*hours_before_noon: float, count: int = 1) -> dict[str, Any]:
    """The fields of a lead with attempts that long before noon."""
    made = tuple(ContactAttempt(at=NOON - timedelta(hours=h), count=count) for h in hours_before_noon)
    last = max(contact.at for contact in made)
    return {"contacts": made, "attempts": len(made) * count, "last_contact_at": last, "first_attempt_at": made[0].at}


ALONE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "erased": ({"erased_at": AT}, {}),
    "merged": ({"merged_into": "L2"}, {}),
    "closed": ({"status": "closed", "close_reason": "declined"}, {}),
    "blocker_open": ({"blockers": blocker("availability")}, {}),
    "item_open": ({"items": item("records", "requested")}, {}),
    "channel_unknown": ({}, {"channel": "pigeon"}),
    "purpose_unknown": ({}, {"purpose": "fun"}),
    "opted_out": ({"permissions": (permission(False),)}, {}),
    "consent_missing": ({}, {"channel": "text"}),
    "zone_unknown": ({}, {"zone": None}),
    "quiet_hours": ({}, {"at": NOON + timedelta(hours=9)}),
    "window_limit": (attempts(24, 48, 72, 96, 120, 144) | {"first_reached_at": AT}, {}),
    "too_soon": (attempts(1), {}),
    "attempt_limit": (attempts(24, 48, 72), {}),
}


@pytest.mark.parametrize("code", sorted(ALONE))
def test_each_reason_alone(code: str) -> None:
    values, given_ = ALONE[code]
    assert codes(lead(**values), **given_) == (code,)


def test_nothing_in_the_way() -> None:
    assert codes(lead()) == ()


def test_a_wish_for_no_contact_is_more_than_a_closing() -> None:
    assert codes(lead(status="closed", close_reason="do_not_contact")) == ("closed", "do_not_contact")


def test_only_a_later_proven_permission_takes_a_wish_for_no_contact_back() -> None:
    trail = (Stay("new", AT), Stay("closed", AT, 2, "do_not_contact"), Stay("contacting", AT, 3))
    opened = lead(status="contacting", trail=trail)
    assert asked_for_none(opened, W) == AT
    assert codes(opened) == codes(opened, purpose="safety") == ("do_not_contact",)
    assert codes(attrs.evolve(opened, permissions=(permission(True, 1),))) == ("do_not_contact",)
    assert codes(attrs.evolve(opened, permissions=(permission(True, 0, proof="form-1"),))) == ("do_not_contact",)
    assert codes(attrs.evolve(opened, permissions=(permission(True, 1, proof="form-1"),))) == ()
    assert asked_for_none(lead(trail=(Stay("closed", AT, 2, "declined"),)), W) is None


def test_all_reasons_are_named_together() -> None:
    one = lead(
        erased_at=AT,
        merged_into="L2",
        status="closed",
        close_reason="do_not_contact",
        blockers=blocker("availability"),
        items=item("records", "needed"),
        permissions=(permission(False),),
        **attempts(1, 2, 3, 4, 5, 6),
    )
    assert codes(one, "text", zone="Mars/Crater") == (
        "erased",
        "merged",
        "closed",
        "blocker_open",
        "opted_out",
        "do_not_contact",
        "consent_missing",
        "zone_unknown",
        "item_open",
        "window_limit",
        "too_soon",
        "attempt_limit",
    )


@pytest.mark.parametrize("zone", [None, "", "Mars/Crater", "../../etc/passwd", "America", "x" * 300])
def test_a_zone_that_is_none_means_no(zone: str | None) -> None:
    assert codes(lead(), zone=zone) == ("zone_unknown",)


def test_a_contact_may_be_about_clearing_a_blocker() -> None:
    one = lead(blockers=blocker("availability"))
    assert codes(one, about="availability") == ()
    assert codes(one, about="missing_records") == ("blocker_open",)
    both = attrs.evolve(one, blockers=(*one.blockers, *blocker("missing_records")))
    assert codes(both, about="availability") == ("blocker_open",)


@pytest.mark.parametrize("state", ["needed", "requested", "received"])
def test_an_open_item_makes_outreach_premature(state: Any) -> None:
    """What refuses the move refuses the contact, too; a contact about the item, or for the visit, is none."""
    one = lead(items=item("records", state))
    assert codes(one) == codes(one, about="availability") == ("item_open",)
    assert codes(one, about="records") == codes(one, about="missing_records") == ()
    assert codes(one, purpose="visit") == codes(one, purpose="safety") == ()
    assert codes(lead(items=item("records", "reviewed"))) == codes(lead(items=item("records", "not_needed"))) == ()
    held = attrs.evolve(one, blockers=blocker("missing_records"))
    assert codes(held) == ("blocker_open", "item_open")
    assert codes(held, about="records") == ()


def test_an_item_of_a_later_milestone_waits_for_its_turn() -> None:
    asked = item("confirmation", "needed")
    assert codes(lead(items=asked, status="preparing")) == ()
    assert codes(lead(items=asked, status="scheduled")) == ("item_open",)


def test_attempts_limit_recruitment_alone() -> None:
    one = lead(**attempts(1, 2, 3))
    assert codes(one, purpose="visit") == codes(one, purpose="safety") == ()


def test_limits_end_exactly_when_they_should() -> None:
    assert codes(lead(**attempts(4))) == ()
    assert codes(lead(**attempts(3.99))) == ("too_soon",)
    assert codes(lead(**attempts(14 * 24, 15 * 24, 16 * 24))) == ()
    assert codes(lead(**attempts(14 * 24 - 0.01, 15 * 24, 16 * 24))) == ("attempt_limit",)
    reached = {"first_reached_at": AT - timedelta(days=40)}
    assert codes(lead(**attempts(30 * 24, 24, 30, 36, 42, 48) | reached)) == ()
    assert codes(lead(**attempts(30 * 24 - 0.01, 24, 30, 36, 42, 48) | reached)) == ("window_limit",)
    assert codes(lead(**attempts(24, count=6) | reached)) == ("window_limit",)


def test_the_window_is_half_open() -> None:
    nine = AT
    assert codes(lead(), at=nine) == ()
    assert codes(lead(), at=nine - timedelta(microseconds=1)) == ("quiet_hours",)
    assert codes(lead(), at=nine + timedelta(hours=11)) == ("quiet_hours",)
    assert codes(lead(), at=nine + timedelta(hours=11, microseconds=-1)) == ()


def test_the_zone_is_the_persons_however_the_time_is_written() -> None:
    in_tokyo = NOON.astimezone(ZoneInfo("Asia/Tokyo"))
    assert codes(lead(), at=in_tokyo) == ()
    assert codes(lead(), zone="Asia/Tokyo") == ("quiet_hours",)
    with pytest.raises(ValueError, match="without a zone"):
        codes(lead(), at=datetime(2026, 3, 3))  # noqa: DTZ001


def _clock_changes(zone: ZoneInfo, year: int) -> list[datetime]:
    hours = (datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=h) for h in range(0, 366 * 24, 6))
    return [
        at for at in hours if at.astimezone(zone).utcoffset() != (at + timedelta(hours=6)).astimezone(zone).utcoffset()
    ]


def test_no_contact_outside_the_window_in_any_zone_around_any_clock_change() -> None:
    zones = sorted(available_timezones())
    for name in Random(7).sample(zones, size(ci=60, long=len(zones))):
        zone = ZoneInfo(name)
        for year in Random(name).sample(range(2024, 2031), size(ci=1, long=7)):
            for change in _clock_changes(zone, year) or [datetime(year, 6, 1, tzinfo=UTC)]:
                for step in range(-24, 2 * 24):
                    at = change + timedelta(minutes=30 * step)
                    inside = time(9) <= at.astimezone(zone).time() < time(20)
                    assert codes(lead(), at=at, zone=name) == (() if inside else ("quiet_hours",))


permissions = st.builds(
    permission,
    st.booleans(),
    st.integers(0, 6),
    channel=st.sampled_from(["*", "phone", "text"]),
    purpose=st.sampled_from(["*", "recruitment", "visit"]),
    proof=st.sampled_from(["", "form-1"]),
)


@given(st.lists(permissions, max_size=6), permissions, st.randoms(use_true_random=False))
def test_a_revocation_never_opens_and_the_order_of_arrival_is_of_no_matter(
    known: list[Permission], new: Permission, rng: Random
) -> None:
    revoked = attrs.evolve(new, allowed=False)
    shuffled = list(known)
    rng.shuffle(shuffled)
    for channel in ("phone", "text"):
        for purpose in ("recruitment", "visit"):
            before = codes(lead(permissions=tuple(known)), channel, purpose=purpose)
            assert codes(lead(permissions=tuple(shuffled)), channel, purpose=purpose) == before
            after = codes(lead(permissions=(*known, revoked)), channel, purpose=purpose)
            assert not before or after


def test_of_two_answers_at_one_instant_the_refusal_stands() -> None:
    yes, no = permission(True, proof="form-1"), permission(False)
    assert permission_for(lead(permissions=(yes, no)), "phone", "visit") == no
    assert permission_for(lead(permissions=(no, yes)), "phone", "visit") == no
    later = permission(True, 1, channel="phone", proof="form-1")
    assert permission_for(lead(permissions=(no, later)), "phone", "visit") == later
    assert permission_for(lead(permissions=(no, later)), "text", "visit") == no
    assert permission_for(lead(), "phone", "visit") is None


def test_what_is_allowed_from_tomorrow_is_not_allowed_today_what_is_forbidden_is() -> None:
    assert codes(lead(permissions=(permission(True, 99, proof="form-1"),)), "text") == ("consent_missing",)
    assert codes(lead(permissions=(permission(True, 1, proof="form-1"),)), "text") == ()
    assert codes(lead(permissions=(permission(False, 99),)), "phone") == ("opted_out",)


def test_consent_without_proof_is_none() -> None:
    assert codes(lead(permissions=(permission(True),)), "text") == ("consent_missing",)


def test_what_happens_this_very_moment_counts() -> None:
    """Both the attempt that is being recorded now, and the permission given now."""
    six = attempts(0, 24, 48, 72, 96, 120) | {"first_reached_at": AT}
    assert "window_limit" in codes(lead(**six))
    allowed = attrs.evolve(permission(True), at=NOON)
    assert permission_for(lead(permissions=(allowed,)), "phone", "recruitment", NOON) == allowed
    assert (
        permission_for(lead(permissions=(allowed,)), "phone", "recruitment", NOON - timedelta(microseconds=1)) is None
    )


def test_a_refusal_for_one_channel_leaves_the_others() -> None:
    refused = attrs.evolve(permission(False), channel="email")
    assert codes(lead(permissions=(refused,)), channel="email") == ("opted_out",)
    assert codes(lead(permissions=(refused,))) == ()


def test_a_refusal_for_one_purpose_leaves_the_others() -> None:
    refused = lead(permissions=(permission(False, purpose="recruitment"),))
    assert codes(refused) == ("opted_out",)
    assert codes(refused, purpose="visit") == ()
