"""Report values to render: about 400 invented leads, the same on every run."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import attrs

from trialflow.model.facts import Blocker, ContactAttempt, Handoff, Mark, ReadinessItem, Stay, Visit
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED, Source
from trialflow.reports import sponsor_values as sv
from trialflow.reports.dashboard import dashboard
from trialflow.reports.diagnosis_values import Check, Diagnosis, FollowUp, RecordsWait, SlaRow, StatusTime
from trialflow.reports.quality_values import Cost, GroupRow, SourceQuality, SourceReport
from trialflow.reports.queue import worklist_report as queue_report
from trialflow.reports.queue_values import Worklist
from trialflow.reports.statistics import ratio
from trialflow.reports.values import Dashboard, Movement, SourceRow, WeekRow
from trialflow.rules.loading import default_workflow

AS_OF = datetime(2026, 3, 16, 13, 0, tzinfo=UTC)
SOURCES = (
    "Google Ads",
    "Facebook",
    "Physician referral",
    "Patient registry",
    "Community event",
    "Radio",
    "Website form",
)
LABELS = {
    "own-1": "Maya Osei", "own-2": "Sam Okafor", "own-3": "Tom Berg", "own-4": "Łukasz Żak", "word-1": "call later??",
}  # fmt: skip
OWNERS = ("own-1", "own-2", "own-3", "own-4", UNASSIGNED)
STATUSES = {
    "new": 8, "contacting": 60, "contacted": 50, "awaiting_prescreen": 24, "in_review": 12, "preparing": 20,
    "scheduled": 8, "attended": 10, "closed": 210, "word-1": 3,
}  # fmt: skip
DAY = timedelta(days=1)
_DONE = ("contacted", "awaiting_prescreen", "in_review", "preparing", "scheduled", "attended")


def _lead(dice: random.Random, number: int, status: str) -> Lead:
    since = AS_OF - DAY * dice.choice((1, 2, 3, 4, 6, 9, 13, 20)) - timedelta(hours=dice.randint(0, 20))
    received = since - DAY * dice.randint(1, 40)
    owner = dice.choice(OWNERS[:4]) if dice.random() > 0.02 else UNASSIGNED
    items, blockers, visit = {}, [], None
    if status == "preparing":
        state = dice.choice(("needed", "requested", "received", "reviewed"))
        items["records"] = ReadinessItem(item="records", state=state, since=since)  # type: ignore[arg-type]
        if dice.random() < 0.4:
            blockers.append(
                Blocker(kind=dice.choice(("visit_capacity", "medication_review")), since=since, owner=owner)
            )
    if status == "scheduled":
        visit = Visit(at=AS_OF + DAY * dice.randint(-2, 9), state="scheduled", since=since)
    handoff = (
        Handoff(from_owner="own-1", to_owner=owner, at=since) if owner != UNASSIGNED and dice.random() < 0.06 else None
    )
    return Lead(
        id=f"{dice.getrandbits(32):08x}-0000-4000-8000-{number:012}",
        source=Source(id=dice.choice(SOURCES)),
        received_at=received,
        status=status,
        status_since=since,
        owner=owner,
        handoffs=(handoff,) if handoff else (),
        attempts=dice.randint(0, 3),
        contacts=(ContactAttempt(at=since, outcome="reached"),) if status in _DONE else (),
        first_reached_at=since if status in _DONE else None,
        last_contact_at=since if status != "new" else None,
        prescreen="completed" if status in _DONE[2:] else "none",
        items=items,
        blockers=tuple(blockers),
        visit=visit,
        close_reason=dice.choice(("no_response", "declined", "logistics", "duplicate")) if status == "closed" else "",
        trail=(Stay(status, since),),
        seen={"moved": Mark(since)},
    )


def leads() -> list[Lead]:
    """The leads."""
    dice = random.Random(20260316)
    return [_lead(dice, n, s) for n, s in enumerate(s for s, count in STATUSES.items() for _ in range(count))]


def site_report() -> Dashboard:
    """A dashboard with everything in it."""
    found = dashboard(leads(), default_workflow(), AS_OF)
    moves = {
        "new -> contacting": 9, "new -> closed": 2, "contacting -> contacted": 42, "contacting -> closed": 18,
        "contacted -> awaiting_prescreen": 26, "contacted -> closed": 15, "awaiting_prescreen -> in_review": 18,
        "in_review -> preparing": 14, "in_review -> closed": 10, "preparing -> scheduled": 6,
        "scheduled -> preparing": 1, "scheduled -> attended": 8,
    }  # fmt: skip
    movement = Movement(
        since=AS_OF - 7 * DAY, until=AS_OF, moves=moves, received=31, closed=45, forward=123, backward=1, irregular=2,
        handoffs=7,
    )  # fmt: skip
    weeks = tuple(
        WeekRow(week=date(2026, 1, 5) + 7 * n * DAY, received=30 + n, moves=40 + 7 * n, closed=11 + n)
        for n in range(11)
    )
    return attrs.evolve(found, movement=movement, weeks=weeks)


def worklist_report() -> Worklist:
    """The queue of one owner."""
    found = site_report()
    rows = tuple(row for row in found.queue if row.owner == "own-1")
    empty = queue_report((), default_workflow(), AS_OF, owner="own-1")
    return attrs.evolve(empty, rows=rows)


def sponsor_report() -> sv.SponsorUpdate:
    """A sponsor update with every part filled."""
    label = sv.Label
    changed = [
        ("New inquiry", "Trying to reach", 9),
        ("Trying to reach", "Reached", 42),
        ("Trying to reach", "Closed", 18),
    ]
    causes = [("No response so far", 26), ("Records are outstanding", 6), ("Review is outstanding", 2)]
    steps = [
        "Review stalled leads",
        "Arrange prescreens",
        "Follow up on records",
        "Schedule visits",
        "Complete handoffs",
    ]
    return sv.SponsorUpdate(
        as_of=AS_OF, since=AS_OF - 14 * DAY, after_position=120, position=480, zone=label("America/Chicago"),
        boundary=sv.BOUNDARY,
        changed=tuple(sv.ChangedRow(from_status=label(a), to_status=label(b), count=n) for a, b, n in changed),
        stalled=tuple(
            sv.StalledGroup(
                cause=label(cause), count=n, next_step=label(steps[0]), role=label("Coordinator"),
                planned_by=date(2026, 3, 18),
            )
            for cause, n in causes
        ),
        why=tuple(sv.WhyRow(cause=label(cause), stalled=n, closed=n // 3) for cause, n in causes),
        next=tuple(
            sv.NextStep(step=label(s), count=9 - n, role=label("Site lead"), planned_by=date(2026, 3, 20))
            for n, s in enumerate(steps)
        ),
        movement=sv.SponsorMovement(
            received=30, moves=182, forward=127, backward=1, closed=54, restated=3, withdrawn=1
        ),
        sources=tuple(
            sv.SponsorSource(
                source=label(s), leads=60 - n, contacted=20, prescreen_completed=12, reviewable=9, scheduled=4,
                attended=3, closed=30, drag=ratio(40 - n, 60 - n),
            )
            for n, s in enumerate(SOURCES)
        ),
        blockers=(sv.SponsorBlocker(blocker=label("Medical records: open"), count=16),),
        visits=sv.VisitCounts(planned=4, outcome_open=1, attended=14, missed=2, cancelled=1),
        decisions=(sv.DecisionRow(role=label("Study team"), count=3, overdue=1),),
        statuses={label(s): n for s, n in (("New inquiry", 9), ("Reached", 45), ("Closed", 247))},
        unmapped=3, leads=420, open=173,
    )  # fmt: skip


def quality_report() -> SourceQuality:
    """Three sources: one too small for a place, one with four figures."""
    steps = ("contacted", "prescreen_completed", "reviewable", "scheduled", "attended")
    rows = []
    for name, n in (("Google Ads", 47), ("Radio", 6), ("Physician referral network", 1347)):
        counts = SourceRow(
            source=name, category="paid", leads=n, open=n // 2, contacted=n // 3, prescreen_completed=n // 4,
            reviewable=n // 5, scheduled=2, attended=0, closed=n - n // 2, no_response=3, attempts=2 * n,
            drag=ratio(n - n // 3, n), attempts_per_pass=None if n < 10 else 6.0, close_reasons={"no_response": 3},
        )  # fmt: skip
        cost = Cost(
            currency="USD", spend_minor=250_050, per_scheduled=125_025, per_attended=None, immature=5, cohort=12,
        )  # fmt: skip
        rows.append(
            SourceReport(
                counts=counts, mature=n - 5, immature=5, within=tuple((s, ratio(min(2, n - 5), n - 5)) for s in steps),
                no_response=ratio(0, 0), site_first_attempt=93_600_000_000, site_waiting=4, site_attempts_per_lead=2.0,
                rank_volume=1 if n > 20 else None, rank_drag=1 if n > 20 else None, costs=(cost,) if n > 20 else (),
                incidence=tuple((s, 0.25 if n > 20 else None) for s in steps), undated=2, in_policy=3,
                close_families={"no_response": 3, "not_a_fit_prescreen": 1}, first_contact=93_600_000_000,
                closed_within=(("no_response", ratio(1, n - 5)),),
            )
        )  # fmt: skip
    group = GroupRow(
        dimension="channel", name="", leads=53, contacted=17, prescreen_completed=12, reviewable=10, scheduled=4,
        attended=0, closed=27, drag=ratio(36, 53),
    )  # fmt: skip
    return SourceQuality(
        as_of=AS_OF, horizon_days=30, min_leads=20, sources=tuple(rows), groups=(group,),
        spend_without_leads=("Billboards",), zone="America/Chicago",
    )  # fmt: skip


def diagnosis_report() -> Diagnosis:
    """A diagnosis with known and not known figures."""
    day = 86_400_000_000
    return Diagnosis(
        as_of=AS_OF,
        statuses=(
            StatusTime(
                status="new", label="New inquiry", ended=15, median_ended=7 * day, waiting=9, median_waiting=day
            ),
            StatusTime(
                status="attended", label="Visit attended", ended=0, median_ended=None, waiting=2, median_waiting=1
            ),
        ),
        records=RecordsWait(needed=8, requested=7, median_requested=12 * day),
        follow_up=(
            FollowUp(week=date(2026, 3, 9), received=35, median_first_attempt=day, waiting=8),
            FollowUp(week=date(2026, 3, 16), received=0, median_first_attempt=None, waiting=0),
        ),
        unowned_time=ratio(134, 16_307),
        checklist=(
            Check(code="no_owner", text="Give every open lead an owner who is there", count=1),
            Check(code="unmapped", text="Map the statuses the workflow does not know", count=0),
        ),
        slas=(
            SlaRow(
                code="first_response",
                label="First attempt after arrival",
                met=30,
                late=4,
                breached=6,
                open=3,
                lapsed=1,
                not_known=2,
                attainment=ratio(30, 40),
            ),
        ),
        zone="America/Chicago",
    )
