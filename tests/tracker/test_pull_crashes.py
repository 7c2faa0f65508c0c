"""A pull that is killed at any of its writes is made good by the next one: nothing lost, nothing twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from trialflow import Tracker
from trialflow.adapters.sources.jsonl_inbox import JsonLinesInbox

HELPER = Path(__file__).parents[1] / "helpers" / "dying_pull.py"
NUMBER = 10
"""Inquiries: two batches there. Each has its identities, its leads and its cursor; each write a before and an after."""
POINTS = range(1, 13)


def killed(db: Path, inbox: Path, last: int) -> int:
    """The exit code of a pull that dies at a write."""
    command = [sys.executable, str(HELPER), str(db), str(inbox), str(last)]
    return subprocess.run(command, check=False, timeout=120).returncode


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("inbox") / "web.jsonl"
    said = {"at": "2026-03-02T09:00:00-06:00", "source": "Radio"}
    lines = (json.dumps({"external_id": str(n), **said, "person": {"name": f"Person {n}"}}) for n in range(NUMBER))
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.mark.parametrize("last", POINTS)
def test_a_pull_that_is_killed_is_made_good_by_the_next(tmp_path: Path, inbox: Path, last: int) -> None:
    db = tmp_path / "site.db"
    assert killed(db, inbox, last) == -signal.SIGKILL
    with Tracker.open(db) as found:
        before = len(found.leads())
        report = found.pull(JsonLinesInbox(inbox), name="inbox")
        assert (report.created, report.refused) == (NUMBER - before, 0)
        assert found.pull(JsonLinesInbox(inbox), name="inbox").received == 0
        names = sorted(found.identity(lead.id)["name"] for lead in found.leads())
        assert names == sorted(f"Person {n}" for n in range(NUMBER))
        assert found.verify().ok


def test_there_is_no_write_behind_the_last_of_these_points(tmp_path: Path, inbox: Path) -> None:
    assert killed(tmp_path / "site.db", inbox, POINTS[-1] + 1) == 0
