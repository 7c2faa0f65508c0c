"""Contender: one event into a live board, and its figures read again."""

from __future__ import annotations

import time
from statistics import median

from history import AS_OF, SINCE, WORKFLOW, leads_wanted, made, report
from trialflow.model.events import Moved
from trialflow.model.parties import Actor
from trialflow.model.recorded import Recorded
from trialflow.reports.live import LiveFigures

BY = Actor(id="own-1", role="coordinator")
EVENTS = 300


def main() -> None:
    """The median of some hundred events, each on another lead."""
    leads = leads_wanted()
    columns = made(leads).columns
    live = LiveFigures.over(columns, WORKFLOW, AS_OF, since=SINCE)
    times = []
    for k in range(EVENTS):
        event = Moved(at=AS_OF, by=BY, from_status="new", to_status=("contacting", "preparing")[k % 2])
        record = Recorded(len(columns) + k + 1, f"lead:lead-{k * 31 % leads}", 9, AS_OF, event, "", "")
        started = time.perf_counter()
        live.add(record)
        found = live.figures()
        times.append(time.perf_counter() - started)
    report(found.leads, seconds=median(times), slowest=max(times))


if __name__ == "__main__":
    main()
