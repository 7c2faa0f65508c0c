"""As of any past instant: exactly what replaying the records dated up to it tells, byte for byte, again and again."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from histories import START, Site, played, sites
from ledger_samples import ANNA, Ticking, day
from replayed import Replayed, append_all
from tests_sizes import size
from trialflow import UNASSIGNED, Actor, Conflict, LeadNotFound, Refused, Tracker
from trialflow.adapters.ports import Append, Storage
from trialflow.adapters.renderers.formats import render
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.vault_memory import MemoryVault
from trialflow.model.evolve import fold
from trialflow.model.recorded import Recorded
from trialflow.rules.loading import default_workflow
from wild_histories import wild_records

HELPERS = Path(__file__).parents[1] / "helpers"
MINUTE = timedelta(minutes=1)
CHIEF = Actor(id="chief", role="site_lead")


def over(storage: Storage) -> Tracker:
    """A tracker whose clock stands long after everything."""
    return Tracker(storage, MemoryVault(), clock=lambda: datetime(2036, 1, 1, tzinfo=UTC))


def told(tracker: Tracker, at: datetime) -> dict[str, object]:
    """All that a tracker says as of an instant."""
    return {
        "leads": tracker.leads(as_of=at),
        "worklist": tracker.worklist(as_of=at),
        "dashboard": render(tracker.dashboard(as_of=at), "json"),
        "sponsor": render(tracker.sponsor_update(as_of=at), "json"),
        "quality": tracker.source_quality(as_of=at),
        "diagnosis": tracker.diagnose(as_of=at),
        "next": [tracker.next_for(lead.id, as_of=at) for lead in tracker.leads(as_of=at)],
        "slas": [tracker.sla_status(lead.id, as_of=at) for lead in tracker.leads(as_of=at)],
    }


def moments(records: Iterable[Recorded]) -> list[datetime]:
    """Instants at which something changes, and the ones right before."""
    dates = sorted({r.event.at for r in records})
    return [*dates, *(d - timedelta(microseconds=1) for d in dates)]


@given(site=sites(), where=st.integers(0, 10_000))
def test_a_past_instant_is_the_replay_of_what_is_dated_up_to_it(site: Site, where: int) -> None:
    known = moments(site.records) or [START]
    at = known[where % len(known)]
    past = [r for r in site.records if r.event.at <= at]
    assert told(over(Replayed(site.records)), at) == told(over(Replayed(past)), at)


@given(site=sites(), cut=st.integers(0, 10_000))
@settings(max_examples=size(ci=25, long=1_000))
def test_what_is_recorded_later_about_later_changes_no_byte(site: Site, cut: int) -> None:
    """Asked at each moment of the work, and once more when the whole history is there."""
    records = site.records
    cut = cut % (len(records) + 1)
    at = max((r.event.at for r in records[:cut]), default=START)
    storage = Replayed(records[:cut])
    tracker = over(storage)
    before = told(tracker, at)
    storage.records += [r for r in records[cut:] if r.event.at > at]
    assert told(tracker, at) == before, "by the tracker that was asked then"
    assert told(over(storage), at) == before, "and by a new one"


@given(seed=st.integers(0, 2**32), where=st.integers(0, 10_000))
@settings(max_examples=size(ci=40, long=2_000))
def test_every_way_of_asking_agrees_on_any_history(seed: int, where: int) -> None:
    """Out of order, backdated, voided, merged, unknown: lead(), history(), leads() and the columns of the reports."""
    records = wild_records(seed, 60, default_workflow())
    known = moments(records)
    at = known[where % len(known)]
    tracker = over(Replayed(records))
    leads = {lead.id: lead for lead in tracker.leads(as_of=at)}
    for name in {r.stream.removeprefix("lead:") for r in records}:
        try:
            alone = tracker.lead(name, as_of=at)
        except LeadNotFound:
            assert name not in leads
            continue
        assert alone == fold(tracker.history(name, as_of=at))
        assert alone.merged_into or leads.pop(name) == alone
    assert not leads
    board = tracker.dashboard(as_of=at)
    standing = tracker.leads(as_of=at)
    assert board.leads == len(standing)
    workflow = tracker.workflow
    assert board.statuses == Counter(workflow.current(lead.status) for lead in standing)
    assert {s.source: s.leads for s in board.sources} == Counter(lead.source.id for lead in standing)


@given(site=sites(), where=st.integers(0, 10_000))
@settings(max_examples=size(ci=15, long=500))
def test_memory_and_file_tell_the_same_bytes(site: Site, where: int) -> None:
    known = moments(site.records) or [START]
    at = known[where % len(known)]
    with tempfile.TemporaryDirectory() as folder, SqliteStorage(Path(folder) / "a.db", clock=Ticking()) as file:
        memory = MemoryStorage(clock=Ticking())
        append_all(memory, site.appends)
        append_all(file, site.appends)
        assert memory.head() == file.head()
        for instant in (at, datetime(2035, 1, 1, tzinfo=UTC)):
            assert told(over(memory), instant) == told(over(file), instant)


@given(site=sites(), cuts=st.lists(st.integers(0, 10_000), max_size=4))
@settings(max_examples=size(ci=25, long=1_000))
def test_a_kept_book_equals_a_fresh_one(site: Site, cuts: list[int]) -> None:
    """However the reading is spread over the writing, and whatever was corrected in between."""
    storage = Replayed([])
    kept = over(storage)
    for cut in sorted(c % (len(site.records) + 1) for c in cuts):
        storage.records = site.records[:cut]
        kept.leads()
        kept.dashboard()
        kept.figures()
    storage.records = list(site.records)
    fresh = over(storage)
    assert kept.leads() == fresh.leads()
    assert kept.dashboard() == fresh.dashboard()
    assert kept.figures() == fresh.figures()
    board = fresh.dashboard()
    figures = kept.figures()
    assert (figures.leads, figures.open, figures.statuses) == (board.leads, board.open, board.statuses)


def test_a_late_record_is_in_the_past_it_belongs_to() -> None:
    """Backdated work changes what was known of that day, and shows as restated in the next update."""
    clock = Ticking()
    tracker = Tracker(clock=clock)
    lead = tracker.receive("Radio", "1", by=ANNA, owner="anna").lead.id
    tracker.contact(lead, by=ANNA)
    clock.now = day(2)
    tracker.sponsor_update(release="week 1", by=CHIEF)
    clock.now = day(5)
    assert tracker.lead(lead, as_of=day(1)).status == "new"
    tracker.move(lead, "contacting", by=ANNA, at=day(0.5))
    assert tracker.lead(lead, as_of=day(1)).status == "contacting"
    assert tracker.sponsor_update().movement.restated == 1


def test_a_correction_counts_from_its_own_date() -> None:
    clock = Ticking()
    tracker = Tracker(clock=clock)
    lead = tracker.receive("Radio", "1", by=ANNA, owner="anna").lead.id
    tracker.contact(lead, "reached", by=ANNA)
    position = tracker.history(lead)[-1].position
    clock.now = day(3)
    tracker.correct(lead, position, reason="typo", by=ANNA)
    clock.now = day(4)
    assert [tracker.lead(lead, as_of=at).attempts for at in (day(1), day(2.9), day(4), None)] == [1, 1, 0, 0]
    assert [tracker.leads(as_of=at)[0].attempts for at in (day(1), day(2.9), day(4), None)] == [1, 1, 0, 0]
    assert [tracker.dashboard(as_of=at).sources[0].contacted for at in (day(1), day(4))] == [1, 0]


def test_the_site_s_own_record_counts_from_its_own_instant() -> None:
    tracker = over(MemoryStorage(clock=Ticking()))
    lead = tracker.receive("Radio", "1", by=ANNA, at=day(0), owner="anna").lead.id
    tracker.absence("anna", day(0), by=CHIEF, at=day(2))
    before = day(2) - timedelta(microseconds=1)
    assert [tracker.owner_of(lead, as_of=at) for at in (before, day(2))] == ["anna", UNASSIGNED]
    assert [tracker.dashboard(as_of=at).unowned for at in (before, day(2))] == [0, 1]
    assert [len(tracker.site_state(as_of=at).absences) for at in (before, day(2))] == [0, 1]


def test_what_is_dated_ahead_has_not_happened() -> None:
    tracker = Tracker(clock=Ticking())
    lead = tracker.receive("Radio", "1", by=ANNA, owner="anna").lead.id
    tracker.contact(lead, by=ANNA, at=day(9))
    assert tracker.lead(lead).attempts == tracker.leads()[0].attempts == 0
    assert len(tracker.history(lead)) == 2
    assert tracker.lead(lead, as_of=day(9)).attempts == 1
    with pytest.raises(LeadNotFound):
        tracker.lead(lead, as_of=day(-1))
    assert tracker.contact(lead, by=ANNA).version == 3, "a command goes by everything recorded"


def test_releases_chain_whatever_instant_they_are_made_for() -> None:
    """Each move is in exactly one update, releases for a past day included."""
    clock = Ticking()
    tracker = Tracker(clock=clock)
    leads = [tracker.receive("Radio", str(n), by=ANNA, owner="anna").lead.id for n in range(6)]
    updates = []
    for week, lead in enumerate(leads):
        clock.now = day(7 * week + 1)
        tracker.move(lead, "contacting", by=ANNA, at=day(7 * week + 0.25))
        tracker.move(lead, "closed", by=ANNA, reason="declined", at=day(7 * week + 0.5))
        updates.append(tracker.sponsor_update(as_of=day(7 * week), release=f"week {week}", by=CHIEF))
    clock.now = day(99)
    updates.append(tracker.sponsor_update(release="last", by=CHIEF))
    assert sum(u.movement.moves for u in updates) == 12
    assert sum(u.movement.received for u in updates) == 6
    assert [u.after_position for u in updates[1:]] == [u.position for u in updates[:-1]]


def test_an_update_that_went_out_can_be_made_again_byte_for_byte() -> None:
    """By its name, whatever was recorded since, late records and corrections included; and so is a retry safe."""
    clock = Ticking()
    tracker = Tracker(clock=clock)
    leads = [tracker.receive("Radio", str(n), by=ANNA, owner="anna").lead.id for n in range(4)]
    out = {}
    for week, lead in enumerate(leads):
        clock.now = day(7 * week + 1)
        tracker.move(lead, "contacting", by=ANNA, at=day(7 * week + 0.5))
        out[f"week {week}"] = tracker.sponsor_update(release=f"week {week}", by=CHIEF)
    clock.now = day(40)
    tracker.move(leads[0], "closed", by=ANNA, reason="declined", at=day(3))
    tracker.correct(leads[1], tracker.history(leads[1])[-1].position, reason="typo", by=ANNA, at=day(9))
    count = len(list(tracker.storage.scan()))
    for name, update in out.items():
        again = tracker.sponsor_update(release=name, by=CHIEF)
        assert again == update
        assert render(again, "json") == render(update, "json")
    assert len(list(tracker.storage.scan())) == count, "nothing is recorded twice"
    assert tracker.sponsor_update().movement.restated


def test_a_release_does_not_go_back_nor_out_twice() -> None:
    """Two people release at once, or somebody for a day before the last release: the chain stays one."""
    clock = Ticking()

    class Racing(MemoryStorage):
        racing = False

        def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
            if self.racing:
                self.racing = False
                tracker.sponsor_update(release="faster", by=CHIEF)
            return super().append_batch(parts)

    storage = Racing(clock=clock)
    tracker = Tracker(storage, clock=clock)
    tracker.receive("Radio", "1", by=ANNA)
    clock.now = day(7)
    storage.racing = True
    with pytest.raises(Conflict):
        tracker.sponsor_update(release="slower", by=CHIEF)
    assert [r.release for r in tracker.site_state().releases] == ["faster"]
    with pytest.raises(Refused) as refused:
        tracker.sponsor_update(release="earlier", as_of=day(3), by=CHIEF)
    assert [r.code for r in refused.value.refusals] == ["release_overtaken"]
    assert tracker.sponsor_update(as_of=day(3)).since is None, "looking back is no release"
    clock.now = day(8)
    assert tracker.sponsor_update(release="slower", by=CHIEF).since is not None


def printed(seed: int) -> str:
    """A digest of all that is told of a played history, for the runs below."""
    site, digest = played(seed=seed, steps=150), hashlib.sha256()
    storage = MemoryStorage(clock=Ticking())
    append_all(storage, site.appends)
    tracker = over(storage)
    for at in sorted(moments(site.records))[::40]:
        for value in told(tracker, at).values():
            digest.update(value if isinstance(value, bytes) else repr(value).encode())
    return digest.hexdigest()


def test_the_same_bytes_under_any_hash_seed_zone_and_locale() -> None:
    expected = printed(7)
    zones = ["UTC", "Asia/Kolkata", "America/St_Johns"]
    runs = list(zip(["0", "1", "424242"], zones, ["C", "C.UTF-8", "POSIX"], strict=True))
    if size(ci=0, long=1):
        runs = list(itertools.product(map(str, range(20)), zones, ["C", "C.UTF-8"]))
    for seed, zone, language in runs:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language, "PYTHONUTF8": "1"}
        places = [str(HELPERS), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, places))
        done = subprocess.run(
            [sys.executable, "-c", "import test_as_of; print(test_as_of.printed(7))"],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == expected, (seed, zone, language)
