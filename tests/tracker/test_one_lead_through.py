"""Intake, prescreen, records, scheduling and reporting connect, through the public names alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import trialflow
from trialflow import Actor, Refused, Source, Tracker, utc
from trialflow.adapters.renderers.formats import render


class Calendar:
    """A clock that the example turns."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 15, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_days(self, days: float) -> None:
        self.now += timedelta(days=days)


@pytest.mark.parametrize("stored", ["memory", "files"])
def test_one_lead_through_every_step(tmp_path: Path, stored: str) -> None:
    clock = Calendar()
    anna, ben = Actor(id="anna", role="coordinator"), Actor(id="ben", role="coordinator")
    doctor = Actor(id="dr-1", role="investigator")
    with Tracker(clock=clock) if stored == "memory" else Tracker.open(tmp_path / "site.db", clock=clock) as tracker:
        # Intake: the ledger gets ids and codes, the vault gets the person.
        receipt = tracker.receive(
            Source(id="Radio", category="media"),
            "REF-1",
            by=anna,
            person={"name": "Ann Example", "phone": "+1 212 555 0101"},
        )
        lead_id = receipt.lead.id
        assert receipt.created
        assert not tracker.receive(Source(id="Radio", category="media"), "REF-1", by=anna).created
        assert tracker.next_for(lead_id).kind == "assign_owner"
        tracker.acknowledge(lead_id, by=anna)
        tracker.assign(lead_id, "anna", by=anna)
        assert tracker.owner_of(lead_id) == "anna"

        # Contact: may we, did we.
        assert tracker.may_contact(lead_id, "phone").allowed
        tracker.contact(lead_id, "no_answer", by=anna)
        tracker.move(lead_id, "contacting", by=anna)
        clock.pass_days(1)
        tracker.contact(lead_id, "reached", by=anna)
        tracker.move(lead_id, "contacted", by=anna)

        # Prescreen, review.
        tracker.move(lead_id, "awaiting_prescreen", by=anna)
        with pytest.raises(Refused) as refused:
            tracker.move(lead_id, "in_review", by=anna)
        assert [r.code for r in refused.value.refusals] == ["prescreen_open"]
        tracker.prescreen(lead_id, "started", by=anna)
        tracker.prescreen(lead_id, "completed", by=anna)
        tracker.move(lead_id, "in_review", by=anna)
        tracker.request_decision(lead_id, "review_history", role="investigator", by=anna)
        clock.pass_days(1)
        tracker.record_decision(lead_id, "review_history", "go_on", by=doctor, authority_ref="log-7")
        tracker.move(lead_id, "preparing", by=anna)

        # Records and readiness stand beside the status and hold the visit back.
        tracker.set_item(lead_id, "records", "needed", by=anna)
        tracker.block(lead_id, "availability", by=anna, owner="anna")
        slot = utc(clock.now + timedelta(days=5))
        with pytest.raises(Refused) as refused:
            tracker.schedule(lead_id, slot, by=anna)
        assert "not_ready" in {r.code for r in refused.value.refusals}
        assert tracker.lead(lead_id).visit is None, "a refused schedule records neither the slot nor the move"
        assert tracker.blockers_of(lead_id).records_open
        for state in ("requested", "received", "reviewed"):
            clock.pass_days(0.5)
            tracker.set_item(lead_id, "records", state, by=anna)
        tracker.unblock(lead_id, "availability", by=anna)

        # Handing over keeps the context.
        tracker.note(lead_id, "prefers mornings", by=anna)
        tracker.set_action(lead_id, "call_back", clock.now + timedelta(days=1), by=anna)
        tracker.assign(lead_id, "ben", by=anna, reason="absence")
        tracker.absence("anna", clock.now, clock.now + timedelta(days=14), by=anna)
        tracker.accept_handoff(lead_id, by=ben)
        assert tracker.notes(lead_id) == ("prefers mornings",)
        assert tracker.lead(lead_id).action is not None
        tracker.action_done(lead_id, by=ben)

        # Scheduling.
        tracker.schedule(lead_id, slot, by=ben)
        tracker.schedule(lead_id, slot + timedelta(days=1), by=ben)
        assert tracker.lead(lead_id).status == "scheduled"
        preparation = tracker.visit_preparation(lead_id)
        assert preparation is not None
        assert {step.item for step in preparation.steps if step.done} == {"records"}
        board = tracker.dashboard()
        assert {row.bucket: row.count for row in board.buckets if row.count} == {"scheduled": 1}
        first = tracker.sponsor_update(release="week 10", by=ben)
        clock.pass_days(6)
        tracker.visit(lead_id, "attended", by=ben)
        tracker.move(lead_id, "attended", by=ben)

        # What only the study team enters.
        robot = Actor(id="robot", kind="system", role="system")
        with pytest.raises(Refused) as refused:
            tracker.move(lead_id, "in_screening", by=robot, authority_ref="log-8")
        assert "decision_not_allowed" in {r.code for r in refused.value.refusals}
        tracker.move(lead_id, "in_screening", by=doctor, authority_ref="log-8")

        # Reporting: the next update starts where the last one ended, and holds nobody.
        tracker.spend("Radio", 120_000, "USD", utc(clock.now - timedelta(days=30)), clock.now, by=ben)
        second = tracker.sponsor_update(release="week 11", by=ben)
        assert second.after_position == first.position
        assert (first.movement.received, second.movement.received) == (1, 0)
        assert second.movement.moves == 2
        for format_ in ("json", "csv", "text", "markdown"):
            printed = render(second, format_).decode()
            assert lead_id not in printed
            assert "Ann Example" not in printed
        assert json.loads(render(second, "json"))["format"] == "trialflow.sponsor/1"
        assert tracker.source_quality().sources
        assert tracker.diagnose().checklist is not None
        assert {s.code: s.result for s in tracker.sla_status(lead_id)}["first_response"] == "met"

        # The record holds, and tells every step.
        assert tracker.verify().ok
        kinds = {record.event.kind for record in tracker.history(lead_id)}
        assert {"received", "acknowledged", "assigned", "moved", "item_set", "visit_set", "decision_recorded"} <= kinds


def test_the_public_names_are_enough() -> None:
    for name in ("Tracker", "Actor", "Source", "Refused", "utc", "Lead", "UNASSIGNED"):
        assert name in trialflow.__all__
