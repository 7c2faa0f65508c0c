"""The fold: total, the same by single steps and as a whole, and without what was voided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from histories import PEOPLE, START, Site, sites
from strategies import events
from trialflow.model import events as e
from trialflow.model.evolve import evolve, fold, voided
from trialflow.model.facts import Mark
from trialflow.model.lead import Lead
from trialflow.model.moments import micros
from trialflow.model.parties import UNASSIGNED, Source
from trialflow.model.recorded import Recorded
from trialflow.rules.loading import default_workflow
from trialflow.rules.staleness import last_movement

BY = PEOPLE[0]
RECEIVED = e.Received(at=START, by=BY, source=Source(id="Radio"), person_ref="p1", external_ref="x1")


def lead_of(*happened: e.Event) -> Lead:
    """The lead that these events tell after it was received."""
    found = fold(records(RECEIVED, *happened))
    assert found is not None
    return found


def records(*happened: e.Event) -> list[Recorded]:
    """One stream, positions 1, 2, 3 ..."""
    return [Recorded(n, "lead:L1", n, START, event, "", "") for n, event in enumerate(happened, start=1)]


def later(hours: float, **values: Any) -> dict[str, Any]:
    """The common fields of something that happened ``hours`` after the start."""
    return {"at": START + timedelta(hours=hours), "by": BY, **values}


@given(st.lists(events, max_size=6))
def test_no_sequence_of_events_raises(happened: list[e.Event]) -> None:
    lead: Lead | None = None
    for n, event in enumerate([*happened, RECEIVED, *happened], start=1):
        lead = evolve(lead, event, n, lead_id="L1")
    assert lead is not None
    fold(records(*happened))


@given(sites())
def test_folding_is_evolving_step_by_step(site: Site) -> None:
    for lead_id, lead in site.leads.items():
        stream = site.stream(lead_id)
        assert fold(stream) == lead
        assert lead.version == len(stream)
        if not any(isinstance(row.event, e.Corrected) for row in stream):
            step: Lead | None = None
            for row in stream:
                step = evolve(step, row.event, row.position, lead_id=lead_id)
            assert step == lead


@given(sites())
def test_what_was_voided_leaves_no_trace_but_the_version(site: Site) -> None:
    for lead_id, lead in site.leads.items():
        stream = site.stream(lead_id)
        gone = voided((r.position, r.event.position) for r in stream if isinstance(r.event, e.Corrected))
        kept = [r for r in stream if r.position not in gone and not isinstance(r.event, e.Corrected)]
        without = fold(kept)
        assert without is not None
        assert {**lead.__dict__, "version": 0} == {**without.__dict__, "version": 0}


def test_a_voided_correction_voids_nothing() -> None:
    moved = e.Moved(**later(1), from_status="new", to_status="contacting")
    assert lead_of(moved, e.Corrected(**later(2), position=2)).status == "new"
    assert (
        lead_of(moved, e.Corrected(**later(2), position=2), e.Corrected(**later(3), position=3)).status == "contacting"
    )
    assert voided([(3, 2), (4, 3)]) == {3}
    assert voided([(4, 3), (3, 2)]) == {3}
    assert voided([]) == frozenset()


def test_a_stream_that_never_tells_an_arrival_is_no_lead() -> None:
    assert fold(records(e.Noted(**later(1), ref="n1"))) is None
    assert fold([]) is None


def test_the_version_counts_what_came_before_the_arrival_too() -> None:
    lead = fold(records(e.Noted(**later(0), ref="n1"), RECEIVED, e.Noted(**later(1), ref="n2")))
    assert lead is not None
    assert (lead.version, lead.notes) == (3, ("n2",))


def test_unknown_events_and_second_arrivals_change_nothing_but_the_version() -> None:
    before = lead_of()
    unknown = e.Unknown(**later(5), unknown_kind="weather", payload={})
    again = e.Received(**later(6), source=Source(id="Other"), status="closed")
    for strange in (unknown, again, e.Corrected(**later(7), position=99)):
        after = lead_of(strange)
        assert {**after.__dict__, "version": 1} == before.__dict__


def test_events_carry_the_value_before_and_after() -> None:
    moved = e.Moved(**later(1), from_status="new", to_status="contacting")
    lead = lead_of(moved, e.Moved(**later(2), from_status="contacting", to_status="contacted"))
    assert [stay.status for stay in lead.trail] == ["new", "contacting", "contacted"]
    assert (lead.status, lead.status_since) == ("contacted", START + timedelta(hours=2))
    assert lead.last("moved") == Mark(START + timedelta(hours=2), 3)


@pytest.mark.parametrize(("kind", "outcome", "counts"), [
    ("system", "sent", False), ("system", "unknown", False), ("system", "reached", True),
    ("person", "sent", True), ("source", "unknown", True),
])  # fmt: skip
def test_an_automated_message_is_an_attempt_and_no_movement(kind: Any, outcome: str, counts: bool) -> None:
    """Somebody answered, or somebody tried; a machine that writes on and on keeps no lead fresh."""
    by = attrs.evolve(BY, kind=kind)
    lead = lead_of(e.ContactAttempted(at=START + timedelta(hours=1), by=by, outcome=outcome))
    assert (lead.attempts, lead.last_contact_at) == (1, START + timedelta(hours=1))
    assert ("contact_attempted" in lead.seen) == counts
    moved = Mark(START + timedelta(hours=1), 2) if counts else Mark(START, 1)
    assert last_movement(lead, default_workflow())[1] == moved


def test_a_corrected_reason_is_no_move_and_no_movement() -> None:
    closed = e.Moved(**later(1), from_status="new", to_status="closed", reason="declined")
    lead = lead_of(closed, e.Moved(**later(9), from_status="closed", to_status="closed", reason="no_response"))
    assert (lead.close_reason, lead.status_since) == ("no_response", START + timedelta(hours=1))
    assert [(stay.status, stay.reason) for stay in lead.trail] == [("new", ""), ("closed", "no_response")]
    assert lead.last("moved") == Mark(START + timedelta(hours=1), 2)


def test_a_rescreen_opens_the_next_episode_and_keeps_the_first() -> None:
    failed = e.Moved(**later(1), from_status="new", to_status="screen_failed", reason="screen_failure")
    again = e.Moved(**later(2), from_status="screen_failed", to_status="awaiting_prescreen", episode=2)
    lead = lead_of(failed, again)
    assert (lead.episode, lead.episode_since) == (2, START + timedelta(hours=2))
    (first,) = lead.episodes
    assert (first.number, first.status, first.reason, first.opened_at) == (1, "screen_failed", "screen_failure", START)
    assert lead.firsts == {}


def test_a_handoff_is_accepted_by_the_new_owner_alone() -> None:
    given_to = e.Assigned(**later(1), from_owner=UNASSIGNED, to_owner="u2", reason="workload")
    assert lead_of(given_to).handoffs[-1].accepted_at is None
    assert lead_of(given_to, e.HandoffAccepted(**later(2), owner="u9")).handoffs[-1].accepted_at is None
    accepted = lead_of(given_to, e.HandoffAccepted(**later(2), owner="u2")).handoffs[-1]
    assert accepted.accepted_at == START + timedelta(hours=2)


def test_who_takes_a_lead_accepts_it() -> None:
    taken = lead_of(e.Assigned(**later(1), from_owner=UNASSIGNED, to_owner=BY.id))
    assert taken.handoffs[-1].accepted_at == START + timedelta(hours=1)


def test_contacts_keep_the_first_and_the_last_whatever_the_order_of_recording() -> None:
    late = e.ContactAttempted(**later(5), outcome="reached")
    early = e.ContactAttempted(**later(1), before=1, after=2)
    lead = lead_of(late, early)
    assert lead.attempts == 2
    assert lead.last_contact_at == START + timedelta(hours=5)
    assert lead.first_attempt_at == START + timedelta(hours=1)
    assert lead.first_reached_at == START + timedelta(hours=5)
    assert lead.seen["contact_attempted"].position == 2


def test_declined_proposals_are_kept() -> None:
    suggested = e.Proposed(**later(1), proposal="p", command="move", target="closed", reason="no_response")
    declined = e.ProposalClosed(**later(2), proposal="p", outcome="declined")
    lead = lead_of(suggested, declined)
    assert lead.proposals == ()
    (past,) = lead.past_proposals
    assert (past.outcome, past.closed_by, past.closed_at) == ("declined", BY.id, START + timedelta(hours=2))
    assert past.reason == "no_response"


def test_an_answer_closes_the_question_it_answers() -> None:
    asked = e.DecisionRequested(**later(1), decision="review", role="investigator")
    other = e.DecisionRequested(**later(1), decision="labs", role="investigator")
    told = e.DecisionRecorded(**later(2), decision="review", outcome="yes", authority_ref="log-1")
    lead = lead_of(asked, other, told)
    assert [d.decision for d in lead.open_decisions] == ["labs"]
    (quoted,) = lead.decisions
    assert (quoted.by, quoted.role, quoted.authority_ref) == (BY.id, BY.role, "log-1")


def test_erasure_leaves_codes_alone() -> None:
    lead = lead_of(e.Erased(**later(1), reason="asked_for"))
    assert (lead.person_ref, lead.external_ref) == ("", "")
    assert lead.erased_at == START + timedelta(hours=1)


def test_of_old_contacts_only_the_last_fifty_are_kept_one_by_one() -> None:
    lead = lead_of(*(e.ContactAttempted(**later(n), before=n, after=n + 1) for n in range(60)))
    assert (lead.attempts, len(lead.contacts)) == (60, 50)
    assert lead.contacts[-1].at == START + timedelta(hours=59)
    assert micros(lead.contacts[0].at) == micros(START + timedelta(hours=10))


def test_the_last_of_a_kind_is_the_latest_by_business_time() -> None:
    moved = e.Moved(**later(5), from_status="new", to_status="contacting")
    back = e.Moved(**later(2), from_status="contacting", to_status="new", irregular=True)
    lead = lead_of(moved, back, e.Noted(**later(7), ref="n1"), e.Noted(**later(6), ref="n2"))
    assert lead.last("moved") == Mark(START + timedelta(hours=5), 2)
    assert lead.last("noted") == Mark(START + timedelta(hours=7), 4)
    assert lead.last("received") == Mark(START, 1)
    assert lead.last("blocked") is None
    assert lead_of().last("moved") is None
