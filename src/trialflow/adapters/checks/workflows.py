"""Every check of a workflow that a plugin gives. A workflow is a :class:`~trialflow.rules.workflow.Workflow`.

Clauses of the workflow contract, quoted by the checks:

W1  A workflow has no problem: every name in it is defined, every guard it requires is there, every value fits.
W2  Each lead is in exactly one bucket: a rule takes every status, stale or not, whatever is open; no rule is idle.
W3  One status is the initial one, every status can be reached from it, and from every one a way leads to an end.
W4  No label is blank, and none reads as a decision, a promise or a judgement about a person.
W5  The definition is the same each time it is made: two processes work by one set of rules.
W6  A status that a study team decides is entered under the guard ``authority`` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from trialflow.adapters.checks.outcome import Check, quotes, require
from trialflow.adapters.checks.storage_setup import Closes
from trialflow.rules.buckets import UNMAPPED, place
from trialflow.rules.checking import problems
from trialflow.rules.diff import diff
from trialflow.rules.guards import GUARDS, Guard
from trialflow.rules.workflow import Workflow

__all__ = ["WORKFLOW_CHECKS", "WorkflowSetup"]

_BUCKETS = ("status_without_bucket", "shadowed_bucket", "bucket_not_shown", "bucket_shown_twice", "unknown_bucket")
_WAYS = ("no_initial", "many_initial", "bad_initial", "unreachable_status", "no_way_to_end", "exit_from_final")
_WORDS = ("forbidden_wording", "blank_label")
_AUTHORITY = ("authority_missing", "no_decider")


@attrs.frozen(kw_only=True)
class WorkflowSetup(Closes):
    """What the checks of a workflow are run on: ``make`` gives it; ``guards`` are those it may require, by name."""

    make: Callable[[], Workflow]
    guards: Mapping[str, Guard] = attrs.field(factory=lambda: GUARDS)
    _opened: list[Any] = attrs.field(factory=list, init=False, repr=False, eq=False)

    def told(self, codes: Iterable[str], *, others: bool = False) -> str:
        """The problems of these codes, or of all others, as one text; empty when there is none."""
        wanted = set(codes)
        found = problems(self.make(), guards=self.guards)
        return "; ".join(str(problem) for problem in found if (problem.code in wanted) is not others)


@quotes("W1")
def has_no_other_problem(setup: WorkflowSetup) -> None:
    """Nothing is wrong with the definition beside what the other clauses speak of."""
    found = setup.told((*_BUCKETS, *_WAYS, *_WORDS, *_AUTHORITY), others=True)
    require(not found, f"a workflow must have no problem: {found}")


@quotes("W2")
def puts_every_lead_into_a_bucket(setup: WorkflowSetup) -> None:
    """Each status has a bucket in every situation, and each bucket rule takes some lead."""
    workflow = setup.make()
    for status in workflow.statuses:
        for n in range(8):
            facts = {"stale": bool(n & 1), "records_open": bool(n & 2), "other_open": bool(n & 4)}
            taken = place(workflow, status.code, **facts)
            require(taken != UNMAPPED, f"a lead in {status.code} must be in a bucket; none takes it: {facts}")
    found = setup.told(_BUCKETS)
    require(not found, f"each bucket rule must take some lead, and each bucket be shown: {found}")


@quotes("W3")
def leads_from_a_start_to_an_end(setup: WorkflowSetup) -> None:
    """One start, every status reachable, a way to an end from each."""
    found = setup.told(_WAYS)
    require(not found, f"every status must lie on a way from the start to an end: {found}")


@quotes("W4")
def speaks_of_work(setup: WorkflowSetup) -> None:
    """Labels have words, and none of them decides."""
    found = setup.told(_WORDS)
    require(not found, f"labels must be words of work: {found}")


@quotes("W5")
def is_the_same_each_time(setup: WorkflowSetup) -> None:
    """Made twice, it has the same name and version and no difference."""
    one, two = setup.make(), setup.make()
    require(one.id == two.id, f"a workflow must be the same each time: {one.id} and {two.id}")
    changed = diff(one, two).lines()
    require(not changed, f"a workflow must be the same each time; it differs: {'; '.join(changed[:3])}")


@quotes("W6")
def leaves_decisions_to_the_study_team(setup: WorkflowSetup) -> None:
    """A move into what the study team decides requires its authority, and some role has it."""
    found = setup.told(_AUTHORITY)
    require(not found, f"what a study team decides must be entered under its authority: {found}")


WORKFLOW_CHECKS: tuple[Check[WorkflowSetup], ...] = (
    has_no_other_problem,
    puts_every_lead_into_a_bucket,
    leads_from_a_start_to_an_end,
    speaks_of_work,
    is_the_same_each_time,
    leaves_decisions_to_the_study_team,
)
