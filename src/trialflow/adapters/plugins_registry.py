"""From an object to a plugin: its hooks are checked, and every fault is said; nothing of a faulty one is used.

Each plugin gets a pluggy manager of its own. What one of them leaves half registered (pluggy 1.5 and 1.6 do so after an
error) or compares in a strange way is thrown away with that manager and reaches no other plugin.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
from pluggy import HookImpl, PluginManager, PluginValidationError

from trialflow.adapters.hooks import TrialflowHooks
from trialflow.adapters.plugins_calls import PATIENCE, Failed, bounded
from trialflow.adapters.plugins_problem import Fault, Origin, PluginProblem, said

__all__ = ["HOOKS", "Plugin", "plugin_of"]

HOOKS: tuple[str, ...] = tuple(name for name in vars(TrialflowHooks) if name.startswith("trialflow_"))
"""The names of all hooks."""


@attrs.frozen(eq=False)
class Plugin:
    """A plugin whose hooks are right: each by its name, and where the plugin comes from."""

    origin: Origin
    hooks: Mapping[str, Callable[..., Any]]


def plugin_of(thing: object, origin: Origin, *, patience: float = PATIENCE) -> Plugin | tuple[PluginProblem, ...]:
    """The plugin that ``thing`` is, or everything that keeps it from being one."""
    try:
        hooks, faults = bounded(lambda: _examined(thing), patience, origin.plugin)
    except Failed as failed:
        why = "it took too long" if failed.error is None else said(failed.error)
        return (origin.problem("register", "plugin_unusable", f"its hooks cannot be looked at: {why}"),)
    if faults:
        return tuple(origin.problem("register", code, message) for code, message in faults)
    return Plugin(origin, hooks)


Faults = list[Fault]


def _examined(thing: object) -> tuple[dict[str, Callable[..., Any]], Faults]:
    if inspect.isclass(thing):
        how = f"it is the class {thing.__name__}; give an instance of it"
        return {}, [Fault("class_given", how)]
    manager = PluginManager("trialflow")
    manager.add_hookspecs(TrialflowHooks)
    try:
        manager.register(thing, "plugin")
    except PluginValidationError as error:
        return {}, [*_misnamed(thing, manager), Fault("hook_invalid", _without_object(str(error)))]
    faults = _misnamed(thing, manager)
    found = dict(_implementations(manager))
    faults += [fault for name, impl in found.items() for fault in _misuse(name, impl)]
    if not found and not faults:
        faults.append(Fault("no_hooks", f"it implements no hook; mark one with @hookimpl: {', '.join(HOOKS)}"))
    return {name: _callable(impl) for name, impl in found.items()}, faults


def _implementations(manager: PluginManager) -> Iterator[tuple[str, HookImpl]]:
    for name in HOOKS:
        for impl in getattr(manager.hook, name).get_hookimpls():
            yield name, impl


def _misnamed(thing: object, manager: PluginManager) -> Faults:
    """Marked functions that name no hook, which pluggy takes in silence, and functions named like a hook without the
    mark, which it does not see."""
    faults, marked = Faults(), set[str]()
    for name in dir(thing):
        opts = manager.parse_hookimpl_opts(thing, name)
        if opts is None:
            continue
        named = opts["specname"] or name
        marked.add(named)
        if named not in HOOKS and not opts["optionalhook"]:
            near = difflib.get_close_matches(named, HOOKS, n=1)
            faults.append(
                Fault("hook_unknown", f"there is no hook {named}" + (f"; did you mean {near[0]}?" if near else ""))
            )
    for name in HOOKS:
        if name not in marked and callable(getattr(thing, name, None)):
            faults.append(Fault("hook_unmarked", f"{name} is not marked with @hookimpl, so nobody would ever call it"))
    return faults


def _misuse(name: str, impl: HookImpl) -> Iterator[Fault]:
    if impl.wrapper or impl.hookwrapper:
        yield Fault("hook_wrapper", f"{name} is a wrapper; hooks of trialflow cannot be wrapped")
    elif inspect.iscoroutinefunction(impl.function) or inspect.isasyncgenfunction(impl.function):
        yield Fault("hook_async", f"{name} is async; write a plain function, which may start what it needs")


def _without_object(message: str) -> str:
    """Pluggy's own words without the object's repr, which may hold anything."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    told = lines[1:] if len(lines) > 1 and lines[0].startswith("Plugin ") else lines
    return "; ".join(told)


def _callable(impl: HookImpl) -> Callable[..., Any]:
    """The implementation, called with those of the parameters that it takes. A parameter with a default gets what the
    caller gives, on every pluggy."""
    taken = {*impl.argnames, *impl.kwargnames}

    def call(**given: Any) -> Any:
        return impl.function(**{name: value for name, value in given.items() if name in taken})

    return call
