"""A workflow as a value: every step it allows can be made, every other one is refused, every key has an effect."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from other_workflows import CALL_LIST, TWO_VISITS, capacity
from trialflow import (
    Actor,
    Blocker,
    Lead,
    Refused,
    Source,
    Tracker,
    Workflow,
    bucket,
    default_workflow,
    loads,
    next_action,
    options,
)
from trialflow.model.events import Moved
from trialflow.model.facts import ReadinessItem, Stay
from trialflow.reports.dashboard import dashboard
from trialflow.rules import decide, parts
from trialflow.rules.buckets import flags
from trialflow.rules.contact import may_contact
from trialflow.rules.gaps import gap_report, stale_review
from trialflow.rules.guards import GUARDS
from trialflow.rules.loading import problems
from trialflow.rules.parts import Move, Span, Status
from workflow_walks import START, Walker, edges, shortest_paths

KNOWN_GUARDS = {**GUARDS, "acme:capacity": capacity}
WORKFLOWS = {"default": default_workflow(), "call-list": loads(CALL_LIST), "two-visits": TWO_VISITS}
KIM = Actor(id="kim", role="coordinator")


def walker(workflow: Workflow, path: tuple[Move, ...]) -> Walker:
    found = Walker(workflow, KNOWN_GUARDS)
    for move in path:
        assert found.go(move).status == move.to
    return found


def check_every_step(workflow: Workflow) -> None:
    """Every shortest way can be gone; from its end every listed move can be made, and no other one."""
    paths = shortest_paths(workflow)
    assert set(paths) == {status.code for status in workflow.statuses}
    for code, ways in paths.items():
        for way in ways:
            walker(workflow, way)
        for status, move in edges(workflow):
            if status == code:
                check_step(walker(workflow, ways[0]), move)
        check_refusals(walker(workflow, ways[0]))


def check_step(found: Walker, move: Move) -> None:
    before = found.lead
    after = found.go(move)
    if move.restores:
        open_stays = [stay.status for stay in before.trail if not found.workflow.is_final(stay.status)]
        assert after.status == (open_stays[-1] if open_stays else move.to)
    else:
        assert after.status == move.to
    assert after.episode == before.episode + move.opens_episode


def check_refusals(found: Walker) -> None:
    workflow, lead = found.workflow, found.lead
    listed = {option.to for option in options(lead, workflow, found.at, KIM, guards=KNOWN_GUARDS)}
    listed |= {move.to for move in workflow.moves_from(lead.status)}
    for status in workflow.statuses:
        if status.code not in listed:
            assert "move_not_allowed" in found.refusal_codes(status.code), (lead.status, status.code)
    for move in workflow.moves:
        if move not in workflow.moves_from(lead.status):
            assert "move_not_allowed" in found.refusal_codes(move.name), (lead.status, move.name)
    assert found.refusal_codes("no_such_status") == {"status_unknown"}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_way_can_be_gone_and_no_other(name: str) -> None:
    assert problems(WORKFLOWS[name], guards=KNOWN_GUARDS) == ()
    check_every_step(WORKFLOWS[name])


@st.composite
def chains(draw: st.DrawFn) -> Workflow:
    """Any workflow: a chain of statuses to an end, and further moves at will, with any guards."""
    codes = [f"s{i}" for i in range(draw(st.integers(1, 6)))]
    guards = st.lists(st.sampled_from(["owner", "contacted", "prescreen_completed", "ready", "visit", "unblocked"]))
    moves = [
        Move(name=f"m{i}", from_=(a,), to=b, requires=tuple(dict.fromkeys(draw(guards))))
        for i, (a, b) in enumerate(zip(codes, [*codes[1:], "end"], strict=True))
    ]
    pairs = st.tuples(st.sampled_from(codes), st.sampled_from([*codes, "end"])).filter(lambda p: p[0] != p[1])
    for i, (a, b) in enumerate(draw(st.lists(pairs, max_size=6)) if len(codes) > 1 else []):
        moves.append(Move(name=f"x{i}", from_=(a,), to=b, requires=tuple(dict.fromkeys(draw(guards)))))
    base = default_workflow()
    statuses = [Status(code=code, label=code, initial=code == "s0", reason_required=False) for code in codes]
    end = Status(code="end", label="End", category="negative_end", final=True, reason_required=draw(st.booleans()))
    return attrs.evolve(base, statuses=(*statuses, end), moves=tuple(moves))


@given(chains())
def test_the_same_holds_for_any_workflow(workflow: Workflow) -> None:
    check_every_step(workflow)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_tracker_works_by_any_workflow(name: str) -> None:
    workflow = WORKFLOWS[name]
    now = datetime(2026, 3, 2, 15, tzinfo=UTC)
    by = Actor(id="kim", role=workflow.roles[0].code)
    tracker = Tracker(workflow=workflow, clock=lambda: now)
    leads = [tracker.receive("web", str(n), by=by).lead for n in range(4)]
    assert {lead.status for lead in leads} == {workflow.initial}
    board = tracker.dashboard()
    assert sum(row.count for row in board.buckets) == 4
    assert [row.bucket for row in board.buckets] == list(workflow.shown)
    assert len(tracker.worklist()) == 4
    assert all(item.action.kind != "none" for item in tracker.worklist())
    assert tracker.sponsor_update().leads == 4
    assert tracker.diagnose().as_of == now


def test_a_visit_is_scheduled_into_the_status_that_means_it() -> None:
    tracker = Tracker(workflow=WORKFLOWS["call-list"], clock=lambda: START)
    lead = tracker.receive("web", "1", by=KIM, owner="kim").lead
    assert tracker.schedule(lead.id, START + timedelta(days=3), by=KIM).status == "booked"
    again = tracker.schedule(lead.id, START + timedelta(days=4), by=KIM)
    assert (again.status, len(again.trail)) == ("booked", 2)
    late = tracker.receive("web", "2", by=KIM, owner="kim").lead
    tracker.move(late.id, "done", by=KIM, reason="no_answer")
    with pytest.raises(Refused) as caught:
        tracker.schedule(late.id, START + timedelta(days=3), by=KIM)
    assert "closed" in {refusal.code for refusal in caught.value.refusals}


def test_the_walk_notices_a_machine_that_lets_everything_through(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = decide.move

    def lenient(workflow: Workflow, lead: Lead, to: str, **values: Any) -> Any:
        try:
            return honest(workflow, lead, to, **values)
        except Refused:
            known = workflow.move(to)
            return (
                Moved(at=values["at"], by=values["by"], from_status=lead.status, to_status=known.to if known else to),
            )

    monkeypatch.setattr(decide, "move", lenient)
    with pytest.raises(AssertionError):
        check_every_step(WORKFLOWS["call-list"])


def test_a_move_takes_only_its_own_reasons() -> None:
    lead = Lead(id="x", source=Source(id="s"), received_at=START)
    with pytest.raises(Refused) as caught:
        decide.move(default_workflow(), lead, "closed", at=START, by=KIM, reason="screen_failure")
    (refusal,) = caught.value.refusals
    assert refusal.code == "reason_not_allowed"
    assert "screen_failure" not in refusal.fix


# --- renamed ---

RENAMED = attrs.evolve(default_workflow(), renamed={"called": "contacted", "gone": "closed"})


def lead_in(status: str, **values: Any) -> Lead:
    return Lead(id="x", source=Source(id="s"), received_at=START, status=status, **values)


@pytest.mark.parametrize(("old", "new"), RENAMED.renamed.items())
def test_a_renamed_status_is_its_successor_for_every_rule(old: str, new: str) -> None:
    at = START + timedelta(days=1)
    stored, current = lead_in(old), lead_in(new)
    assert bucket(stored, RENAMED, at) == bucket(current, RENAMED, at)
    assert flags(stored, RENAMED, at) == flags(current, RENAMED, at)
    assert next_action(stored, RENAMED, at) == next_action(current, RENAMED, at)
    assert options(stored, RENAMED, at, KIM) == options(current, RENAMED, at, KIM)
    assert RENAMED.status_label(old) == RENAMED.status_label(new)
    assert RENAMED.is_final(old) == RENAMED.is_final(new)


def test_a_renamed_status_can_be_left_and_restored() -> None:
    stored = lead_in("called", owner="kim")
    (moved,) = decide.move(RENAMED, stored, "await_prescreen", at=START, by=KIM)
    assert (moved.from_status, moved.to_status) == ("called", "awaiting_prescreen")  # type: ignore[attr-defined]

    at = START + timedelta(hours=1)
    new = lead_in("new", owner="kim", attempts=1, first_attempt_at=START, last_contact_at=START)
    (reached,) = decide.move(RENAMED, new, "called", at=at, by=KIM)  # a script that still says the old word
    assert reached.to_status == "contacted"  # type: ignore[attr-defined]

    stays = (Stay("called", START), Stay("gone", START))
    (again,) = decide.move(RENAMED, lead_in("gone", trail=stays), "reopen", at=START, by=KIM)
    assert again.to_status == "contacted"  # type: ignore[attr-defined]


def test_stored_leads_are_carried_over_in_every_report() -> None:
    clock = lambda: datetime(2026, 3, 20, tzinfo=UTC)  # noqa: E731
    old = default_workflow()
    before = Tracker(workflow=old, clock=clock)
    for n in range(3):
        lead = before.receive("web", str(n), by=KIM, at=START, owner="kim").lead
        before.move(lead.id, "contacting", by=KIM, at=START + timedelta(hours=1))
    statuses = tuple(attrs.evolve(s, code="trying") if s.code == "contacting" else s for s in old.statuses)
    moves = tuple(
        attrs.evolve(
            m,
            from_=tuple("trying" if f == "contacting" else f for f in m.from_),
            to="trying" if m.to == "contacting" else m.to,
        )
        for m in old.moves
    )
    when = parts.When(statuses=("trying", "contacted"))
    buckets = tuple(attrs.evolve(b, when=when) if b.code == "contacted" else b for b in old.buckets)
    new = attrs.evolve(
        old, statuses=statuses, moves=moves, buckets=buckets, version=2, renamed={"contacting": "trying"}
    )

    after = Tracker(before.storage, before.vault, workflow=new, clock=clock)
    board, was = after.dashboard(since=START), before.dashboard(since=START)
    assert board.statuses == {"trying": 3}
    assert board.unmapped == {}
    assert [(r.bucket, r.count) for r in board.buckets] == [(r.bucket, r.count) for r in was.buckets]
    assert {row.status for row in board.queue} == {"trying"}
    assert after.sponsor_update().unmapped == 0

    lost = Tracker(before.storage, before.vault, workflow=attrs.evolve(new, renamed={}), clock=clock)
    assert lost.dashboard(since=START).unmapped == {"contacting": 3}


# --- blockers: default action, escalation ---


def blocked(kind: str, since: datetime = START) -> Lead:
    return lead_in("preparing", owner="kim", blockers=(Blocker(kind=kind, since=since, position=7),))


@pytest.mark.parametrize("kind", [kind.code for kind in default_workflow().blockers])
def test_each_kind_of_blocker_leads_to_its_own_action(kind: str) -> None:
    found = next_action(blocked(kind), default_workflow(), START + timedelta(hours=1))
    expected = default_workflow().blocker(kind)
    assert expected is not None
    assert found.kind == expected.action


def test_a_new_kind_of_blocker_needs_one_line() -> None:
    base = default_workflow()
    kind = parts.BlockerKind(code="translation", label="No translation yet", action="request_records")
    workflow = attrs.evolve(base, blockers=(*base.blockers, kind))
    assert problems(workflow) == ()
    assert next_action(blocked("translation"), workflow, START).kind == "request_records"


def test_a_blocker_that_stands_too_long_is_the_turn_of_who_it_escalates_to() -> None:
    workflow = default_workflow()
    kind = workflow.blocker("missing_records")
    assert kind is not None
    assert kind.escalate_after == Span(amount=10, unit="days", clock="working")
    ten_days = datetime(2026, 3, 16, 14, tzinfo=UTC)  # the same local hour; clocks went forward on 8 March
    before = next_action(blocked("missing_records"), workflow, ten_days - timedelta(microseconds=1))
    after = next_action(blocked("missing_records"), workflow, ten_days)
    assert before.role == "coordinator"
    assert after.role == "site_lead"
    assert [r.position for r in after.reasons if r.code == "escalated_missing_records"] == [7]
    assert not any(r.code.startswith("escalated") for r in before.reasons)


def test_an_action_may_ask_for_no_blocker_at_all() -> None:
    item = ReadinessItem(item="papers", state="needed", since=START)
    free = Lead(id="x", source=Source(id="s"), received_at=START, status="phone-1", items={"papers": item})
    held = attrs.evolve(free, blockers=(Blocker(kind="translation", since=START),))
    assert next_action(free, TWO_VISITS, START).kind == "fetch_papers"
    assert next_action(held, TWO_VISITS, START).kind == "get_translation"
    assert next_action(attrs.evolve(held, status="lab"), TWO_VISITS, START).kind == "look"


# --- other keys ---


def test_a_lead_that_stays_longer_than_expected_is_flagged() -> None:
    lead = lead_in("contacting", owner="kim")
    assert "over_expected" not in flags(lead, default_workflow(), START + timedelta(days=7))
    assert "over_expected" in flags(lead, default_workflow(), START + timedelta(days=7, microseconds=1))


def test_the_family_of_a_reason_decides_whatever_its_code() -> None:
    base = default_workflow()
    reason = parts.CloseReason(code="left_alone", label="Asked for no contact", family="do_not_contact")
    workflow = attrs.evolve(base, close_reasons=(*base.close_reasons, reason))
    answer = may_contact(lead_in("closed", close_reason="left_alone"), workflow, "phone", START, zone="America/Chicago")
    assert "do_not_contact" in answer.codes


def test_wording_can_be_changed_on_the_value_and_says_so_in_reports() -> None:
    workflow = attrs.evolve(default_workflow(), wording={"buckets.stale.label": "Needs a look"})
    assert workflow.bucket_label("stale") == "Needs a look"
    assert problems(workflow) == ()


CLASSES = [getattr(parts, name) for name in parts.__all__ if attrs.has(getattr(parts, name))]


@pytest.mark.parametrize("cls", [*CLASSES, Workflow], ids=lambda cls: cls.__name__)
def test_every_key_is_explained_in_its_docstring_and_in_the_reference(cls: type) -> None:
    page = (Path(__file__).parents[2] / "docs" / "workflow.md").read_text("utf-8")
    for field in attrs.fields(cls):
        name = field.name.rstrip("_")
        if cls is not Span and not (cls is Move and name == "name"):
            assert f"| `{name}` |" in page or name == "code", name
        obvious = name in ("code", "label", "name") or cls is Workflow
        assert obvious or f"``{name}``" in (cls.__doc__ or "") or f"``{field.name}``" in (cls.__doc__ or ""), name


def test_the_reference_lists_every_word_of_the_closed_lists() -> None:
    from trialflow.rules import vocabulary as v

    page = (Path(__file__).parents[2] / "docs" / "workflow.md").read_text("utf-8")
    for words in (v.ANCHORS, v.COMMANDS, v.FAMILIES, v.MILESTONES, v.SITUATIONS, v.WEEKDAYS, tuple(GUARDS)):
        assert [word for word in words if f"`{word}`" not in page] == []


def test_figures_count_no_response_by_the_family_of_the_reason() -> None:
    base = default_workflow()
    reason = parts.CloseReason(code="went_quiet", label="Went quiet", family="no_response")
    close = tuple(attrs.evolve(m, reasons=(*m.reasons, "went_quiet")) if m.name == "close" else m for m in base.moves)
    workflow = attrs.evolve(base, close_reasons=(*base.close_reasons, reason), moves=close)
    tracker = Tracker(workflow=workflow, clock=lambda: START)
    lead = tracker.receive("web", "1", by=KIM).lead
    tracker.move(lead.id, "closed", by=KIM, reason="went_quiet")
    (source,) = tracker.dashboard().sources
    assert (source.no_response, source.close_reasons) == (1, {"went_quiet": 1})


CAUSES = {
    "new": "not_contacted",
    "contacting": "no_response",
    "contacted": "follow_up_due",
    "awaiting_prescreen": "prescreen_due",
    "in_review": "needs_review",
    "preparing": "scheduling_due",
    "scheduled": "visit_outcome_due",
    "attended": "study_team_record_due",
    "in_screening": "study_team_record_due",
}


@pytest.mark.parametrize(("status", "cause"), CAUSES.items())
def test_the_cause_of_staleness_follows_from_what_a_status_means(status: str, cause: str) -> None:
    base = default_workflow()
    at = START + timedelta(days=90)
    (found,) = stale_review([lead_in(status)], base, at)
    assert found.cause == cause
    other = attrs.evolve(
        base,
        statuses=tuple(attrs.evolve(s, code="other") if s.code == status else s for s in base.statuses),
        moves=tuple(attrs.evolve(m, from_=tuple("other" if f == status else f for f in m.from_)) for m in base.moves),
        renamed={status: "other"},
    )
    assert [row.cause for row in stale_review([lead_in(status), lead_in("other")], other, at)] == [cause, cause]


def test_a_lead_that_could_be_scheduled_waits_for_no_prescreen_whatever_its_moves_ask() -> None:
    base = default_workflow()
    back = Move(name="review_again", from_=("preparing",), to="in_review", requires=("prescreen_completed",))
    (found,) = stale_review(
        [lead_in("preparing")], attrs.evolve(base, moves=(*base.moves, back)), START + timedelta(days=90)
    )
    assert found.cause == "scheduling_due"


def test_records_and_blockers_are_causes_before_the_status() -> None:
    items = {"records": ReadinessItem(item="records", state="needed", since=START)}
    stuck = (Blocker(kind="visit_capacity", since=START), Blocker(kind="availability", since=START))
    leads = [lead_in("preparing", items=items, blockers=stuck), lead_in("preparing", blockers=stuck)]
    found = stale_review(leads, default_workflow(), START + timedelta(days=90))
    assert [row.cause for row in found] == ["missing_records", "visit_capacity"]


def test_a_bucket_without_a_rule_is_called_by_its_code() -> None:
    assert loads(CALL_LIST).bucket_label("to_call") == "To call"
    assert loads(CALL_LIST).bucket_label("not_yet_known") == "not yet known"


def test_a_status_nobody_knows_is_no_end_and_leads_nowhere() -> None:
    workflow = default_workflow()
    assert workflow.status("nobody knows") is None
    assert workflow.moves_from("nobody knows") == ()
    assert not workflow.is_final("nobody knows")
    assert workflow.status_label("nobody knows") == "nobody knows"


def test_a_status_nobody_knows_is_a_gap_whatever_its_bucket_is_called() -> None:
    lead = lead_in("who knows", owner="kim")
    assert gap_report([lead], TWO_VISITS, START).gaps["missing_sponsor_field"] == ("x",)
    counts = {row.gap: row.count for row in dashboard([lead], TWO_VISITS, START).gaps}
    assert counts["missing_sponsor_field"] == 1
