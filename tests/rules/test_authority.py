"""Who may do what: denied by default, told with whom to ask; automation acts in the role of its kind."""

from __future__ import annotations

import attrs

from leads import COORDINATOR, DOCTOR
from trialflow.model.parties import Actor
from trialflow.rules.authority import command_refusals, decision_refusals, may
from trialflow.rules.loading import default_workflow
from trialflow.rules.workflow import Role

W = default_workflow()


def test_a_role_may_what_the_workflow_says_and_an_unknown_one_nothing() -> None:
    assert may(W, "coordinator", "move")
    assert not may(W, "coordinator", "erase")
    assert may(W, "site_lead", "erase")
    assert not may(W, "stranger", "move")


def test_automation_that_names_no_role_acts_in_the_role_of_its_kind_a_person_in_none() -> None:
    assert command_refusals(W, Actor(id="robot", kind="system"), "propose") == []
    assert command_refusals(W, Actor(id="sheet", kind="source"), "move") == []
    assert command_refusals(W, Actor(id="robot", kind="system", role="site_lead"), "erase") == []
    people = Role(code="person", label="Anybody", may=("*",))
    (refusal,) = command_refusals(attrs.evolve(W, roles=(*W.roles, people)), Actor(id="u1"), "propose")
    assert refusal.code == "role_unknown"


def test_a_refusal_names_the_roles_there_are_or_those_that_may() -> None:
    (unknown,) = command_refusals(W, Actor(id="u1", role="stranger"), "erase")
    assert (unknown.code, unknown.fix) == (
        "role_unknown",
        "act as one of: coordinator, site_lead, investigator, study_team, sponsor, system, source",
    )
    (denied,) = command_refusals(W, COORDINATOR, "erase")
    assert (denied.code, denied.fix) == ("role_not_allowed", "ask one of: site_lead, investigator, study_team")
    (denied,) = command_refusals(W, Actor(id="s1", role="sponsor"), "acknowledge")
    assert denied.fix == "ask one of: coordinator, site_lead, investigator, study_team, system"


def test_a_decision_takes_a_person_a_deciding_role_and_an_authority() -> None:
    assert decision_refusals(W, DOCTOR, "log-1") == []
    (decider,) = decision_refusals(W, COORDINATOR, "log-1")
    assert (decider.code, decider.fix) == ("decider_required", "act as one of: investigator, study_team")
    unknown = Actor(id="u1", role="stranger")
    assert [r.code for r in decision_refusals(W, unknown, "")] == ["decider_required", "authority_missing"]
    for kind in ("system", "source"):
        robot = attrs.evolve(DOCTOR, kind=kind)
        assert [r.code for r in decision_refusals(W, robot, "log-1")] == ["decision_not_allowed"]
