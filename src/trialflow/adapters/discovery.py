"""Plugins that are installed: found by their entry points, imported only when the host named their distribution.

An allow-list has entries of the form ``distribution``, ``distribution==version``, ``distribution:entry-point`` or
``distribution==version:entry-point``. What is on no entry is not imported, and is shown as such. A list cannot stop
what a distribution does by itself when it is installed, or by a ``.pth`` file: whoever installs it has let it in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import Distribution, EntryPoint, distribution, distributions

import attrs

from trialflow.adapters.plugins_calls import PATIENCE, Failed, bounded
from trialflow.adapters.plugins_problem import Origin, PluginProblem, said
from trialflow.adapters.plugins_registry import Plugin, plugin_of

__all__ = ["GROUP", "Allowed", "discovered"]

GROUP = "trialflow"
"""The group of entry points."""

_ENTRY = re.compile(
    r"(?P<distribution>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"
    r"(?:==(?P<version>[A-Za-z0-9.!+_-]+))?"
    r"(?::(?P<entry>[^\s:=]+))?"
)


@attrs.frozen
class Allowed:
    """One entry of an allow-list."""

    distribution: str
    version: str = ""
    entry: str = ""

    @classmethod
    def read(cls, text: str) -> Allowed:
        """From ``acme``, ``acme==1.2``, ``acme:name`` or ``acme==1.2:name``. Raises ``ValueError``."""
        found = _ENTRY.fullmatch(text.strip()) if isinstance(text, str) else None
        if found is None:
            raise ValueError(
                f"{text!r} allows nothing; write a distribution, such as acme, acme==1.2 or acme==1.2:name"
            )
        return cls(_same(found["distribution"]), found["version"] or "", found["entry"] or "")

    def __str__(self) -> str:
        version, entry = self.version and f"=={self.version}", self.entry and f":{self.entry}"
        return f"{self.distribution}{version}{entry}"

    def names(self, origin: Origin) -> bool:
        """Whether it speaks of this entry point, of whatever version."""
        return self.distribution == _same(origin.distribution) and self.entry in ("", origin.plugin)

    def allows(self, origin: Origin) -> bool:
        """Whether it lets this entry point in."""
        return self.names(origin) and self.version in ("", origin.version)


def discovered(
    allow: Iterable[str] | None, *, patience: float = PATIENCE
) -> Iterator[Plugin | tuple[PluginProblem, ...]]:
    """Each installed plugin that ``allow`` lets in (None: every one), and what is wrong with each of the others.

    By the names of entry points, then of distributions. Raises ``ValueError`` for an entry that says nothing,
    ``TypeError`` for a text in place of a list.
    """
    if isinstance(allow, str):
        raise TypeError("the allow-list is a list of distributions, not one text")
    entries = None if allow is None else [Allowed.read(text) for text in allow]
    installed, unreadable = _installed()
    yield from ((problem,) for problem in unreadable)
    for origin, point in installed:
        shut = None if entries is None else _shut(entries, origin)
        yield (shut,) if shut is not None else _loaded(origin, point, patience)
    for entry in entries or ():
        if not any(entry.names(origin) for origin, _ in installed):
            message = f"the allow-list names {entry}, but no such plugin is installed"
            asked = Origin(entry.entry or entry.distribution, entry.distribution, entry.version)
            yield (asked.problem("allow", "not_installed", message),)


def _same(name: str) -> str:
    """A distribution's name, however it is spelt."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed() -> tuple[list[tuple[Origin, EntryPoint]], list[PluginProblem]]:
    """The entry points of the group by their names, and the distributions of which that cannot be said."""
    names: dict[str, str] = {}
    wrong: list[PluginProblem] = []
    for one in distributions():
        try:
            if any(point.group == GROUP for point in one.entry_points):
                names.setdefault(_same(one.name), one.name)
        except Exception as error:
            message = f"what it announces cannot be read: {said(error)}"
            wrong.append(Origin("?", _name_of(one)).problem("allow", "metadata_unreadable", message))
    found: list[tuple[Origin, EntryPoint]] = []
    for name in names.values():
        one = distribution(name)  # of several copies the first on the path, as an import would find it
        found += [(Origin(point.name, name, one.version), point) for point in one.entry_points if point.group == GROUP]
    return sorted(found, key=lambda each: (each[0].plugin, _same(each[0].distribution))), wrong


def _name_of(one: Distribution) -> str:
    try:
        return str(one.name)
    except Exception:
        return "?"


def _shut(entries: Sequence[Allowed], origin: Origin) -> PluginProblem | None:
    """Why a plugin is not let in; None when it is."""
    if any(entry.allows(origin) for entry in entries):
        return None
    named = [entry for entry in entries if entry.names(origin)]
    if named:
        versions = ", ".join(entry.version for entry in named)
        message = f"the allow-list names version {versions}, but {origin.version} is installed; it was not imported"
        return origin.problem("allow", "version_differs", message)
    message = f"it is installed but not on the allow-list, so it was not imported; to use it, add {origin.distribution}"
    return origin.problem("allow", "not_allowed", message)


def _loaded(origin: Origin, point: EntryPoint, patience: float) -> Plugin | tuple[PluginProblem, ...]:
    try:
        thing = bounded(point.load, patience, origin.plugin)
    except Failed as failed:
        if failed.error is None:
            message = f"its import was not done after {patience:g} s"
            return (origin.problem("import", "import_slow", message),)
        return (origin.problem("import", "import_failed", f"{point.value}: {said(failed.error)}"),)
    return plugin_of(thing, origin, patience=patience)
