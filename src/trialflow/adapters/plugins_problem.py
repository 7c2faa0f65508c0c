"""What can be wrong with a plugin, and where a plugin comes from."""

from __future__ import annotations

from typing import Literal, NamedTuple

import attrs

from trialflow.model.errors import Problem

__all__ = ["BUILT_IN", "Fault", "Origin", "PluginProblem", "Stage", "said"]

Stage = Literal["allow", "import", "register", "provide", "make", "use", "announce"]
"""When it went wrong: finding it, importing it, registering its hooks, asking what it has, making something it
provides, using that, telling it what was recorded."""

_LONGEST = 300


@attrs.frozen(kw_only=True)
class PluginProblem(Problem):
    """One thing wrong with one plugin. ``path`` is ``distribution==version:plugin`` as an allow-list writes it.

    ``plugin`` is the name of its entry point, or of the object a host passed; ``distribution`` and ``version`` are
    empty for such an object.
    """

    plugin: str
    distribution: str
    version: str
    stage: Stage


class Fault(NamedTuple):
    """Something wrong, before it is said whose it is."""

    code: str
    message: str


@attrs.frozen
class Origin:
    """Where a plugin comes from: its name, and the distribution it was found in (empty: the host passed it)."""

    plugin: str
    distribution: str = ""
    version: str = ""

    def __str__(self) -> str:
        if self.distribution == BUILT_IN:
            return "trialflow itself"
        if not self.distribution:
            return f"{self.plugin} (passed by the host)"
        return f"{self.distribution}{f'=={self.version}' if self.version else ''}:{self.plugin}"

    def problem(self, stage: Stage, code: str, message: str) -> PluginProblem:
        """Something wrong with the plugin from here."""
        return PluginProblem(
            path=str(self),
            code=code,
            message=message,
            plugin=self.plugin,
            distribution=self.distribution,
            version=self.version,
            stage=stage,
        )


BUILT_IN = "trialflow"
"""The distribution of what is built in."""


def said(error: BaseException) -> str:
    """A plugin's exception in one line: its kind and what it says, as far as it can say anything."""
    try:
        words = " ".join(str(error).split())[:_LONGEST]
    except BaseException:  # a message that cannot be made is no reason to fall
        words = ""
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
