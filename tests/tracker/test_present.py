"""Queue and board of a tracker whose store keeps its leads: those of a tracker that replays everything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from histories import START, Site, sites
from history_deeds import OWNERS
from ledger_samples import ANNA
from replayed import append_all
from tests_sizes import size
from trialflow import Tracker
from trialflow.adapters.renderers.json_file import JsonRenderer
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.vault_memory import MemoryVault
from trialflow.model.parties import UNASSIGNED
from trialflow.model.recorded import Recorded
from trialflow.model.site_events import AbsenceSet, CopyImported
from trialflow.tracker.present import ended_statuses

render = JsonRenderer().render


class Unread(SqliteStorage):
    """A store that tells when somebody reads all of it."""

    scans = 0

    def scan(self, *, after: int = 0) -> Iterator[Recorded]:
        self.scans += 1
        return super().scan(after=after)


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


def test_neither_reads_the_whole_ledger(tmp_path: Path) -> None:
    site = Site().play([(n, 300) for n in range(200)])
    _, keeping, store = both(site, tmp_path)
    assert keeping.dashboard().open
    assert keeping.worklist(owner=OWNERS[1], ended=False)
    assert keeping.worklist(ended=False)
    assert store.scans == 0
    keeping.leads()
    assert store.scans, "a list of all leads is kept by the tracker itself"
    keeping.close()


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
