"""Histories that a real tracker could have recorded: made by the rules (``decide``), step by step, from plain numbers.

``Site`` plays a site: each step is (choice, minutes that passed); what the rules refuse is left out, as it would be in
life. Import it wherever random but honest histories are needed:

    site = played(seed=7, steps=400)       # seeded: equal seeds give equal histories
    site.appends                           # (lead id, events) in the order of recording, one entry per append
    site.records                           # the same as sealed records; the k-th event has position k
    site.leads                             # the leads as folded

    @given(sites())                        # Hypothesis: shrinks by leaving steps out
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import strategies as st

from history_deeds import DEEDS, OWNERS, PEOPLE, SHEET, SOURCES, WEIGHTS, reasons
from trialflow.model import events as e
from trialflow.model.codec import dumps
from trialflow.model.errors import Refused
from trialflow.model.evolve import evolve, fold
from trialflow.model.lead import Lead
from trialflow.model.moments import micros
from trialflow.model.recorded import GENESIS, Recorded, seal
from trialflow.rules.loading import default_workflow
from trialflow.rules.workflow import Workflow

__all__ = ["PEOPLE", "START", "Site", "played", "sites", "steps"]

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)

Step = tuple[int, int]


class Site:
    """One site's leads and its ledger, changed step by step."""

    def __init__(self, workflow: Workflow | None = None, start: datetime = START) -> None:
        self.workflow = workflow if workflow is not None else default_workflow()
        self.now = start
        self.leads: dict[str, Lead] = {}
        self.records: list[Recorded] = []
        self.appends: list[tuple[str, tuple[e.Event, ...]]] = []
        self._streams: dict[str, list[Recorded]] = {}

    def play(self, made: Sequence[Step]) -> Site:
        """Take these steps one after the other."""
        for choice, minutes in made:
            self.step(choice, minutes)
        return self

    def step(self, choice: int, minutes: int) -> None:
        """Let time pass, then do one thing; nothing happens where the rules refuse it."""
        self.now += timedelta(minutes=minutes)
        rng = Random(choice)
        if not self.leads or rng.random() < 0.05:
            self._receive(rng)
            return
        lead = self.leads[rng.choice(sorted(self.leads))]
        deed = rng.choices(DEEDS, weights=WEIGHTS)[0]
        try:
            events = deed(self, lead, rng)
        except Refused:
            return
        self.append(lead.id, events)

    def append(self, lead_id: str, events: Sequence[e.Event]) -> None:
        """Record events as a store would, sealed and positioned."""
        if not events:
            return
        stream = self._streams.setdefault(lead_id, [])
        for event in events:
            previous = stream[-1].hash if stream else GENESIS
            name, version, position = f"lead:{lead_id}", len(stream) + 1, len(self.records) + 1
            sealed = seal(previous, name, version, position, micros(self.now), dumps(event))
            record = Recorded(position, name, version, self.now, event, previous, sealed)
            stream.append(record)
            self.records.append(record)
        self.appends.append((lead_id, tuple(events)))
        self.leads[lead_id] = self._folded(lead_id, events)

    def stream(self, lead_id: str) -> list[Recorded]:
        """The records of one lead."""
        return self._streams[lead_id]

    def _folded(self, lead_id: str, events: Sequence[e.Event]) -> Lead:
        lead = self.leads.get(lead_id)
        stream = self._streams[lead_id]
        if any(isinstance(event, e.Corrected) for event in events):
            lead = fold(stream)
        else:
            for record in stream[-len(events) :]:
                lead = evolve(lead, record.event, record.position, lead_id=lead_id)
        assert lead is not None
        return lead

    def at(self, rng: Random) -> datetime:
        """Mostly now; some things are written down later than they happened."""
        return self.now - timedelta(minutes=rng.randrange(1, 4000)) if rng.random() < 0.15 else self.now

    def _receive(self, rng: Random) -> None:
        lead_id = f"L{len(self.leads) + 1:04}"
        at = self.at(rng)
        midway = rng.random() < 0.3
        status = self.workflow.initial
        if midway:
            open_to_all = [s.code for s in self.workflow.statuses if s.decides == "nobody"]
            status = rng.choice([*open_to_all, "word-1a2b3c"])
        event = e.Received(
            at=at,
            by=SHEET,
            source=rng.choice(SOURCES),
            person_ref=rng.choice(["", f"person-{rng.randrange(40)}"]),
            study="S1",
            site="main",
            status=status,
            owner=rng.choice(OWNERS),
            reason=rng.choice(reasons(self.workflow)) if self.workflow.is_final(status) else "",
            workflow=self.workflow.id,
            seen_at=at + timedelta(days=rng.randrange(3)) if midway else None,
        )
        self.append(lead_id, [event])


def steps(most: int = 40) -> st.SearchStrategy[list[Step]]:
    """Hypothesis: plain numbers that :meth:`Site.play` turns into a history."""
    one = st.tuples(st.integers(0, 2**24), st.integers(0, 14 * 24 * 60))
    # The length is drawn first: plain lists are short on average, and short histories tell little.
    return st.integers(1, most).flatmap(lambda n: st.lists(one, min_size=n, max_size=n))


def sites(most: int = 40) -> st.SearchStrategy[Site]:
    """Hypothesis: sites with up to ``most`` steps behind them."""
    return steps(most).map(lambda made: Site().play(made))


def played(seed: int, steps: int, *, workflow: Workflow | None = None, minutes: int = 240) -> Site:
    """A site after ``steps`` seeded steps, ``minutes`` apart on average."""
    rng = Random(seed)
    site = Site(workflow)
    return site.play([(rng.randrange(2**24), rng.randrange(2 * minutes)) for _ in range(steps)])
