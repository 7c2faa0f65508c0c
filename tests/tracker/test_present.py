"""Queue and board of a tracker whose store keeps its leads: those of a tracker that replays everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from histories import START, Site, sites
from history_deeds import OWNERS
from ledger_samples import ANNA
from replayed import append_all
from tests_sizes import size
from trialflow import Tracker
from trialflow.adapters.queries import LeadQuery
from trialflow.adapters.renderers.json_file import JsonRenderer
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.vault_memory import MemoryVault
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED
from trialflow.model.recorded import Recorded
from trialflow.model.site_events import AbsenceSet, CopyImported
from trialflow.tracker.present import ended_statuses

render = JsonRenderer().render


class Unread(SqliteStorage):
    """A store that counts the records it gives to scans."""

    given = 0

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        for record in super().scan(after=after):
            self.given += 1
            yield record


def away(site: Site) -> list[AbsenceSet]:
    """One owner is away now, one was, one will be, one came back early."""
    days = [timedelta(days=n) for n in (-3, 2, -9, -5, 4, 8)]
    spans = [(0, 1), (2, 3), (4, 5), (0, 1)]
    found = [
        AbsenceSet(
            at=site.now - timedelta(days=20), by=ANNA, owner=o, since=site.now + days[a], until=site.now + days[b]
        )
        for o, (a, b) in zip(OWNERS, spans, strict=False)
    ]
    return [*found, AbsenceSet(at=site.now, by=ANNA, owner=found[0].owner, since=site.now + days[0], until=None)]


def both(site: Site, folder: Path) -> tuple[Tracker, Tracker, Unread]:
    """Trackers over the same records: one replays, one has a store that keeps its leads."""
    stores = MemoryStorage(clock=lambda: site.now), Unread(folder / "site.db", clock=lambda: site.now)
    copies = [
        CopyImported(at=day, by=ANNA, sheet="s", as_of=day, digest="", rows=0, outcomes={})
        for day in (site.now - timedelta(days=n) for n in (16, 11, 2))
    ]
    for store in stores:
        append_all(store, site.appends)
        store.append("site:main", [*copies, *away(site)], expected_version=0)
    made = [Tracker(store, MemoryVault(), workflow=site.workflow, clock=lambda: site.now) for store in stores]
    return made[0], made[1], stores[1]


@settings(max_examples=size(ci=10, long=400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(site=sites(60))
def test_queue_and_board_are_those_of_a_replay(tmp_path_factory: pytest.TempPathFactory, site: Site) -> None:
    replaying, keeping, _ = both(site, tmp_path_factory.mktemp("site"))
    moments: list[datetime | None] = [None, site.now - timedelta(days=4), START + timedelta(days=1)]
    for as_of in moments:
        assert render(keeping.dashboard(as_of=as_of)) == render(replaying.dashboard(as_of=as_of))
        since = site.now - timedelta(days=40)
        assert keeping.dashboard(as_of=as_of, since=since) == replaying.dashboard(as_of=as_of, since=since)
        for owner in (None, UNASSIGNED, *OWNERS, "nobody"):
            for ended in (True, False):
                found = keeping.worklist(as_of=as_of, owner=owner, ended=ended)
                assert found == replaying.worklist(as_of=as_of, owner=owner, ended=ended)
                assert ended or not any(site.workflow.is_final(item.lead.status) for item in found)
    keeping.close()


REPORTS: dict[str, Callable[[Tracker, datetime | None], object]] = {
    "leads": lambda tracker, at: tracker.leads(as_of=at),
    "merged": lambda tracker, at: tracker.leads(LeadQuery(merged=True), as_of=at),
    "some": lambda tracker, at: tracker.leads(LeadQuery(owners=OWNERS[:2], without=["new"]), as_of=at),
    "worklist": lambda tracker, at: tracker.worklist(as_of=at),
    "dashboard": lambda tracker, at: render(tracker.dashboard(as_of=at)),
    "quality": lambda tracker, at: tracker.source_quality(as_of=at),
    "diagnosis": lambda tracker, at: tracker.diagnose(as_of=at),
    "sponsor": lambda tracker, at: render(tracker.sponsor_update(as_of=at)),
}
_NEAR = 10
"""Records at the end of the ledger that a report looks at."""


@settings(max_examples=size(ci=10, long=400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(site=sites(80), days=st.floats(0, 40))
def test_reports_are_those_of_a_replay(tmp_path_factory: pytest.TempPathFactory, site: Site, days: float) -> None:
    replaying, keeping, store = both(site, tmp_path_factory.mktemp("site"))
    for at in (None, site.now - timedelta(days=days), START - timedelta(days=1)):
        for name, report in REPORTS.items():
            fresh = Tracker(store, MemoryVault(), workflow=site.workflow, clock=lambda: site.now)
            assert report(fresh, at) == report(replaying, at), name
            assert report(keeping, at) == report(replaying, at), f"{name}, asked once more"
    keeping.close()


@pytest.mark.parametrize("name", REPORTS)
def test_none_reads_the_whole_ledger(tmp_path: Path, name: str) -> None:
    site = Site().play([(n, 300) for n in range(200)])
    _, keeping, store = both(site, tmp_path)
    assert REPORTS[name](keeping, None)
    assert store.given <= _NEAR
    keeping.close()


def test_who_asks_for_all_leads_again_reads_only_what_is_new(tmp_path: Path) -> None:
    site = Site().play([(n, 300) for n in range(200)])
    _, keeping, store = both(site, tmp_path)
    first = keeping.leads()
    assert keeping.leads() == first
    store.given = 0
    assert keeping.leads() == first
    assert store.given == 0
    keeping.close()


class Restless(Unread):
    """Somebody appends whenever the leads are asked for."""

    busy = 10**9

    def find(self, query: LeadQuery, as_of: datetime) -> Sequence[Lead]:
        if self.busy:
            self.busy -= 1
            self.append("site:other", away(Site())[:1], expected_version=len(self.read("site:other")))
        return super().find(query, as_of)


@pytest.mark.parametrize(("busy", "replays"), [(2, False), (10**9, True)])
def test_a_view_is_of_one_moment_or_a_replay(tmp_path: Path, busy: int, *, replays: bool) -> None:
    site = Site().play([(n, 300) for n in range(200)])
    store = Restless(tmp_path / "site.db", clock=lambda: site.now)
    append_all(store, site.appends)
    store.busy = busy
    before = store.head()[0]
    with Tracker(store, MemoryVault(), workflow=site.workflow, clock=lambda: site.now) as tracker:
        update = tracker.sponsor_update()
        assert update.position == store.head()[0] > before
        assert (store.given >= before) is replays


def test_whoever_is_away_leaves_leads_to_nobody(tmp_path: Path) -> None:
    site = Site().play([(n, 300) for n in range(200)])
    replaying, keeping, _ = both(site, tmp_path)
    gone = away(site)[0].owner
    nobodys = keeping.worklist(owner=UNASSIGNED)
    assert any(item.lead.owner == gone for item in nobodys)
    assert nobodys == replaying.worklist(owner=UNASSIGNED)
    assert all(item.action.owner != gone for item in keeping.worklist())
    keeping.close()


def test_renamed_statuses_end_where_their_successors_do() -> None:
    site = Site()
    assert ended_statuses(site.workflow) == {s.code for s in site.workflow.statuses if s.final}
