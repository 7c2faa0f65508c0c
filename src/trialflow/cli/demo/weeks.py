"""What people did beside the sheet in those three weeks: absence, handoffs, blockers, questions, spend, releases."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from trialflow.cli.demo.copies import COPY_DAYS
from trialflow.cli.demo.people import AWAY
from trialflow.model.lead import Lead
from trialflow.model.parties import Actor
from trialflow.reports.sponsor_values import SponsorUpdate
from trialflow.tracker import Tracker

__all__ = ["AUTHORITY", "INVESTIGATOR", "after_copy", "morning"]

SITE_LEAD = Actor(id="site-lead", role="site_lead")
INVESTIGATOR = Actor(id="investigator-1", role="investigator")
AUTHORITY = "screening-log-2026"
"""What the study team's records rest on: only a person in a deciding role, on a named authority, enters them."""

_AWAY_UNTIL = date(2026, 5, 26)
_SPEND = {"Instagram": 4_800_00, "Facebook": 2_400_00, "Google Ads": 3_100_00, "Radio": 5_200_00}
"""Dollars a month in cents."""


def morning(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of the demonstration, in the zone of its site."""
    return datetime.combine(day, time(hour, minute), ZoneInfo("America/Chicago"))


def after_copy(tracker: Tracker, week: int) -> SponsorUpdate | None:
    """Do what was done after copy number ``week`` (0, 1, 2) had been imported; the sponsor update that went out."""
    day = COPY_DAYS[week]
    site = _Site(tracker)
    if week == 0:
        site.spent(date(2026, 4, 1), date(2026, 5, 1))
        return None
    if week == 1:
        site.absence()
        site.blockers(day)
        site.questions(day)
    else:
        site.spent(date(2026, 5, 1), day)
        site.answers(day)
        site.questions(day)
        site.plans(day)
    return tracker.sponsor_update(as_of=morning(day, 9), release=f"week-{day:%V}", by=SITE_LEAD)


class _Site:
    """The people of the site, acting through the tracker's own commands."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self.owners = {name: code for code, name in tracker.labels().items()}
        sheet = {
            lead_id: str(json.loads(text).get("external_id", ""))
            for lead_id, _, text in tracker.vault.items("identity")
        }
        # In the order of the sheet, so that the same leads are taken each time.
        self.leads = sorted(tracker.leads(), key=lambda lead: sheet[lead.id])

    def spent(self, since: date, until: date) -> None:
        days = (until - since).days
        for source, monthly in _SPEND.items():
            self.tracker.spend(
                source, monthly * days // 30, "USD", morning(since, 0), morning(until, 0), by=SITE_LEAD
            )  # fmt: skip

    def absence(self) -> None:
        """A coordinator is away; three of her leads are handed over with a reason, two of them are taken over."""
        away, cover = self.owners["Eva Notreal"], self.owners["Ana Mockridge"]
        start = morning(AWAY, 8)
        self.tracker.absence(away, start, morning(_AWAY_UNTIL, 8), by=SITE_LEAD)
        for place, lead in enumerate(self._in("in_review", "contacted", "preparing", owner=away)[:3]):
            self.tracker.assign(lead.id, cover, by=SITE_LEAD, at=start + timedelta(minutes=10), reason="absence")
            if place < 2:
                hour = start + timedelta(minutes=30)
                self.tracker.accept_handoff(lead.id, by=Actor(id=cover, role="coordinator"), at=hour)

    def blockers(self, day: date) -> None:
        at = morning(day, 8, 45)
        kinds = ("medication_review", "availability", "medication_review", "visit_capacity", "site_review")
        for kind, lead in zip(kinds, self._in("preparing"), strict=False):
            self.tracker.block(lead.id, kind, by=self._owner(lead), at=at, due_at=at + timedelta(days=9))

    def questions(self, day: date) -> None:
        at = morning(day, 8, 50)
        for lead in self._in("in_review")[-2:]:
            self.tracker.request_decision(
                lead.id, "medication_allowed", role="investigator", by=self._owner(lead), at=at,
                due_at=at + timedelta(days=5),
            )  # fmt: skip

    def answers(self, day: date) -> None:
        """The investigator answers one question of last week; the others stay open, one of them past its date."""
        asked = [lead for lead in self.leads if lead.open_decisions]
        for lead in asked[:1]:
            self.tracker.record_decision(
                lead.id, "medication_allowed", "pause_two_weeks", by=INVESTIGATOR, authority_ref=AUTHORITY,
                at=morning(day, 8, 30),
            )  # fmt: skip

    def plans(self, day: date) -> None:
        """Two stale leads get a date: until then they are not stale, and the date is what is due."""
        at = morning(day, 8, 40)
        board = self.tracker.worklist(as_of=at)
        stale = [item.lead for item in board if item.bucket == "stale" and item.lead.status == "contacting"]
        for lead, days in zip(stale, (3, 7), strict=False):
            self.tracker.set_action(lead.id, "call_again", at + timedelta(days=days), by=self._owner(lead), at=at)

    def _in(self, *statuses: str, owner: str = "") -> list[Lead]:
        return [lead for lead in self.leads if lead.status in statuses and owner in ("", lead.owner)]

    def _owner(self, lead: Lead) -> Actor:
        return Actor(id=lead.owner, role="coordinator")
