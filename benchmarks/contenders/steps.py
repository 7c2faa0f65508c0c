"""What every state-machine contender does: the same five moves under the same guards, with the same history kept.

A guard looks at the lead: nobody moves a lead that nobody owns, *contacted* needs an attempt, *in_review* a completed
prescreen. Each move leaves behind when, who, from where and to where. The result holds that history, and that a lead
without an owner stays where it is: a contender that checks or keeps less does not count.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

__all__ = ["AT", "BY", "GUARDS", "START", "STEPS", "Kept", "measure"]

STEPS = ("contacting", "contacted", "awaiting_prescreen", "in_review", "preparing")
GUARDS = {
    "contacting": ("owned",),
    "contacted": ("owned", "attempted"),
    "awaiting_prescreen": ("owned",),
    "in_review": ("owned", "prescreened"),
    "preparing": ("owned",),
}
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
AT = START + timedelta(hours=1)
BY = "u1"

Kept = tuple[datetime, str, str, str]
"""When, who, from where, to where."""

_REPEATS, _ROUNDS = 200, 50


def measure(
    once: Callable[[], object], kept: Callable[[], list[Kept]], refused: Callable[[], str], share: float = 1.0
) -> None:
    """Print the best of two hundred short repeats in microseconds per step, and the result to compare.

    ``once`` takes the five steps and is timed, ``kept`` takes them and gives the history; ``refused`` tries the first
    one with a lead that nobody owns and gives its status afterwards. ``share`` shortens the rounds of a slow contender.
    """
    rounds = max(1, int(_ROUNDS * share))
    history = [(at.isoformat(), by, before, after) for at, by, before, after in kept()]
    best = min(_timed(once, rounds) for _ in range(_REPEATS))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {
        "microseconds_per_step": best / rounds / len(STEPS) * 1e6,
        "result": {"history": history, "refused": refused()},
        "peak_mb": peak,
    }
    print(json.dumps(told))


def _timed(once: Callable[[], object], rounds: int) -> float:
    started = time.perf_counter()
    for _ in range(rounds):
        once()
    return time.perf_counter() - started
