"""Other processes for the checks: started, listened to, killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from trialflow.adapters.checks.outcome import Broken
from trialflow.adapters.checks.storage_setup import Opener

__all__ = ["Child", "line_of", "started"]

_PROGRAM = "trialflow.adapters.checks.other_process"

Child = subprocess.Popen[str]


@contextmanager
def started(opener: Opener, deed: str, name: str, **settings: str) -> Iterator[Child]:
    """Another Python that does something with what ``opener`` opens; killed in the end. ``settings`` are variables of
    its environment."""
    places = os.pathsep.join((*opener.path, *filter(None, [os.environ.get("PYTHONPATH")])))
    child = subprocess.Popen(
        [sys.executable, "-m", _PROGRAM, opener.function, opener.address, deed, name],
        env={**os.environ, **settings, "PYTHONPATH": places},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    with child:
        try:
            yield child
        finally:
            child.kill()


def line_of(child: Child) -> str:
    """The next line that a process says. Raises ``Broken`` when it ended instead."""
    assert child.stdout is not None
    assert child.stderr is not None
    line = child.stdout.readline()
    if not line:
        told = child.stderr.read().strip().splitlines()
        raise Broken(f"another process cannot use it: {told[-1] if told else 'it ended'}")
    return line.rstrip("\n")
