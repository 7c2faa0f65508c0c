"""Every check of a guard. A guard is a function of one :class:`~trialflow.rules.guards.Attempt`.

Clauses of the guard contract, quoted by the checks:

G1  A guard is total: whatever the attempt (any status, also one the workflow does not know, a bare lead, an odd
    reason), it gives None or a ``Refusal`` and raises nothing.
G2  A refusal has a stable code of small letters, digits and ``_ : -``, says what is missing, and what would mend it.
G3  The same attempt gets the same answer, however often and in whatever order guards are asked.
G4  A guard is pure: it reads no file, asks no socket, starts nothing, and changes nothing of the attempt.
G5  A refusal repeats nothing that somebody may have typed by mistake: no reason, no reference, no name.
G6  No word of a refusal reads as a decision, a promise or a judgement about a person.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import attrs

from trialflow.adapters.checks.outcome import Broken, Check, quotes, require
from trialflow.adapters.checks.report_samples import leads
from trialflow.adapters.checks.samples import ANNA, MONDAY
from trialflow.adapters.checks.storage_setup import Closes
from trialflow.model.errors import Refusal
from trialflow.model.lead import Lead
from trialflow.model.parties import SYSTEM, Source
from trialflow.rules.guards import Attempt, Guard
from trialflow.rules.loading import default_workflow
from trialflow.rules.wording import findings
from trialflow.rules.workflow import Workflow

__all__ = ["GUARD_CHECKS", "GuardSetup"]

_CODE = re.compile(r"[a-z][a-z0-9_:-]*")
_TYPED = "Zwobbel Quaxterman 555-0173"
_OUTSIDE = ("open", "socket.", "subprocess.", "os.", "shutil.", "sqlite3.", "urllib.", "tempfile.", "import")
"""Audit events by which a function would look at the world. A first ``import`` is one; a second is none."""


@attrs.frozen(kw_only=True)
class GuardSetup(Closes):
    """What the checks of a guard are run on: the guard that ``make`` gives, and a workflow it is meant for."""

    make: Callable[[], Guard]
    workflow: Workflow = attrs.field(factory=default_workflow)
    _opened: list[Any] = attrs.field(factory=list, init=False, repr=False, eq=False)

    def attempts(self) -> Iterator[Attempt]:
        """Attempts of every kind: each lead of a small site into each status, by people and by the library itself."""
        for lead in _leads():
            for to in (*(status.code for status in self.workflow.statuses), "no-such-status", ""):
                yield Attempt(self.workflow, lead, to, MONDAY + timedelta(days=60), ANNA)
            yield Attempt(self.workflow, lead, "closed", MONDAY, SYSTEM, "no_response", "ref-1", MONDAY)
            yield Attempt(self.workflow, lead, "scheduled", MONDAY, ANNA, _TYPED, _TYPED, MONDAY + timedelta(days=1))

    def refusals(self) -> list[Refusal]:
        """Every refusal that some attempt gets."""
        guard = self.make()
        answers = [_answer(guard, attempt) for attempt in self.attempts()]
        return [answer for answer in answers if isinstance(answer, Refusal)]


def _answer(guard: Guard, attempt: Attempt) -> Any:
    """The answer, or that there was none: that guards raise nothing is one clause, and not repeated by every check."""
    try:
        return guard(attempt)
    except Exception as error:
        return type(error)


def _leads() -> list[Lead]:
    bare = Lead(id="bare", source=Source(id=""), received_at=MONDAY)
    return [*leads()[:10], bare, attrs.evolve(bare, status="no-such-status", owner=_TYPED)]


@quotes("G1")
def answers_every_attempt(setup: GuardSetup) -> None:
    """Every attempt gets None or a Refusal; nothing is raised."""
    guard = setup.make()
    for attempt in setup.attempts():
        try:
            answer: Any = guard(attempt)
        except Exception as error:
            place = f"{attempt.lead.status!r} to {attempt.to!r}"
            raise Broken(f"a guard must raise nothing; from {place} it raised {type(error).__name__}") from error
        given = type(answer).__name__
        require(answer is None or isinstance(answer, Refusal), f"a guard must give None or a Refusal, not {given}")


@quotes("G2")
def says_what_is_missing(setup: GuardSetup) -> None:
    """Each refusal has a code, a message and a fix."""
    for refusal in setup.refusals():
        require(_CODE.fullmatch(refusal.code) is not None, f"a refusal needs a stable code: {refusal.code!r}")
        require(bool(refusal.message.strip()), f"the refusal {refusal.code} must say what is missing")
        require(bool(refusal.fix.strip()), f"the refusal {refusal.code} must say what would mend it")


@quotes("G3")
def gives_the_same_answer_again(setup: GuardSetup) -> None:
    """The same attempts get the same answers: again, in another order, by another guard of its kind."""
    guard, attempts = setup.make(), list(setup.attempts())
    random.seed(1)
    first = [_answer(guard, attempt) for attempt in attempts]
    random.seed(2)
    again = [_answer(guard, attempt) for attempt in reversed(attempts)]
    require(again[::-1] == first, "the same attempt must get the same answer, whatever was asked before")
    another = setup.make()
    require([_answer(another, attempt) for attempt in attempts] == first, "another guard must answer alike")


@quotes("G4")
def looks_at_nothing_else(setup: GuardSetup) -> None:
    """While it answers, no file is opened, no socket asked, no process started; what it imports, it has imported."""
    guard, attempts = setup.make(), list(setup.attempts())
    _answer(guard, attempts[0])  # the first call may import
    with _watched() as seen:
        for attempt in attempts:
            _answer(guard, attempt)
    require(not seen, f"a guard must look at its attempt alone, but did: {', '.join(sorted(set(seen))[:3])}")


@quotes("G4")
def changes_nothing_of_the_attempt(setup: GuardSetup) -> None:
    """Lead and workflow are afterwards what they were."""
    guard = setup.make()
    for attempt in setup.attempts():
        before = _parts(attempt.lead), _parts(attempt.workflow)
        _answer(guard, attempt)
        require((_parts(attempt.lead), _parts(attempt.workflow)) == before, "a guard must change nothing it was given")


def _parts(value: Any) -> dict[str, Any]:
    fields = attrs.asdict(value, recurse=False)
    return {name: dict(part) if isinstance(part, Mapping) else part for name, part in fields.items()}


@quotes("G5")
def repeats_nothing_that_was_typed(setup: GuardSetup) -> None:
    """Neither the reason nor the reference nor the owner that somebody typed stands in a refusal."""
    for refusal in setup.refusals():
        told = any(word in f"{refusal}" for word in _TYPED.split())
        require(not told, f"the refusal {refusal.code} must not repeat what somebody typed")


@quotes("G6")
def refuses_in_words_of_work(setup: GuardSetup) -> None:
    """No refusal reads as a decision about a person; codes of the workflow are quoted as they are."""
    workflow = setup.workflow
    rows: tuple[Any, ...] = (*workflow.close_reasons, *workflow.statuses, *workflow.items, *workflow.blockers)
    codes = sorted((row.code for row in rows), key=len, reverse=True)
    for refusal in dict.fromkeys(setup.refusals()):
        bad = [f for f in findings(f"{refusal.message}\n{refusal.fix}", allowed=codes) if f.level == "forbidden"]
        require(not bad, f"the refusal {refusal.code} says {bad[0].found!r}; say {bad[0].instead}" if bad else "")


_WATCHES: list[list[str]] = []
_HOOKED: list[bool] = []


def _audit(event: str, _args: tuple[Any, ...]) -> None:
    if _WATCHES and event.startswith(_OUTSIDE):
        _WATCHES[-1].append(event)


@contextmanager
def _watched() -> Iterator[list[str]]:
    """The audit events of meanwhile that look at the world. A hook cannot be taken out; without a watch it idles."""
    if not _HOOKED:
        sys.addaudithook(_audit)
        _HOOKED.append(True)
    seen: list[str] = []
    _WATCHES.append(seen)
    try:
        yield seen
    finally:
        _WATCHES.remove(seen)


GUARD_CHECKS: tuple[Check[GuardSetup], ...] = (
    answers_every_attempt,
    says_what_is_missing,
    gives_the_same_answer_again,
    looks_at_nothing_else,
    changes_nothing_of_the_attempt,
    repeats_nothing_that_was_typed,
    refuses_in_words_of_work,
)
