"""What a check is and what it finds. No test framework in here: the same checks run in three places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, Literal, TypeVar

import attrs

__all__ = ["Broken", "Check", "Outcome", "Skipped", "outcome_of", "quotes", "refused", "require", "unknown_names"]

S = TypeVar("S")
Status = Literal["passed", "failed", "skipped", "expected"]


class Broken(AssertionError):
    """An adapter does not keep a clause of its contract. The sentence says what had to hold."""


class Skipped(Exception):
    """A check does not apply: the sentence says what is missing, and how to give it."""


@attrs.frozen
class Outcome:
    """What one check found. ``clause`` is the number of the clause it quotes (``S2``).

    ``passed``; ``failed``, with what had to hold; ``skipped``, with what was missing; ``expected``: it failed as the
    caller said it would, with the reason given. A check that passes though it was expected to fail has ``failed``.
    ``error`` is what was raised, for a traceback.
    """

    check: str
    clause: str
    status: Status
    message: str = ""
    error: BaseException | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def ok(self) -> bool:
        """Whether nothing has to be done about it."""
        return self.status != "failed"


@attrs.frozen
class Check(Generic[S]):
    """A plain function that raises :class:`Broken` where a clause is not kept, and the number of that clause."""

    clause: str
    function: Callable[[S], None]

    @property
    def name(self) -> str:
        """What outcomes, expected failures and test ids call it. Stable."""
        return self.function.__name__

    @property
    def sentence(self) -> str:
        """What it looks at, in one sentence."""
        return " ".join((self.function.__doc__ or "").partition("\n\n")[0].split())

    def __call__(self, setup: S) -> None:
        """Run it. Raises :class:`Broken`, :class:`Skipped`, or whatever the adapter raised."""
        self.function(setup)


def quotes(clause: str) -> Callable[[Callable[[S], None]], Check[S]]:
    """Make a function a check of ``clause``."""

    def quoting(function: Callable[[S], None]) -> Check[S]:
        return Check(clause, function)

    return quoting


def require(holds: bool, sentence: str) -> None:
    """Raise :class:`Broken` with ``sentence`` unless it holds."""
    if not holds:
        raise Broken(sentence)


def refused(error: type[Exception], act: Callable[[], object], sentence: str) -> Any:
    """The error that ``act`` raises; :class:`Broken` with ``sentence`` when it does not."""
    try:
        act()
    except error as raised:
        return raised
    raise Broken(sentence)


def outcome_of(check: Check[S], setup: S, expected_failures: Mapping[str, str]) -> Outcome:
    """Run one check. Whatever the adapter raises is its failure; only what stops the program passes through."""
    reason = expected_failures.get(check.name)
    try:
        check(setup)
    except Skipped as skipped:
        return Outcome(check.name, check.clause, "skipped", str(skipped))
    except (Exception, SystemExit) as error:
        if reason is not None:
            return Outcome(check.name, check.clause, "expected", reason, error)
        return Outcome(check.name, check.clause, "failed", _said(error), error)
    if reason is not None:
        message = f"it passes, though it was expected to fail ({reason}); take it from the expected failures"
        return Outcome(check.name, check.clause, "failed", message)
    return Outcome(check.name, check.clause, "passed")


def _said(error: BaseException) -> str:
    return str(error) if isinstance(error, Broken) else f"{type(error).__name__} was raised: {error}"


def unknown_names(checks: Iterable[Check[Any]], expected_failures: Mapping[str, str]) -> list[Outcome]:
    """A failure for every expected one that names no check: a list that has gone stale hides what it is for."""
    names = {check.name for check in checks}
    message = "there is no check of this name; take it from the expected failures, or spell it as `run` does"
    return [Outcome(name, "", "failed", message) for name in expected_failures if name not in names]
