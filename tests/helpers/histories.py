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

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from trialflow.model import events as e
from trialflow.model.codec import dumps
from trialflow.model.errors import Refused
from trialflow.model.evolve import evolve, fold
from trialflow.model.lead import Lead
from trialflow.model.moments import micros
from trialflow.model.parties import UNASSIGNED, Actor, Source
from trialflow.model.recorded import GENESIS, Recorded, seal
from trialflow.rules import decide
from trialflow.rules.loading import default_workflow
from trialflow.rules.workflow import Workflow

__all__ = ["PEOPLE", "START", "Site", "played", "sites", "steps"]

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
PEOPLE = (
    Actor(id="u1", role="coordinator"),
    Actor(id="u2", role="coordinator"),
    Actor(id="u3", role="coordinator"),
    Actor(id="lead1", role="site_lead"),
    Actor(id="dr1", role="investigator"),
    Actor(id="team1", role="study_team"),
)
SHEET = Actor(id="tracker", kind="source", role="source")
ROBOT = Actor(id="robot", kind="system", role="system")
SOURCES = tuple(
    Source(id=name, category=kind) for name, kind in (("Radio", "media"), ("Clinic", "referral"), ("Web", ""))
)
_OWNERS = ("u1", "u2", "u3", UNASSIGNED)

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
        deed = rng.choices(_DEEDS, weights=_WEIGHTS)[0]
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

    def _at(self, rng: Random) -> datetime:
        """Mostly now; some things are written down later than they happened."""
        return self.now - timedelta(minutes=rng.randrange(1, 4000)) if rng.random() < 0.15 else self.now

    def _receive(self, rng: Random) -> None:
        lead_id = f"L{len(self.leads) + 1:04}"
        at = self._at(rng)
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
            owner=rng.choice(_OWNERS),
            reason=rng.choice(_reasons(self.workflow)) if self.workflow.is_final(status) else "",
            workflow=self.workflow.id,
            seen_at=at + timedelta(days=rng.randrange(3)) if midway else None,
        )
        self.append(lead_id, [event])


def _reasons(workflow: Workflow) -> list[str]:
    return [reason.code for reason in workflow.close_reasons]


def _move(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    by, at = rng.choice([*PEOPLE, PEOPLE[4], PEOPLE[5]]), site._at(rng)
    ways = decide.options(lead, site.workflow, at, by, reason="other", authority_ref="log-1")
    # Prefer what is allowed and goes on, so that histories reach every status.
    wanted = [option for option in ways if option.allowed] or list(ways)
    if rng.random() < 0.7:
        wanted = [option for option in wanted if option.move != "close"] or wanted
    if not wanted:
        return ()
    to = rng.choice(wanted).to
    reason = rng.choice(_reasons(site.workflow))
    return decide.move(site.workflow, lead, to, at=at, by=by, reason=reason, authority_ref="log-1")


def _observed(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    """What the next copy of a sheet shows: any status that nobody but the site decides, or a word unknown here."""
    codes = [s.code for s in site.workflow.statuses if s.decides == "nobody"]
    to = rng.choice([*codes, "word-9f8e7d"])
    if to == lead.status:
        return ()
    known = next((m for m in site.workflow.moves_from(lead.status) if m.to == to), None)
    return (
        e.Moved(
            at=site.now,
            by=SHEET,
            reason=rng.choice(_reasons(site.workflow)) if site.workflow.is_final(to) else "",
            from_status=lead.status,
            to_status=to,
            move=known.name if known is not None else "",
            irregular=known is None,
            workflow=site.workflow.id,
            observed_after=site.now - timedelta(days=7),
        ),
    )


def _contact(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    outcome = rng.choice(["reached", "no_answer", "voicemail", "sent", "unknown"])
    channel = rng.choice(["phone", "email", "text"])
    by = rng.choice(PEOPLE)
    return decide.contact(site.workflow, lead, at=site._at(rng), by=by, outcome=outcome, channel=channel)


def _prescreen(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    state: Any = rng.choice(["started", "completed", "completed"])
    return decide.prescreen(site.workflow, lead, state, at=site._at(rng), by=rng.choice(PEOPLE))


def _item(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    item = rng.choice([i.code for i in site.workflow.items])
    state: Any = rng.choice(["needed", "requested", "received", "reviewed", "reviewed", "not_needed"])
    return decide.set_item(site.workflow, lead, item, state, at=site._at(rng), by=rng.choice(PEOPLE))


def _block(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    by = rng.choice(PEOPLE)
    if lead.blockers and rng.random() < 0.7:
        return decide.unblock(site.workflow, lead, rng.choice(lead.blockers).kind, at=site.now, by=by)
    kind = rng.choice([b.code for b in site.workflow.blockers])
    return decide.block(site.workflow, lead, kind, at=site._at(rng), by=by)


def _action(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    by = rng.choice(PEOPLE)
    if lead.action is not None and rng.random() < 0.5:
        return decide.action_done(site.workflow, lead, at=site.now, by=by)
    due = site.now + timedelta(hours=rng.randrange(1, 400))
    return decide.set_action(
        site.workflow, lead, rng.choice(["call_back", "send_letter"]), due_at=due, at=site.now, by=by
    )


def _visit(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    state: Any = rng.choice(["scheduled", "scheduled", "rescheduled", "attended", "attended", "missed", "cancelled"])
    ahead = state in ("scheduled", "rescheduled")
    slot = site.now + timedelta(hours=rng.randrange(1, 300)) if ahead else None
    return decide.visit(site.workflow, lead, state, at=site.now, by=rng.choice(PEOPLE), visit_at=slot)


def _owner(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    if lead.handoffs and rng.random() < 0.5:
        return decide.accept_handoff(site.workflow, lead, at=site.now, by=Actor(id=lead.owner, role="coordinator"))
    if rng.random() < 0.2:
        owner = rng.choice(_OWNERS)
        same = owner == lead.owner
        return () if same else (e.Assigned(at=site.now, by=SHEET, from_owner=lead.owner, to_owner=owner),)
    owner, reason = rng.choice(_OWNERS), rng.choice(["absence", "workload", "language"])
    return decide.assign(site.workflow, lead, owner, at=site._at(rng), by=rng.choice(PEOPLE), reason=reason)


def _decision(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    by, workflow = rng.choice(PEOPLE), site.workflow
    if lead.open_decisions and rng.random() < 0.6:
        asked = rng.choice(lead.open_decisions).decision
        return decide.record_decision(workflow, lead, asked, "yes", at=site.now, by=by, authority_ref="log-2")
    decision = rng.choice(["review_labs", "review_history"])
    return decide.request_decision(workflow, lead, decision, at=site.now, by=by, role="investigator")


def _permit(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    channel, allowed = rng.choice(["*", "phone", "email", "text"]), rng.random() < 0.7
    by = rng.choice(PEOPLE)
    return decide.permit(
        site.workflow, lead, allowed, at=site._at(rng), by=by, channel=channel, evidence_ref="form-3" if allowed else ""
    )


def _small(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    by, deed = rng.choice(PEOPLE), rng.randrange(4)
    if deed == 0:
        return decide.acknowledge(site.workflow, lead, at=site.now, by=ROBOT)
    if deed == 1:
        return decide.note(site.workflow, lead, f"note-{rng.randrange(10**6):06}", at=site.now, by=by)
    if deed == 2:
        return decide.set_source(site.workflow, lead, rng.choice(SOURCES), at=site.now, by=by)
    payload = {"kind": "weather_noted", "v": 3, "at": "2026-03-02T14:00:00Z", "by": {"id": "robot"}, "sky": [1, "blue"]}
    return (e.Unknown(at=site.now, by=ROBOT, unknown_kind="weather_noted", unknown_v=3, payload=payload),)


def _propose(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    if lead.proposals and rng.random() < 0.6:
        name, outcome = rng.choice(lead.proposals).proposal, rng.choice(["accepted", "declined", "expired"])
        return decide.close_proposal(site.workflow, lead, name, outcome, at=site.now, by=rng.choice(PEOPLE))
    return decide.propose(
        site.workflow,
        lead,
        rng.choice(["close_no_response", "ask_records"]),
        "move",
        at=site.now,
        by=ROBOT,
        target="closed",
        reason="no_response",
        expires_at=site.now + timedelta(days=rng.randrange(1, 9)),
    )


def _merge(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    by = rng.choice(PEOPLE)
    if lead.merged_into:
        return decide.unmerge(site.workflow, lead, at=site.now, by=by)
    other = site.leads[rng.choice(sorted(site.leads))]
    return decide.merge(site.workflow, lead, other, at=site.now, by=by)


def _correct(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    later = site.stream(lead.id)[1:]
    if not later:
        return ()
    position = rng.choice(later[-4:]).position
    return decide.correct(
        site.workflow, lead, site.stream(lead.id), position, at=site.now, by=rng.choice(PEOPLE), reason="mistake"
    )


def _erase(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    return decide.erase(site.workflow, lead, at=site.now, by=rng.choice(PEOPLE), reason="asked_for")


_Deed = Callable[[Site, Lead, Random], Sequence[e.Event]]
_CHOICES: dict[_Deed, int] = {
    _move: 45,
    _observed: 3,
    _contact: 14,
    _prescreen: 8,
    _item: 8,
    _block: 8,
    _action: 5,
    _visit: 10,
    _owner: 8,
    _decision: 3,
    _permit: 3,
    _small: 4,
    _propose: 3,
    _merge: 2,
    _correct: 3,
    _erase: 1,
}
_DEEDS, _WEIGHTS = list(_CHOICES), list(_CHOICES.values())


def steps(most: int = 60) -> st.SearchStrategy[list[Step]]:
    """Hypothesis: plain numbers that :meth:`Site.play` turns into a history."""
    one = st.tuples(st.integers(0, 2**24), st.integers(0, 14 * 24 * 60))
    # The length is drawn first: plain lists are short on average, and short histories tell little.
    return st.integers(1, most).flatmap(lambda n: st.lists(one, min_size=n, max_size=n))


def sites(most: int = 60) -> st.SearchStrategy[Site]:
    """Hypothesis: sites with up to ``most`` steps behind them."""
    return steps(most).map(lambda made: Site().play(made))


def played(seed: int, steps: int, *, workflow: Workflow | None = None, minutes: int = 240) -> Site:
    """A site after ``steps`` seeded steps, ``minutes`` apart on average."""
    rng = Random(seed)
    site = Site(workflow)
    return site.play([(rng.randrange(2**24), rng.randrange(2 * minutes)) for _ in range(steps)])
