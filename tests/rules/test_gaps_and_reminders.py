"""What is missing, what falls due, what to prepare; and the same as questions over leads."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
from hypothesis import given
from hypothesis import strategies as st

from histories import Site, sites
from leads import AT, LEADER, blocker, item, lead, visit
from trialflow.model.facts import Blocker, Handoff, OpenDecision, PlannedAction, Proposal, ReadinessItem
from trialflow.model.parties import UNASSIGNED, Owner, Source
from trialflow.model.site_events import AbsenceSet
from trialflow.rules.gaps import GAPS, gap_report, stale_review
from trialflow.rules.loading import default_workflow
from trialflow.rules.ownership import Roster, effective_owner, handoff_waiting, unowned, unrecorded_handoffs
from trialflow.rules.queries import blockers_of, movement_of, next_for, owner_of
from trialflow.rules.readiness import FIRST_GATE, next_milestone, readiness
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


def test_an_open_lead_for_which_nothing_is_to_be_done_is_a_gap() -> None:
    no_catch_all = attrs.evolve(W, actions=W.actions[:1])
    assert gap_report([lead()], no_catch_all, AT).gaps["follow_up_overdue"] == ("L1",)
    assert gap_report([lead()], W, AT).gaps["follow_up_overdue"] == ()


def test_a_lead_whose_owner_is_away_has_the_gaps_of_a_lead_that_nobody_owns() -> None:
    waiting = lead(status="scheduled", visit=visit(10))
    away = AbsenceSet(at=AT, by=LEADER, owner="u1", since=AT + 3 * DAY, until=AT + 4 * DAY)

    def gaps(days: int, roster: Roster | None = None) -> set[str]:
        found = gap_report([waiting], W, AT + days * DAY, roster)
        return {name for name, ids in found.gaps.items() if ids}

    assert gaps(3) == set()
    assert gaps(3, Roster(absences=(away,))) == {"no_owner", "follow_up_overdue"}  # an owner should have been named
    assert gaps(4, Roster(absences=(away,))) == set()


@given(sites())
def test_every_stale_lead_is_reviewed_the_longest_first(site: Site) -> None:
    rows = stale_review(site.leads.values(), W, site.now)
    stale = {r.lead.id for r in worklist(site.leads.values(), W, site.now) if "stale" in r.flags}
    assert {row.lead_id for row in rows} == stale
    assert all(row.cause and row.outcomes == ("recover", "snooze", "close") for row in rows)
    dates = [row.stale.stale_at for row in rows]
    assert dates == sorted(dates)  # type: ignore[type-var]


def test_the_longest_stale_comes_first_whatever_its_id() -> None:
    found = stale_review([lead(id="L1", received_at=AT + DAY), lead(id="L2"), lead(id="L0")], W, AT + 30 * DAY)
    assert [row.lead_id for row in found] == ["L0", "L2", "L1"]


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


def test_a_reminder_says_whose_it_is_when_it_is_due_and_which_event_set_the_date() -> None:
    planned = PlannedAction(action="call_back", due_at=AT + DAY, set_at=AT, position=8)
    leads = [lead(action=planned), lead(id="L2", blockers=(Blocker(kind="rain", since=AT, due_at=AT, position=5),))]
    by_lead = {(r.lead_id, r.about): r for r in reminders(leads, W, AT + DAY, AT + 2 * DAY)}
    action = by_lead["L1", "action"]
    assert (action.due, action.code, action.owner, action.position) == ("due_today", "call_back", "u1", 8)
    rain = by_lead["L2", "blocker"]
    assert (rain.due, rain.code, rain.owner, rain.position) == ("overdue", "rain", "u1", 5)
    assert {r.due for r in reminders(leads, W, AT - 2 * DAY, AT + 2 * DAY)} == {"later"}


def test_an_absent_owners_dates_are_nobodys_and_an_owner_comes_first() -> None:
    roster = Roster(owners={"u1": Owner(id="u1", active=False)})
    found = [r for r in reminders([lead()], W, AT, AT + 9 * DAY, roster) if r.about == "action"]
    assert [(r.code, r.owner) for r in found] == [("assign_owner", UNASSIGNED)]
    away = AbsenceSet(at=AT, by=LEADER, owner="u1", since=AT + DAY, until=AT + 2 * DAY)
    gone = {at: reminders([lead()], W, at, AT + 9 * DAY, Roster(absences=(away,)))[0].owner for at in (AT, AT + DAY)}
    assert gone == {AT: "u1", AT + DAY: UNASSIGNED}


def test_what_ended_reminds_of_nothing_and_holds_nothing_up() -> None:
    due = {"records": ReadinessItem(item="records", state="needed", since=AT, due_at=AT + DAY)}
    ended = lead(id="L0", status="closed", items=due)
    found = reminders([ended, lead(status="preparing", items=due)], W, AT, AT + 2 * DAY)
    assert [(r.lead_id, r.about) for r in found] == [("L1", "item")]
    over = {"records": attrs.evolve(due["records"], state="reviewed"), **item("medication", "needed")}
    assert [r.about for r in reminders([lead(items=over)], W, AT, AT + 2 * DAY)] == ["action"]


def test_a_snoozed_lead_is_reminded_of_when_the_pause_is_over() -> None:
    def stale_on(days: int) -> list[datetime]:
        planned = PlannedAction(action="call_back", due_at=AT + days * DAY, set_at=AT)
        found = reminders([lead(action=planned)], W, AT, AT + 90 * DAY)
        return [r.due_at for r in found if r.about == "stale"]

    assert stale_on(1) == [AT + 2 * DAY]  # what is planned comes before the lead would be stale
    assert stale_on(20) == [AT + 20 * DAY]


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
    assert (found.lead_id, found.visit_at, found.blockers) == ("L1", AT + 3 * DAY, ())
    confirmed = attrs.evolve(one, items=item("confirmation", "reviewed"))
    prepared = visit_preparation(confirmed, W)
    assert prepared is not None
    assert prepared.ready
    blocked = visit_preparation(attrs.evolve(confirmed, blockers=blocker("visit_capacity")), W)
    assert blocked is not None
    assert not blocked.ready
    assert blocked.blockers == blocker("visit_capacity")
    assert visit_preparation(lead(), W) is None
    assert visit_preparation(lead(visit=visit(3, "cancelled")), W) is None


def test_a_step_of_the_checklist_has_its_words_its_date_and_whether_it_is_done() -> None:
    states = {"records": "reviewed", "medication": "not_needed", "logistics": "received"}
    items = {
        code: ReadinessItem(item=code, state=state, since=AT, due_at=AT + DAY)  # type: ignore[arg-type]
        for code, state in states.items()
    }
    found = visit_preparation(lead(status="scheduled", visit=visit(3), items=items), W)
    assert found is not None
    steps = {step.item: step for step in found.steps}
    assert [steps[code].done for code in (*states, "site_review")] == [True, True, False, False]
    assert [steps[code].due_at for code in ("records", "site_review")] == [AT + DAY, None]
    assert [step.label for step in found.steps] == [known.label for known in W.items]


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


def test_the_questions_ask_the_roster_who_is_there() -> None:
    away = AbsenceSet(at=AT, by=LEADER, owner="u1", since=AT + DAY, until=AT + 2 * DAY)
    roster = Roster(absences=(away,))
    assert owner_of([lead()], AT, roster) == {"L1": "u1"}
    assert owner_of([lead()], AT + DAY, roster) == {"L1": UNASSIGNED}
    there, gone = (next_for([lead()], W, at, roster=roster)["L1"] for at in (AT, AT + DAY))
    assert (there.kind, there.owner) == ("make_first_contact", "u1")
    assert (gone.kind, gone.owner) == ("assign_owner", UNASSIGNED)
    assert next_for([lead()], W, AT + DAY, owner="u1", roster=roster) == {}


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


def test_an_item_of_the_leads_owner_keeps_its_dates_and_its_place() -> None:
    told = attrs.evolve(item("records", "needed")["records"], since=AT + DAY, due_at=AT + 2 * DAY, position=8)
    found = readiness(lead(items={"records": told}), W)
    assert found.open == (attrs.evolve(told, owner="u1"),)
    for one in (lead(), lead(items={"records": told})):
        assert readiness(one, W, milestone="attended").milestone == "attended"


def test_where_no_item_gates_anything_the_first_milestone_is_next() -> None:
    assert next_milestone(lead(), attrs.evolve(W, items=())) == FIRST_GATE
