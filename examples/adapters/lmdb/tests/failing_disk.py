"""An LMDB environment on a disk that fails once: at the n-th write of a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import lmdb
from trialflow_lmdb.storage import LmdbStorage

__all__ = ["failing"]


class _Failing:
    """Passes everything on to LMDB, and counts what touches the disk: a begin, every put, a commit's two ends."""

    def __init__(self, inner: Any, count: list[int]) -> None:
        self._inner, self._count = inner, count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def begin(self, *, write: bool = False) -> Any:
        """A transaction that fails, too."""
        if not write:
            return self._inner.begin()
        self._operation()
        return _Failing(self._inner.begin(write=True), self._count)

    def put(self, *args: Any, **named: Any) -> None:
        """A put that may fail before it has done anything."""
        self._operation()
        self._inner.put(*args, **named)

    def commit(self) -> None:
        """A commit that may fail before it is on the disk, and after."""
        try:
            self._operation()
        except lmdb.DiskError:
            self._inner.abort()
            raise
        self._inner.commit()
        self._operation()

    def _operation(self) -> None:
        self._count[0] -= 1
        if self._count[0] == 0:
            raise lmdb.DiskError("the disk is gone")


@contextmanager
def failing(store: Any, number: int) -> Iterator[Callable[[], bool]]:
    """A time in which the n-th operation of a store on its disk fails; whether it came to that."""
    assert isinstance(store, LmdbStorage)
    environment = store._env
    sound, count = environment.env, [number]
    broken: Any = _Failing(sound, count)
    environment.env = broken
    try:
        yield lambda: count[0] <= 0
    finally:
        environment.env = sound
