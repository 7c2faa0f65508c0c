"""A file is streamed: memory grows with the leads that are kept, not with the rows that are read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests_sizes import size

_SCRIPT = """
import resource, sys
from datetime import date
from trialflow.tracker import Tracker

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
report = Tracker().ingest(sys.argv[1], as_of=date(2026, 3, 2))
print(report.rows, report.leads_known, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
LEADS = size(ci=1_500, long=100_000)


def grown(path: Path) -> tuple[int, int, int]:
    """Rows, leads, and by how many kilobytes the process grew."""
    command = [sys.executable, "-c", _SCRIPT, str(path)]
    rows, leads, kilobytes = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return int(rows), int(leads), int(kilobytes)


def written(path: Path, times: int) -> Path:
    header = "Lead ID,Name,Email,Status,Notes\n"
    rows = "".join(f"L-{n},P {n},p{n}@example.org,Left VM,{'works nights ' * 10}{n}\n" for n in range(LEADS))
    with path.open("w", encoding="utf-8") as file:
        file.write(header)
        for _ in range(times):
            file.write(rows)
    return path


def test_thirty_times_the_rows_of_the_same_leads_need_no_thirty_times_the_memory(tmp_path: Path) -> None:
    rows, leads, once = grown(written(tmp_path / "once.csv", 1))
    more, same, thirty = grown(written(tmp_path / "thirty.csv", 30))
    assert (more, same) == (30 * rows, leads)
    # 29 x 1,500 further rows of 200 bytes would be 8 MB as text alone, far more as objects.
    assert thirty - once < (more - rows) * 0.1
