"""Imports a tracker into a store, in small batches, and kills itself at the n-th write: ``dying_import.py DB FILE N``.

With N = 0 it lives. Odd numbers die before the write, even ones after it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trialflow.adapters.sources import writing
from trialflow.adapters.storages.opening import open_store
from trialflow.tracker import Tracker


class Deadly:
    """Counts writes and dies at one of them."""

    def __init__(self, last: int) -> None:
        self.last, self.count = last, 0

    def wrap(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def deadly(*args: Any, **named: Any) -> Any:
            self._tick()
            result = write(*args, **named)
            self._tick()
            return result

        return deadly

    def _tick(self) -> None:
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def main(store: str, file: str, last: int) -> int:
    """Import; how many moments to die at there were."""
    writing._BATCH = 7
    deadly = Deadly(last)
    storage, vault = open_store(Path(store))
    for target, name in ((storage, "append"), (storage, "append_batch"), (vault, "put")):
        setattr(target, name, deadly.wrap(getattr(target, name)))
    Tracker(storage, vault).ingest(file)
    return deadly.count


if __name__ == "__main__":
    print(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
