"""What people, automation and sheets do to a lead, one deed at random: the steps of ``histories.Site``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from trialflow.model import events as e
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED, Actor, Source
from trialflow.rules import decide
from trialflow.rules.workflow import Workflow

if TYPE_CHECKING:
    from histories import Site

__all__ = ["DEEDS", "OWNERS", "PEOPLE", "ROBOT", "SHEET", "SOURCES", "WEIGHTS", "reasons"]

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
OWNERS = ("u1", "u2", "u3", UNASSIGNED)


def reasons(workflow: Workflow) -> list[str]:
    """The close reasons of a workflow."""
    return [reason.code for reason in workflow.close_reasons]


def _move(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    by, at = rng.choice([*PEOPLE, PEOPLE[4], PEOPLE[5]]), site.at(rng)
    ways = decide.options(lead, site.workflow, at, by, reason="other", authority_ref="log-1")
    # Prefer what is allowed and goes on, so that histories reach every status.
    wanted = [option for option in ways if option.allowed] or list(ways)
    if rng.random() < 0.7:
        wanted = [option for option in wanted if option.move != "close"] or wanted
    if not wanted:
        return ()
    to = rng.choice(wanted).to
    reason = rng.choice(reasons(site.workflow))
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
            reason=rng.choice(reasons(site.workflow)) if site.workflow.is_final(to) else "",
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
    return decide.contact(site.workflow, lead, at=site.at(rng), by=by, outcome=outcome, channel=channel)


def _prescreen(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    state: Any = rng.choice(["started", "completed", "completed"])
    return decide.prescreen(site.workflow, lead, state, at=site.at(rng), by=rng.choice(PEOPLE))


def _item(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    item = rng.choice([i.code for i in site.workflow.items])
    state: Any = rng.choice(["needed", "requested", "received", "reviewed", "reviewed", "not_needed"])
    return decide.set_item(site.workflow, lead, item, state, at=site.at(rng), by=rng.choice(PEOPLE))


def _block(site: Site, lead: Lead, rng: Random) -> Sequence[e.Event]:
    by = rng.choice(PEOPLE)
    if lead.blockers and rng.random() < 0.7:
        return decide.unblock(site.workflow, lead, rng.choice(lead.blockers).kind, at=site.now, by=by)
    kind = rng.choice([b.code for b in site.workflow.blockers])
    return decide.block(site.workflow, lead, kind, at=site.at(rng), by=by)


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
        owner = rng.choice(OWNERS)
        same = owner == lead.owner
        return () if same else (e.Assigned(at=site.now, by=SHEET, from_owner=lead.owner, to_owner=owner),)
    owner, reason = rng.choice(OWNERS), rng.choice(["absence", "workload", "language"])
    return decide.assign(site.workflow, lead, owner, at=site.at(rng), by=rng.choice(PEOPLE), reason=reason)


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
        site.workflow, lead, allowed, at=site.at(rng), by=by, channel=channel, evidence_ref="form-3" if allowed else ""
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


Deed = Callable[["Site", Lead, Random], Sequence[e.Event]]
_CHOICES: dict[Deed, int] = {
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
DEEDS, WEIGHTS = list(_CHOICES), list(_CHOICES.values())
