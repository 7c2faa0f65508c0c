"""Who may do what: roles of the workflow, denied by default; and the gate before everything a study team decides."""

from __future__ import annotations

from trialflow.model.errors import Refusal
from trialflow.model.parties import Actor
from trialflow.rules.workflow import Workflow

__all__ = ["command_refusals", "decision_refusals", "may"]


def may(workflow: Workflow, role: str, command: str) -> bool:
    """Whether ``role`` may give ``command``; a role that the workflow does not know may nothing."""
    known = workflow.role(role)
    return known is not None and ("*" in known.may or command in known.may)


def command_refusals(workflow: Workflow, by: Actor, command: str) -> list[Refusal]:
    """Why ``by`` may not give ``command``: an unknown role, or a role without that permission. Automation and sources
    that name no role act in the role of their kind. Before decisions stands :func:`decision_refusals`, too."""
    acting = by.role or ("" if by.kind == "person" else by.kind)
    if may(workflow, acting, command):
        return []
    role = workflow.role(acting)
    if role is None:
        known = ", ".join(r.code for r in workflow.roles)
        return [Refusal("role_unknown", "the workflow does not know the role of who acts", f"act as one of: {known}")]
    able = ", ".join(r.code for r in workflow.roles if may(workflow, r.code, command))
    return [Refusal("role_not_allowed", f"the role {role.code} may not {command}", f"ask one of: {able or 'nobody'}")]


def decision_refusals(workflow: Workflow, by: Actor, authority_ref: str) -> list[Refusal]:
    """Why ``by`` may not record what a study team decided. Only a person in a deciding role, on a named authority."""
    if by.kind != "person":
        return [
            Refusal(
                "decision_not_allowed",
                "only an authorised person of the study team enters this; automation may propose it",
                "let a study-team member record it",
            )
        ]
    refusals = []
    role = workflow.role(by.role)
    if role is None or not role.decider:
        able = ", ".join(r.code for r in workflow.roles if r.decider)
        refusals.append(
            Refusal("decider_required", "this records a decision of the study team", f"act as one of: {able}")
        )
    if not authority_ref:
        refusals.append(
            Refusal("authority_missing", "the decision needs its authority", "give authority_ref, e.g. a log entry id")
        )
    return refusals
