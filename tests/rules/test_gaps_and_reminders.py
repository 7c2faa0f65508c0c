"""What is missing, what falls due, what to prepare; and the same as questions over leads."""

from __future__ import annotations

from datetime import timedelta

import attrs
from hypothesis import given
from hypothesis import strategies as st

from histories import Site, sites
from leads import AT, LEADER, blocker, item, lead, visit
from trialflow.model.facts import Blocker, Handoff, OpenDecision, Proposal, ReadinessItem
from trialflow.model.parties import UNASSIGNED, Owner, Source
from trialflow.model.site_events import AbsenceSet
from trialflow.rules.gaps import GAPS, gap_report, stale_review
from trialflow.rules.loading import default_workflow
from trialflow.rules.ownership import Roster, effective_owner, handoff_waiting, unowned, unrecorded_handoffs
from trialflow.rules.queries import blockers_of, movement_of, next_for, owner_of
from trialflow.rules.readiness import readiness
from trialflow.rules.reminders import reminders, visit_preparation, visits_to_prepare
from trialflow.rules.worklist import worklist

W = default_workflow()
DAY = timedelta(days=1)


@given(sites())
def test_the_gaps_reconcile_with_the_leads(site: Site) -> None:
    found = gap_report(site.leads.values(), W, site.now)
    open_leads = {x.id for x in site.leads.values() if not W.is_final(x.status) and not x.merged_into}
    assert found.leads == len(open_leads)
    assert tuple(found.gaps) == GAPS
    with_any = {lead_id for ids in found.gaps.values() for lead_id in ids}
    assert with_any <= open_leads
    assert found.distinct == len(with_any)
    assert set(found.gaps["no_owner"]) == {x for x in open_leads if site.leads[x].unowned}


def test_a_lead_may_have_several_gaps() -> None:
    bad = lead(owner=UNASSIGNED, status="preparing", items=item("records", "needed"), source=Source(id=""))
    found = gap_report([bad, lead(id="L2")], W, AT + 30 * DAY)
    assert [found.gaps[gap] for gap in GAPS] == [("L1",), ("L1",), ("L1", "L2"), ("L1",)]
    assert (found.distinct, found.leads) == (2, 2)


@given(sites())
def test_every_stale_lead_is_reviewed_the_longest_first(site: Site) -> None:
    rows = stale_review(site.leads.values(), W, site.now)
    stale = {r.lead.id for r in worklist(site.leads.values(), W, site.now) if "stale" in r.flags}
    assert {row.lead_id for row in rows} == stale
    assert all(row.cause and row.outcomes == ("recover", "snooze", "close") for row in rows)
    dates = [row.stale.stale_at for row in rows]
    assert dates == sorted(dates)  # type: ignore[type-var]


@given(sites(), st.integers(0, 30))
def test_reminders_are_a_pure_due_list(site: Site, days: int) -> None:
    until = site.now + days * DAY
    found = reminders(site.leads.values(), W, site.now, until)
    assert found == reminders(reversed(site.leads.values()), W, site.now, until)
    assert all(reminder.due_at < until for reminder in found)
    assert [r.due_at for r in found] == sorted(r.due_at for r in found)
    further = reminders(site.leads.values(), W, site.now, until + DAY)
    assert [r for r in further if r.due_at < until] == list(found)
    ended = {x.id for x in site.leads.values() if W.is_final(x.status) or x.merged_into}
    assert not ended & {r.lead_id for r in found}


def test_everything_with_a_date_is_reminded_of() -> None:
    one = lead(
        status="preparing",
        visit=visit(5),
        items={"records": ReadinessItem(item="records", state="requested", since=AT, due_at=AT + DAY, position=3)},
        blockers=(Blocker(kind="availability", since=AT, due_at=AT + 2 * DAY),),
        open_decisions=(OpenDecision(decision="labs", since=AT, due_at=AT + 3 * DAY),),
        proposals=(Proposal(proposal="p", command="move", target="closed", at=AT, expires_at=AT + 4 * DAY),),
    )
    found = {r.about: r for r in reminders([one], W, AT, AT + 90 * DAY)}
    assert set(found) == {"action", "visit", "item", "blocker", "decision", "proposal", "stale"}
    assert (found["item"].code, found["item"].position, found["item"].owner) == ("records", 3, "u1")
    assert found["visit"].due_at == AT + 5 * DAY
    assert [r.about for r in reminders([one], W, AT, AT + 2 * DAY)] == ["item"]
    assert reminders([attrs.evolve(one, merged_into="L2")], W, AT, AT + 90 * DAY) == ()


def test_each_planned_visit_has_a_checklist() -> None:
    one = lead(
        status="scheduled", visit=visit(3), items={**item("records", "reviewed"), **item("confirmation", "needed")}
    )
    found = visit_preparation(one, W)
    assert found is not None
    assert [step.item for step in found.steps] == [known.code for known in W.items]
    assert {s.item: (s.state, s.done) for s in found.steps if s.state != "unknown"} == {
        "records": ("reviewed", True),
        "confirmation": ("needed", False),
    }
    assert not found.ready
    confirmed = attrs.evolve(one, items=item("confirmation", "reviewed"))
    prepared = visit_preparation(confirmed, W)
    assert prepared is not None
    assert prepared.ready
    blocked = visit_preparation(attrs.evolve(confirmed, blockers=blocker("visit_capacity")), W)
    assert blocked is not None
    assert not blocked.ready
    assert visit_preparation(lead(), W) is None
    assert visit_preparation(lead(visit=visit(3, "cancelled")), W) is None


def test_visits_ahead_are_listed_by_date_half_open() -> None:
    leads = [lead(id=f"L{n}", status="scheduled", visit=visit(n)) for n in (3, 1, 2)]
    assert [v.lead_id for v in visits_to_prepare(leads, W, AT + DAY, AT + 3 * DAY)] == ["L1", "L2"]
    assert visits_to_prepare([lead(status="closed", visit=visit(1))], W, AT, AT + 9 * DAY) == ()


@given(sites())
def test_every_part_of_the_page_can_be_asked_for(site: Site) -> None:
    leads = list(site.leads.values())
    standing = {x.id for x in leads if not x.merged_into}
    owners = owner_of(leads, site.now)
    assert set(owners) == standing
    assert all(owners.values())
    assert set(blockers_of(leads)) == {x for x in standing if site.leads[x].blockers}
    rows = {row.lead.id: row.action for row in worklist(leads, W, site.now)}
    assert next_for(leads, W, site.now) == {x: rows[x] for x in standing}
    mine = next_for(leads, W, site.now, owner="u1")
    assert set(mine) == {x for x in standing if rows[x].owner == "u1"}
    moved = movement_of(leads, W)
    assert set(moved) == standing
    since = site.now - 3 * DAY
    assert set(movement_of(leads, W, since=since)) == {x for x in standing if moved[x][1].at > since}


def test_movement_is_asked_for_after_an_instant() -> None:
    (mark,) = (mark for _, mark in movement_of([lead()], W).values())
    assert movement_of([lead()], W, since=mark.at) == {}
    assert set(movement_of([lead()], W, since=mark.at - timedelta(microseconds=1))) == {"L1"}


def test_an_absence_is_half_open_and_an_inactive_owner_is_none() -> None:
    away = AbsenceSet(at=AT, by=LEADER, owner="u1", since=AT + DAY, until=AT + 2 * DAY)
    roster = Roster(absences=(away,), owners={"u2": Owner(id="u2", active=False)})
    found = [effective_owner(lead(), roster, AT + hours * timedelta(hours=1)) for hours in (23, 24, 47, 48)]
    assert found == ["u1", UNASSIGNED, UNASSIGNED, "u1"]
    assert effective_owner(lead(owner="u2"), roster, AT) == UNASSIGNED
    assert effective_owner(lead(owner="u9"), roster, AT) == "u9"
    forever = Roster(absences=(attrs.evolve(away, until=None),))
    assert effective_owner(lead(), forever, AT + 900 * DAY) == UNASSIGNED
    assert effective_owner(lead(), None, AT) == "u1"


def test_the_unowned_are_listed_the_longest_waiting_first() -> None:
    late = lead(id="L1", owner=UNASSIGNED, owner_since=AT + DAY)
    early, absent = lead(id="L2", owner=UNASSIGNED), lead(id="L3", owner="u2", owner_since=AT + 2 * DAY)
    roster = Roster(owners={"u2": Owner(id="u2", active=False)})
    assert [x.id for x in unowned([late, absent, early, lead(id="L4")], roster, AT + 9 * DAY)] == ["L2", "L1", "L3"]


def test_a_change_of_hands_without_context_is_found_a_first_owner_is_none() -> None:
    def handed(reason: str, before: str) -> tuple[Handoff, ...]:
        return (Handoff(from_owner=before, to_owner="u1", at=AT, reason=reason),)

    silent = lead(id="L1", handoffs=handed("", "u2"))
    told = lead(id="L2", handoffs=handed("absence", "u2"))
    first = lead(id="L3", handoffs=handed("", UNASSIGNED))
    assert unrecorded_handoffs([silent, told, first, lead(id="L4")]) == (silent,)
    assert handoff_waiting(silent)
    assert not handoff_waiting(lead(owner=UNASSIGNED, handoffs=handed("", "u2")))
    assert not handoff_waiting(lead())


def test_readiness_tells_items_from_blockers_and_records_from_the_rest() -> None:
    items = {**item("records", "received"), **item("medication", "reviewed"), **item("confirmation", "needed")}
    one = lead(items={**items, **item("parking", "needed")}, blockers=blocker("missing_records"))
    found = readiness(one, W)
    assert [i.item for i in found.open] == ["records", "parking"]
    assert [i.item for i in found.satisfied] == ["medication"]
    assert {i.owner for i in found.open} == {"u1"}
    assert (found.records_open, found.other_open, found.ready) == (True, 1, False)
    assert [b.kind for b in found.blockers] == ["missing_records"]
    confirmed = readiness(one, W, milestone="attended")
    assert [i.item for i in confirmed.open] == ["confirmation", "parking"]
    assert readiness(lead(items=item("records", "unknown")), W).ready
