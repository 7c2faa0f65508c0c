"""Releases: each audience has names and a chain of its own, and each release records where it started."""

from __future__ import annotations

from ledger_samples import ANNA, Ticking
from trialflow import Actor, Tracker

CHIEF = Actor(id="chief", role="site_lead")


def test_a_release_records_where_it_starts_and_a_name_belongs_to_one_audience() -> None:
    tracker = Tracker(clock=Ticking())
    lead = tracker.receive("Radio", "1", by=ANNA).lead.id
    tracker.sponsor_update(release="week 1", by=CHIEF)
    tracker.sponsor_update(release="week 1", by=CHIEF, audience="board")
    tracker.contact(lead, by=ANNA)
    tracker.sponsor_update(release="week 2", by=CHIEF)
    first, board, second = tracker.site_state().releases
    assert (first.after_position, first.since) == (0, None)
    assert (board.audience, board.after_position, board.since) == ("board", 0, None)
    assert (second.after_position, second.since) == (first.position, first.until)
    assert first.position < second.position
