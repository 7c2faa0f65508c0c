"""Guards and renderers of plugins at work: what they do wrong reaches nobody but them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from trialflow.adapters.plugins_making import made
from trialflow.adapters.plugins_problem import BUILT_IN, Origin, PluginProblem, said
from trialflow.adapters.plugins_providers import Offer
from trialflow.model.errors import PluginError, Refusal, TrialflowError
from trialflow.reports.sponsor_values import SponsorUpdate
from trialflow.rules.guards import Attempt, Guard

__all__ = ["rendered", "working_guards"]

Report = Callable[[PluginProblem], None]


def working_guards(offers: Mapping[str, Offer], report: Report) -> dict[str, Guard]:
    """Every guard by name, made. What is wrong with one goes to ``report``, and a move that requires it is refused."""
    found: dict[str, Guard] = {}
    for name, offer in offers.items():
        try:
            guard: Guard = made(offer)
        except TrialflowError as error:
            report(_problem(offer, error))
            guard = _broken
        found[name] = guard if offer.origin.distribution == BUILT_IN else _Watched(name, guard, offer.origin, report)
    return found


def _problem(offer: Offer, error: TrialflowError) -> PluginProblem:
    first = error.problems[0] if isinstance(error, PluginError) and error.problems else None
    return first if isinstance(first, PluginProblem) else offer.origin.problem("make", "make_failed", said(error))


def _broken(_attempt: Attempt) -> Refusal | None:
    raise RuntimeError("the guard could not be made")


@attrs.frozen(eq=False)
class _Watched:
    """A plugin's guard. One that fails refuses: nobody is moved because a condition could not be looked at."""

    name: str
    guard: Guard
    origin: Origin
    report: Report

    def __call__(self, attempt: Attempt) -> Refusal | None:
        try:
            answer: Any = self.guard(attempt)
        except Exception as error:
            return self._failed(said(error))
        if answer is None or isinstance(answer, Refusal):
            return answer
        if inspect.iscoroutine(answer):
            answer.close()
        return self._failed(f"it gives {type(answer).__name__}; give None or a Refusal")

    def _failed(self, why: str) -> Refusal:
        self.report(self.origin.problem("use", "guard_failed", f"guard {self.name}: {why}"))
        what = f"the condition {self.name} could not be looked at"
        return Refusal(
            "guard_failed", what, f"ask who looks after the plugin {self.origin}; `trialflow plugins` says more"
        )


def rendered(offer: Offer, report: Any, labels: Mapping[str, str]) -> bytes:
    """``report`` as the bytes of a provided format. The renderer gets a copy of the labels and nothing else;
    with a sponsor update not even that.

    Raises ``PluginError`` when it fails; the message says how, but not what the renderer said: it had names at hand.
    """
    renderer = made(offer)
    known = {} if isinstance(report, SponsorUpdate) else dict(labels)
    try:
        answer: Any = renderer.render(report, labels=known)
    except TrialflowError:
        raise
    except Exception as error:
        raise _no_bytes(offer, f"it failed with {type(error).__name__}") from None
    if not isinstance(answer, bytes):
        raise _no_bytes(offer, f"it gives {type(answer).__name__}; a renderer gives bytes")
    return answer


def _no_bytes(offer: Offer, why: str) -> PluginError:
    message = f"format {offer.provider.name}: {why}"
    return PluginError((offer.origin.problem("use", "render_failed", message),))
