"""The book: what is kept up to date by reading only what is new, by many threads at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from ledger_samples import ANNA, Ticking, contacted, day, noted, received
from trialflow import Actor, Tracker
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.model.evolve import fold
from trialflow.model.recorded import Recorded

CHIEF = Actor(id="chief", role="site_lead")


class Counting(MemoryStorage):
    """Counts the records it gives to scans; shows those up to ``limit`` only."""

    given = 0
    limit = 10**9

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        for record in super().scan(after=after):
            if record.position > self.limit:
                return
            self.given += 1
            yield record


def filled(leads: int = 20) -> tuple[Tracker, Counting, list[str]]:
    clock = Ticking()
    storage = Counting(clock=clock)
    tracker = Tracker(storage, clock=clock)
    ids = [tracker.receive("Radio", str(n), by=ANNA, owner="anna").lead.id for n in range(leads)]
    for lead in ids:
        tracker.contact(lead, by=ANNA)
    return tracker, storage, ids


def test_only_what_is_new_is_read() -> None:
    tracker, storage, ids = filled()
    tracker.leads()
    tracker.dashboard()
    tracker.figures()
    storage.given = 0
    for _ in range(3):
        tracker.leads()
        tracker.worklist()
        tracker.dashboard()
        tracker.sponsor_update()
        tracker.figures()
    assert storage.given == 0
    tracker.contact(ids[0], by=ANNA)
    tracker.figures()
    tracker.dashboard()
    assert storage.given == 1
    tracker.lead(ids[1])
    tracker.next_for(ids[1])
    assert storage.given == 1, "one lead is read from its own stream"


@pytest.mark.parametrize("first", ["dashboard", "figures"])
def test_leads_and_figures_come_from_one_first_reading(first: str) -> None:
    tracker, storage, ids = filled()
    storage.given = 0
    getattr(tracker, first)()
    assert storage.given == 2 * len(ids)


def test_a_correction_folds_one_lead_anew() -> None:
    tracker, storage, ids = filled()
    position = tracker.history(ids[3])[-1].position
    assert tracker.leads()
    storage.given = 0
    tracker.correct(ids[3], position, reason="typo", by=ANNA)
    assert {lead.id: lead.attempts for lead in tracker.leads()} == {i: int(i != ids[3]) for i in ids}
    assert storage.given == 1


def test_a_correction_read_in_the_middle_of_other_writing() -> None:
    """The stream of a corrected lead is read anew; what it holds beyond the scan is not counted twice."""
    tracker, storage, ids = filled(3)
    lead = ids[0]
    position = tracker.history(lead)[-1].position
    tracker.leads()
    tracker.correct(lead, position, reason="typo", by=ANNA)
    storage.limit = len(list(MemoryStorage.scan(storage)))
    tracker.contact(lead, "reached", by=ANNA)
    tracker.contact(lead, "reached", by=ANNA)
    assert next(found.attempts for found in tracker.leads() if found.id == lead) == 0
    storage.limit = 10**9
    found = next(found for found in tracker.leads() if found.id == lead)
    assert found == fold(storage.read(f"lead:{lead}"))
    assert found.attempts == 2


def test_readers_and_writers_at_once() -> None:
    """Views are values: no reader sees a half-folded record, none is folded twice, no dictionary changes under one."""
    tracker, storage, ids = filled(30)
    errors: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                assert len(tracker.leads()) == 30
                assert tracker.figures().leads == 30
                assert tracker.dashboard().leads == 30
            except BaseException as error:
                errors.append(error)
                return

    def write(lead: str) -> None:
        try:
            for _ in range(15):
                tracker.contact(lead, by=ANNA)
        except BaseException as error:
            errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    writers = [threading.Thread(target=write, args=(lead,)) for lead in ids[:4]]
    for thread in [*readers, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in readers:
        thread.join()
    assert errors == []
    assert [(lead.id, lead.version) for lead in tracker.leads()] == sorted(
        (lead, len(storage.read(f"lead:{lead}"))) for lead in ids
    )
    assert tracker.figures() == Tracker(storage, clock=tracker.now).figures()


def test_live_figures_follow_absences_time_and_start() -> None:
    clock = Ticking(step=timedelta(0))
    tracker = Tracker(clock=clock)
    lead = tracker.receive("Radio", "1", by=ANNA, owner="anna").lead.id
    assert (tracker.figures().unowned, tracker.figures().received) == (0, 1)
    tracker.absence("anna", day(-1), by=CHIEF)
    assert tracker.figures().unowned == 1, "an absence counts at once"
    assert tracker.figures(since=day(1)).received == 0
    assert tracker.figures(since=day(-9)).received == 1
    clock.now = day(60)
    assert tracker.figures().buckets == {"stale": 1}, "time passes without any record"
    clock.now = day(1)
    assert tracker.figures().buckets == {"new_inquiries": 1}, "also for a clock that is set back"
    clock.now = day(60) + timedelta(seconds=30)
    tracker.contact(lead, by=ANNA)
    assert tracker.figures().sources[0].contacted == tracker.dashboard().sources[0].contacted
    assert tracker.figures() == tracker.figures(at_most=timedelta(0))


def test_what_was_recorded_of_a_lead_before_it_arrived_counts_in_its_version() -> None:
    tracker = Tracker(MemoryStorage(clock=Ticking()), clock=Ticking(day(9)))
    for number, event in enumerate((contacted(1, day(1)), contacted(2, day(1)), received(day(2)), noted("n1", day(3)))):
        tracker.storage.append("lead:x", [event], expected_version=number)
        tracker.leads()
    fresh = Tracker(tracker.storage, tracker.vault, clock=Ticking(day(9)))
    assert tracker.leads() == fresh.leads() == (tracker.lead("x"),)
    assert tracker.lead("x").version == 4


def test_the_past_does_not_disturb_the_present() -> None:
    tracker, _, ids = filled(5)
    present = tracker.dashboard(as_of=day(1))
    assert len(tracker.leads(as_of=tracker.history(ids[2])[0].event.at)) == 3
    assert tracker.dashboard(as_of=day(1)) == present
