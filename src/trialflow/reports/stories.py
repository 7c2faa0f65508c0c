"""One lead after another, told from the columns: stays, first times, owners. For reports that need dates per lead.

The fold (:mod:`.fold`) counts; this tells. Both read the same rows by the same tables, and a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from trialflow.reports.columns import (
    AUTOMATED,
    CODE,
    CONTACT,
    HANDOFF,
    MOVED,
    OWNER,
    PRESCREENED,
    RECEIVED,
    SEEN,
    SOURCE,
    VISIT,
    Columns,
)
from trialflow.reports.fold_tables import CONTACTED, MILESTONES, PRESCREEN_REACHES, VISIT_REACHES, reached_by
from trialflow.rules.workflow import Workflow

__all__ = ["Stay", "Story", "stories"]


@attrs.define
class Stay:
    """One stay in a status: codes, microseconds UTC. ``origin`` is the status before, -1 for the first stay;
    ``position`` is that of the event that began it; ``until`` None: still there. ``dated`` is False when the lead was
    first seen in this status and entered it at some unknown earlier time."""

    status: int
    since: int
    position: int
    origin: int = -1
    reason: int = 0
    until: int | None = None
    dated: bool = True


@attrs.define
class Story:
    """One lead. ``first`` holds, per milestone, when it was first reached (None: never). One that only the status it
    was first seen in tells of, earlier than known, counts on the day it was seen; ``undated`` has these as bits."""

    source: int
    arrived: int
    position: int
    stays: list[Stay]
    undated: int = 0
    first: list[int | None] = attrs.field(factory=lambda: [None] * len(MILESTONES))
    owners: list[tuple[int, int]] = attrs.field(factory=list)
    """(owner code, since), the first at arrival."""
    attempts: int = 0
    first_attempt: int | None = None
    last_attempt: int | None = None

    @property
    def status(self) -> int:
        """The status it is in."""
        return self.stays[-1].status

    @property
    def reached(self) -> int:
        """All milestones it ever reached, as bits."""
        return sum(1 << i for i, at in enumerate(self.first) if at is not None)

    def _seen(self, at: int, reason: int, initial: int) -> None:
        stay = self.stays[0]
        stay.since, stay.reason = at, reason
        stay.dated = at == self.arrived or stay.status == initial
        if not stay.dated:
            self.undated = self.reached
            self.first = [at if first is not None else None for first in self.first]

    def _reach(self, bits: int, at: int) -> None:
        for i, before in enumerate(self.first):
            if bits >> i & 1:
                self.first[i] = at if before is None else min(before, at)

    def _move(self, to: int, reason: int, at: int, position: int, bits: int) -> None:
        self.stays[-1].until = at
        self.stays.append(Stay(to, at, position, origin=self.status, reason=reason))
        self._reach(bits, at)

    def _attempt(self, attempts: int, at: int) -> None:
        self.attempts = attempts
        self.first_attempt = at if self.first_attempt is None else min(self.first_attempt, at)
        self.last_attempt = at if self.last_attempt is None else max(self.last_attempt, at)


def stories(history: Columns, workflow: Workflow) -> Iterator[Story]:
    """The stories of all leads, in the order of the columns."""
    bits = [reached_by(workflow, code) for code in history.statuses.words]
    initial = history.statuses.code(workflow.initial)
    story: Story | None = None
    for kind, at, a, b, position in history.rows():
        if kind == RECEIVED:
            if story is not None:
                yield story
            story = Story(b, at, position, [Stay(a, at, position)], owners=[(0, at)])
            story._reach(bits[a], at)
        elif story is None:
            continue
        elif kind == SEEN:
            story._seen(at, b, initial)
        elif kind == MOVED:
            if a == story.status:
                story.stays[-1].reason = b & CODE
            else:
                to = a & CODE
                story._move(to, b & CODE, at, position, bits[to])
        elif kind in (CONTACT, AUTOMATED):
            story._attempt(a, at)
            story._reach(CONTACTED if b else 0, at)
        elif kind == PRESCREENED:
            story._reach(PRESCREEN_REACHES[a], at)
        elif kind == VISIT:
            story._reach(VISIT_REACHES[a], at)
        elif kind in (OWNER, HANDOFF):
            story.owners.append((a, at))
        elif kind == SOURCE:
            story.source = b
    if story is not None:
        yield story
