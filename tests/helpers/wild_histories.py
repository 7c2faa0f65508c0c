"""Histories that no rule has looked at: any event after any other, voided, doubled, out of order in time.

``evolve`` is total, so whatever folds a ledger must agree with it on these, too. Records carry no hashes: nothing here
reads them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

from trialflow.model import events as e
from trialflow.model.facts import ItemState, PrescreenState, VisitState
from trialflow.model.parties import UNASSIGNED, Actor, Source
from trialflow.model.recorded import Recorded
from trialflow.rules.workflow import Workflow

__all__ = ["OWNERS", "START", "wild_records"]

START = datetime(2026, 2, 2, 15, tzinfo=UTC)
BY = Actor(id="someone")
ROBOT = Actor(id="robot", kind="system", role="system")
OWNERS = ("own-1", "own-2", "own-3", UNASSIGNED)
SOURCES = (
    Source(id="Radio", category="media", channel="radio", campaign="spring"),
    Source(id="Radio", category="paid", channel="radio"),
    Source(id="Clinic", category="referral"),
    Source(id="Web"),
    Source(id=""),
)


def wild_records(seed: int, events: int, workflow: Workflow, *, leads: int = 6) -> list[Recorded]:
    """``events`` records over at most ``leads`` leads, about a day apart, some dated earlier than recorded."""
    dice, now = Random(seed), START
    found: list[Recorded] = []
    for position in range(1, events + 1):
        now += timedelta(minutes=dice.randrange(2000))
        at = now - timedelta(minutes=dice.randrange(20_000)) if dice.random() < 0.3 else now
        lead = f"lead:L{dice.randrange(leads)}"
        new = not any(r.stream == lead for r in found)
        deed = _received if new and dice.random() < 0.9 else dice.choices(_DEEDS, _WEIGHTS)[0]
        event = deed(dice, at, now, workflow, position)
        found.append(Recorded(position, lead, 0, now, event, "", ""))
    return found


def _status(dice: Random, workflow: Workflow) -> str:
    return dice.choice([*(s.code for s in workflow.statuses), "word-1", "word-2"])


def _reason(dice: Random, workflow: Workflow) -> str:
    return dice.choice(["", "", "word-9", *(r.code for r in workflow.close_reasons)])


def _received(dice: Random, at: datetime, now: datetime, workflow: Workflow, _position: int) -> e.Event:
    midway = dice.random() < 0.4
    return e.Received(
        at=at,
        by=BY,
        source=dice.choice(SOURCES),
        status=_status(dice, workflow) if midway else workflow.initial,
        reason=_reason(dice, workflow) if midway else "",
        owner=dice.choice(OWNERS),
        seen_at=now if midway and dice.random() < 0.7 else None,
    )


def _moved(dice: Random, at: datetime, _now: datetime, workflow: Workflow, _position: int) -> e.Event:
    return e.Moved(
        at=at,
        by=BY,
        from_status=_status(dice, workflow),
        to_status=_status(dice, workflow),
        reason=_reason(dice, workflow),
        episode=dice.choice([0, 0, 0, 0, 2, 3]),
    )


def _contact(dice: Random, at: datetime, _now: datetime, _workflow: Workflow, _position: int) -> e.Event:
    before = dice.randrange(4)
    outcome = dice.choice(["reached", "no_answer", "unknown"])
    by = dice.choice([BY, BY, ROBOT])
    return e.ContactAttempted(at=at, by=by, outcome=outcome, before=before, after=before + dice.randrange(3))


def _prescreened(dice: Random, at: datetime, _now: datetime, _workflow: Workflow, _position: int) -> e.Event:
    states: list[PrescreenState] = ["none", "started", "completed"]
    return e.Prescreened(at=at, by=BY, to_state=dice.choice(states))


def _item(dice: Random, at: datetime, _now: datetime, workflow: Workflow, _position: int) -> e.Event:
    states: list[ItemState] = ["unknown", "needed", "requested", "received", "reviewed", "not_needed"]
    item = dice.choice([*(i.code for i in workflow.items), "other_thing"])
    return e.ItemSet(at=at, by=BY, item=item, from_state=dice.choice(states), to_state=dice.choice(states))


def _blocked(dice: Random, at: datetime, _now: datetime, workflow: Workflow, _position: int) -> e.Event:
    kind = dice.choice([*(b.code for b in workflow.blockers), "weather"])
    if dice.random() < 0.5:
        return e.Unblocked(at=at, by=BY, blocker=kind)
    return e.Blocked(at=at, by=BY, blocker=kind)


def _visit(dice: Random, at: datetime, now: datetime, _workflow: Workflow, _position: int) -> e.Event:
    states: list[VisitState] = ["none", "scheduled", "rescheduled", "cancelled", "attended", "missed"]
    slot = dice.choice([None, now + timedelta(days=dice.randrange(-5, 90))])
    return e.VisitSet(at=at, by=BY, to_state=dice.choice(states), visit_at=slot)


def _action(dice: Random, at: datetime, now: datetime, _workflow: Workflow, _position: int) -> e.Event:
    name = dice.choice(["call", "write"])
    if dice.random() < 0.5:
        return e.ActionDone(at=at, by=BY, action=name)
    return e.ActionSet(at=at, by=BY, action=name, due_at=now + timedelta(days=dice.randrange(-3, 90)))


def _assigned(dice: Random, at: datetime, _now: datetime, _workflow: Workflow, _position: int) -> e.Event:
    owner, reason = dice.choice(OWNERS), dice.choice(["", "absence"])
    return e.Assigned(at=at, by=BY, from_owner="own-1", to_owner=owner, reason=reason)


def _merged(dice: Random, at: datetime, _now: datetime, _workflow: Workflow, _position: int) -> e.Event:
    if dice.random() < 0.3:
        return e.Merged(at=at, by=BY, into="L0")
    return e.Unmerged(at=at, by=BY, into="L0")


def _corrected(dice: Random, at: datetime, _now: datetime, _workflow: Workflow, position: int) -> e.Event:
    return e.Corrected(at=at, by=BY, reason="mistake", position=dice.randrange(max(1, position - 12), position + 3))


def _other(dice: Random, at: datetime, _now: datetime, _workflow: Workflow, _position: int) -> e.Event:
    kinds: list[Callable[[], e.Event]] = [
        lambda: e.Acknowledged(at=at, by=BY),
        lambda: e.HandoffAccepted(at=at, by=BY, owner="own-1"),
        lambda: e.Noted(at=at, by=BY, ref="note-1"),
        lambda: e.SourceSet(at=at, by=BY, from_source=SOURCES[0], to_source=dice.choice(SOURCES)),
        lambda: e.DecisionRequested(at=at, by=BY, decision="labs"),
        lambda: e.Erased(at=at, by=BY),
        lambda: e.Unknown(at=at, by=BY, unknown_kind="weather_noted"),
    ]
    return dice.choice(kinds)()


_Deed = Callable[[Random, datetime, datetime, Workflow, int], e.Event]
_CHOICES: dict[_Deed, int] = {
    _received: 1,
    _moved: 30,
    _contact: 10,
    _prescreened: 6,
    _item: 12,
    _blocked: 12,
    _visit: 8,
    _action: 8,
    _assigned: 6,
    _merged: 3,
    _corrected: 5,
    _other: 8,
}
_DEEDS, _WEIGHTS = list(_CHOICES), list(_CHOICES.values())
