"""Every command of the tracker: what it records, what it refuses, what it leaves alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from ledger_samples import ANNA, Ticking, day
from trialflow import UNASSIGNED, Actor, Conflict, LeadNotFound, Refused, Source, Tracker
from trialflow.adapters.ports import Append
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.vault_memory import MemoryVault
from trialflow.model.errors import Refusal
from trialflow.model.events import Event
from trialflow.model.recorded import Recorded
from trialflow.rules.guards import GUARDS, Attempt

CHIEF = Actor(id="chief", role="site_lead")
DOCTOR = Actor(id="dr-1", role="investigator")
ROBOT = Actor(id="robot", kind="system", role="system")


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def tracker(clock: Ticking) -> Tracker:
    return Tracker(clock=clock)


@pytest.fixture
def lead(tracker: Tracker) -> str:
    found = tracker.receive("Radio", "1", by=ANNA, person={"name": "Ann Example"}, owner="anna")
    return found.lead.id


def kinds(tracker: Tracker, lead: str) -> list[str]:
    return [record.event.kind for record in tracker.history(lead)]


def last(tracker: Tracker, lead: str) -> Event:
    return tracker.history(lead)[-1].event


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {refusal.code for refusal in refused.value.refusals}


def test_the_present_instant_is_the_clock(tracker: Tracker, lead: str, clock: Ticking) -> None:
    clock.now = day(3)
    assert tracker.contact(lead, by=ANNA).last_contact_at == day(3)
    assert tracker.contact(lead, by=ANNA, at=day(1)).contacts[-1].at == day(1), "backdated on demand"
    assert tracker.history(lead)[-1].recorded_at > day(3), "but recorded when it was recorded"


def test_a_date_is_the_start_of_the_day_at_the_site(tracker: Tracker) -> None:
    assert tracker.workflow.site.zone == "America/Chicago"
    assert tracker.instant(date(2026, 3, 2)) == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert tracker.instant(date(2026, 7, 2)) == datetime(2026, 7, 2, 5, tzinfo=UTC)


def test_a_moment_without_zone_is_refused(tracker: Tracker, lead: str) -> None:
    naive = datetime(2026, 3, 2)  # noqa: DTZ001
    with pytest.raises(ValueError, match="without a zone"):
        tracker.contact(lead, by=ANNA, at=naive)
    with pytest.raises(ValueError, match="without a zone"):
        tracker.leads(as_of=naive)
    assert kinds(tracker, lead) == ["received"]


def test_every_command_on_an_unknown_lead(tracker: Tracker) -> None:
    for act in (
        lambda: tracker.move("none", "contacting", by=ANNA),
        lambda: tracker.contact("none", by=ANNA),
        lambda: tracker.note("none", "text", by=ANNA),
        lambda: tracker.correct("none", 1, reason="typo", by=ANNA),
        lambda: tracker.erase("none", reason="asked", by=ANNA),
        lambda: tracker.merge("none", "none", by=ANNA),
        lambda: tracker.lead("none"),
        lambda: tracker.history("none"),
        lambda: tracker.options("none", by=ANNA),
        lambda: tracker.next_for("none"),
    ):
        with pytest.raises(LeadNotFound):
            act()
    assert list(tracker.vault.items("note")) == list(tracker.vault.items("tombstone")) == []


def test_a_refused_command_changes_nothing(tracker: Tracker, lead: str) -> None:
    before = list(tracker.storage.scan())
    nobody = Actor(id="x", role="sponsor")
    with pytest.raises(Refused):
        tracker.note(lead, "private words", by=nobody)
    with pytest.raises(Refused):
        tracker.erase(lead, reason="", by=ANNA)
    assert list(tracker.storage.scan()) == before
    assert list(tracker.vault.items("note")) == [], "a refused note leaves no text behind"
    assert tracker.identity(lead)["name"] == "Ann Example", "a refused erasure erases nothing"


def test_permissions_and_refusals_of_contact(tracker: Tracker, lead: str) -> None:
    tracker.permit(lead, by=ANNA, channel="text", evidence_ref="form-3", text_version="v2")
    assert tracker.may_contact(lead, "text", at=day(0.1)).allowed
    tracker.forbid(lead, by=ANNA, channel="text")
    assert "opted_out" in tracker.may_contact(lead, "text", at=day(0.1)).codes
    assert tracker.may_contact(lead, "phone", at=day(0.1)).allowed
    tracker.forbid(lead, by=ANNA, purpose="recruitment")
    assert "opted_out" in tracker.may_contact(lead, "phone", at=day(0.1)).codes
    assert "zone_unknown" in tracker.may_contact(lead, "phone", at=day(0.1), zone="Nowhere/None").codes


def test_a_notes_text_is_in_the_vault_and_twice_is_two(tracker: Tracker, lead: str) -> None:
    tracker.note(lead, "prefers mornings", by=ANNA)
    tracker.note(lead, "prefers mornings", by=ANNA)
    assert tracker.notes(lead) == ("prefers mornings",) * 2
    assert "mornings" not in repr(list(tracker.storage.scan()))


def test_two_notes_at_one_instant_are_two(tracker: Tracker, lead: str, clock: Ticking) -> None:
    clock.step = timedelta(0)
    tracker.note(lead, "one", by=ANNA)
    tracker.note(lead, "two", by=ANNA)
    assert tracker.notes(lead) == ("one", "two")


def test_the_source_is_corrected_and_the_earlier_stays_readable(tracker: Tracker, lead: str) -> None:
    assert tracker.set_source(lead, Source(id="Letter"), by=ANNA).source.id == "Letter"
    assert getattr(tracker.history(lead)[0].event, "source", None) == Source(id="Radio")


def test_a_correction_voids_and_keeps(tracker: Tracker, lead: str) -> None:
    tracker.contact(lead, "reached", by=ANNA)
    position = tracker.history(lead)[-1].position
    with pytest.raises(Refused) as refused:
        tracker.correct(lead, position, reason="", by=ANNA)
    assert "reason_missing" in codes(refused)
    with pytest.raises(Refused) as refused:
        tracker.correct(lead, 999, reason="typo", by=ANNA)
    assert "event_absent" in codes(refused)
    corrected = tracker.correct(lead, position, reason="wrong_lead", by=ANNA)
    assert corrected.attempts == 0
    assert corrected.version == 3
    assert kinds(tracker, lead) == ["received", "contact_attempted", "corrected"]
    assert tracker.contact(lead, "reached", by=ANNA).attempts == 1, "work goes on behind a correction"


def test_merge_and_unmerge(tracker: Tracker, lead: str) -> None:
    other = tracker.receive("Web", "2", by=ANNA).lead.id
    tracker.forbid(lead, by=ANNA, channel="text")
    with pytest.raises(Refused) as refused:
        tracker.merge(lead, lead, by=ANNA)
    assert "merge_with_itself" in codes(refused)
    assert tracker.merge(lead, other, by=ANNA, reason="same_person").merged_into == other
    assert [found.id for found in tracker.leads()] == [other]
    assert "opted_out" in tracker.may_contact(other, "text", at=day(0.5)).codes, "the stricter answer holds"
    with pytest.raises(Refused) as refused:
        tracker.contact(lead, by=ANNA)
    assert codes(refused) == {"merged"}
    assert tracker.dashboard().leads == 1
    tracker.unmerge(lead, by=ANNA)
    assert {found.id for found in tracker.leads()} == {lead, other}
    assert tracker.verify().ok


def test_a_merge_is_both_or_neither(clock: Ticking) -> None:
    """What is carried over and the merge are one append: when the other lead moved on meanwhile, none is stored."""

    class Racing(MemoryStorage):
        race: object = None

        def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
            if len(parts) > 1 and self.race is None:
                self.race = tracker.contact(other, by=ANNA)
            return super().append_batch(parts)

    tracker = Tracker(Racing(clock=clock), clock=clock)
    lead = tracker.receive("Radio", "1", by=ANNA).lead.id
    other = tracker.receive("Web", "2", by=ANNA).lead.id
    tracker.forbid(lead, by=ANNA)
    with pytest.raises(Conflict):
        tracker.merge(lead, other, by=ANNA)
    assert not tracker.lead(lead).merged_into
    assert not tracker.lead(other).permissions
    assert tracker.merge(lead, other, by=ANNA).merged_into == other


def test_erasure(tracker: Tracker, lead: str) -> None:
    tracker.note(lead, "private words", by=ANNA)
    with pytest.raises(Refused) as refused:
        tracker.erase(lead, reason="asked", by=ROBOT)
    assert codes(refused) >= {"person_required"}
    assert tracker.erase(lead, reason="asked", by=CHIEF).erased_at is not None
    assert tracker.identity(lead) == {}
    assert tracker.notes(lead) == ()
    assert tracker.verify().ok, "the ledger's codes stay and the chain holds"
    tracker.receive("Radio", "1", by=ANNA, person={"name": "Ann Example"})
    assert tracker.identity(lead) == {}, "who was erased does not come back by the next delivery"


def test_an_erasure_that_was_cut_off_is_completed(clock: Ticking) -> None:
    """The vault first, then the ledger: cut off in between, nothing private is left, and a retry completes it."""

    class Failing(MemoryStorage):
        down = False

        def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
            if self.down:
                raise Conflict("lead", 1, 2)
            return super().append_batch(parts)

    storage = Failing(clock=clock)
    tracker = Tracker(storage, clock=clock)
    lead = tracker.receive("Radio", "1", by=ANNA, person={"name": "Ann Example"}).lead.id
    storage.down = True
    with pytest.raises(Conflict):
        tracker.erase(lead, reason="asked", by=CHIEF)
    assert tracker.identity(lead) == {}
    storage.down = False
    assert tracker.erase(lead, reason="asked", by=CHIEF).erased_at is not None


def test_a_proposal_changes_nothing_until_a_person_accepts(tracker: Tracker, lead: str) -> None:
    tracker.propose(lead, "close_it", "move", target="closed", reason="no_response", by=ROBOT, expires_at=day(7))
    assert tracker.lead(lead).status == "new"
    with pytest.raises(Refused) as refused:
        tracker.accept_proposal(lead, "close_it", by=ROBOT)
    assert "person_required" in codes(refused)
    accepted = tracker.accept_proposal(lead, "close_it", by=ANNA)
    assert (accepted.status, accepted.close_reason) == ("closed", "no_response")
    assert kinds(tracker, lead)[-2:] == ["proposal_closed", "moved"]
    assert last(tracker, lead).by == ANNA, "the person who accepted moved it"
    assert [(p.proposal, p.outcome, p.closed_by) for p in accepted.past_proposals] == [("close_it", "accepted", "anna")]


def test_the_rules_suggestions_are_recorded_by_automation_and_not_repeated(
    tracker: Tracker, lead: str, clock: Ticking
) -> None:
    assert tracker.suggest() == ()
    tracker.set_item(lead, "records", "needed", by=ANNA)
    (found,) = tracker.suggest()
    (standing,) = found.proposals
    assert (standing.proposal, standing.command, standing.target) == ("ask_records", "item", "records:requested")
    assert last(tracker, lead).by.kind == "system"
    assert found.items["records"].state == "needed", "nothing changes until a person accepts"
    assert tracker.suggest() == ()
    assert tracker.accept_proposal(lead, "ask_records", by=ANNA).items["records"].state == "requested"
    assert tracker.suggest() == ()


def test_a_declined_or_expired_proposal_is_kept(tracker: Tracker, lead: str, clock: Ticking) -> None:
    tracker.propose(lead, "try_it", "move", target="contacting", by=ROBOT)
    declined = tracker.decline_proposal(lead, "try_it", by=ANNA)
    assert declined.proposals == ()
    assert [p.outcome for p in declined.past_proposals] == ["declined"]
    tracker.propose(lead, "again", "move", target="contacting", by=ROBOT, expires_at=day(1))
    clock.now = day(2)
    with pytest.raises(Refused) as refused:
        tracker.accept_proposal(lead, "again", by=ANNA)
    assert "proposal_expired" in codes(refused)
    assert tracker.resolve_proposal(lead, "again", "expired", by=ROBOT).status == "new"


def test_accepting_a_proposal_meets_the_commands_own_refusals(tracker: Tracker, lead: str) -> None:
    """Automation may propose what a study team decides; only a decider can accept it."""
    tracker.propose(lead, "visit_it", "move", target="scheduled", by=ROBOT)
    with pytest.raises(Refused):
        tracker.accept_proposal(lead, "visit_it", by=ANNA)
    assert kinds(tracker, lead) == ["received", "proposed"], "a refused acceptance records nothing, the proposal stands"


def test_owners_absences_and_the_queue(tracker: Tracker, lead: str) -> None:
    assert tracker.owner_of(lead) == "anna"
    assert [item.lead.id for item in tracker.worklist(owner="anna")] == [lead]
    tracker.absence("anna", day(1), day(3), by=CHIEF)
    assert tracker.owner_of(lead, as_of=day(2)) == UNASSIGNED
    assert tracker.next_for(lead, as_of=day(2)).kind == tracker.worklist(as_of=day(2))[0].action.kind
    assert [item.lead.id for item in tracker.worklist(as_of=day(2), owner=UNASSIGNED)] == [lead]
    assert tracker.owner_of(lead, as_of=day(3)) == "anna", "[since, until)"
    tracker.absence("anna", day(4), by=CHIEF)
    assert tracker.owner_of(lead, as_of=day(400)) == UNASSIGNED, "until further notice"


def test_a_refused_schedule_names_what_the_slot_and_the_move_lack_together(tracker: Tracker, lead: str) -> None:
    tracker.set_item(lead, "records", "needed", by=ANNA)
    for to in ("contacting", "contacted", "awaiting_prescreen", "in_review", "preparing"):
        if to == "contacted":
            tracker.contact(lead, "reached", by=ANNA)
        if to == "in_review":
            tracker.prescreen(lead, "completed", by=ANNA)
        tracker.move(lead, to, by=ANNA)
    with pytest.raises(Refused) as refused:
        tracker.schedule(lead, day(-9), by=ANNA)
    assert codes(refused) == {"visit_in_past", "not_ready"}
    with pytest.raises(Refused) as refused:
        tracker.schedule(lead, day(-9), by=Actor(id="x", role="nobody"))
    assert codes(refused) == {"role_unknown", "visit_in_past", "not_ready"}
    assert len(refused.value.refusals) == 3, "each once"
    assert tracker.lead(lead).visit is None


@pytest.mark.parametrize("until", [day(1), day(0)])
def test_a_period_that_holds_no_moment_is_refused(tracker: Tracker, until: datetime) -> None:
    with pytest.raises(Refused) as refused:
        tracker.absence("anna", day(1), until, by=CHIEF)
    assert codes(refused) == {"period_empty"}
    with pytest.raises(Refused) as refused:
        tracker.spend("Radio", 1, "us dollar", day(1), until, by=CHIEF)
    assert codes(refused) == {"not_a_code", "period_empty"}
    assert tracker.site_state().version == 0


def test_spend_is_in_minor_units(tracker: Tracker, lead: str) -> None:
    tracker.spend("Radio", 12_345, "USD", day(-30), day(0), by=CHIEF)
    (spent,) = tracker.site_state().spend
    assert (spent.amount_minor, spent.currency) == (12_345, "USD")


def test_two_sites_in_one_store(clock: Ticking) -> None:
    storage, vault = MemoryStorage(clock=clock), MemoryVault()
    north = Tracker(storage, vault, clock=clock, site="north")
    south = Tracker(storage, vault, clock=clock, site="south")
    north.absence("anna", day(0), by=CHIEF)
    south.spend("Radio", 1, "USD", day(-1), day(0), by=CHIEF)
    assert (len(north.site_state().absences), len(south.site_state().absences)) == (1, 0)


def test_a_conflict_reaches_the_caller(clock: Ticking) -> None:
    """The tracker does not try again by itself: who acts on what has changed should look first."""

    class Racing(MemoryStorage):
        raced = False

        def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
            if not self.raced and parts[0].expected_version:
                self.raced = True
                own.assign(parts[0].stream.removeprefix("lead:"), "ben", by=ANNA)
            return super().append_batch(parts)

    own = Tracker(Racing(clock=clock), clock=clock)
    lead = own.receive("Radio", "1", by=ANNA).lead.id
    with pytest.raises(Conflict) as conflict:
        own.assign(lead, "anna", by=ANNA)
    assert (conflict.value.expected, conflict.value.actual) == (1, 2)
    assert own.lead(lead).owner == "ben"


def test_a_hosts_guard_is_asked(clock: Ticking) -> None:
    asked: list[Attempt] = []

    def full(attempt: Attempt) -> Refusal:
        asked.append(attempt)
        return Refusal("clinic_full", "the clinic is full", "wait")

    tracker = Tracker(clock=clock, guards={**GUARDS, "owner": full})
    lead = tracker.receive("Radio", "1", by=ANNA, owner="anna").lead.id
    with pytest.raises(Refused, match="the clinic is full"):
        tracker.move(lead, "contacting", by=ANNA)
    refusals = {o.move: {r.code for r in o.refusals} for o in tracker.options(lead, by=ANNA)}
    assert "clinic_full" in refusals["try_to_reach"], "options ask the same guards"
    assert {attempt.lead.id for attempt in asked} == {lead}


def test_options_of_a_past_instant(tracker: Tracker, lead: str) -> None:
    tracker.contact(lead, by=ANNA)
    tracker.move(lead, "contacting", by=ANNA, at=day(1))
    assert {o.move for o in tracker.options(lead, by=ANNA, as_of=day(0.5))} != {
        o.move for o in tracker.options(lead, by=ANNA, as_of=day(2))
    }


def test_a_sponsor_update_without_a_name_records_nothing(tracker: Tracker, lead: str) -> None:
    tracker.sponsor_update()
    assert tracker.site_state().version == 0
    with pytest.raises(ValueError, match="say by"):
        tracker.sponsor_update(release="week 1")
    assert tracker.site_state().version == 0
    update = tracker.sponsor_update(release="week 1", by=CHIEF)
    assert tracker.sponsor_update(release="week 1") == update, "what went out may be asked for by anybody"
    (release,) = tracker.site_state().releases
    assert (release.position, release.until, release.by) == (update.position, update.as_of, CHIEF)
    other = tracker.sponsor_update(release="board 1", by=CHIEF, audience="board")
    assert other.after_position == 0, "each audience has a chain of its own"


class Plain:
    """A storage with the three methods of the protocol and nothing more."""

    def __init__(self, clock: Ticking) -> None:
        self._memory = MemoryStorage(clock=clock)

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        return self._memory.append(stream, events, expected_version=expected_version)

    def read(self, stream: str) -> Sequence[Recorded]:
        return self._memory.read(stream)

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        return self._memory.scan(after=after)


def test_a_storage_of_three_methods_is_enough(clock: Ticking) -> None:
    with pytest.raises(ValueError, match="give both"):
        Tracker(Plain(clock), clock=clock)
    tracker = Tracker(Plain(clock), MemoryVault(), clock=clock)
    lead = tracker.receive("Radio", "1", by=ANNA, owner="anna").lead.id
    other = tracker.receive("Web", "2", by=ANNA).lead.id
    tracker.forbid(lead, by=ANNA)
    assert tracker.merge(lead, other, by=ANNA, key="k").merged_into == other
    assert tracker.merge(lead, other, by=ANNA, key="k").merged_into == other
    assert [p.allowed for p in tracker.lead(other).permissions] == [False]
    assert tracker.verify().ok
    assert tracker.dashboard().leads == 1
    tracker.close()
