"""The history that the contenders of ``columns`` and ``refresh`` count: leads with eight events each, always the same.

A block of leads is made event by event; larger histories repeat it, a little shifted in time. Peers get the columns as
a table, with one column more: ``prior``, what an event says about the state before it (the status a move left, whether
an item was open), so that no peer has to look for it.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from array import array
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import repeat
from operator import add
from random import Random
from typing import Any

import attrs

from trialflow.model.moments import DAY, HOUR, micros
from trialflow.model.parties import UNASSIGNED, Source
from trialflow.reports import columns as c
from trialflow.reports.columns import Columns, Row
from trialflow.reports.figures import Figures
from trialflow.rules.loading import default_workflow
from trialflow.rules.workflow import Workflow

__all__ = ["AS_OF", "SINCE", "WORKFLOW", "History", "leads_wanted", "made", "measure", "plain", "report"]

AS_OF = datetime(2026, 6, 1, 15, tzinfo=UTC)
SINCE = AS_OF - timedelta(days=7)
EVENTS = 8
WORKFLOW: Workflow = default_workflow()

_BLOCK = 10_000
_SOURCES = tuple(Source(id=f"Source {i:02}", category=("paid", "referral", "own")[i % 3]) for i in range(24))
_OWNERS = (UNASSIGNED, *(f"own-{i}" for i in range(12)))
_PATH = ("new", "contacting", "contacted", "awaiting_prescreen", "in_review", "preparing", "scheduled", "attended")


@attrs.define
class History:
    """The columns, and per row what the event says about the state before it."""

    columns: Columns
    prior: array[int]


class _Life:
    """One lead while its eight events are made."""

    def __init__(self, dice: Random, words: Columns) -> None:
        self.dice, self.words = dice, words
        self.at = micros(AS_OF) - dice.randrange(1, 150 * 24) * HOUR
        self.rows: list[tuple[Row, int]] = []
        self.status = words.statuses.code("new")
        self.attempts = 0
        self.open: set[int] = set()
        self._add(c.RECEIVED, self.status, words.sources.code(dice.choice(_SOURCES)))
        owner = dice.choice(_OWNERS)
        if owner != UNASSIGNED:
            self._add(c.OWNER, words.owners.code(owner), 0)

    def _add(self, kind: int, a: int, b: int, prior: int = 0, at: int | None = None) -> None:
        self.rows.append(((kind, self.at if at is None else at, a, b, 0), prior))

    def happen(self, last: bool) -> None:
        """One more event, later."""
        self.at = min(self.at + self.dice.randrange(1, 100) * HOUR, micros(AS_OF))
        if last and self.dice.random() < 0.6:
            reason = self.dice.choice(WORKFLOW.close_reasons).code
            return self._move("closed", self.words.reasons.code(reason))
        deed = self.dice.choices(_DEEDS, _WEIGHTS)[0]
        return deed(self)

    def _move(self, to: str, reason: int) -> None:
        code = self.words.statuses.code(to)
        self._add(c.MOVED, code, reason, prior=self.status)
        self.status = code

    def on(self) -> None:
        """One status further, now and then one back."""
        here = _PATH.index(self.words.statuses.words[self.status])
        step = -1 if here and (self.dice.random() < 0.1 or here == len(_PATH) - 1) else 1
        self._move(_PATH[here + step], 0)

    def contact(self) -> None:
        self.attempts += 1
        self._add(c.CONTACT, self.attempts, self.dice.random() < 0.4)

    def prescreen(self) -> None:
        self._add(c.PRESCREENED, self.dice.choice((1, 2, 2)), 0)

    def item(self) -> None:
        thing = self.dice.randrange(len(WORKFLOW.items))
        stands = self.dice.random() < 0.6
        self._add(c.ITEM, thing, stands, prior=thing in self.open)
        (self.open.add if stands else self.open.discard)(thing)

    def block(self) -> None:
        thing = len(WORKFLOW.items) + self.dice.randrange(len(WORKFLOW.blockers))
        stands = thing in self.open
        self._add(c.UNBLOCKED if stands else c.BLOCKED, thing, 0)
        (self.open.discard if stands else self.open.add)(thing)

    def visit(self) -> None:
        state = self.dice.choice((1, 1, 2, 3, 4, 5))
        self._add(c.VISIT, state, 0)
        if state in (1, 2):
            self._add(c.SLOT, 0, 0, at=self.at + self.dice.randrange(1, 30) * DAY)

    def assign(self) -> None:
        self._add(c.HANDOFF, self.words.owners.code(self.dice.choice(_OWNERS)), 1)

    def plan(self) -> None:
        self._add(c.ACTION, 0, 1, at=self.at + self.dice.randrange(1, 20) * DAY)

    def correct_source(self) -> None:
        self._add(c.SOURCE, 0, self.words.sources.code(self.dice.choice(_SOURCES)))

    def touch(self) -> None:
        self._add(c.TOUCH, 0, 0)


_CHOICES: dict[Callable[[_Life], None], int] = {
    _Life.on: 42,
    _Life.contact: 22,
    _Life.prescreen: 7,
    _Life.item: 9,
    _Life.block: 4,
    _Life.visit: 4,
    _Life.assign: 5,
    _Life.plan: 3,
    _Life.correct_source: 1,
    _Life.touch: 3,
}
_DEEDS, _WEIGHTS = list(_CHOICES), list(_CHOICES.values())


def made(leads: int) -> History:
    """A history of this many leads."""
    block = _block(min(leads, _BLOCK))
    columns, found = block.columns, History(Columns.empty(WORKFLOW), array("i"))
    whole = attrs.evolve(columns, leads=[f"lead-{i}" for i in range(leads)])
    for name in ("lead", "kind", "at", "a", "b", "position"):
        object.__setattr__(whole, name, array(getattr(columns, name).typecode))
    for i in range(-(-leads // _BLOCK)):
        _repeat(columns, whole, i)
        found.prior.extend(block.prior)
    found.columns = whole
    return found


def _block(leads: int) -> History:
    dice, found = Random(20260601), History(Columns.empty(WORKFLOW), array("i"))
    words = found.columns
    words.actions.code("call_back")
    for lead in range(leads):
        life = _Life(dice, words)
        for event in range(1, EVENTS):
            life.happen(last=event == EVENTS - 1)
        for (kind, at, a, b, _), prior in life.rows:
            words.add(lead, (kind, at, a, b, len(words) + 1))
            found.prior.append(prior)
    return found


def _repeat(block: Columns, whole: Columns, number: int) -> None:
    """Append the block once more: other leads, later positions, everything some minutes earlier."""
    earlier = -number * 7 * 60 * 1_000_000
    whole.lead.extend(map(add, block.lead, repeat(number * _BLOCK)))
    whole.kind.extend(block.kind)
    whole.at.extend(map(add, block.at, repeat(earlier)))
    whole.a.extend(block.a)
    whole.b.extend(block.b)
    whole.position.extend(map(add, block.position, repeat(number * len(block))))


def leads_wanted() -> int:
    """The number of leads from the command line, 10,000 without one."""
    return int(sys.argv[1]) if len(sys.argv) > 1 else 10_000


def measure(once: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    """The best time of some repeats in seconds, and the result."""
    best, result = float("inf"), None
    for _ in range(repeats):
        started = time.perf_counter()
        result = once()
        best = min(best, time.perf_counter() - started)
    return best, result


def report(result: Any, **figures: float) -> None:
    """Print what the runner reads: times, the result to compare, and the peak of memory in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**figures, "result": result, "peak_mb": round(peak, 1)}))


def plain(found: Figures) -> dict[str, Any]:
    """Figures as what all contenders print."""
    milestones = ("contacted", "prescreen_completed", "reviewable", "scheduled", "attended")
    moves = found.moves or {}
    return {
        "buckets": dict(sorted(found.buckets.items())),
        "statuses": dict(sorted(found.statuses.items())),
        "close_reasons": dict(sorted(found.close_reasons.items())),
        "unowned": found.unowned,
        "ages": [[band.count, band.stale] for band in found.ages],
        "sources": {
            row.source: [row.leads, row.closed, row.attempts, *(getattr(row, name) for name in milestones)]
            for row in sorted(found.sources, key=lambda row: row.source)
        },
        "moves": {f"{a} -> {b}": n for (a, b), n in sorted(moves.items())},
        "received": found.received,
        "handoffs": found.handoffs,
    }
