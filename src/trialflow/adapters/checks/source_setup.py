"""How the checks of a lead source come by one, and by what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import attrs

from trialflow.adapters.checks.outcome import Skipped, require
from trialflow.adapters.checks.storage_setup import Closes
from trialflow.adapters.ports import Batch, LeadSource

__all__ = ["SourceSetup", "batches"]

_MOST = 10_000
"""Batches after which a source that always has more is taken to have no end."""


@attrs.frozen(kw_only=True)
class SourceSetup(Closes):
    """What the checks of a lead source are run on.

    ``make`` gives another object over the same data at every call; let the data hold at least two batches.

    The rest is checked where it is given. ``holds`` says what is in the data: the external id of each inquiry, and when
    the person asked. Without it nobody can tell whether an inquiry is left out, or a local time read for another.
    ``unusable`` is how many records there are of which no inquiry can be made. ``arrive()`` lets one more inquiry
    arrive at the source and gives its external id. ``unreachable()`` is a context in which the source cannot answer.
    ``secrets`` are texts (a token, a password) that no error may show.
    """

    make: Callable[[], LeadSource]
    holds: Mapping[str, datetime] | None = None
    unusable: int | None = None
    arrive: Callable[[], str] | None = None
    unreachable: Callable[[], AbstractContextManager[object]] | None = None
    secrets: tuple[str, ...] = attrs.field(default=(), repr=False)
    _opened: list[Any] = attrs.field(factory=list, init=False, repr=False, eq=False)

    def fresh(self) -> LeadSource:
        """Another object over the same data."""
        made: LeadSource = self.opened(self.make())
        return made

    def held(self) -> Mapping[str, datetime]:
        """What is in the data. Raises ``Skipped`` where nobody said it."""
        if self.holds is None:
            raise Skipped("no `holds` is given: which inquiries the data holds, and when each person asked")
        return self.holds

    def arrival(self) -> str:
        """Let an inquiry arrive; its external id. Raises ``Skipped`` where none can."""
        if self.arrive is None:
            raise Skipped("no `arrive` is given: how one more inquiry arrives at the source")
        return self.arrive()

    def broken(self) -> AbstractContextManager[object]:
        """A time in which the source cannot answer. Raises ``Skipped`` where there is none."""
        if self.unreachable is None:
            raise Skipped("no `unreachable` is given: a context in which the source cannot answer")
        return self.unreachable()


def batches(source: LeadSource, cursor: str | None = None) -> Iterator[tuple[str | None, Batch]]:
    """(cursor asked, batch) of every fetch, following the cursors until nothing more is said to be there."""
    for _ in range(_MOST):
        batch = source.fetch(cursor)
        yield cursor, batch
        if not batch.more:
            return
        cursor = batch.cursor
    require(False, f"who follows the cursors must come to an end; after {_MOST} batches there was more")
