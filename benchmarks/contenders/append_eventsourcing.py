"""Contender: the eventsourcing library over its SQLite (write-ahead log, synchronous=FULL) or PostgreSQL recorder.

``application``: as it is used, an aggregate whose four events are saved. ``recorder``: only its recorder, given four
events that are encoded already.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import StoredEvent

from append_common import EACH, measure, postgres

_STATE = (
    b'{"at":"2026-03-02T15:00:00Z","by":{"id":"anna","role":"coordinator"},"kind":"contact_attempted",'
    b'"outcome":"no_answer","before":0,"after":1,"v":1}'
)


class Lead(Aggregate):
    """Somebody who is called."""

    def __init__(self) -> None:
        self.attempts = 0

    @event("ContactAttempted")
    def attempt(self, at: str, by: str, role: str, outcome: str, before: int, after: int) -> None:  # noqa: ARG002
        """An attempt to reach them."""
        self.attempts = after


@contextmanager
def environment(kind: str) -> Iterator[dict[str, str]]:
    """The library's settings for one of its recorders."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(Path(folder) / "events.db")}
        return
    with postgres() as place:
        names = {f"POSTGRES_{name.upper()}": value for name, value in place.items()}
        yield {"PERSISTENCE_MODULE": "eventsourcing.postgres", "POSTGRES_PASSWORD": "unused", **names}


def main(kind: str, how: str) -> None:
    """Write by the application or by its recorder; count by its notification log."""
    with environment(kind) as settings:
        application: Any = Application(env=settings)
        write = by_application(application) if how == "application" else by_recorder(application)
        measure(write, lambda: int(application.recorder.max_notification_id()))
        application.close()


def by_application(application: Any) -> Any:
    """One aggregate a round; its creation is the first of its four events."""

    def write(_number: int) -> None:
        lead: Any = Lead()
        for number in range(EACH - 1):
            lead.attempt("2026-03-02T15:00:00Z", "anna", "coordinator", "no_answer", number, number + 1)
        application.save(lead)

    return write


def by_recorder(application: Any) -> Any:
    """Four events a round, encoded already."""

    def write(_number: int) -> None:
        whose = uuid4()
        stored = [StoredEvent(whose, number, "trialflow:contact_attempted", _STATE) for number in range(1, EACH + 1)]
        application.recorder.insert_events(stored)

    return write


if __name__ == "__main__":
    main(*sys.argv[1:])
