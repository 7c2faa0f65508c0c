"""A small site for the example service, and the service running over it. Nobody in here exists."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import timedelta

import attrs
import httpx

from ledger_samples import Ticking, day
from serving import client, served
from trialflow import Actor, Source, StorageError, Tracker
from trialflow.adapters.ports import Append, Entry, Storage, Vault
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.model.recorded import Recorded
from trialflow_service.app import create_app
from trialflow_service.people import HEADER
from trialflow_service.settings import Settings

__all__ = [
    "ANA",
    "BEN",
    "Faulty",
    "Running",
    "lead_of",
    "running",
    "site",
    "walk_through_the_visit",
    "walk_to_the_visit",
]

ANA, BEN = "own-ana", "own-ben"
_LEAD = Actor(id="site-lead", role="site_lead")


class Faulty(MemoryStorage):
    """Fails the next append as asked: ``before`` it is stored, or ``after``."""

    fault = ""

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        fault, self.fault = self.fault, ""
        if fault == "before":
            raise StorageError("not stored", "the disk is full")
        done = super().append_batch(parts)
        if fault == "after":
            raise StorageError("unknown", "the disk was slow")
        return done


def site(tracker: Tracker) -> Tracker:
    """Two coordinators and three leads: one new, one that Ana tries to reach, one of nobody."""
    tracker.vault.put([Entry("label", ANA, "", "Ana Example"), Entry("label", BEN, "", "Ben Sampleton")])
    for number, owner in enumerate((ANA, ANA, "UNASSIGNED"), start=1):
        person = {"name": f"Person {number} Example", "phone": "+1 212 555 0101"}
        tracker.receive(Source(id="Radio"), f"LF-{number}", by=_LEAD, person=person, owner=owner)
    tracker.move(lead_of(tracker, "LF-2"), "contacting", by=Actor(id=ANA, role="coordinator"))
    return tracker


def lead_of(tracker: Tracker, called: str) -> str:
    """The id of the lead that the site calls so."""
    return next(ref for ref, text in tracker.labels().items() if text == called)


@attrs.frozen
class Running:
    """A running service: where, over which tracker, by which clock, and somebody who asks it."""

    address: str
    tracker: Tracker
    clock: Ticking
    http: httpx.Client

    def as_(self, person: str) -> httpx.Client:
        """Somebody else who asks; close it."""
        return client(self.address, headers={HEADER: person})


def walk_to_the_visit(service: Running, lead: str) -> None:
    """Up to the status in which a visit is scheduled."""
    tracker, by = service.tracker, Actor(id=ANA, role="coordinator")
    tracker.contact(lead, "reached", by=by)
    for to in ("contacted", "awaiting_prescreen"):
        tracker.move(lead, to, by=by)
    tracker.prescreen(lead, "completed", by=by)
    for to in ("in_review", "preparing"):
        tracker.move(lead, to, by=by)


def walk_through_the_visit(service: Running, lead: str) -> None:
    """Up to the status from which only the study team goes on; the clock is set forward."""
    walk_to_the_visit(service, lead)
    tracker, by = service.tracker, Actor(id=ANA, role="coordinator")
    tracker.schedule(lead, day(1), by=by)
    service.clock.now = day(2)
    tracker.visit(lead, "attended", by=by)
    tracker.move(lead, "attended", by=by)


@contextlib.contextmanager
def running(storage: Storage | None = None, vault: Vault | None = None) -> Iterator[Running]:
    """The service over a small site, in memory unless its stores are given; the time stands still; Ana asks."""
    clock = Ticking(step=timedelta(0))
    made = site(Tracker(storage, vault, clock=clock))
    with served(create_app(Settings(), lambda _: made)) as address, client(address, headers={HEADER: ANA}) as http:
        yield Running(address, made, clock, http)
