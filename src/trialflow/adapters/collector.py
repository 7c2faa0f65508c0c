"""Python's search for cycles, paused while many objects are made of which none is garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["nothing_collected"]


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Python looks for cycles whenever many objects were made. An import and a board make many, without cycles and in
    use until the end: that search takes a quarter to a third of their time and finds nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if not gc.get_freeze_count():
                # What was made counts as old, without the one scan it would get as young.
                gc.freeze()
                gc.unfreeze()
            gc.enable()
