"""Subscribers of ``trialflow_recorded``: told on threads of their own, so that none can break or hold up an append.

Each has a queue of bounded length. One that raises is reported and told of the next records all the same; one that
falls behind misses records, and that is reported; one that hangs holds up nobody but itself.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Sequence

from trialflow.adapters.plugins_problem import Origin, PluginProblem, said
from trialflow.model.recorded import Recorded

__all__ = ["WAITING", "Subscriber"]

WAITING = 1000
"""Appends that may wait for one subscriber; further ones are not announced to it."""

SLOW = 5.0
"""Seconds after which a call that has not come back is reported."""


class Subscriber:
    """One plugin's hook, its thread (started at the first announcement) and what went wrong with it."""

    def __init__(self, origin: Origin, hook: Callable[..., object], *, waiting: int = WAITING) -> None:
        self.origin = origin
        self._hook = hook
        self._length = waiting
        self._lock = threading.Lock()
        self._failures = 0
        self._last = ""
        self._missed = 0
        self._begin()

    def _begin(self) -> None:
        self._process = 0
        self._queue: queue.Queue[Sequence[Recorded]] = queue.Queue(self._length)
        self._since: float | None = None

    def tell(self, records: Sequence[Recorded]) -> None:
        """Put ``records`` in the queue, or count them as missed. Never waits."""
        with self._lock:
            if self._process != os.getpid():  # the first time, or in a child: threads do not survive a fork
                self._begin()
                self._process = os.getpid()
                name = f"trialflow plugin {self.origin.plugin}"
                threading.Thread(target=self._run, args=(self._queue,), name=name, daemon=True).start()
            try:
                self._queue.put_nowait(records)
            except queue.Full:
                self._missed += len(records)

    def wait(self, seconds: float) -> bool:
        """Wait until everything announced is dealt with, ``seconds`` at the most; whether it is."""
        waiting, until = self._queue, time.monotonic() + seconds
        with waiting.all_tasks_done:
            while waiting.unfinished_tasks:
                left = until - time.monotonic()
                if left <= 0:
                    return False
                waiting.all_tasks_done.wait(left)
        return True

    def problems(self) -> list[PluginProblem]:
        """What went wrong so far, one row for each way."""
        with self._lock:
            failures, last, missed, since = self._failures, self._last, self._missed, self._since
        found = []
        if failures:
            often = f"it failed {failures} time{'s' if failures > 1 else ''}, the last time with {last}"
            found.append(self.origin.problem("announce", "subscriber_failed", often))
        if since is not None and time.monotonic() - since > SLOW:
            found.append(self.origin.problem("announce", "subscriber_slow", f"a call takes longer than {SLOW:g} s"))
        if missed:
            behind = f"it fell behind and missed {missed} records; read them with scan(after=...)"
            found.append(self.origin.problem("announce", "subscriber_behind", behind))
        return found

    def _run(self, waiting: queue.Queue[Sequence[Recorded]]) -> None:
        while True:
            records = waiting.get()
            self._since = time.monotonic()
            try:
                self._call(records)
            except BaseException as error:  # a SystemExit of a plugin ends nothing
                with self._lock:
                    self._failures += 1
                    self._last = said(error)
            finally:
                self._since = None
                waiting.task_done()

    def _call(self, records: Sequence[Recorded]) -> None:
        answer = self._hook(records=records)
        if hasattr(answer, "__await__"):
            getattr(answer, "close", lambda: None)()
            raise TypeError("it gives something to await; write a plain function")
