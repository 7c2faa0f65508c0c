"""The boundary is code: no command of automation or of a source records what a study team decides; and no refusal
keeps anything back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from histories import Site, sites
from leads import AT, COORDINATOR, codes_of, item, lead, visit
from trialflow.model import events as e
from trialflow.model.errors import Refused
from trialflow.model.evolve import fold
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED, Actor, Source
from trialflow.rules import decide
from trialflow.rules.loading import default_workflow
from trialflow.rules.proposals import proposals

W = default_workflow()
STUDY_TEAM = {s.code for s in W.statuses if s.decides == "study_team"}
AUTOMATION = [Actor(id="x", kind=kind, role=role.code) for kind in ("system", "source") for role in W.roles]

Try = Callable[[Site, Lead, datetime, Actor], Sequence[e.Event]]


def _accepted(site: Site, one: Lead, at: datetime, by: Actor) -> Sequence[e.Event]:
    if not one.proposals:
        return ()
    name = one.proposals[-1].proposal
    return decide.close_proposal(W, one, name, "accepted", at=at, by=by, authority_ref="log-1")


def _corrected(site: Site, one: Lead, at: datetime, by: Actor) -> Sequence[e.Event]:
    stream = site.stream(one.id)
    return decide.correct(W, one, stream, stream[-1].position, at=at, by=by, reason="mistake")


COMMANDS: dict[str, Try] = {
    **{
        f"move to {s.code}": lambda _, one, at, by, to=s.code: decide.move(  # type: ignore[misc]
            W, one, to, at=at, by=by, reason="other", authority_ref="log-1"
        )
        for s in W.statuses
    },
    "record a decision": lambda _, one, at, by: decide.record_decision(
        W, one, "labs", "yes", at=at, by=by, authority_ref="log-1"
    ),
    "accept a proposal": _accepted,
    "correct": _corrected,
    "unmerge": lambda _, one, at, by: decide.unmerge(W, one, at=at, by=by),
    "propose": lambda _, one, at, by: decide.propose(W, one, "q", "move", target="enrolled", at=at, by=by),
    "prescreen": lambda _, one, at, by: decide.prescreen(W, one, "completed", at=at, by=by),
    "item": lambda _, one, at, by: decide.set_item(W, one, "site_review", "reviewed", at=at, by=by),
    "source": lambda _, one, at, by: decide.set_source(W, one, Source(id="New"), at=at, by=by),
    "visit": lambda _, one, at, by: decide.visit(W, one, "attended", at=at, by=by, visit_at=at - timedelta(hours=1)),
}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_command_of_automation_enters_leaves_or_quotes_a_decision(name: str) -> None:
    @given(sites(25), st.sampled_from(AUTOMATION))
    def law(site: Site, by: Actor) -> None:
        for one in list(site.leads.values()):
            try:
                made = COMMANDS[name](site, one, site.now, by)
            except Refused:
                continue
            assert not any(isinstance(event, e.DecisionRecorded) for event in made)
            before = one.status
            site.append(one.id, made)
            after = fold(site.stream(one.id))
            assert after is not None
            assert after.status == before or not {after.status, before} & STUDY_TEAM

    law()


@given(sites(40))
def test_what_the_rules_suggest_asks_for_no_decision_of_a_study_team(site: Site) -> None:
    for one in site.leads.values():
        for found in proposals(one, W, site.now):
            assert found.target not in STUDY_TEAM
            assert found.command != "record_decision"


# What can be missing for the move preparing -> scheduled, and the code that says so.
_MISSING: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "owner_missing": ({"owner": UNASSIGNED}, {}),
    "not_ready": ({"items": item("records", "needed")}, {}),
    "visit_missing": ({"visit": None}, {}),
    "merged": ({"merged_into": "L9"}, {}),
    "before_received": ({}, {"at": AT - timedelta(days=1)}),
    "role_not_allowed": ({}, {"by": Actor(id="s", role="sponsor")}),
    "not_a_code": ({}, {"reason": "two words"}),
}


@given(st.sets(st.sampled_from(sorted(_MISSING))))
def test_a_refusal_names_exactly_what_is_missing_whatever_it_is(missing: set[str]) -> None:
    values: dict[str, Any] = {"status": "preparing", "visit": visit(3)}
    given_: dict[str, Any] = {"at": AT + timedelta(hours=1), "by": COORDINATOR}
    for code in missing:
        values |= _MISSING[code][0]
        given_ |= _MISSING[code][1]
    if missing:
        assert sorted(codes_of(decide.move, W, lead(**values), "scheduled", **given_)) == sorted(missing)
    else:
        assert decide.move(W, lead(**values), "scheduled", **given_)
