"""One of several processes that write to one store at once: ``python many_writers.py LEDGER NAME APPENDS``.

Each append goes to a stream of its own or, every third time, to the stream that all writers share, where it reads the
version first and tries again after a Conflict. It prints how many conflicts it saw; any other error ends it.
"""

from __future__ import annotations

import sys

from ledger_samples import noted
from trialflow.adapters.ports import Entry, Storage
from trialflow.adapters.storages.opening import open_store
from trialflow.model.errors import Conflict


def main(path: str, name: str, appends: int) -> int:
    """Write; the number of conflicts."""
    conflicts = 0
    ledger, vault = open_store(path)
    with ledger, vault:
        for number in range(appends):
            if number % 3:
                ledger.append(f"lead:{name}", [noted(f"{name}.{number}")], expected_version=number - number // 3 - 1)
            else:
                conflicts += share(ledger, f"{name}.{number}")
            vault.put([Entry("note", f"{name}.{number}", name, "text")])
    return conflicts


def share(ledger: Storage, ref: str) -> int:
    """Append to the shared stream until it works; how often it did not."""
    for attempt in range(10_000):
        version = len(ledger.read("lead:shared"))
        try:
            ledger.append("lead:shared", [noted(ref)], expected_version=version)
        except Conflict:
            continue
        return attempt
    raise RuntimeError("no append got through")


if __name__ == "__main__":
    print(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
