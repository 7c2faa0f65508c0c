"""Whether a plugin has changed trialflow itself while it was imported; what it changed is put back.

A plugin runs in the host's process and can do what the host can. This finds what is common and done openly: a function
or a method replaced by another, the working directory changed. It is no wall; the allow-list is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

__all__ = ["Guarded"]

_PACKAGE = "trialflow"
_METHODS = (FunctionType, classmethod, staticmethod, property)


class Guarded:
    """What trialflow consists of, looked at when it is first asked and whenever more of it has been imported since."""

    def __init__(self) -> None:
        self._modules = -1
        self._parts: list[tuple[ModuleType | type[Any], dict[str, Any]]] = []
        self._folder = ""

    def look(self) -> None:
        """Before foreign code runs."""
        self._folder = _folder()
        modules = sum(name.partition(".")[0] == _PACKAGE for name in list(sys.modules))
        if modules != self._modules:
            self._modules = modules
            self._parts = [(owner, dict(_parts_of(owner))) for owner in _owners()]

    def restore(self) -> list[str]:
        """After it ran: what has changed since is put back; the names of it."""
        changed = []
        for owner, parts in self._parts:
            now = vars(owner)
            for name, part in parts.items():
                if now.get(name) is not part:
                    setattr(owner, name, part)
                    changed.append(f"{_name_of(owner)}.{name}")
        if self._folder and _folder() != self._folder:
            os.chdir(self._folder)
            changed.append("the working directory")
        return changed


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was deleted
        return ""


def _owners() -> Iterator[ModuleType | type[Any]]:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == _PACKAGE and isinstance(module, ModuleType):
            yield module
            yield from (one for one in vars(module).values() if isinstance(one, type) and one.__module__ == name)


def _parts_of(owner: ModuleType | type[Any]) -> Iterator[tuple[str, Any]]:
    kinds = (FunctionType, type) if isinstance(owner, ModuleType) else _METHODS
    return ((name, part) for name, part in list(vars(owner).items()) if isinstance(part, kinds))


def _name_of(owner: ModuleType | type[Any]) -> str:
    return owner.__name__ if isinstance(owner, ModuleType) else f"{owner.__module__}.{owner.__qualname__}"
