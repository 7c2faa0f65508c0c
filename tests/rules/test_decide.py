"""What holds for every command: its event holds all that was given, its role is asked for by the command's name, and
words where a code belongs are refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from histories import START, Site
from leads import AT, SHEET, blocker, item, lead, visit
from trialflow.model import events as e
from trialflow.model.errors import Refused
from trialflow.model.facts import Handoff, PlannedAction, Proposal
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED, Actor, Source
from trialflow.rules import decide
from trialflow.rules.loading import default_workflow
from trialflow.rules.vocabulary import COMMANDS
from trialflow.rules.workflow import Role, Workflow

W = default_workflow()
LATER = AT + timedelta(hours=3)
AHEAD = LATER + timedelta(days=2)
DOCTOR = Actor(id="u1", role="investigator")
BY: dict[str, Any] = {"at": LATER, "by": DOCTOR}

Give = Callable[..., tuple[e.Event, ...]]
"""A command of a workflow for a lead, with ``at``, ``by`` and values that take the place of those in the row."""


def _voided(w: Workflow, one: Lead, **more: Any) -> tuple[e.Event, ...]:
    site = Site()
    site.append("L1", [e.Received(at=START, by=SHEET, source=Source(id="Radio"))])
    site.append("L1", [e.Noted(at=START, by=DOCTOR, ref="note-1")])
    return decide.correct(w, one, site.stream("L1"), 2, **{"reason": "mistake", **more})


_OFFERED = Proposal(proposal="p", command="move", target="closed", at=AT)
_PLANNED = PlannedAction(action="call_back", due_at=AHEAD, set_at=AT)
_HANDED = Handoff(from_owner="u2", to_owner="u1", at=AT, reason="absence")
_KNOWN = item("records", "needed")
_BLOCKED = lead(blockers=blocker("rain"))

# What the workflow calls the command, the lead, the command with all its values, and what its event then says.
ROWS: list[tuple[str, Lead, Give, type[e.Event], dict[str, Any]]] = [
    ("acknowledge", lead(), decide.acknowledge, e.Acknowledged, {}),
    ("contact", lead(attempts=2), lambda w, one, **more: decide.contact(
        w, one, outcome="reached", channel="email", **more
    ), e.ContactAttempted, {"outcome": "reached", "channel": "email", "before": 2, "after": 3}),
    ("prescreen", lead(prescreen="started"), lambda w, one, **more: decide.prescreen(
        w, one, "completed", **more
    ), e.Prescreened, {"from_state": "started", "to_state": "completed"}),
    ("item", lead(items=_KNOWN), lambda w, one, **more: decide.set_item(
        w, one, "records", "requested", **{"due_at": AHEAD, "owner": "u2", "reason": "asked", **more}
    ), e.ItemSet, {"item": "records", "from_state": "needed", "to_state": "requested", "due_at": AHEAD, "owner": "u2",
                   "reason": "asked"}),
    ("block", lead(), lambda w, one, **more: decide.block(
        w, one, "availability", **{"owner": "u2", "due_at": AHEAD, "ref": "note-1", **more}
    ), e.Blocked, {"blocker": "availability", "owner": "u2", "due_at": AHEAD, "ref": "note-1"}),
    ("unblock", lead(blockers=blocker("site_review")), lambda w, one, **more: decide.unblock(
        w, one, "site_review", **{"reason": "done", **more}
    ), e.Unblocked, {"blocker": "site_review", "reason": "done"}),
    ("action", lead(), lambda w, one, **more: decide.set_action(
        w, one, **{"action": "call_back", "due_at": AHEAD, "owner": "u2", **more}
    ), e.ActionSet, {"action": "call_back", "due_at": AHEAD, "owner": "u2"}),
    ("action", lead(action=_PLANNED), decide.action_done, e.ActionDone, {"action": "call_back"}),
    ("visit", lead(visit=visit(1)), lambda w, one, **more: decide.visit(
        w, one, "rescheduled", **{"visit_at": AHEAD, "reason": "ill", **more}
    ), e.VisitSet, {"from_state": "scheduled", "to_state": "rescheduled", "from_visit_at": visit(1).at,
                    "visit_at": AHEAD, "reason": "ill"}),
    ("assign", lead(), lambda w, one, **more: decide.assign(
        w, one, **{"owner": "u2", "reason": "absence", **more}
    ), e.Assigned, {"from_owner": "u1", "to_owner": "u2", "reason": "absence"}),
    ("accept", lead(handoffs=(_HANDED,)), decide.accept_handoff, e.HandoffAccepted, {"owner": "u1"}),
    ("permit", lead(), lambda w, one, **more: decide.permit(w, one, True, **{
        "channel": "text", "purpose": "visit", "text_version": "v1", "evidence_ref": "form-3", "reason": "asked", **more
    }), e.PermissionSet, {"allowed": True, "channel": "text", "purpose": "visit", "text_version": "v1",
                          "evidence_ref": "form-3", "reason": "asked"}),
    ("request_decision", lead(), lambda w, one, **more: decide.request_decision(
        w, one, **{"decision": "labs", "due_at": AHEAD, "role": "investigator", **more}
    ), e.DecisionRequested, {"decision": "labs", "due_at": AHEAD, "role": "investigator"}),
    ("record_decision", lead(), lambda w, one, **more: decide.record_decision(
        w, one, **{"decision": "labs", "outcome": "yes", "authority_ref": "log-1", **more}
    ), e.DecisionRecorded, {"decision": "labs", "outcome": "yes", "authority_ref": "log-1"}),
    ("note", lead(), lambda w, one, **more: decide.note(w, one, **{"ref": "note-1", **more}),
     e.Noted, {"ref": "note-1"}),
    ("source", lead(), lambda w, one, **more: decide.set_source(w, one, Source(id="Web"), **more),
     e.SourceSet, {"from_source": Source(id="Radio"), "to_source": Source(id="Web")}),
    ("merge", lead(), lambda w, one, **more: decide.merge(w, one, lead(id="L2"), **{"reason": "same", **more}),
     e.Merged, {"into": "L2", "reason": "same"}),
    ("unmerge", lead(merged_into="L2"), lambda w, one, **more: decide.unmerge(w, one, **{"reason": "mistake", **more}),
     e.Unmerged, {"into": "L2", "reason": "mistake"}),
    ("correct", lead(), _voided, e.Corrected, {"position": 2, "reason": "mistake"}),
    ("erase", lead(), lambda w, one, **more: decide.erase(w, one, **{"reason": "asked_for", **more}),
     e.Erased, {"reason": "asked_for"}),
    ("propose", lead(), lambda w, one, **more: decide.propose(w, one, **{
        "proposal": "p", "command": "move", "target": "closed", "reason": "declined", "expires_at": AHEAD, **more
    }), e.Proposed, {"proposal": "p", "command": "move", "target": "closed", "reason": "declined",
                     "expires_at": AHEAD}),
    ("proposal", lead(proposals=(_OFFERED,)), lambda w, one, **more: decide.close_proposal(
        w, one, "p", "declined", **more
    ), e.ProposalClosed, {"proposal": "p", "outcome": "declined"}),
    ("move", lead(status="attended"), lambda w, one, **more: decide.move(w, one, "in_screening", **{
        "reason": "other", "authority_ref": "log-1", **more
    }), e.Moved, {"from_status": "attended", "to_status": "in_screening", "move": "record_screening",
                  "workflow": W.id, "reason": "other", "authority_ref": "log-1"}),
]  # fmt: skip
each_command = pytest.mark.parametrize(
    ("may", "one", "give", "kind", "said"), ROWS, ids=[f"{row[0]}-{row[3].kind}" for row in ROWS]
)


def test_the_table_has_every_command() -> None:
    assert {row[0] for row in ROWS} == set(COMMANDS)


@each_command
def test_the_event_holds_all_that_was_given(
    may: str, one: Lead, give: Give, kind: type[e.Event], said: dict[str, Any]
) -> None:
    by = attrs.evolve(DOCTOR, role="site_lead") if may == "unblock" else DOCTOR
    assert give(W, one, at=LATER, by=by) == (kind(at=LATER, by=by, **said),)


@pytest.mark.parametrize(
    ("give", "event"),
    [
        (lambda: decide.contact(W, lead(), **BY), e.ContactAttempted(**BY, channel="phone", outcome="unknown")),
        (lambda: decide.set_item(W, lead(), "records", "needed", **BY), e.ItemSet(
            **BY, item="records", to_state="needed"
        )),
        (lambda: decide.block(W, lead(), "availability", **BY), e.Blocked(**BY, blocker="availability", owner="u1")),
        (lambda: decide.unblock(W, _BLOCKED, "rain", **BY), e.Unblocked(**BY, blocker="rain")),
        (lambda: decide.set_action(W, lead(), "nap", due_at=AHEAD, **BY), e.ActionSet(
            **BY, action="nap", due_at=AHEAD
        )),
        (lambda: decide.visit(W, lead(), "scheduled", visit_at=AHEAD, **BY), e.VisitSet(
            **BY, to_state="scheduled", visit_at=AHEAD
        )),
        (lambda: decide.assign(W, lead(owner=UNASSIGNED), "u2", **BY), e.Assigned(
            **BY, from_owner=UNASSIGNED, to_owner="u2"
        )),
        (lambda: decide.permit(W, lead(), False, **BY), e.PermissionSet(**BY, allowed=False)),
        (lambda: decide.request_decision(W, lead(), "labs", role="investigator", **BY), e.DecisionRequested(
            **BY, decision="labs", role="investigator"
        )),
        (lambda: decide.merge(W, lead(), lead(id="L2"), **BY), e.Merged(**BY, into="L2")),
        (lambda: decide.unmerge(W, lead(merged_into="L2"), **BY), e.Unmerged(**BY, into="L2")),
        (lambda: decide.propose(W, lead(), "p", "move", target="closed", **BY), e.Proposed(
            **BY, proposal="p", command="move", target="closed"
        )),
    ],
    ids=lambda value: value.kind if isinstance(value, e.Event) else "",
)  # fmt: skip
def test_what_is_not_given_is_left_blank(give: Callable[[], tuple[e.Event, ...]], event: e.Event) -> None:
    assert give() == (event,)


@each_command
def test_the_role_is_asked_for_by_the_name_of_the_command(
    may: str, one: Lead, give: Give, kind: type[e.Event], said: dict[str, Any]
) -> None:
    label = "The study team"
    this = Role(code="investigator", label=label, decider=True, may=(may,))
    assert give(attrs.evolve(W, roles=(this,)), one, at=LATER, by=DOCTOR)
    others = attrs.evolve(this, may=tuple(code for code in COMMANDS if code != may))
    with pytest.raises(Refused) as caught:
        give(attrs.evolve(W, roles=(others,)), one, at=LATER, by=DOCTOR)
    assert (caught.value.command, caught.value.status) == (may, one.status)
    (refusal,) = caught.value.refusals
    assert refusal.code == "role_not_allowed"
    assert may in refusal.message
    assert refusal.fix == "ask one of: nobody"


_CODES = {
    "item-item_set": ("owner", "reason"),
    "block-blocked": ("owner", "ref"),
    "unblock-unblocked": ("reason",),
    "action-action_set": ("action", "owner"),
    "visit-visit_set": ("reason",),
    "assign-assigned": ("owner", "reason"),
    "permit-permission_set": ("text_version", "evidence_ref", "reason"),
    "request_decision-decision_requested": ("decision",),
    "record_decision-decision_recorded": ("decision", "outcome", "authority_ref"),
    "note-noted": ("ref",),
    "merge-merged": ("reason",),
    "unmerge-unmerged": ("reason",),
    "correct-corrected": ("reason",),
    "erase-erased": ("reason",),
    "propose-proposed": ("proposal", "target", "reason"),
    "move-moved": ("reason", "authority_ref"),
}


@pytest.mark.parametrize(("row", "name"), [(row, name) for row, names in _CODES.items() for name in names])
def test_words_where_a_code_belongs_are_refused_by_the_name_of_the_value(row: str, name: str) -> None:
    one, give = next((known, give) for may, known, give, kind, _ in ROWS if row == f"{may}-{kind.kind}")
    by = attrs.evolve(DOCTOR, role="site_lead") if row == "unblock-unblocked" else DOCTOR
    with pytest.raises(Refused) as caught:
        give(W, one, at=LATER, by=by, **{name: "Jane called"})
    (refusal,) = caught.value.refusals
    assert refusal.code == "not_a_code"
    assert refusal.message.startswith(f"{name} ")
    assert "Jane" not in str(caught.value)


def test_a_lead_that_nobody_owned_is_blocked_as_nobodys() -> None:
    (event,) = decide.block(W, lead(owner=UNASSIGNED), "availability", at=LATER, by=DOCTOR)
    assert isinstance(event, e.Blocked)
    assert event.owner == UNASSIGNED
