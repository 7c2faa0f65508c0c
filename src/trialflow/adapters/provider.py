"""What a plugin hands over: a name, a summary, how it is made, and which options that takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Generic, Literal, TypeVar, get_args

import attrs

__all__ = ["Kind", "Option", "Provider"]

T = TypeVar("T", covariant=True)

Kind = Literal["text", "integer", "flag", "path", "secret"]
"""How an option is written: any text; a whole number; yes or no; a path; a reference to a secret (``env:NAME`` or
``file:PATH``), never the secret itself."""

_NAME = re.compile(r"[a-z][a-z0-9_:-]*")
_OPTION = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST = 80


@attrs.frozen
class Option:
    """One keyword argument of :attr:`Provider.make`, as the command line and the configuration file offer it.

    ``name`` matches ``[a-z][a-z0-9_]*``. A ``default`` is shown to people; ``make`` is called without the option where
    none is given. ``make`` gets a ``text`` or ``secret`` as str, an ``integer`` as int, a ``flag`` as bool, a ``path``
    as :class:`pathlib.Path`.
    """

    name: str
    summary: str
    kind: Kind = "text"
    default: str | int | bool | None = None
    required: bool = False

    def faults(self) -> Iterator[str]:
        """What is wrong with the description; nothing when it is right."""
        if not isinstance(self.name, str) or not _OPTION.fullmatch(self.name):
            yield f"an option is called {self.name!r}; use small letters, digits and _"
        if not isinstance(self.summary, str) or not self.summary.strip():
            yield f"the option {self.name!r} has no summary"
        if self.kind not in get_args(Kind):
            yield f"the option {self.name!r} is of kind {self.kind!r}; use one of: {', '.join(get_args(Kind))}"


@attrs.frozen
class Provider(Generic[T]):
    """Something a plugin can make, described so that it can be listed without making it.

    ``name`` is what people write to choose it; it matches ``[a-z][a-z0-9_:-]*``. ``summary`` is one line of text.
    ``make(**options)`` gives the thing itself; imports that take long, or that need an extra, belong into it.
    """

    name: str
    summary: str
    make: Callable[..., T]
    options: tuple[Option, ...] = ()

    def faults(self) -> Iterator[str]:
        """What is wrong with the description; nothing when it is right."""
        if not well_named(self.name):
            yield f"the name {self.name!r} is not usable; use small letters, digits and _ : -, a letter first"
        if not isinstance(self.summary, str) or not self.summary.strip():
            yield "there is no summary; say in one line what it is"
        if not callable(self.make):
            yield f"make is {type(self.make).__name__}; give what can be called"
        yield from _faults_of(self.options)


def well_named(name: Any) -> bool:
    """Whether a provider may be called so."""
    return isinstance(name, str) and len(name) <= _LONGEST and _NAME.fullmatch(name) is not None


def _faults_of(options: Any) -> Iterator[str]:
    if not isinstance(options, tuple) or not all(isinstance(option, Option) for option in options):
        yield "options is no tuple of Option"
        return
    for option in options:
        yield from option.faults()
    names = [option.name for option in options]
    yield from (f"the option {name!r} is there twice" for name in sorted({n for n in names if names.count(n) > 1}))
