"""Kill writing processes at random moments and look at what they left.

``python kill_cycles.py FOLDER KILLS SEED WRITER`` forks writers that append and acknowledge through a pipe, kills each
with SIGKILL at a moment drawn from SEED, reopens the store and compares. It prints one JSON object: kills,
acknowledged appends, and the faults found (acknowledged appends that are not there, appends that are there in part,
broken chains, damaged files, leads kept otherwise than the records say). WRITER is ``honest``, or a fault that the
comparison must notice.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ledger_samples import MONDAY, noted, received
from trialflow.adapters.ports import Entry
from trialflow.adapters.queries import LeadQuery
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.adapters.storages.vault_sqlite import SqliteVault
from trialflow.adapters.storages.verify import verify

EACH = 3
"""Events per append: all of them, or none."""
AT_ONCE = 2
PER_FILE = 20


def honest(path: Path, writer: str, say: Callable[[str], None]) -> None:
    """Append, then acknowledge; now and then fill in what is kept of the leads, or make it anew."""
    with SqliteStorage(path) as store:
        for number in range(100_000):
            _append(store, writer, number)
            say(f"{writer}.{number}")
            if number % 4 == 1:
                store.fill()
            if number % 10 == 3:
                store.rebuild()


def early(path: Path, writer: str, say: Callable[[str], None]) -> None:
    """Acknowledge, then append."""
    with SqliteStorage(path) as store:
        for number in range(100_000):
            say(f"{writer}.{number}")
            _append(store, writer, number)


def piecemeal(path: Path, writer: str, say: Callable[[str], None]) -> None:
    """Append event by event, acknowledge the whole."""
    with SqliteStorage(path) as store:
        for number in range(100_000):
            for part in range(EACH):
                store.append(f"lead:{writer}.{number}", [noted(f"n{part}")], expected_version=part)
            say(f"{writer}.{number}")


def vault(path: Path, writer: str, say: Callable[[str], None]) -> None:
    """Put private entries into a vault, then acknowledge."""
    with SqliteVault(path) as store:
        for number in range(100_000):
            subject = f"{writer}.{number}"
            store.put([Entry("note", f"{subject}/{part}", subject, "x" * 500) for part in range(EACH)])
            say(subject)


WRITERS = {f.__name__: f for f in (honest, early, piecemeal, vault)}


def _append(store: SqliteStorage, writer: str, number: int) -> None:
    events = [received(), *(noted(f"n{part}", MONDAY) for part in range(EACH - 1))]
    store.append(f"lead:{writer}.{number}", events, expected_version=0)


def start(write: Callable[[Path, str, Callable[[str], None]], None], path: Path, writer: str) -> tuple[int, int]:
    """Fork one writer; (process id, reading end of its pipe)."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    os.close(reading)
    try:
        write(path, writer, lambda text: (os.write(writing, f"{text}\n".encode()), None)[1])
    finally:
        os._exit(1)


def kill(child: int, reading: int, first: int, after: float) -> list[str]:
    """Wait for ``first`` acknowledgements, then ``after`` seconds, kill the writer, and give what it acknowledged."""
    told = b""
    while told.count(b"\n") < first and (part := os.read(reading, 65536)):
        told += part
    until = time.monotonic() + after
    while (left := until - time.monotonic()) > 0:
        if select.select([reading], [], [], left)[0]:
            told += os.read(reading, 65536)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while part := os.read(reading, 65536):
        told += part
    os.close(reading)
    return told.decode().split("\n")[:-1]


def stored(path: Path, kind: str) -> tuple[dict[str, int], list[str]]:
    """How many events or entries of each append are there, and what is wrong with the file."""
    counts: dict[str, int] = {}
    faults: list[str] = []
    if kind == "vault":
        with SqliteVault(path) as private:
            for _, subject, _ in private.items("note"):
                counts[subject] = counts.get(subject, 0) + 1
            faults = [row[0] for row in private._file.rows("PRAGMA integrity_check") if row[0] != "ok"]
        return counts, faults
    with SqliteStorage(path) as ledger:
        for record in ledger.scan():
            name = record.stream.removeprefix("lead:")
            counts[name] = counts.get(name, 0) + 1
        found = verify(ledger)  # the chain, the head, and SQLite's own integrity check
        if not found.ok:
            faults.append(found.message)
        if not ledger.find(LeadQuery(), MONDAY) and counts:  # what a killed writer had begun anew is gone on with
            faults.append("no lead is found")
        faults += ledger.differences()
    return counts, faults


def cycles(folder: Path, kills: int, seed: int, kind: str) -> dict[str, object]:
    """Run ``kills`` kills; what they showed."""
    rng, write = random.Random(seed), WRITERS[kind]
    acknowledged: set[str] = set()
    lost, torn, faults, total, done = 0, 0, [], 0, 0
    while done < kills:
        path = folder / f"{done // PER_FILE}.db"
        if done % PER_FILE < AT_ONCE:
            acknowledged = set()
        running = [start(write, path, f"{done + n}") for n in range(AT_ONCE)]
        # Every other one while it starts, the rest in the middle of its work.
        plans = [(0, rng.uniform(0, 0.04)), (rng.randint(1, 6), rng.uniform(0, 0.02))]
        told = [name for (child, pipe), plan in zip(running, plans, strict=True) for name in kill(child, pipe, *plan)]
        acknowledged.update(told)
        total += len(told)
        done += AT_ONCE
        counts, wrong = stored(path, kind)
        faults += wrong
        lost += sum(name not in counts for name in acknowledged)
        torn += sum(count != EACH for count in counts.values())
    return {"kills": done, "acknowledged": total, "lost": lost, "torn": torn, "faults": faults[:5]}


if __name__ == "__main__":
    print(json.dumps(cycles(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])))
