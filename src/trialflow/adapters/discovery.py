"""Plugins that are installed: found by their entry points, imported only when the host named their distribution.

An allow-list has entries of the form ``distribution``, ``distribution==version``, ``distribution:entry-point`` or
``distribution==version:entry-point``, each perhaps with ``@sha256:...``, the hash of the distribution's RECORD. What is
on no entry is not imported, and is shown as such. A list cannot stop what a distribution does by itself when it is
installed, or by a ``.pth`` file: whoever installs it has let it in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib.metadata import Distribution, EntryPoint, distribution, distributions

import attrs

from trialflow.adapters.discovery_record import record_digest, record_fault
from trialflow.adapters.plugins_calls import PATIENCE, Failed, bounded
from trialflow.adapters.plugins_meddling import Guarded
from trialflow.adapters.plugins_problem import Origin, PluginProblem, said
from trialflow.adapters.plugins_registry import Plugin, plugin_of

__all__ = ["GROUP", "Allowed", "discovered", "pin"]

GROUP = "trialflow"
"""The group of entry points."""

_ENTRY = re.compile(
    r"(?P<distribution>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"
    r"(?:==(?P<version>[A-Za-z0-9.!+_-]+))?"
    r"(?::(?P<entry>[^\s:=@]+))?"
    r"(?:@sha256:(?P<record>[0-9a-f]{64}))?"
)


@attrs.frozen
class Allowed:
    """One entry of an allow-list."""

    distribution: str
    version: str = ""
    entry: str = ""
    record: str = ""

    @classmethod
    def read(cls, text: str) -> Allowed:
        """From ``acme``, ``acme==1.2``, ``acme:name`` or ``acme==1.2:name``, perhaps with ``@sha256:`` and the hash of
        its RECORD. Raises ``ValueError``."""
        found = _ENTRY.fullmatch(text.strip()) if isinstance(text, str) else None
        if found is None:
            raise ValueError(
                f"{text!r} allows nothing; write a distribution, such as acme, acme==1.2 or acme==1.2:name"
            )
        return cls(_same(found["distribution"]), *(found[part] or "" for part in ("version", "entry", "record")))

    def __str__(self) -> str:
        version, entry = self.version and f"=={self.version}", self.entry and f":{self.entry}"
        return f"{self.distribution}{version}{entry}{self.record and f'@sha256:{self.record}'}"

    def names(self, origin: Origin) -> bool:
        """Whether it speaks of this entry point, of whatever version."""
        return self.distribution == _same(origin.distribution) and self.entry in ("", origin.plugin)

    def allows(self, origin: Origin) -> bool:
        """Whether it lets this entry point in, its RECORD aside."""
        return self.names(origin) and self.version in ("", origin.version)


Found = Plugin | tuple[PluginProblem, ...]


def discovered(
    allow: Iterable[str] | None, *, known: Collection[Origin] = (), patience: float = PATIENCE
) -> Iterator[tuple[Origin, Found]]:
    """Each installed plugin that ``allow`` lets in (None: every one), and what is wrong with each of the others.

    Those in ``known`` are left out. By the names of entry points, then of distributions. Raises ``ValueError`` for an
    entry that says nothing, ``TypeError`` for a text in place of a list.
    """
    if isinstance(allow, str):
        raise TypeError("the allow-list is a list of distributions, not one text")
    entries = None if allow is None else [Allowed.read(text) for text in allow]
    installed, unreadable = _installed()
    yield from unreadable
    guarded = Guarded()
    for origin, point in installed:
        if origin not in known:
            shut = None if entries is None else _shut(entries, origin, point)
            yield origin, ((shut,) if shut is not None else _loaded(origin, point, guarded, patience))
    for entry in entries or ():
        if not any(entry.names(origin) for origin, _ in installed):
            message = f"the allow-list names {entry}, but no such plugin is installed"
            asked = Origin(entry.entry or entry.distribution, entry.distribution, entry.version)
            yield asked, (asked.problem("allow", "not_installed", message),)


def pin(origin: Origin) -> str:
    """The narrowest entry that lets this installed plugin in: its version, its name, the hash of its RECORD."""
    return str(
        Allowed(
            _same(origin.distribution), origin.version, origin.plugin, record_digest(distribution(origin.distribution))
        )
    )


def _same(name: str) -> str:
    """A distribution's name, however it is spelt."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed() -> tuple[list[tuple[Origin, EntryPoint]], list[tuple[Origin, Found]]]:
    """The entry points of the group by their names, and the distributions of which that cannot be said."""
    found: dict[str, list[tuple[Origin, EntryPoint]]] = {}
    wrong: list[tuple[Origin, Found]] = []
    for one in distributions():
        try:
            if any(point.group == GROUP for point in one.entry_points):
                name = _stated(one, "Name")
                # Of several copies the first on the path, as an import would find it.
                found.setdefault(_same(name), list(_points_of(name, distribution(name))))
        except Exception as error:
            where = Origin("?", _name_of(one))
            message = f"what it announces cannot be read, so it was not imported: {said(error)}"
            wrong.append((where, (where.problem("allow", "metadata_unreadable", message),)))
    every = [each for points in found.values() for each in points]
    return sorted(every, key=lambda each: (each[0].plugin, _same(each[0].distribution))), wrong


def _points_of(name: str, one: Distribution) -> Iterator[tuple[Origin, EntryPoint]]:
    version = _stated(one, "Version")
    return ((Origin(point.name, name, version), point) for point in one.entry_points if point.group == GROUP)


def _stated(one: Distribution, field: str) -> str:
    """A field of the metadata. Raises ``ValueError`` where it is missing."""
    found = one.metadata
    if field not in found:
        raise ValueError(f"its metadata has no {field}")
    return str(found[field])


def _name_of(one: Distribution) -> str:
    try:
        return _stated(one, "Name")
    except Exception:
        return "?"


def _shut(entries: Sequence[Allowed], origin: Origin, point: EntryPoint) -> PluginProblem | None:
    """Why a plugin is not let in; None when it is."""
    named = [entry for entry in entries if entry.names(origin)]
    if not named:
        message = f"installed, but not on the allow-list, so it was not imported; to use it, add {origin.distribution}"
        return origin.problem("allow", "not_allowed", message)
    fitting = [entry for entry in named if entry.allows(origin)]
    if not fitting:
        versions = ", ".join(entry.version for entry in named)
        message = f"the allow-list names version {versions}, but {origin.version} is installed; it was not imported"
        return origin.problem("allow", "version_differs", message)
    faults = [_record_fault(point, entry.record) for entry in fitting]
    if all(faults):
        return origin.problem("allow", "record_differs", f"it was not imported: {faults[0]}")
    return None


def _record_fault(point: EntryPoint, pinned: str) -> str:
    if not pinned or point.dist is None:
        return ""
    try:
        return record_fault(point.dist, pinned)
    except Exception as error:
        return f"its RECORD cannot be read: {said(error)}"


def _loaded(origin: Origin, point: EntryPoint, guarded: Guarded, patience: float) -> Found:
    guarded.look()
    found = _imported(origin, point, patience)
    meddled = guarded.restore()
    if meddled:
        message = f"while it was imported it changed {', '.join(meddled[:5])}; that was put back, and it is not used"
        return (origin.problem("import", "meddling", message),)
    return found


def _imported(origin: Origin, point: EntryPoint, patience: float) -> Found:
    try:
        thing = bounded(point.load, patience, origin.plugin)
    except Failed as failed:
        if failed.error is None:
            message = f"its import was not done after {patience:g} s"
            return (origin.problem("import", "import_slow", message),)
        return (origin.problem("import", "import_failed", f"{point.value}: {said(failed.error)}"),)
    return plugin_of(thing, origin, patience=patience)
