"""The public surface as text, one line each: every name of ``trialflow.__all__``, its signature, its fields or methods.

``python tests/helpers/public_surface.py > tests/public_api.txt`` renews the snapshot after a wanted change; the change
belongs into the changelog.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from typing import Any

import attrs

import trialflow

__all__ = ["surface"]

_SIMPLE = (str, int, float, bool, type(None))


def surface() -> Iterator[str]:
    """The lines of the snapshot."""
    for name in trialflow.__all__:
        thing = getattr(trialflow, name)
        if inspect.isclass(thing):
            bases = [base.__name__ for base in thing.__bases__] if issubclass(thing, Exception) else []
            yield f"class {name}({', '.join(bases)})"
            yield from (f"  {line}" for line in _members(thing))
        elif callable(thing):
            yield f"def {name}{_signature(thing)}"
        else:
            yield f"{name} = {thing!r}"


def _members(cls: type) -> Iterator[str]:
    if attrs.has(cls):
        typed = {
            name: kind for base in reversed(cls.__mro__) for name, kind in vars(base).get("__annotations__", {}).items()
        }
        for field in attrs.fields(cls):
            yield f"{field.name}: {typed[field.name]}{_default_of(field)}"
    elif issubclass(cls, tuple):
        yield from (f"{name}: {getattr(kind, '__forward_arg__', kind)}" for name, kind in cls.__annotations__.items())
    elif not issubclass(cls, Exception):
        yield f"__init__{_signature(cls.__init__)}"
    for name in sorted(dir(cls)):
        if name.startswith("_") or name in getattr(tuple, "__dict__", ()) or name in dir(Exception):
            continue
        static = inspect.getattr_static(cls, name)
        if isinstance(static, property):
            yield f"{name} -> {static.fget.__annotations__.get('return', '?')}" if static.fget else name
        elif callable(getattr(cls, name)):
            kind = "classmethod " if isinstance(static, classmethod) else ""
            yield f"{kind}{name}{_signature(getattr(cls, name))}"
        elif name == "code":
            yield f"code = {getattr(cls, name)!r}"


def _default_of(field: attrs.Attribute[Any]) -> str:
    if field.default is attrs.NOTHING:
        return ""
    return f" = {_shown(field.default)}"


def _shown(value: Any) -> str:
    if isinstance(value, _SIMPLE) or value == ():
        return repr(value)
    return "..."


def _signature(function: Any) -> str:
    found = inspect.signature(function)
    shown = []
    star = False
    for parameter in found.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            shown.append("*")
            star = True
        text = (
            parameter.name if parameter.annotation is parameter.empty else f"{parameter.name}: {parameter.annotation}"
        )
        shown.append(text if parameter.default is parameter.empty else f"{text} = {_shown(parameter.default)}")
    return f"({', '.join(shown)}) -> {found.return_annotation}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(surface()) + "\n")
