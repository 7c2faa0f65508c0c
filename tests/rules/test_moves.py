"""Moves: what is refused, completely; what is recorded; and the buttons, which agree with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from histories import PEOPLE, Site, sites
from leads import AT, COORDINATOR, DOCTOR, LEADER, ROBOT, SHEET, codes_of, item, lead, visit
from trialflow.model import events as e
from trialflow.model.errors import Refusal, Refused
from trialflow.model.evolve import evolve
from trialflow.model.facts import Stay
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED, Actor
from trialflow.rules.contact import may_contact
from trialflow.rules.guards import GUARDS, Attempt
from trialflow.rules.loading import default_workflow
from trialflow.rules.moves import move, options
from trialflow.rules.workflow import Move, Workflow

W = default_workflow()
LATER = AT + timedelta(hours=3)
ACTORS = (*PEOPLE, ROBOT, SHEET, Actor(id="x", role="nobody"), Actor(id="y", kind="system", role="site_lead"))
STUDY_TEAM = {s.code for s in W.statuses if s.decides == "study_team"}


def refusals(to: str, who: Lead, **given: Any) -> list[str]:
    """The codes for which a coordinator's move is refused."""
    return codes_of(move, W, who, to, **{"at": LATER, "by": COORDINATOR, **given})


def moved(to: str, who: Lead, **given: Any) -> e.Moved:
    """The event of a move that is allowed."""
    event, *_ = move(W, who, to, **{"at": LATER, "by": COORDINATOR, **given})
    assert isinstance(event, e.Moved)
    return event


@given(sites(40), st.sampled_from(ACTORS), st.booleans(), st.sampled_from(["", "other", "bad reason"]))
def test_the_buttons_agree_with_the_decision(site: Site, by: Actor, authority: bool, reason: str) -> None:
    """Every lead of any history, every actor: the same moves, the same refusals, nothing besides."""
    ref = "log-1" if authority else ""
    for one in site.leads.values():
        shown = options(one, W, site.now, by, reason=reason, authority_ref=ref)
        for option in shown:
            name = option.move if option.move != "set_status" else option.to
            for to in {name, option.to}:
                found: tuple[Refusal, ...] = ()
                try:
                    event, *_ = move(W, one, to, at=site.now, by=by, reason=reason, authority_ref=ref)
                    assert isinstance(event, e.Moved)
                    assert event.to_status == option.to
                except Refused as refused:
                    found = refused.refusals
                same_end = [o for o in shown if o.to == option.to]
                if to == name or len(same_end) == 1:
                    assert found == option.refusals
        reachable = {option.to for option in shown}
        for status in W.statuses:
            if status.code not in reachable:
                codes = codes_of(move, W, one, status.code, at=site.now, by=by, reason="other")
                assert codes == ["move_not_allowed"]


@given(sites(40), st.sampled_from([ROBOT, SHEET, ACTORS[-1], Actor(id="z", kind="source", role="investigator")]))
def test_no_automation_and_no_source_enters_or_leaves_what_a_study_team_decides(site: Site, by: Actor) -> None:
    for one in site.leads.values():
        for option in options(one, W, site.now, by, reason="other", authority_ref="log-1"):
            if option.to in STUDY_TEAM or one.status in STUDY_TEAM:
                assert "decision_not_allowed" in [refusal.code for refusal in option.refusals]


@pytest.mark.parametrize("by", PEOPLE[:4], ids=lambda by: by.id)
def test_a_person_in_another_role_enters_it_neither(by: Actor) -> None:
    one = lead(status="attended")
    assert codes_of(move, W, one, "in_screening", at=LATER, by=by, authority_ref="log-1") == ["decider_required"]


def test_a_decider_records_it_on_a_named_authority() -> None:
    one = lead(status="attended")
    assert codes_of(move, W, one, "in_screening", at=LATER, by=DOCTOR) == ["authority_missing"]
    event = moved("in_screening", one, by=DOCTOR, authority_ref="log-1")
    assert (event.by, event.authority_ref) == (DOCTOR, "log-1")
    assert refusals("in_screening", one, authority_ref="the signed log of Dr Doe", by=DOCTOR) == ["not_a_code"]


def test_all_that_is_missing_is_said_at_once() -> None:
    one = lead(status="preparing", owner=UNASSIGNED, items=item("records", "needed"), merged_into="L2")
    given_by = Actor(id="x", role="nobody")
    assert refusals("scheduled", one, by=given_by, at=AT - timedelta(days=1)) == [
        "role_unknown",
        "merged",
        "before_received",
        "owner_missing",
        "not_ready",
        "visit_missing",
    ]
    ended = lead(status="in_screening")
    assert refusals("screen_failed", ended) == ["decider_required", "authority_missing", "reason_missing"]


def test_a_move_records_before_and_after_the_rules_and_who() -> None:
    event = moved("contacting", lead(), reason="")
    assert (event.from_status, event.to_status, event.move) == ("new", "contacting", "try_to_reach")
    assert (event.workflow, event.by, event.at, event.irregular) == (W.id, COORDINATOR, LATER, False)
    again = moved("contacted", lead(status="contacting", attempts=1), at=LATER + timedelta(hours=1))
    assert (again.from_status, again.at) == ("contacting", LATER + timedelta(hours=1))


def test_times_are_brought_to_utc_and_a_naive_one_is_refused() -> None:
    event = moved("contacting", lead(), at=LATER.astimezone(timezone(timedelta(hours=5))))
    assert event.at == LATER
    assert event.at.tzinfo is UTC
    with pytest.raises(ValueError, match="without a zone"):
        move(W, lead(), "contacting", at=datetime(2026, 3, 3), by=COORDINATOR)  # noqa: DTZ001
    with pytest.raises(ValueError, match="without a zone"):
        options(lead(), W, datetime(2026, 3, 3), COORDINATOR)  # noqa: DTZ001


def test_a_move_lies_neither_before_the_arrival_nor_before_the_present_status() -> None:
    one = lead(status="contacting", status_since=AT + timedelta(hours=2))
    assert refusals("awaiting_prescreen", one, at=AT - timedelta(hours=1)) == ["before_received"]
    assert refusals("awaiting_prescreen", one, at=AT + timedelta(hours=1)) == ["before_status"]
    assert moved("awaiting_prescreen", one, at=AT + timedelta(hours=2)).to_status == "awaiting_prescreen"


def test_what_the_workflow_does_not_know_is_told_from_what_it_does_not_allow() -> None:
    assert refusals("scheduled", lead()) == ["move_not_allowed"]
    assert refusals("bliss", lead()) == ["status_unknown"]
    with pytest.raises(Refused) as caught:
        move(W, lead(), "Jane Doe, 555-0100", at=LATER, by=COORDINATOR)
    assert "Jane" not in str(caught.value)
    assert "try_to_reach (to contacting)" in str(caught.value)
    assert (caught.value.command, caught.value.status) == ("move", "new")


def test_a_closing_needs_one_of_the_workflows_reasons() -> None:
    assert refusals("closed", lead()) == ["reason_missing"]
    assert refusals("closed", lead(), reason="bored") == ["reason_unknown"]
    assert moved("closed", lead(), reason="declined").reason == "declined"


def test_a_reason_elsewhere_is_a_code_not_a_sentence() -> None:
    one = lead(status="scheduled")
    assert refusals("preparing", one, reason="Jane called, she is ill") == ["not_a_code"]
    assert moved("preparing", one, reason="rescheduling").reason == "rescheduling"


def test_a_move_may_take_some_reasons_only() -> None:
    narrow = attrs.evolve(
        W, moves=tuple(attrs.evolve(m, reasons=("declined",)) if m.name == "close" else m for m in W.moves)
    )
    assert codes_of(move, narrow, lead(), "closed", at=LATER, by=COORDINATOR, reason="other") == ["reason_not_allowed"]
    assert move(narrow, lead(), "closed", at=LATER, by=COORDINATOR, reason="declined")


def test_reopening_restores_what_the_history_tells() -> None:
    trail = (Stay("new", AT), Stay("preparing", AT), Stay("in_screening", AT), Stay("closed", AT))
    one = lead(status="closed", trail=trail, close_reason="declined")
    assert [option.to for option in options(one, W, LATER, COORDINATOR)] == ["preparing"]
    assert moved("reopen", one).to_status == "preparing"
    assert moved("preparing", one).move == "reopen"
    assert refusals("contacting", one) == ["move_not_allowed"]
    assert moved("reopen", lead(status="closed")).to_status == "contacting"


def test_a_rescreen_opens_the_next_episode_and_asks_for_a_new_prescreen() -> None:
    one = lead(status="screen_failed", prescreen="completed")
    event, reset = move(W, one, "awaiting_prescreen", at=LATER, by=COORDINATOR)
    assert isinstance(event, e.Moved)
    assert isinstance(reset, e.Prescreened)
    assert event.episode == 2
    assert (reset.from_state, reset.to_state, reset.by) == ("completed", "none", COORDINATOR)
    assert len(move(W, lead(status="screen_failed"), "rescreen", at=LATER, by=COORDINATOR)) == 1


def test_a_wish_for_no_contact_outlives_a_reopening() -> None:
    closed = evolve(lead(), moved("closed", lead(), reason="do_not_contact"))
    assert closed is not None
    opened = evolve(closed, moved("reopen", closed))
    assert opened is not None
    assert (opened.status, opened.close_reason) == ("contacting", "")
    answer = may_contact(opened, W, "phone", LATER, zone="America/Chicago")
    assert answer.codes == ("do_not_contact",)


def test_a_lead_leaves_unmapped_by_setting_a_status() -> None:
    one = lead(status="word-1a2b3c")
    shown = options(one, W, LATER, COORDINATOR)
    assert [option.to for option in shown] == [status.code for status in W.statuses]
    event = moved("contacted", one)
    assert (event.move, event.irregular, event.from_status) == ("set_status", True, "word-1a2b3c")
    assert refusals("closed", one) == ["reason_missing"]
    assert refusals("enrolled", one) == ["decider_required", "authority_missing"]


def test_an_option_says_whether_a_field_would_mend_it() -> None:
    close = next(option for option in options(lead(), W, LATER, COORDINATOR) if option.move == "close")
    assert (close.label, close.allowed, close.askable) == ("Closed", False, True)
    first = next(option for option in options(lead(), W, LATER, COORDINATOR) if option.move == "try_to_reach")
    assert (first.allowed, first.askable) == (True, False)
    reach = next(o for o in options(lead(owner=UNASSIGNED), W, LATER, COORDINATOR) if o.move == "reach")
    assert (reach.allowed, reach.askable) == (False, False)


def _guarded(*names: str) -> Workflow:
    return attrs.evolve(W, moves=(Move(name="go", from_=("new",), to="contacting", requires=names),))


def test_a_hosts_guard_is_asked_and_a_missing_one_refuses() -> None:
    def capacity(attempt: Attempt) -> Refusal | None:
        return Refusal("acme_full", f"{attempt.to} is full", "wait") if attempt.lead.id == "L1" else None

    known = {**GUARDS, "acme:capacity": capacity}
    two = _guarded("acme:capacity", "acme:weather", "acme:moon")
    given_: dict[str, Any] = {"at": LATER, "by": COORDINATOR}
    assert codes_of(move, two, lead(), "go", **given_, guards=known) == ["acme_full", "guard_missing", "guard_missing"]
    assert move(_guarded("acme:capacity"), lead(id="L2"), "go", **given_, guards=known)


def test_a_guard_sees_the_same_attempt_behind_a_button_as_behind_the_move() -> None:
    seen: list[Attempt] = []
    given_: dict[str, Any] = {"reason": "other", "authority_ref": "log-1", "guards": {"acme:look": seen.append}}
    one, two = lead(), _guarded("acme:look")
    move(two, one, "go", at=LATER, by=COORDINATOR, **given_)
    options(one, two, LATER, COORDINATOR, **given_)
    assert seen == [Attempt(two, one, "contacting", LATER, COORDINATOR, "other", "log-1")] * 2


def test_what_several_guards_refuse_alike_is_said_once() -> None:
    full: dict[str, Any] = dict.fromkeys(("acme:room", "acme:staff"), lambda _: Refusal("acme_full", "full", "wait"))
    assert codes_of(move, _guarded(*full), lead(), "go", at=LATER, by=COORDINATOR, guards=full) == ["acme_full"]


def test_readiness_is_asked_for_the_status_that_a_move_leads_to() -> None:
    go = Move(name="go", from_=("new",), to="attended", requires=("ready",))
    asks = attrs.evolve(W, moves=(go, attrs.evolve(go, name="book", to="scheduled")))
    one = lead(items=item("confirmation", "needed"))
    assert codes_of(move, asks, one, "go", at=LATER, by=COORDINATOR) == ["not_ready"]
    assert move(asks, one, "book", at=LATER, by=COORDINATOR)


def test_what_the_study_team_decided_is_left_by_persons_alone() -> None:
    one = lead(status="in_screening")
    assert moved("closed", one, reason="other").from_status == "in_screening"
    for by in (attrs.evolve(ROBOT, role="site_lead"), attrs.evolve(SHEET, role="site_lead")):
        assert refusals("closed", one, reason="other", by=by) == ["decision_not_allowed"]
        assert moved("closed", lead(), reason="other", by=by).by == by


def test_authority_and_reason_are_asked_for_whatever_guards_are_registered() -> None:
    given_: dict[str, Any] = {"at": LATER, "by": DOCTOR, "guards": {}}
    assert codes_of(move, W, lead(status="attended"), "in_screening", **given_) == ["authority_missing"]
    assert move(W, lead(status="attended"), "in_screening", authority_ref="log-1", **given_)
    assert codes_of(move, W, lead(), "closed", **given_) == ["reason_missing"]
    assert move(W, lead(), "closed", reason="other", **given_)


def test_a_move_may_ask_for_a_reason_where_its_status_does_not() -> None:
    two = _guarded("reason")
    assert codes_of(move, two, lead(), "go", at=LATER, by=COORDINATOR) == ["reason_missing"]
    assert codes_of(move, two, lead(), "go", at=LATER, by=COORDINATOR, reason="bored") == ["reason_unknown"]
    assert move(two, lead(), "go", at=LATER, by=COORDINATOR, reason="other")


def test_a_move_may_ask_for_an_authority_where_its_status_does_not() -> None:
    two = _guarded("authority")
    found = codes_of(move, two, lead(), "go", at=LATER, by=COORDINATOR)
    assert found == ["decider_required", "authority_missing"]
    assert move(two, lead(), "go", at=LATER, by=DOCTOR, authority_ref="log-1")


def test_a_visit_may_be_given_with_the_move() -> None:
    one = lead(status="preparing")
    assert refusals("scheduled", one) == ["visit_missing"]
    assert moved("scheduled", one, visit_at=AT + timedelta(days=3)).to_status == "scheduled"
    assert moved("scheduled", lead(status="preparing", visit=visit(3))).to_status == "scheduled"
    assert refusals("attended", lead(status="scheduled", visit=visit(3))) == ["visit_not_due"]


def test_other_roles_are_denied_by_default() -> None:
    sponsor = Actor(id="s1", role="sponsor")
    assert refusals("contacting", lead(), by=sponsor) == ["role_not_allowed"]
    assert refusals("contacting", lead(), by=ROBOT) == ["role_not_allowed"]
    assert refusals("contacting", lead(), by=Actor(id="r", kind="system")) == ["role_not_allowed"]
    assert moved("contacting", lead(), by=LEADER).by is LEADER
