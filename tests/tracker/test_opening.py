"""A tracker over files: made, closed, opened again, shared by processes."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger_samples import ANNA, Ticking, day
from trialflow import Actor, StorageError, Tracker
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.vault_memory import MemoryVault
from trialflow.model.recorded import GENESIS

CHIEF = Actor(id="chief", role="site_lead")


def test_open_makes_a_ledger_and_its_vault(tmp_path: Path) -> None:
    with Tracker.open(tmp_path / "site.db") as tracker:
        lead = tracker.receive("Radio", "1", by=ANNA, person={"name": "Ann Example"}).lead.id
    assert sorted(p.name for p in tmp_path.iterdir()) == ["site.db", "site.vault.db"]
    with Tracker.open(str(tmp_path / "site.db")) as again:
        assert again.lead(lead).source.id == "Radio"
        assert again.identity(lead)["name"] == "Ann Example"
        assert again.receive("Radio", "1", by=ANNA).created is False, "the same ids, by the vault's key"


def test_the_clock_dates_and_stamps(tmp_path: Path) -> None:
    with Tracker.open(tmp_path / "site.db", clock=Ticking(day(5))) as tracker:
        lead = tracker.receive("Radio", "1", by=ANNA).lead.id
        assert tracker.history(lead)[0].recorded_at > day(5)
    before = datetime.now(UTC)
    with Tracker.open(tmp_path / "site.db") as tracker:
        tracker.contact(lead, by=ANNA, at=day(6))
        assert before <= tracker.history(lead)[-1].recorded_at <= datetime.now(UTC)


def test_a_closed_tracker_says_so(tmp_path: Path) -> None:
    tracker = Tracker.open(tmp_path / "site.db")
    tracker.close()
    tracker.close()
    with pytest.raises(StorageError, match="was closed; open it again"):
        tracker.leads()
    Tracker(MemoryStorage(), MemoryVault()).close()


def test_what_cannot_be_opened_says_so(tmp_path: Path) -> None:
    (tmp_path / "site.db").write_text("no database, and long enough to be looked at " * 9)
    with pytest.raises(StorageError, match="no SQLite file"):
        Tracker.open(tmp_path / "site.db")
    assert [p.name for p in tmp_path.iterdir()] == ["site.db"], "nothing is made beside a file that is not ours"


def test_one_process_sees_what_another_recorded(tmp_path: Path) -> None:
    with Tracker.open(tmp_path / "site.db") as tracker:
        lead = tracker.receive("Radio", "1", by=ANNA, owner="anna").lead.id
        assert tracker.dashboard().movement is not None
        code = (
            "import sys; from trialflow import Actor, Tracker\n"
            "with Tracker.open(sys.argv[1]) as t: t.contact(sys.argv[2], by=Actor(id='ben', role='coordinator'))"
        )
        subprocess.run([sys.executable, "-c", code, tmp_path / "site.db", lead], check=True)
        assert tracker.leads()[0].attempts == 1
        assert tracker.figures().leads == 1


def test_an_anchor_noted_elsewhere(tmp_path: Path) -> None:
    with Tracker.open(tmp_path / "site.db") as tracker:
        assert tracker.verify(anchor=(0, GENESIS)).ok
        tracker.receive("Radio", "1", by=ANNA)
        found = tracker.verify()
        anchor = (found.records, found.head)
        tracker.receive("Radio", "2", by=ANNA)
        assert tracker.verify(anchor=anchor).ok
        assert tracker.verify(anchor=(1, "f" * 64)).code == "anchor_mismatch"
        assert tracker.verify(anchor=(3, found.head)).code == "tail_cut"


def test_reminders_fall_due_until_an_instant(tmp_path: Path) -> None:
    with Tracker.open(tmp_path / "site.db", clock=Ticking()) as tracker:
        lead = tracker.receive("Radio", "1", by=ANNA, owner="anna").lead.id
        tracker.set_action(lead, "call_back", day(3), by=ANNA)
        assert not [r for r in tracker.reminders(day(2)) if r.code == "call_back"]
        assert [(r.lead_id, r.owner) for r in tracker.reminders(day(4)) if r.code == "call_back"] == [(lead, "anna")]
