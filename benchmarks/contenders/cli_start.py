"""Contender: ``trialflow worklist`` over an empty store, in a new process: starting is all it does.

``cli_start.py help|none|installed|let_in``: only the help; without any plugin; with ten distributions installed of
which none is let in; with all ten let in. The figure is the processor time of one process, the median of several.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from trialflow import Tracker

PLUGINS = 10
RUNS = 11
MODULE = """\
from trialflow.adapters.hooks import hookimpl
from trialflow.adapters.provider import Option, Provider

class Renderer:
    media_type = "text/plain"
    def render(self, report, *, labels):
        return b""

@hookimpl
def trialflow_renderers():
    yield Provider("format-{n}", "a format", Renderer)

@hookimpl
def trialflow_storages():
    yield Provider("store-{n}", "a store", dict, (Option("path", "where", kind="path"),))

@hookimpl
def trialflow_guards():
    yield Provider("bench:{n}", "a guard", lambda: lambda attempt: None)

@hookimpl
def trialflow_recorded(records):
    pass
"""


def main(how: str) -> None:
    """Prepare, run, report."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        Tracker.open(folder / "site.db").close()
        if how in ("installed", "let_in"):
            _install(folder / "packages")
        command = [sys.executable, "-m", "trialflow", *_arguments(how)]
        env = {**os.environ, "PYTHONPATH": str(folder / "packages"), "TRIALFLOW_DB": "site.db"}
        said = subprocess.run(command, cwd=folder, env=env, capture_output=True, check=True)  # compiles what is new
        assert not said.stderr, said.stderr
        cpu, wall = zip(*(_once(command, folder, env) for _ in range(RUNS)), strict=True)
    found = {"seconds": median(cpu), "wall_seconds": median(wall)}
    if how != "help":
        found["result"] = hashlib.sha256(said.stdout).hexdigest()
    print(json.dumps(found))


def _arguments(how: str) -> list[str]:
    if how == "help":
        return ["--help"]
    return ["worklist", "--as-of", "2026-03-02", *(["--plugin", "*"] if how == "let_in" else [])]


def _install(packages: Path) -> None:
    for n in range(PLUGINS):
        info = packages / f"bench_{n}-1.0.dist-info"
        info.mkdir(parents=True)
        (packages / f"bench_{n}.py").write_text(MODULE.replace("{n}", str(n)), "utf-8")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: bench-{n}\nVersion: 1.0\n", "utf-8")
        (info / "entry_points.txt").write_text(f"[trialflow]\nbench-{n} = bench_{n}\n", "utf-8")


def _once(command: list[str], folder: Path, env: dict[str, str]) -> tuple[float, float]:
    """Processor and wall time of one process, in seconds."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.perf_counter() - started


if __name__ == "__main__":
    main(sys.argv[1])
