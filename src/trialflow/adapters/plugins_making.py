"""What was chosen by its name, made: options checked first, and what comes out looked at."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialflow.adapters.plugins_options import Choice, Values, values
from trialflow.adapters.plugins_problem import said
from trialflow.adapters.plugins_providers import Offer, ProviderKind
from trialflow.model.errors import PluginError, Problem, TrialflowError

if TYPE_CHECKING:
    from trialflow.adapters.plugins import Plugins

__all__ = ["KIND_NAMES", "choice_problems", "made", "make"]

KIND_NAMES: Mapping[ProviderKind, str] = {
    "storages": "storage",
    "vaults": "vault",
    "lead_sources": "lead source",
    "renderers": "format",
    "guards": "guard",
    "workflows": "workflow",
}
"""What people call one of each kind."""

_METHODS: Mapping[ProviderKind, tuple[str, ...]] = {
    "storages": ("append", "read", "scan"),
    "vaults": ("namespace", "put", "get", "items", "forget"),
    "lead_sources": ("fetch",),
    "renderers": ("render",),
}


def choice_problems(plugins: Plugins, kind: ProviderKind, choice: Choice, *, base: Path | None = None) -> list[Problem]:
    """Everything that keeps ``choice`` from being made: nobody provides it, or its options are wrong.

    The path of a problem is the name of the option, or empty.
    """
    found = _looked_up(plugins, kind, choice, base)
    return found if isinstance(found, list) else []


def make(plugins: Plugins, kind: ProviderKind, choice: Choice, *, base: Path | None = None) -> Any:
    """What ``choice`` names. Relative paths are taken from ``base`` (default: the working directory).

    Raises ``PluginError`` with every problem of the choice, or with what the provider raised; what it raised on
    purpose (a ``TrialflowError``) passes through.
    """
    found = _looked_up(plugins, kind, choice, base)
    if isinstance(found, list):
        raise PluginError(tuple(found))
    return made(*found)


def _looked_up(
    plugins: Plugins, kind: ProviderKind, choice: Choice, base: Path | None
) -> tuple[Offer, Values] | list[Problem]:
    offer = plugins.offer(kind, choice.name)
    if offer is None:
        known = [offer.provider.name for offer in plugins.offers() if offer.kind == kind]
        near = difflib.get_close_matches(choice.name, known, n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        what = f"there is no {KIND_NAMES[kind]} {choice.name!r}; {meant}there are: {', '.join(sorted(known)) or 'none'}"
        return [Problem("", "provider_unknown", what)]
    found = values(offer.provider.options, choice.options, base=base)
    return found if isinstance(found, list) else (offer, found)


def made(offer: Offer, given: Values | None = None) -> Any:
    """What the provider of ``offer`` makes with checked values. Raises ``PluginError`` when it fails or makes something
    else; no secret is in the message."""
    used = given if given is not None else Values({}, ())
    name, origin = offer.provider.name, offer.origin
    try:
        thing = offer.provider.make(**used.given)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if isinstance(error, TrialflowError) and not any(secret in str(error) for secret in used.secrets):
            raise
        message = f"{KIND_NAMES[offer.kind]} {name} cannot be made: {_scrubbed(said(error), used.secrets)}"
        raise PluginError((origin.problem("make", "make_failed", message),)) from None
    lacking = _unlike(offer.kind, thing)
    if lacking:
        message = f"{KIND_NAMES[offer.kind]} {name}: it makes {type(thing).__name__}, which {lacking}"
        raise PluginError((origin.problem("make", "made_wrong_type", message),))
    return thing


def _scrubbed(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***").replace(repr(secret)[1:-1], "***")
    return text


def _unlike(kind: ProviderKind, thing: Any) -> str:
    """What ``thing`` lacks to be of ``kind``; empty when it will do."""
    if inspect.isclass(thing):
        return "is a class; make gives an instance"
    if kind in _METHODS:
        lacking = [name for name in _METHODS[kind] if not callable(getattr(thing, name, None))]
        return f"has no {', '.join(lacking)}" if lacking else _CHECKS.get(kind, _fine)(thing)
    return _CHECKS[kind](thing)


def _fine(_thing: Any) -> str:
    return ""


def _guard(thing: Any) -> str:
    if not callable(thing):
        return "cannot be called; a guard is a function of one Attempt"
    return "is async; a guard is a plain function" if inspect.iscoroutinefunction(thing) else ""


def _workflow(thing: Any) -> str:
    from trialflow.rules.workflow import Workflow

    return "" if isinstance(thing, Workflow) else "is no Workflow; loads(text) makes one"


def _renderer(thing: Any) -> str:
    return "" if isinstance(getattr(thing, "media_type", None), str) else "has no media_type; it is a text"


_CHECKS: Mapping[ProviderKind, Callable[[Any], str]] = {
    "guards": _guard,
    "workflows": _workflow,
    "renderers": _renderer,
}
