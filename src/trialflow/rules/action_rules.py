"""Which rule of the workflow says what to do next with a lead: the first that takes it."""

from __future__ import annotations

from functools import lru_cache

from trialflow.model.lead import Lead
from trialflow.rules.workflow import ActionRule, Workflow

__all__ = ["is_about", "rule_for"]

_States = tuple[tuple[str, str, bool], ...]
"""Of each readiness item: its code, its state, and whether it is open."""


def rule_for(lead: Lead, workflow: Workflow, pile: str, situations: tuple[str, ...]) -> ActionRule | None:
    """The first rule that takes ``lead``, which lies in bucket ``pile``, or None."""
    kinds = tuple([blocker.kind for blocker in lead.blockers])
    states = tuple([(code, item.state, item.open) for code, item in lead.items.items()])
    return _taking(workflow, pile, lead.status, situations, kinds, states)


@lru_cache(maxsize=16384)
def _taking(
    workflow: Workflow, pile: str, status: str, situations: tuple[str, ...], kinds: tuple[str, ...], states: _States
) -> ActionRule | None:
    """The same for these facts, asked once for all leads of a board that share them."""
    rules = _rules_for(workflow, pile, status)
    return next((rule for rule in rules if _fits(rule, workflow, situations, kinds, states)), None)


@lru_cache(maxsize=4096)
def _rules_for(workflow: Workflow, pile: str, status: str) -> tuple[ActionRule, ...]:
    """The rules for leads in this bucket and status, in their order."""
    current = workflow.current(status)
    return tuple(
        rule
        for rule in workflow.actions
        if (not rule.when.buckets or pile in rule.when.buckets)
        and (not rule.when.statuses or current in rule.when.statuses)
    )


def _fits(
    rule: ActionRule, workflow: Workflow, situations: tuple[str, ...], kinds: tuple[str, ...], states: _States
) -> bool:
    """Whether a rule for the lead's bucket and status takes it."""
    when = rule.when
    return (
        (when.blocked is not False or not kinds)
        and (not (when.blocked or when.blockers) or any(is_about(rule, kind, workflow) for kind in kinds))
        and (not when.situations or any(s in when.situations for s in situations))
        and (not when.items or any(_item_fits(states, wanted) for wanted in when.items))
    )


def is_about(rule: ActionRule, kind: str, workflow: Workflow) -> bool:
    """Whether this rule is about blockers of this kind."""
    when = rule.when
    return (
        bool(when.blocked or when.blockers)
        and (not when.blockers or kind in when.blockers)
        and (not when.blocked or _default_action(workflow, kind) == rule.code)
    )


def _default_action(workflow: Workflow, kind: str) -> str:
    known = workflow.blocker(kind)
    return known.action if known is not None else ""


def _item_fits(states: _States, wanted: str) -> bool:
    code, _, state = wanted.partition(":")
    return any(item == code and (found == state if state else is_open) for item, found, is_open in states)
