"""An import cut off anywhere and repeated, and two at once, leave what one clean import leaves."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sheets import copy, lead
from tests_sizes import size
from trialflow.adapters.storages.opening import open_store
from trialflow.model.events import Event
from trialflow.tracker import Tracker

SCRIPT = Path(__file__).parents[2] / "helpers" / "dying_import.py"
STATUSES = ("New", "Left VM", "Contacted", "Booked", "Closed")


def first(folder: Path) -> Path:
    return copy(folder, "2026-03-02", *(lead(f"L-{n}", status=STATUSES[n % 5], Notes=f"note {n}") for n in range(60)))


def second(folder: Path) -> Path:
    rows = (lead(f"L-{n}", status=STATUSES[(n + 1) % 5], Attempts="2", Notes=f"note {n % 50}") for n in range(70))
    return copy(folder, "2026-03-09", *rows)


def run(store: Path, file: Path, last: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, str(SCRIPT), str(store), str(file), str(last)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def die(store: Path, file: Path, last: int) -> None:
    with run(store, file, last) as process:
        process.communicate()
    assert process.returncode == -signal.SIGKILL


@contextmanager
def opened(store: Path) -> Iterator[Tracker]:
    storage, vault = open_store(store)
    yield Tracker(storage, vault)
    storage.close()
    vault.close()


def told(tracker: Tracker) -> dict[str, list[Event]]:
    """Every lead's events by its own id, and the site's; opaque ids differ from store to store."""
    found: dict[str, list[Event]] = {}
    for record in tracker.storage.scan():
        kind, _, name = record.stream.partition(":")
        own = tracker.identity(name).get("external_id", "") if kind == "lead" else name
        found.setdefault(own, []).append(record.event)
    return found


def outline(tracker: Tracker) -> dict[str, list[tuple[str, str, str]]]:
    return {own: [(e.kind, str(e.at), e.reason) for e in events] for own, events in told(tracker).items()}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[tuple[str, str, str]]], int]:
    """What two clean imports leave, and at how many moments the second can die."""
    folder = tmp_path_factory.mktemp("clean")
    store = folder / "site.db"
    with opened(store) as tracker:
        tracker.ingest(first(folder))
    done = run(store, second(folder))
    moments = int(done.communicate()[0])
    with opened(store) as tracker:
        return outline(tracker), moments


def test_killed_anywhere_and_repeated_is_one_clean_import(
    tmp_path: Path, clean: tuple[dict[str, list[tuple[str, str, str]]], int]
) -> None:
    expected, moments = clean
    assert moments >= 40
    step = max(1, moments // size(ci=6, long=moments))
    for last in range(1, moments + 1, step):
        folder = tmp_path / str(last)
        folder.mkdir()
        store = folder / "site.db"
        with opened(store) as tracker:
            tracker.ingest(first(folder))
        die(store, second(folder), last)
        with opened(store) as tracker:
            report = tracker.ingest(second(folder))
            assert sum(report.outcomes.values()) == report.rows == 70
            assert outline(tracker) == expected
            assert tracker.verify().ok


def test_a_first_import_killed_and_repeated_on_another_day_makes_no_lead_twice(tmp_path: Path) -> None:
    store, file = tmp_path / "site.db", first(tmp_path)
    die(store, file, 9)
    later = tmp_path / "tracker-2026-03-04.csv"
    file.rename(later)
    with opened(store) as tracker:
        report = tracker.ingest(later)
        assert sum(report.outcomes.values()) == 60
        assert len(tracker.leads()) == 60
        assert {len([e for e in events if e.kind == "received"]) for events in told(tracker).values()} <= {0, 1}


def test_two_importers_at_once_record_everything_once(
    tmp_path: Path, clean: tuple[dict[str, list[tuple[str, str, str]]], int]
) -> None:
    store = tmp_path / "site.db"
    for file in (first(tmp_path), second(tmp_path)):
        running = [run(store, file) for _ in range(2)]
        for process in running:
            _, error = process.communicate()
            assert process.returncode == 0 or "Conflict" in error, error
    with opened(store) as tracker:
        assert outline(tracker) == clean[0]
        assert tracker.verify().ok
