"""kill -9 of writing processes: every acknowledged append is there, none is torn, the chain holds, the file is sound.

``make long`` runs the same with 10,000 kills. A killed process leaves the operating system's cache alone: that a power
cut loses nothing rests on ``synchronous``, asserted in test_sqlite_file.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests_sizes import size

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

HELPERS = Path(__file__).parents[2] / "helpers"


def killed(folder: Path, kills: int, writer: str, processes: int = 1) -> list[dict[str, Any]]:
    started = []
    for seed in range(processes):
        place = folder / f"{writer}{seed}"
        place.mkdir()
        command = [
            sys.executable,
            f"{HELPERS / 'kill_cycles.py'}",
            f"{place}",
            f"{kills // processes}",
            f"{seed}",
            writer,
        ]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    results = []
    for process in started:
        told, errors = process.communicate()
        assert process.returncode == 0, errors
        results.append(json.loads(told))
    return results


def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    results = killed(tmp_path, size(ci=200, long=10_000), "honest", processes=2)
    assert sum(r["kills"] for r in results) >= size(ci=200, long=10_000)
    assert sum(r["acknowledged"] for r in results) >= size(ci=100, long=5_000), "the writers must have got to write"
    assert [(r["lost"], r["torn"], r["faults"]) for r in results] == [(0, 0, [])] * 2


def test_a_killed_writer_leaves_a_sound_vault(tmp_path: Path) -> None:
    (result,) = killed(tmp_path, size(ci=20, long=1_000), "vault")
    assert (result["lost"], result["torn"], result["faults"]) == (0, 0, [])
    assert result["acknowledged"] > 0


@pytest.mark.parametrize(("writer", "fault"), [("early", "lost"), ("piecemeal", "torn")])
def test_a_writer_with_a_fault_is_noticed(tmp_path: Path, writer: str, fault: str) -> None:
    """Acknowledged before the commit; events of one append in transactions of their own."""
    (result,) = killed(tmp_path, 40, writer)
    assert result[fault] > 0
