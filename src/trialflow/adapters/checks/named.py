"""Setups for what ``module:name`` names: a setup, a function that gives one, or a factory of what is to be checked."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs

from trialflow.adapters.checks.guards import GuardSetup
from trialflow.adapters.checks.renderer_setup import RendererSetup
from trialflow.adapters.checks.running import CHECKS
from trialflow.adapters.checks.source_setup import SourceSetup
from trialflow.adapters.checks.storage_setup import Opener, StorageSetup
from trialflow.adapters.checks.vault_setup import VaultSetup
from trialflow.adapters.checks.workflows import WorkflowSetup
from trialflow.adapters.plugins_providers import ProviderKind

__all__ = ["SETUPS", "made_by", "named_setup"]

SETUPS: Mapping[ProviderKind, Callable[..., Any]] = {
    "storages": StorageSetup,
    "vaults": VaultSetup,
    "lead_sources": SourceSetup,
    "renderers": RendererSetup,
    "guards": GuardSetup,
    "workflows": WorkflowSetup,
}
"""What the checks of each kind are run on."""
_ANYTHING = (Exception, SystemExit)
"""What a module may raise: one that ends the process would otherwise end the command, with an exit code of its own."""


def named_setup(kind: ProviderKind, name: str, *, folder: Path | None = None) -> Any:
    """The setup that ``module:name`` names; the module may lie in ``folder`` (default: the working directory).

    Raises ``LookupError`` where there is no such thing or it fails when it is called, ``TypeError`` where it is
    something else.
    """
    place = folder or Path.cwd()
    with _findable(place):
        found = _setup(kind, name, _named(name))
    if isinstance(found, RendererSetup) and found.opener is None:
        return attrs.evolve(found, opener=Opener(f"{__name__}:made_by", name, (str(place),)))
    return found


def made_by(name: str) -> Any:
    """In another process: the renderer that ``module:name`` names, whether it is a factory or a setup."""
    return _setup("renderers", name, _named(name)).make()


def _named(name: str) -> Any:
    module, _, attribute = name.partition(":")
    try:
        thing: Any = import_module(module)
    except _ANYTHING as error:
        raise LookupError(f"{module} cannot be imported: {type(error).__name__}: {error}") from error
    for part in attribute.split("."):
        if not hasattr(thing, part):
            raise LookupError(f"{module} has no {attribute}; name a factory or a setup that stands in it")
        thing = getattr(thing, part)
    return thing


@contextmanager
def _findable(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _setup(kind: ProviderKind, name: str, thing: Any) -> Any:
    wanted = SETUPS[kind]
    made = _called(name, thing) if inspect.isfunction(thing) and not _needs(thing) else thing
    if type(made) in CHECKS:
        if type(made) is not wanted:
            raise TypeError(f"{name} is a {type(made).__name__}; the checks of this kind need a {wanted.__name__}")
        return made
    if made is not thing:
        getattr(made, "close", lambda: None)()
    if kind == "guards" and _needs(thing):
        return wanted(make=lambda: thing)
    if not callable(thing):
        raise TypeError(f"{name} is no factory; name a function or a class that gives what is to be checked")
    return wanted(make=thing)


def _called(name: str, factory: Callable[[], Any]) -> Any:
    try:
        return factory()
    except _ANYTHING as error:
        raise LookupError(f"{name} cannot be called: {type(error).__name__}: {error}") from error


def _needs(thing: Any) -> bool:
    """Whether calling it needs an argument."""
    try:
        parameters = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)
