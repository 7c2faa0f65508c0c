"""What every import contender does: read the same file, count rows and leads, print the best of its repeats."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable

from trialflow.adapters.import_report import ImportReport

__all__ = ["Work", "counts", "measure"]

_REPEATS = 2
Work = Callable[[], dict[str, int]]
"""Reads the file; tells how many rows and leads it had."""


def measure(prepare: Callable[[], Work], rows: int) -> None:
    """``prepare`` makes a fresh piece of work, unmeasured; the work is measured."""
    best, result = float("inf"), dict[str, int]()
    for _ in range(_REPEATS):
        work = prepare()
        started = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - started)
        del work
    # Kilobytes on Linux, bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    print(json.dumps({"seconds": best, "rows_per_second": rows / best, "result": result, "peak_mb": peak}))


def counts(report: ImportReport) -> dict[str, int]:
    """The part of a report that all contenders can tell."""
    return {"rows": report.rows, "leads": report.leads_known}
