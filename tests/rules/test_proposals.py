"""Proposals: automation suggests, a person answers, both are recorded; nothing else changes anything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given

from histories import Site, sites
from leads import AT, COORDINATOR, DOCTOR, ROBOT, blocker, codes_of, item, lead
from trialflow.model import events as e
from trialflow.model.errors import Refusal
from trialflow.model.evolve import evolve
from trialflow.model.facts import Blocker, ContactAttempt, PlannedAction, Proposal, ReadinessItem
from trialflow.model.lead import Lead
from trialflow.rules import decide
from trialflow.rules.guards import GUARDS
from trialflow.rules.loading import default_workflow
from trialflow.rules.next_action import Reason
from trialflow.rules.proposals import open_proposals, proposals

W = default_workflow()
SILENT = lead(status="contacting", attempts=3, last_contact_at=AT, first_attempt_at=AT)
FULL_WAIT = AT + timedelta(days=15)
BY: dict[str, Any] = {"at": FULL_WAIT, "by": COORDINATOR}


def suggested(one: Lead, **at: Any) -> list[tuple[str, str, str, str]]:
    """What is suggested, in short."""
    return [(s.proposal, s.command, s.target, s.reason) for s in proposals(one, W, AT + timedelta(**at))]


def with_open(one: Lead, **values: Any) -> Lead:
    """The lead with one open proposal."""
    fields = {"proposal": "p", "command": "move", "target": "closed", "reason": "no_response", "at": AT, **values}
    return attrs.evolve(one, proposals=(Proposal(**fields),))


def test_closing_is_suggested_once_the_contact_policy_is_exhausted() -> None:
    assert suggested(SILENT, days=13) == []
    assert suggested(SILENT, days=15) == [("close_no_response", "move", "closed", "no_response")]
    assert suggested(attrs.evolve(SILENT, first_reached_at=AT), days=15) == []
    assert suggested(attrs.evolve(SILENT, attempts=2), days=15) == []


def test_closing_is_not_suggested_where_the_workflow_has_no_reason_or_no_end_of_the_sites_own() -> None:
    silent = tuple(reason for reason in W.close_reasons if reason.family != "no_response")
    assert proposals(SILENT, attrs.evolve(W, close_reasons=silent), FULL_WAIT) == ()
    decided = tuple(attrs.evolve(s, decides="study_team") if s.code == "closed" else s for s in W.statuses)
    assert proposals(SILENT, attrs.evolve(W, statuses=decided), FULL_WAIT) == ()


def test_records_are_asked_for_once_they_are_needed() -> None:
    needed = lead(status="preparing", items=item("records", "needed"))
    assert suggested(needed, hours=1) == [("ask_records", "item", "records:requested", "")]
    assert suggested(lead(status="preparing", items=item("records", "requested")), hours=1) == []


def test_a_blocker_is_escalated_after_its_kinds_time() -> None:
    stuck = lead(status="preparing", blockers=blocker("availability"))
    assert suggested(stuck, days=2) == []
    assert suggested(stuck, days=30) == [("escalate_availability", "action", "agree_on_dates", "availability")]


def test_a_blocker_is_escalated_at_the_instant_its_time_is_over_unless_a_step_is_planned() -> None:
    stuck = lead(status="preparing", blockers=(*blocker("rain"), *blocker("availability")))
    over = AT + timedelta(days=7, hours=-1)  # five working days; summer time begins in between
    (found,) = proposals(stuck, W, over)
    assert found.proposal == "escalate_availability"
    assert proposals(stuck, W, over - timedelta(microseconds=1)) == ()
    planned = PlannedAction(action="call_back", due_at=AT + timedelta(days=9), set_at=AT)
    assert proposals(attrs.evolve(stuck, action=planned), W, over) == ()


def test_a_suggestion_names_the_event_behind_it() -> None:
    calls = tuple(ContactAttempt(at=AT, outcome="no_answer", position=n) for n in (3, 4, 7))
    (close,) = proposals(attrs.evolve(SILENT, contacts=calls), W, FULL_WAIT)
    assert close.because == (Reason("no_response_limit", 7),)
    (close,) = proposals(SILENT, W, FULL_WAIT)
    assert close.because == (Reason("no_response_limit", 0),)  # a host's row tells of no events
    needed = {"records": ReadinessItem(item="records", state="needed", since=AT, position=5)}
    (ask,) = proposals(lead(status="preparing", items=needed), W, AT)
    assert ask.because == (Reason("open_records_needed", 5),)
    stuck = (Blocker(kind="availability", since=AT, position=6),)
    (escalate,) = proposals(lead(status="preparing", blockers=stuck), W, FULL_WAIT)
    assert escalate.because == (Reason("escalated_availability", 6),)


def test_each_suggestion_says_why_and_until_when() -> None:
    (found,) = proposals(SILENT, W, FULL_WAIT)
    assert found.expires_at > FULL_WAIT
    assert [reason.code for reason in found.because] == ["no_response_limit"]


def test_what_ended_or_was_merged_gets_no_suggestion() -> None:
    assert suggested(attrs.evolve(SILENT, merged_into="L2"), days=15) == []
    assert suggested(lead(status="closed", items=item("records", "needed")), days=15) == []


def test_what_is_open_or_was_declined_is_not_suggested_again_until_its_cause_is_new() -> None:
    (found,) = proposals(SILENT, W, FULL_WAIT)
    fields = {k: v for k, v in attrs.asdict(found, recurse=False).items() if k != "because"}
    (event,) = decide.propose(W, SILENT, at=FULL_WAIT, by=ROBOT, **fields)
    asked = evolve(SILENT, event)
    assert asked is not None
    assert suggested(asked, days=15) == []
    assert suggested(asked, days=40) == [("close_no_response", "move", "closed", "no_response")]
    (answer,) = decide.close_proposal(W, asked, "close_no_response", "declined", **BY)
    declined = evolve(asked, answer)
    assert declined is not None
    assert suggested(declined, days=40) == []
    again = attrs.evolve(declined, last_contact_at=FULL_WAIT + timedelta(days=1))
    assert suggested(again, days=40) == [("close_no_response", "move", "closed", "no_response")]


def test_only_this_suggestion_declined_since_its_cause_is_held_back() -> None:
    def answered(name: str, outcome: str, hours: int) -> Lead:
        at = AT + timedelta(hours=hours)
        past = Proposal(proposal=name, command="move", target="closed", at=AT, outcome=outcome, closed_at=at)
        return attrs.evolve(SILENT, past_proposals=(past,))

    assert suggested(answered("close_no_response", "declined", 0), days=15) == []
    for other in (("close_no_response", "declined", -1), ("close_no_response", "expired", 9), ("q", "declined", 9)):
        assert suggested(answered(*other), days=15) != []


@given(sites(40))
def test_every_suggestion_can_be_made_and_changes_nothing_by_itself(site: Site) -> None:
    for one in site.leads.values():
        for found in proposals(one, W, site.now):
            fields = {k: v for k, v in attrs.asdict(found, recurse=False).items() if k != "because"}
            (event,) = decide.propose(W, one, at=site.now, by=ROBOT, **fields)
            after = evolve(one, event)
            assert after is not None
            changed = {name for name in one.__dict__ if getattr(one, name) != getattr(after, name)}
            assert changed == {"proposals", "version", "seen"}
            assert (after.status, after.owner, after.items) == (one.status, one.owner, one.items)


def carried_out(one: Lead, **more: Any) -> e.Event:
    """What an accepted proposal carries out, in the same append."""
    closed, carried = decide.close_proposal(W, one, "p", "accepted", **BY, **more)
    assert closed == e.ProposalClosed(**BY, proposal="p", outcome="accepted")
    return carried


def test_an_accepted_move_is_carried_out_in_the_same_append() -> None:
    moved = carried_out(with_open(SILENT))
    assert isinstance(moved, e.Moved)
    assert (moved.to_status, moved.reason, moved.by) == ("closed", "no_response", COORDINATOR)


def test_accepted_items_and_actions_are_carried_out_too() -> None:
    needed = lead(items=item("records", "needed"))
    asked = with_open(needed, command="item", target="records:requested", reason="asked")
    assert carried_out(asked) == e.ItemSet(
        **BY, item="records", from_state="needed", to_state="requested", reason="asked"
    )
    planned = carried_out(with_open(lead(), command="action", target="call_back"))
    next_day = FULL_WAIT + timedelta(days=1)
    assert planned == e.ActionSet(**BY, action="call_back", due_at=next_day)


def test_an_accepted_move_asks_the_hosts_guards() -> None:
    moves = tuple(attrs.evolve(m, requires=(*m.requires, "acme:full")) if m.to == "closed" else m for m in W.moves)
    guarded = attrs.evolve(W, moves=moves)
    accept = (guarded, with_open(SILENT), "p", "accepted")
    assert codes_of(decide.close_proposal, *accept, **BY) == ["guard_missing"]
    known = {**GUARDS, "acme:full": lambda _: Refusal("acme_full", "the clinic is full", "wait")}
    assert codes_of(decide.close_proposal, *accept, **BY, guards=known) == ["acme_full"]


def test_a_refused_command_is_refused_together_with_a_wrong_answer() -> None:
    one = with_open(lead(status="attended"), target="in_screening", reason="", expires_at=AT + timedelta(days=1))
    assert codes_of(decide.close_proposal, W, one, "p", "accepted", at=FULL_WAIT, by=ROBOT) == [
        "proposal_expired",
        "person_required",
        "role_not_allowed",
        "decision_not_allowed",
    ]
    standing = with_open(lead(status="attended"), target="in_screening", reason="")
    assert codes_of(decide.close_proposal, W, standing, "p", "accepted", at=FULL_WAIT, by=DOCTOR) == [
        "authority_missing"
    ]
    assert decide.close_proposal(W, standing, "p", "accepted", at=FULL_WAIT, by=DOCTOR, authority_ref="log-1")


def test_automation_neither_accepts_nor_declines() -> None:
    robot = attrs.evolve(ROBOT, role="site_lead")
    for outcome in ("accepted", "declined"):
        assert "person_required" in codes_of(
            decide.close_proposal, W, with_open(SILENT), "p", outcome, at=FULL_WAIT, by=robot
        )


def test_only_what_has_expired_is_marked_expired() -> None:
    over = with_open(SILENT, expires_at=FULL_WAIT)
    assert decide.close_proposal(W, over, "p", "expired", at=FULL_WAIT, by=ROBOT)
    early = FULL_WAIT - timedelta(seconds=1)
    assert codes_of(decide.close_proposal, W, over, "p", "expired", at=early, by=ROBOT) == ["proposal_stands"]
    assert codes_of(decide.close_proposal, W, over, "p", "accepted", **BY) == ["proposal_expired"]
    assert open_proposals(over, early) == over.proposals
    assert open_proposals(over, FULL_WAIT) == ()
    assert codes_of(decide.close_proposal, W, lead(), "q", "ignored", **BY) == ["outcome_unknown", "proposal_absent"]


def test_a_proposal_that_this_version_cannot_carry_out_is_not_accepted() -> None:
    strange = with_open(SILENT, command="telephone")
    assert codes_of(decide.close_proposal, W, strange, "p", "accepted", **BY) == ["command_unknown"]
    assert decide.close_proposal(W, strange, "p", "declined", **BY)


@pytest.mark.parametrize(
    ("given_", "codes"),
    [
        ({"command": "telephone"}, ["command_unknown"]),
        ({"proposal": ""}, ["proposal_blank"]),
        ({"target": ""}, ["proposal_blank"]),
        ({"target": "call Jane Doe"}, ["not_a_code"]),
        ({"expires_at": AT}, ["due_in_past"]),
    ],
)
def test_a_proposal_is_complete(given_: dict[str, Any], codes: list[str]) -> None:
    fields = {"proposal": "q", "command": "move", "target": "closed", **given_}
    assert codes_of(decide.propose, W, lead(), at=AT, by=ROBOT, **fields) == codes
    assert codes_of(decide.propose, W, lead(status="closed"), at=AT, by=ROBOT, **fields) == sorted(
        [*codes, "closed"], key=["command_unknown", "closed", "not_a_code", "proposal_blank", "due_in_past"].index
    )


def test_a_proposal_without_a_target_is_none() -> None:
    assert codes_of(decide.propose, W, lead(), "q", "move", at=AT, by=ROBOT) == ["proposal_blank"]


def test_one_name_is_open_once() -> None:
    again: dict[str, Any] = {"proposal": "p", "command": "move", "target": "closed", "at": FULL_WAIT, "by": ROBOT}
    assert codes_of(decide.propose, W, with_open(SILENT), **again) == ["no_change"]
    assert decide.propose(W, with_open(SILENT, expires_at=FULL_WAIT), **again)
