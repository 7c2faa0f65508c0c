"""A pull that is killed at any of its writes is made good by the next one: nothing lost, nothing twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from trialflow import Tracker
from trialflow.adapters.sources.jsonl_inbox import JsonLinesInbox

HELPER = Path(__file__).parents[1] / "helpers" / "dying_pull.py"
NUMBER = 10
"""Inquiries: two batches there. Each has its identities, its leads and its cursor; each write a before and an after."""
MOMENTS = 12


@attrs.frozen
class Killed:
    """What is left of pulls that died, and what ended each of them."""

    folder: Path
    inbox: Path
    ended: list[int]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    folder = tmp_path_factory.mktemp("killed")
    inbox, said = folder / "web.jsonl", {"at": "2026-03-02T09:00:00-06:00", "source": "Radio"}
    lines = (json.dumps({"external_id": str(n), **said, "person": {"name": f"Person {n}"}}) for n in range(NUMBER))
    inbox.write_text("\n".join(lines), "utf-8")
    command = [sys.executable, str(HELPER), str(folder), str(inbox), str(MOMENTS + 1)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=300)
    return Killed(folder, inbox, json.loads(done.stdout))


def test_every_moment_kills_and_there_is_none_behind_them(killed: Killed) -> None:
    assert killed.ended == [-signal.SIGKILL] * MOMENTS + [0]


@pytest.mark.parametrize("moment", range(1, MOMENTS + 1))
def test_a_pull_that_is_killed_is_made_good_by_the_next(killed: Killed, moment: int) -> None:
    with Tracker.open(killed.folder / f"{moment}.db") as found:
        before = len(found.leads())
        report = found.pull(JsonLinesInbox(killed.inbox), name="inbox")
        assert (report.created, report.refused) == (NUMBER - before, 0)
        assert found.pull(JsonLinesInbox(killed.inbox), name="inbox").received == 0
        names = sorted(found.identity(lead.id)["name"] for lead in found.leads())
        assert names == sorted(f"Person {n}" for n in range(NUMBER))
        assert found.verify().ok
