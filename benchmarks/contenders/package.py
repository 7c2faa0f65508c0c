"""Contender: one import statement in a new interpreter, the best of many; site-packages are warm, bytecode is there."""

from __future__ import annotations

import json
import subprocess
import sys

REPEATS = 21
_TIMED = "import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
_PEAK = "{statement}; import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"


def answer(program: str, statement: str) -> float:
    """What a new interpreter prints."""
    command = [sys.executable, "-c", program.format(statement=statement)]
    return float(subprocess.run(command, capture_output=True, check=True, encoding="ascii").stdout)


def main() -> None:
    """Import again and again, each time in a process of its own."""
    statement = sys.argv[1]
    seconds = min(answer(_TIMED, statement) for _ in range(REPEATS))
    print(json.dumps({"seconds": seconds, "result": "imported", "peak_mb": answer(_PEAK, statement)}))


if __name__ == "__main__":
    main()
