"""Guards and workflows with one fault each, by the clause they break. Each is noticed by one check, and by no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

import attrs

from trialflow.adapters.checks import GuardSetup, WorkflowSetup
from trialflow.model.errors import Refusal
from trialflow.rules.guards import Attempt, Guard
from trialflow.rules.loading import default_workflow
from trialflow.rules.workflow import Workflow

__all__ = ["BROKEN_GUARDS", "BROKEN_WORKFLOWS", "capacity", "guard_setup", "workflow_setup"]

_NO_SLOT = Refusal("acme:no_slot", "no visit slot is free", "open a slot first")


def capacity(attempt: Attempt) -> Refusal | None:
    """Two leads fit at most. This one is right."""
    return _NO_SLOT if attempt.lead.attempts > 0 else None


def knows_its_statuses(attempt: Attempt) -> Refusal | None:
    """Fails for a status it does not know."""
    return None if {"new": 1, "closed": 2}[attempt.to] else _NO_SLOT


def says_yes(attempt: Attempt) -> Refusal | None:
    """Answers with a truth value."""
    return attempt.lead.attempts > 0  # type: ignore[return-value]


def says_no_more(_attempt: Attempt) -> Refusal | None:
    """Says what is missing, not what would mend it."""
    return Refusal("acme:no_slot", "no visit slot is free")


_NUMBERS = count()


def asks_by_turns(_attempt: Attempt) -> Refusal | None:
    """Refuses every third time."""
    return _NO_SLOT if next(_NUMBERS) % 3 == 2 else None


def reads_a_file(attempt: Attempt) -> Refusal | None:
    """Reads the number of slots from a file."""
    return capacity(attempt) if Path(__file__).read_text("utf-8") else None


def counts_on_the_lead(attempt: Attempt) -> Refusal | None:
    """Keeps a note on the lead."""
    object.__setattr__(attempt.lead, "study", "seen")
    return capacity(attempt)


def repeats_the_reason(attempt: Attempt) -> Refusal | None:
    """Says again what somebody typed."""
    return Refusal("acme:no_slot", f"no visit slot is free for: {attempt.reason}", "open a slot first")


def decides(_attempt: Attempt) -> Refusal | None:
    """Speaks of the person."""
    return Refusal("acme:no_slot", "this patient is not eligible", "choose another patient")


BROKEN_GUARDS: Mapping[Guard, str] = {
    knows_its_statuses: "G1", says_yes: "G1", says_no_more: "G2", asks_by_turns: "G3", reads_a_file: "G4",
    counts_on_the_lead: "G4", repeats_the_reason: "G5", decides: "G6",
}  # fmt: skip


def guard_setup(guard: Guard) -> GuardSetup:
    """A guard alone."""
    return GuardSetup(make=lambda: guard)


def requires_an_unknown_guard() -> Workflow:
    """A move requires a guard that nobody gives."""
    found = default_workflow()
    first = attrs.evolve(found.moves[0], requires=("acme:moon",))
    return attrs.evolve(found, moves=(first, *found.moves[1:]))


def has_no_bucket_for_some() -> Workflow:
    """The last bucket rule is missing."""
    found = default_workflow()
    return attrs.evolve(found, buckets=tuple(rule for rule in found.buckets if rule.code != "contacted"))


def has_a_dead_end() -> Workflow:
    """Nothing leads out of a status."""
    found = default_workflow()
    open_ones = tuple(status.code for status in found.statuses if not status.final)
    moves = (attrs.evolve(m, from_=open_ones) if "*" in m.from_ else m for m in found.moves)
    kept = (attrs.evolve(m, from_=tuple(code for code in m.from_ if code != "preparing")) for m in moves)
    return attrs.evolve(found, moves=tuple(move for move in kept if move.from_))


def calls_people_names() -> Workflow:
    """A label reads as a decision."""
    found = default_workflow()
    labels = {"preparing": "Eligible patients"}
    statuses = (attrs.evolve(s, label=labels.get(s.code, s.label)) for s in found.statuses)
    return attrs.evolve(found, statuses=tuple(statuses))


_VERSIONS = count(1)


def counts_its_versions() -> Workflow:
    """Another version at every start."""
    return attrs.evolve(default_workflow(), version=next(_VERSIONS))


def lets_anybody_decide() -> Workflow:
    """A study team's status is entered without its authority."""
    found = default_workflow()
    moves = (attrs.evolve(m, requires=tuple(g for g in m.requires if g != "authority")) for m in found.moves)
    return attrs.evolve(found, moves=tuple(moves))


BROKEN_WORKFLOWS: Mapping[Callable[[], Workflow], str] = {
    requires_an_unknown_guard: "W1", has_no_bucket_for_some: "W2", has_a_dead_end: "W3", calls_people_names: "W4",
    counts_its_versions: "W5", lets_anybody_decide: "W6",
}  # fmt: skip


def workflow_setup(make: Callable[[], Workflow]) -> WorkflowSetup:
    """A workflow alone."""
    return WorkflowSetup(make=make)
