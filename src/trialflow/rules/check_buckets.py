"""Checks of buckets and actions: every lead lies in one pile, every pile can hold a lead, every lead has an action."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from itertools import product

import attrs

from trialflow.model.errors import Problem
from trialflow.rules.buckets import UNMAPPED, taking
from trialflow.rules.staleness import threshold
from trialflow.rules.vocabulary import Speller
from trialflow.rules.workflow import ActionWhen, BucketRule, Workflow, keyed

__all__ = ["actions", "buckets"]

_STRANGE = "\0"
"""A status that no workflow knows."""


def buckets(workflow: Workflow, speller: Speller, damaged: Container[str] = ()) -> Iterator[Problem]:
    """Rules that take nothing, statuses that nothing takes, and what the dashboard shows. ``damaged`` rules are known
    to be wrong already: they neither shadow others nor leave a status without a pile."""
    rules = keyed(workflow.buckets)
    sound = {path: _as_meant(rule, workflow, speller) for path, rule in rules.items() if path not in damaged}
    some = attrs.evolve(workflow, buckets=tuple(sound.values()), wording={})
    taken, homeless = _coverage(some)
    for path, rule in sound.items():
        if not any(rule is each for each in taken):
            said = "no lead can lie here: earlier rules take them all; move it up, or narrow them"
            yield Problem(f"buckets.{path}", "shadowed_bucket", said)
    for status in homeless if len(sound) == len(rules) else ():
        said = "no bucket takes a lead in this status; add it to a bucket's when.statuses"
        yield Problem(f"statuses.{status}", "status_without_bucket", said)
    yield from _shown(workflow)


def _as_meant(rule: BucketRule, workflow: Workflow, speller: Speller) -> BucketRule:
    """The rule with misspelt statuses read as the ones that were meant: they are reported elsewhere."""
    codes = [status.code for status in workflow.statuses]
    statuses = tuple(speller.meant(code, codes) for code in rule.when.statuses)
    return attrs.evolve(rule, when=attrs.evolve(rule.when, statuses=statuses))


def _coverage(workflow: Workflow) -> tuple[list[BucketRule], list[str]]:
    """The rules that take any lead at all, and the statuses in which some lead finds none: every combination of facts
    is tried, so that the answer is exact."""
    taken: list[BucketRule] = []
    homeless: list[str] = []
    for code in (*dict.fromkeys(s.code for s in workflow.statuses), _STRANGE):
        stale = (False, True) if threshold(workflow, code) is not None else (False,)
        for is_stale, records, other in product(stale, (False, True), (False, True)):
            rule = taking(workflow, code, stale=is_stale, records_open=records, other_open=other)
            if rule is not None:
                taken.append(rule)
            elif code != _STRANGE and code not in homeless:
                homeless.append(code)
    return taken, homeless


def _shown(workflow: Workflow) -> Iterator[Problem]:
    wanted = dict.fromkeys([*(rule.code for rule in workflow.buckets), UNMAPPED])
    counts = Counter(workflow.shown)
    for code in wanted:
        if code and not counts[code]:
            said = f"the bucket {code} is not shown, its leads would be invisible; add it"
            yield Problem("shown.buckets", "bucket_not_shown", said)
    for code, n in counts.items():
        if n > 1:
            yield Problem("shown.buckets", "bucket_shown_twice", f"{code} stands there {n} times; keep one")


def actions(workflow: Workflow, damaged: Container[str] = ()) -> Iterator[Problem]:
    """No lead without an action, no action that another one hides, a rule for the default action of every blocker."""
    rules = keyed(workflow.actions)
    free = [path for path, rule in rules.items() if rule.when == ActionWhen() and path not in damaged]
    if not free and not any(path in damaged for path in rules):
        said = "no action takes whatever is left; end the list with one whose when is empty: when = {}"
        yield Problem("actions", "no_catch_all", said)
    hidden = list(rules)[list(rules).index(free[0]) + 1 :] if free else []
    for path in hidden:
        said = f"{free[0]} takes every lead before this one is asked; move it up"
        yield Problem(f"actions.{path}", "shadowed_action", said)
    named = {rule.code for rule in workflow.actions}
    usable = {rule.code for rule in workflow.actions if rule.when.blocked}
    for kind in workflow.blockers:
        ways = {rule.code for rule in workflow.actions if kind.code in rule.when.blockers}
        if kind.action in named and kind.action not in usable | ways:
            said = f"no rule of the action {kind.action} has blocked = true, so this blocker never leads to it"
            yield Problem(f"blockers.{kind.code}.action", "blocker_without_action", said)
