"""What the plugins provide: each hook asked once, every provider looked at, the first of a name kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

import attrs

from trialflow.adapters.plugins_calls import PATIENCE, Failed, bounded
from trialflow.adapters.plugins_problem import BUILT_IN, Fault, Origin, PluginProblem, said
from trialflow.adapters.plugins_registry import Plugin
from trialflow.adapters.provider import Provider

__all__ = ["KINDS", "Offer", "ProviderKind", "offers"]

ProviderKind = Literal["storages", "vaults", "lead_sources", "renderers", "guards", "workflows"]
KINDS: tuple[ProviderKind, ...] = get_args(ProviderKind)
"""What can be provided; the hook of each is ``trialflow_<kind>``."""

_MOST = 1000
"""Providers that one hook may give: one that never ends is cut here."""


@attrs.frozen
class Offer:
    """A provider and the plugin that gave it."""

    kind: ProviderKind
    provider: Provider[Any]
    origin: Origin


def offers(
    plugins: Sequence[Plugin], kind: ProviderKind, *, patience: float = PATIENCE
) -> tuple[dict[str, Offer], list[PluginProblem]]:
    """Everything of one kind by name, in the order of ``plugins``, and what is wrong with the rest."""
    kept: dict[str, Offer] = {}
    wrong: list[PluginProblem] = []
    for plugin in plugins:
        given, problems = _given(plugin, kind, patience)
        wrong += problems
        for provider in given:
            problem = _unfit(plugin.origin, kind, provider, kept)
            if problem is not None:
                wrong.append(problem)
            else:
                kept[provider.name] = Offer(kind, provider, plugin.origin)
    return kept, wrong


def _given(plugin: Plugin, kind: ProviderKind, patience: float) -> tuple[list[Provider[Any]], list[PluginProblem]]:
    """What one plugin gives: the providers among it, those before an error included."""
    hook = f"trialflow_{kind}"
    if hook not in plugin.hooks:
        return [], []
    got: list[Any] = []
    wrong: list[Fault] = []
    try:
        wrong += bounded(lambda: _collect(plugin.hooks[hook](), got), patience, plugin.origin.plugin)
    except Failed as failed:
        if failed.error is None:
            wrong.append(Fault("hook_slow", f"it had not answered after {patience:g} s"))
        else:
            wrong.append(Fault("hook_failed", said(failed.error)))
    got = list(got)  # a call that nobody waits for any longer may still add to its own
    strangers = sorted({type(one).__name__ for one in got if not isinstance(one, Provider)})
    if strangers:
        wrong.append(Fault("provider_wrong_type", f"it gives {', '.join(strangers[:5])}; give Provider(...)"))
    problems = [plugin.origin.problem("provide", code, f"{hook}: {message}") for code, message in wrong]
    return [one for one in got if isinstance(one, Provider)], problems


def _collect(answer: Any, into: list[Any]) -> list[Fault]:
    if hasattr(answer, "__await__"):
        getattr(answer, "close", lambda: None)()
        return [Fault("hook_async", "it gives something to await; write a plain function")]
    if isinstance(answer, str | bytes | Provider) or not isinstance(answer, Iterable):
        what = "nothing" if answer is None else type(answer).__name__
        return [Fault("provider_wrong_type", f"it gives {what}; yield Provider(...), or give a list of them")]
    for count, one in enumerate(answer, start=1):
        if count > _MOST:
            return [Fault("too_many", f"it gives more than {_MOST}; the rest is left out")]
        into.append(one)
    return []


def _unfit(origin: Origin, kind: ProviderKind, provider: Provider[Any], kept: dict[str, Offer]) -> PluginProblem | None:
    try:
        faults = list(provider.faults())
        prefixed = kind != "guards" or origin.distribution == BUILT_IN or ":" in provider.name
    except Exception as error:  # a subclass may do anything
        faults, prefixed = [said(error)], True
    if faults:
        return origin.problem("provide", "provider_invalid", f"trialflow_{kind}: {'; '.join(faults)}")
    if not prefixed:
        fix = f"call it by a prefix of yours, such as acme:{provider.name}"
        return origin.problem("provide", "guard_unprefixed", f"the guard {provider.name!r} has no prefix; {fix}")
    first = kept.get(provider.name)
    if first is None:
        return None
    both = f"{first.origin} has it already, this one from {origin} is not used; choose another name"
    return origin.problem("provide", "name_taken", f"trialflow_{kind}: {provider.name!r} is taken: {both}")
