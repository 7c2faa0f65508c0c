"""Care of the record: owners, permissions, decisions, merges, corrections, erasure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given

from histories import START, Site, sites
from leads import AT, COORDINATOR, DOCTOR, LEADER, ROBOT, SHEET, codes_of, lead, permission
from trialflow.model import events as e
from trialflow.model.evolve import evolve
from trialflow.model.facts import Handoff, OpenDecision
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED, Actor, Source
from trialflow.rules import decide
from trialflow.rules.loading import default_workflow

W = default_workflow()
LATER = AT + timedelta(hours=3)
BY: dict[str, Any] = {"at": LATER, "by": COORDINATOR}


def only(events: tuple[e.Event, ...]) -> Any:
    """The one event of a command."""
    (event,) = events
    return event


def test_an_owner_changes_by_a_handoff_that_says_why() -> None:
    event = only(decide.assign(W, lead(), "u2", reason="absence", **BY))
    assert (event.from_owner, event.to_owner, event.reason) == ("u1", "u2", "absence")
    assert only(decide.assign(W, lead(owner=UNASSIGNED), "u2", **BY)).from_owner == UNASSIGNED
    assert codes_of(decide.assign, W, lead(), "u2", **BY) == ["context_missing"]
    assert codes_of(decide.assign, W, lead(), UNASSIGNED, **BY) == ["context_missing"]
    assert codes_of(decide.assign, W, lead(), "u1", **BY) == ["no_change"]
    assert codes_of(decide.assign, W, lead(), "", reason="absence", **BY) == ["owner_blank"]
    assert codes_of(decide.assign, W, lead(), "jane@example.org", reason="on leave", **BY) == ["not_a_code"] * 2


def _handed(to: str, **values: Any) -> Lead:
    return lead(owner=to, handoffs=(Handoff(from_owner="u1", to_owner=to, at=AT, **values),))


def test_the_new_owner_accepts_or_somebody_on_behalf() -> None:
    assert only(decide.accept_handoff(W, _handed("u1"), **BY)).owner == "u1"
    delegate = attrs.evolve(LEADER, on_behalf_of="u2")
    assert only(decide.accept_handoff(W, _handed("u2"), at=LATER, by=delegate)).owner == "u2"
    assert codes_of(decide.accept_handoff, W, _handed("u2"), **BY) == ["not_the_owner"]
    assert codes_of(decide.accept_handoff, W, _handed("u1", accepted_at=AT), **BY) == ["handoff_absent"]
    assert codes_of(decide.accept_handoff, W, lead(), **BY) == ["handoff_absent"]
    nobody = attrs.evolve(LEADER, on_behalf_of=UNASSIGNED)
    assert codes_of(decide.accept_handoff, W, _handed(UNASSIGNED), at=LATER, by=nobody) == ["handoff_absent"]


def test_a_permission_needs_its_evidence_a_refusal_nothing() -> None:
    event = only(decide.permit(W, lead(), True, channel="text", evidence_ref="form-3", **BY))
    assert (event.allowed, event.channel, event.evidence_ref) == (True, "text", "form-3")
    assert only(decide.permit(W, lead(), False, **BY)).channel == "*"
    assert codes_of(decide.permit, W, lead(), True, **BY) == ["evidence_missing"]
    assert codes_of(decide.permit, W, lead(), True, channel="x", purpose="fun", text_version="v 1", **BY) == [
        "channel_unknown",
        "purpose_unknown",
        "not_a_code",
    ]


def test_a_question_goes_to_a_deciding_role_once() -> None:
    event = only(decide.request_decision(W, lead(), "labs", role="investigator", **BY))
    assert (event.decision, event.role) == ("labs", "investigator")
    asked = OpenDecision(decision="labs", since=AT, role="investigator")
    repeated = lead(open_decisions=(asked,))
    assert codes_of(decide.request_decision, W, repeated, "labs", role="investigator", **BY) == ["no_change"]
    for other in (
        {"decision": "scan", "role": "investigator"},
        {"decision": "labs", "role": "study_team"},
        {"decision": "labs", "role": "investigator", "due_at": LATER},
    ):
        assert only(decide.request_decision(W, repeated, **other, **BY)).decision == other["decision"]
    assert codes_of(decide.request_decision, W, lead(), "", role="coordinator", **BY) == [
        "decider_required",
        "decision_blank",
    ]


def test_a_decision_is_quoted_by_a_decider_with_its_authority() -> None:
    event = only(decide.record_decision(W, lead(), "labs", "yes", at=LATER, by=DOCTOR, authority_ref="log-1"))
    assert (event.outcome, event.by.role, event.authority_ref) == ("yes", "investigator", "log-1")
    assert codes_of(decide.record_decision, W, lead(), "", "", authority_ref="", **BY) == [
        "role_not_allowed",
        "decider_required",
        "authority_missing",
        "decision_blank",
    ]
    for decision, outcome in (("labs", ""), ("", "yes")):
        found = codes_of(
            decide.record_decision, W, lead(), decision, outcome, at=LATER, by=DOCTOR, authority_ref="log-1"
        )
        assert found == ["decision_blank"]
    for by in (ROBOT, SHEET, attrs.evolve(ROBOT, role="investigator"), attrs.evolve(SHEET, role="study_team")):
        found = codes_of(decide.record_decision, W, lead(), "labs", "yes", at=LATER, by=by, authority_ref="log-1")
        assert "decision_not_allowed" in found


def test_a_note_is_a_reference_and_a_source_has_a_name() -> None:
    assert only(decide.note(W, lead(), "note-1", **BY)).ref == "note-1"
    assert codes_of(decide.note, W, lead(), "", **BY) == ["note_blank"]
    assert codes_of(decide.note, W, lead(), "She called at 9", **BY) == ["not_a_code"]
    assert only(decide.set_source(W, lead(), Source(id="Web"), **BY)).from_source == Source(id="Radio")
    assert codes_of(decide.set_source, W, lead(), Source(id="Radio"), **BY) == ["no_change"]
    assert codes_of(decide.set_source, W, lead(), Source(id=""), **BY) == ["source_blank"]
    assert only(decide.set_source(W, lead(), Source(id="Web", campaign="202603"), **BY)).to_source.campaign == "202603"
    for private in (Source(id="jane@example.org"), Source(id="Web", campaign="555-0100")):
        assert codes_of(decide.set_source, W, lead(), private, **BY) == ["source_is_contact"]


def test_a_person_merges_and_unmerges() -> None:
    assert only(decide.merge(W, lead(), lead(id="L2"), **BY)).into == "L2"
    assert only(decide.unmerge(W, lead(merged_into="L2"), **BY)).into == "L2"
    assert codes_of(decide.unmerge, W, lead(), **BY) == ["not_merged"]
    assert codes_of(decide.merge, W, lead(), lead(), **BY) == ["merge_with_itself"]
    assert codes_of(decide.merge, W, lead(), lead(id="L2", merged_into="L3"), **BY) == ["merged"]
    assert codes_of(decide.merge, W, lead(study="A"), lead(id="L2", study="B"), **BY) == ["other_study"]
    for one, other in (("A", "A"), ("A", ""), ("", "B")):
        assert only(decide.merge(W, lead(study=one), lead(id="L2", study=other), **BY)).into == "L2"
    found = codes_of(decide.merge, W, lead(), lead(id="L2"), at=LATER, by=attrs.evolve(ROBOT, role="site_lead"))
    assert found == ["person_required"]


def test_what_the_person_forbade_holds_for_the_lead_that_stays() -> None:
    asked = lead(permissions=(permission(True, 1, proof="form-1"), permission(False, 2, channel="text")))
    into = lead(id="L2", permissions=(permission(True, 9, channel="text", proof="form-2"),))
    (carried,) = decide.carried_refusals(W, asked, into, **BY)
    assert isinstance(carried, e.PermissionSet)
    assert (carried.channel, carried.allowed, carried.at) == ("text", False, LATER)
    closed = lead(status="closed", close_reason="do_not_contact")
    (all_of_it,) = decide.carried_refusals(W, closed, lead(id="L2"), **BY)
    assert isinstance(all_of_it, e.PermissionSet)
    assert (all_of_it.channel, all_of_it.purpose) == ("*", "*")
    assert decide.carried_refusals(W, closed, lead(id="L2", permissions=(permission(False),)), **BY) == ()
    assert decide.carried_refusals(W, lead(), lead(id="L2"), **BY) == ()


def test_a_refusal_is_carried_over_with_its_channel_and_purpose_and_says_where_it_comes_from() -> None:
    no_visits = attrs.evolve(permission(False, channel="text"), purpose="visit")
    ask = lead(permissions=(no_visits,))
    assert decide.carried_refusals(W, ask, lead(id="L2"), **BY) == (
        e.PermissionSet(**BY, reason="merged", channel="text", purpose="visit", allowed=False),
    )
    for same in (no_visits, permission(False, channel="text"), permission(False)):
        assert decide.carried_refusals(W, ask, lead(id="L2", permissions=(same,)), **BY) == ()
    for other in (permission(False, channel="phone"), permission(False, channel="text", purpose="safety")):
        assert len(decide.carried_refusals(W, ask, lead(id="L2", permissions=(other,)), **BY)) == 1


def _site(*more: e.Event) -> Site:
    site = Site()
    arrived = e.Received(at=START, by=SHEET, source=Source(id="Radio"), owner="u1")
    site.append("L1", [arrived, *more])
    return site


def _correct(site: Site, position: int, *, by: Actor = COORDINATOR, reason: str = "mistake") -> tuple[e.Event, ...]:
    return decide.correct(W, site.leads["L1"], site.stream("L1"), position, at=LATER, by=by, reason=reason)


def test_an_event_is_voided_with_a_reason_and_can_be_brought_back() -> None:
    site = _site(e.Noted(at=START, by=COORDINATOR, ref="note-1"))
    assert codes_of(_correct, site, 2, reason="") == ["reason_missing"]
    assert codes_of(_correct, site, 2, reason="typed by mistake") == ["not_a_code"]
    site.append("L1", _correct(site, 2))
    assert not site.leads["L1"].notes
    assert codes_of(_correct, site, 2) == ["no_change"]
    site.append("L1", _correct(site, 3))
    assert site.leads["L1"].notes == ("note-1",)


def test_only_this_leads_events_are_voided_and_some_stand() -> None:
    site = _site(e.Erased(at=START, by=LEADER, reason="asked_for"))
    assert codes_of(_correct, site, 99, by=LEADER) == ["event_absent"]
    assert codes_of(_correct, site, 1, by=LEADER) == ["received_stands"]
    assert codes_of(_correct, site, 2, by=LEADER) == ["erasure_stands"]
    for by in (attrs.evolve(ROBOT, role="site_lead"), attrs.evolve(SHEET, role="site_lead")):
        assert codes_of(_correct, site, 99, by=by) == ["person_required", "event_absent"]


@pytest.mark.parametrize(
    "event",
    [
        e.DecisionRecorded(at=START, by=DOCTOR, decision="labs", outcome="yes", authority_ref="log-1"),
        e.Moved(at=START, by=DOCTOR, from_status="attended", to_status="in_screening", authority_ref="log-1"),
        e.Moved(at=START, by=DOCTOR, from_status="in_screening", to_status="closed", reason="other"),
    ],
    ids=["decision", "into", "out of"],
)
def test_what_a_study_team_decided_is_voided_by_deciders_alone(event: e.Event) -> None:
    site = _site(event)
    assert codes_of(_correct, site, 2) == ["decider_required"]
    assert only(_correct(site, 2, by=DOCTOR)).position == 2


@pytest.mark.parametrize("before", ["new", "a status of old"])
def test_a_move_that_the_study_team_did_not_decide_is_voided_by_who_may_correct(before: str) -> None:
    site = _site(e.Moved(at=START, by=COORDINATOR, from_status=before, to_status="contacting"))
    assert only(_correct(site, 2)).position == 2


def test_erasure_asks_for_a_person_and_a_reason_once() -> None:
    assert only(decide.erase(W, lead(), at=LATER, by=LEADER, reason="asked_for")).kind == "erased"
    robot = attrs.evolve(ROBOT, role="site_lead")
    assert codes_of(decide.erase, W, lead(erased_at=AT), at=LATER, by=robot, reason="") == [
        "person_required",
        "reason_missing",
        "no_change",
    ]


@given(sites(40))
def test_a_handoff_changes_the_owner_and_nothing_else(site: Site) -> None:
    """Notes, attempts, blockers, items, the plan and the visit stay with the lead."""
    for one in site.leads.values():
        if one.merged_into:
            continue
        (event,) = decide.assign(W, one, "u77", at=site.now, by=COORDINATOR, reason="absence")
        after = evolve(one, event, 10**6)
        assert after is not None
        changed = {name for name in one.__dict__ if getattr(one, name) != getattr(after, name)}
        assert changed | {"owner_since"} == {"owner", "owner_since", "handoffs", "version", "seen"}
        assert after.handoffs[:-1] == one.handoffs


@given(sites(40))
def test_closing_and_reopening_restores_status_and_context(site: Site) -> None:
    for one in site.leads.values():
        known = W.status(one.status)
        if known is None or known.final or known.decides != "nobody" or one.merged_into or not one.version:
            continue
        at = max(site.now, one.status_since)
        closed = one
        for event in decide.move(W, one, "closed", at=at, by=LEADER, reason="declined"):
            closed = evolve(closed, event, 10**6) or closed
        (back,) = decide.move(W, closed, "reopen", at=at, by=LEADER)
        again = evolve(closed, back, 10**6 + 1)
        assert again is not None
        assert again.status == one.status
        kept = ("owner", "notes", "contacts", "blockers", "items", "action", "visit", "prescreen", "permissions")
        assert all(getattr(again, name) == getattr(one, name) for name in kept)
