"""What every state-machine contender does: the same five guarded moves, ending in the same status."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

STEPS = ("contacting", "contacted", "awaiting_prescreen", "in_review", "preparing")
ROUNDS = 4000
_REPEATS = 5


def measure(once: Callable[[], str], rounds: int, steps: int) -> None:
    """Print the best of five repeats in microseconds per step, and the result to compare."""
    result = once()
    best = min(_timed(once, rounds) for _ in range(_REPEATS))
    print(json.dumps({"microseconds_per_step": best / rounds / steps * 1e6, "result": result}))


def _timed(once: Callable[[], str], rounds: int) -> float:
    started = time.perf_counter()
    for _ in range(rounds):
        once()
    return time.perf_counter() - started
