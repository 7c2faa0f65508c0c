"""A site's ledger of any size in a SQLite file: seeded, so that every contender opens equal records.

Leads arrive evenly over three years and have eight events each: received, six pieces of work, and the closing. A lead
works for three weeks on average; what did not end before ``AS_OF`` is open, and so is one lead in a hundred that was
forgotten: about three leads in a hundred are open, as they would be at a site that closes what it opens. ``CROWDED``
leaves four in ten open instead. Files are written once per size into the temporary folder.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random

from trialflow.adapters.ports import Append
from trialflow.adapters.storages.opening import open_store, vault_path
from trialflow.model import events as e
from trialflow.model.event import Event
from trialflow.model.facts import PrescreenState, VisitState
from trialflow.model.parties import UNASSIGNED, Actor, Source
from trialflow.model.site_events import AbsenceSet
from trialflow.rules.loading import default_workflow
from trialflow.rules.workflow import Workflow

__all__ = ["AS_OF", "CROWDED", "OWNERS", "TYPICAL", "Population", "site_ledger"]

AS_OF = datetime(2026, 6, 1, 15, tzinfo=UTC)
WORKFLOW: Workflow = default_workflow()
OWNERS = tuple(f"own-{i:02}" for i in range(24))

_VERSION = 2
"""Part of the file's name: a changed generator writes a new file."""

_DAYS = 3 * 365
_EVENTS = 8
_SOURCES = tuple(Source(id=f"Source {i:02}", category=("paid", "referral", "own")[i % 3]) for i in range(24))
_PATH = ("new", "contacting", "contacted", "awaiting_prescreen", "in_review", "preparing", "scheduled", "attended")
_DESK = Actor(id="desk")
_BATCH = 2_000


class Population:
    """How many of the leads end: ``forgotten`` of a hundred never do."""

    def __init__(self, name: str, forgotten: int) -> None:
        self.name, self.forgotten = name, forgotten


TYPICAL, CROWDED = Population("typical", 1), Population("crowded", 40)


class _Life:
    """One lead while its events are drawn."""

    def __init__(self, dice: Random, population: Population) -> None:
        self.dice = dice
        self.at = AS_OF - dice.random() * timedelta(days=_DAYS)
        self.owner = dice.choice(OWNERS) if dice.random() < 0.95 else UNASSIGNED
        self.by = Actor(id=self.owner, role="coordinator")
        self.status, self.attempts, self.prescreen = "new", 0, "none"
        self.items: dict[str, str] = {}
        self.blockers: list[str] = []
        end = self.at + timedelta(days=dice.expovariate(1 / 21))
        self.ends = end < AS_OF and dice.randrange(100) >= population.forgotten
        self.step = (min(end, AS_OF) - self.at) / _EVENTS
        self.source = dice.choice(_SOURCES)

    def events(self) -> list[Event]:
        """Eight events, the first of them the arrival."""
        found: list[Event] = [
            e.Received(at=self.at, by=_DESK, source=self.source, owner=self.owner, workflow=WORKFLOW.id)
        ]
        for number in range(1, _EVENTS):
            self.at += self.step * self.dice.uniform(0.8, 1)
            if number == _EVENTS - 1 and self.ends:
                found.append(self._to("closed", self.dice.choice(WORKFLOW.close_reasons).code))
            else:
                found.append(self.dice.choices(_DEEDS, _WEIGHTS)[0](self))
        return found

    def _to(self, status: str, reason: str = "") -> Event:
        before, self.status = self.status, status
        return e.Moved(
            at=self.at, by=self.by, from_status=before, to_status=status, reason=reason, workflow=WORKFLOW.id
        )

    def on(self) -> Event:
        here = _PATH.index(self.status)
        step = -1 if here and (self.dice.random() < 0.1 or here == len(_PATH) - 1) else 1
        return self._to(_PATH[here + step])

    def contact(self) -> Event:
        self.attempts += 1
        outcome = self.dice.choice(("reached", "no_answer", "voicemail"))
        return e.ContactAttempted(
            at=self.at, by=self.by, outcome=outcome, before=self.attempts - 1, after=self.attempts
        )

    def asked(self) -> Event:
        states: list[PrescreenState] = ["started", "completed", "completed"]
        return e.Prescreened(at=self.at, by=self.by, to_state=self.dice.choice(states))

    def item(self) -> Event:
        code = self.dice.choice(WORKFLOW.items).code
        return e.ItemSet(
            at=self.at, by=self.by, item=code, to_state=self.dice.choice(("requested", "received", "reviewed"))
        )

    def block(self) -> Event:
        if self.blockers:
            return e.Unblocked(at=self.at, by=self.by, blocker=self.blockers.pop())
        self.blockers.append(self.dice.choice(WORKFLOW.blockers).code)
        return e.Blocked(at=self.at, by=self.by, blocker=self.blockers[0])

    def visit(self) -> Event:
        states: list[VisitState] = ["scheduled", "rescheduled", "attended", "missed"]
        slot = self.at + timedelta(days=self.dice.randrange(1, 20))
        return e.VisitSet(at=self.at, by=self.by, to_state=self.dice.choice(states), visit_at=slot)

    def assign(self) -> Event:
        before, self.owner = self.owner, self.dice.choice(OWNERS)
        return e.Assigned(at=self.at, by=self.by, from_owner=before, to_owner=self.owner, reason="workload")

    def plan(self) -> Event:
        due = self.at + timedelta(days=self.dice.randrange(1, 10))
        return e.ActionSet(at=self.at, by=self.by, action="call_back", due_at=due)


_CHOICES: dict[Callable[[_Life], Event], int] = {
    _Life.on: 42,
    _Life.contact: 24,
    _Life.asked: 8,
    _Life.item: 9,
    _Life.block: 4,
    _Life.visit: 4,
    _Life.assign: 4,
    _Life.plan: 5,
}
_DEEDS, _WEIGHTS = list(_CHOICES), list(_CHOICES.values())


def lives(leads: int, population: Population) -> Iterator[Append]:
    """Each lead's events as one append."""
    dice = Random(20260601)
    for number in range(leads):
        yield Append(f"lead:L{number:07}", tuple(_Life(dice, population).events()), 0)


def site_ledger(leads: int, population: Population = TYPICAL) -> Path:
    """Where the ledger with ``leads`` leads lies, its vault beside it; an owner is away at ``AS_OF``."""
    path = Path(tempfile.gettempdir()) / f"trialflow-site-{_VERSION}-{population.name}-{leads}.db"
    if not path.exists():
        unfinished = path.with_suffix(".part.db")
        for old in (unfinished, vault_path(unfinished)):
            old.unlink(missing_ok=True)
        storage, vault = open_store(unfinished, clock=lambda: AS_OF)
        vault.namespace()
        away = AbsenceSet(at=AS_OF - timedelta(days=3), by=_DESK, owner=OWNERS[0], since=AS_OF - timedelta(days=2))
        storage.append("site:main", (away,), expected_version=0)
        parts = lives(leads, population)
        while batch := list(islice(parts, _BATCH)):
            storage.append_batch(batch)
        storage.close()
        vault.close()
        vault_path(unfinished).replace(vault_path(path))
        unfinished.replace(path)
    return path


if __name__ == "__main__":
    print(site_ledger(int(sys.argv[1])))
