"""What every append contender does: rounds of four events, each into a new stream and durable.

The best batch of rounds counts, so that a disk that is busy for a moment does not decide. Then what is stored is
counted by reading it back.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["EACH", "measure", "postgres"]

EACH = 4
"""Events a round."""
_BATCHES, _ROUNDS = 12, 250


def measure(write: Callable[[int], None], stored: Callable[[], int]) -> None:
    """``write`` appends round n; ``stored`` says how many events there are in the end."""
    best = float("inf")
    for batch in range(_BATCHES):
        started = time.perf_counter()
        for number in range(batch * _ROUNDS, (batch + 1) * _ROUNDS):
            write(number)
        best = min(best, (time.perf_counter() - started) / _ROUNDS)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    rounds = _BATCHES * _ROUNDS
    result = {"rounds": rounds, "events": stored()}
    print(json.dumps({"microseconds_per_step": best * 1e6, "result": result, "peak_mb": peak}))


@contextmanager
def postgres() -> Iterator[dict[str, str]]:
    """A server of its own with the settings PostgreSQL ships (fsync and synchronous_commit on); how it is reached."""
    sys.path.append(str(Path(__file__).parents[2] / "tests" / "helpers"))
    from pg_server import Server

    server = Server()
    try:
        yield {"host": str(server.folder), "port": "5432", "user": "postgres", "dbname": "postgres"}
    finally:
        server.stop()
