"""A call into foreign code that can neither end the program nor hold it up.

It runs on a thread of its own, so that whatever it raises, ``SystemExit`` and ``KeyboardInterrupt`` included, ends
there, while a Ctrl-C of the user reaches the main thread as ever. After ``seconds`` nobody waits for it any longer.
What no thread can stop (``os._exit``, a crash of native code) is why a host says which distributions it trusts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["PATIENCE", "Failed", "bounded"]

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds that a plugin may take to be imported, or to say what it provides."""


class Failed(Exception):
    """The call raised ``error``, or was still running after the time it had (``error`` is None)."""

    def __init__(self, error: BaseException | None) -> None:
        super().__init__(error)
        self.error = error


def bounded(call: Callable[[], T], seconds: float, name: str) -> T:
    """What ``call`` gives. Raises :class:`Failed`."""
    given: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            given.append(call())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name=f"trialflow plugin {name}", daemon=True)
    thread.start()
    thread.join(seconds)
    if given:
        return given[0]
    raise Failed(raised[0] if raised else None)
