"""The plugins of one host: an object that is made, asked and passed on. There is no global one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from trialflow.adapters.builtin import BuiltIn
from trialflow.adapters.discovery import discovered
from trialflow.adapters.plugins_calls import PATIENCE
from trialflow.adapters.plugins_problem import BUILT_IN, Origin, PluginProblem
from trialflow.adapters.plugins_providers import KINDS, Offer, ProviderKind, offers
from trialflow.adapters.plugins_registry import Plugin, plugin_of
from trialflow.adapters.plugins_subscribers import Subscriber
from trialflow.adapters.plugins_using import working_guards
from trialflow.adapters.provider import Provider
from trialflow.model.errors import PluginError
from trialflow.model.recorded import Recorded

if TYPE_CHECKING:
    from trialflow.adapters.ports import LeadSource, Renderer, Storage, Vault
    from trialflow.rules.guards import Guard
    from trialflow.rules.workflow import Workflow

__all__ = ["PluginProblem", "Plugins"]


_MOST_REPORTED = 100
"""Different things that went wrong in use; more of them say nothing new."""


class Plugins:
    """What is built in, the plugins that are passed, and those that :meth:`discover` lets in. Safe for threads.

    Whatever is wrong with a plugin is in :attr:`problems`; it raises nothing here and touches no other plugin.
    ``patience`` is how many seconds one may take to be imported, or to say what it provides.
    """

    def __init__(self, *objects: object, patience: float = PATIENCE) -> None:
        self._lock = threading.RLock()
        self._patience = patience
        self._plugins: list[Plugin] = []
        self._found: list[PluginProblem] = []
        self._used: list[PluginProblem] = []
        self._tried: set[Origin] = set()
        self._subscribers: list[Subscriber] = []
        self._offers: dict[ProviderKind, dict[str, Offer]] = {}
        self._unfit: dict[ProviderKind, list[PluginProblem]] = {}
        self._guards: dict[str, Guard] | None = None
        self._take(plugin_of(BuiltIn(), Origin("built-in", BUILT_IN)))
        for one in objects:
            self._take(plugin_of(one, Origin(_called(one)), patience=patience))

    def discover(self, *, allow: Iterable[str] | None = (), strict: bool = False) -> Self:
        """Load the installed plugins (entry points of the group ``trialflow``) that ``allow`` lets in; None: all.

        ``allow`` has entries such as ``acme``, ``acme==1.2``, ``acme:name`` or ``acme==1.2:name``: a distribution,
        its version, one of its entry points, each perhaps with ``@sha256:`` and the hash of its RECORD. Nothing else is
        imported; it is among the problems as ``not_allowed``. May be called again with a longer list.

        With ``strict``, raises ``PluginError`` with every problem but those of what is not allowed. Raises
        ``ValueError`` for an entry of ``allow`` that says nothing.
        """
        with self._lock:
            self._found = [problem for problem in self._found if problem.stage != "allow"]
            for origin, one in discovered(allow, known=self._tried, patience=self._patience):
                if isinstance(one, Plugin) or one[0].stage != "allow":
                    self._tried.add(origin)
                self._take(one)
        if strict:
            serious = tuple(problem for problem in self.problems if problem.code != "not_allowed")
            if serious:
                raise PluginError(serious)
        return self

    def storages(self) -> dict[str, Provider[Storage]]:
        """Where the ledger can be kept, by name."""
        return self._providers("storages")

    def vaults(self) -> dict[str, Provider[Vault]]:
        """Where identities and notes can be kept, by name."""
        return self._providers("vaults")

    def lead_sources(self) -> dict[str, Provider[LeadSource]]:
        """Where leads can come from, by name."""
        return self._providers("lead_sources")

    def renderers(self) -> dict[str, Provider[Renderer]]:
        """Formats of reports, by name."""
        return self._providers("renderers")

    def guards(self) -> dict[str, Provider[Guard]]:
        """Conditions that moves may require, by name."""
        return self._providers("guards")

    def workflows(self) -> dict[str, Provider[Workflow]]:
        """Workflow definitions, by name."""
        return self._providers("workflows")

    def offer(self, kind: ProviderKind, name: str) -> Offer | None:
        """What is provided under this name, with the plugin that gave it; None where nothing is."""
        return self._of(kind).get(name)

    def offers(self) -> tuple[Offer, ...]:
        """Everything that is provided, with the plugin that gave it."""
        return tuple(offer for kind in KINDS for offer in self._of(kind).values())

    def working_guards(self) -> Mapping[str, Guard]:
        """Every guard, made once, for ``loads(text, guards=...)`` and for moves. One that fails refuses the move."""
        with self._lock:
            known = self._of("guards")
            if self._guards is None:
                self._guards = working_guards(known, self._report)
            return self._guards

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Every usable plugin: what is built in, what was passed, what was discovered, in this order."""
        with self._lock:
            return tuple(plugin.origin for plugin in self._plugins)

    @property
    def problems(self) -> tuple[PluginProblem, ...]:
        """Everything that is wrong with the plugins, as far as it is known by now."""
        with self._lock:
            unfit = [problem for kind in KINDS if self._of(kind) is not None for problem in self._unfit[kind]]
            told = [problem for subscriber in self._subscribers for problem in subscriber.problems()]
            return (*self._found, *unfit, *self._used, *told)

    @property
    def listening(self) -> bool:
        """Whether any plugin wants to be told what is recorded."""
        return bool(self._subscribers)

    @property
    def subscribers(self) -> tuple[Origin, ...]:
        """The plugins that are told what is recorded."""
        return tuple(subscriber.origin for subscriber in self._subscribers)

    def announce(self, records: Sequence[Recorded]) -> None:
        """Tell every subscriber what was appended. Never waits and never raises; each is told on its own thread."""
        if records:
            for subscriber in tuple(self._subscribers):
                subscriber.tell(tuple(records))

    def wait(self, seconds: float) -> bool:
        """Wait until the subscribers have dealt with what was announced, ``seconds`` at the most; whether they have."""
        until = time.monotonic() + seconds
        done = [subscriber.wait(max(until - time.monotonic(), 0)) for subscriber in tuple(self._subscribers)]
        return all(done)

    def _take(self, one: Plugin | tuple[PluginProblem, ...]) -> None:
        with self._lock:
            if not isinstance(one, Plugin):
                self._found += one
                return
            self._plugins.append(one)
            self._offers.clear()
            self._guards = None
            hook = one.hooks.get("trialflow_recorded")
            if hook is not None:
                self._subscribers.append(Subscriber(one.origin, hook))

    def _report(self, problem: PluginProblem) -> None:
        """Something that went wrong in use: once, however often it happens."""
        with self._lock:
            if problem not in self._used and len(self._used) < _MOST_REPORTED:
                self._used.append(problem)

    def _of(self, kind: ProviderKind) -> dict[str, Offer]:
        """Asked of the plugins once, when somebody first wants to know."""
        with self._lock:
            if kind not in self._offers:
                self._offers[kind], self._unfit[kind] = offers(self._plugins, kind, patience=self._patience)
            return self._offers[kind]

    def _providers(self, kind: ProviderKind) -> dict[str, Provider[Any]]:
        return {name: offer.provider for name, offer in self._of(kind).items()}


def _called(one: object) -> str:
    """A passed plugin's name: that of the module, or of the class passed by mistake; else that of its type."""
    name = getattr(one, "__name__", None) if type(one).__name__ in ("module", "type") else None
    return str(name or type(one).__name__)
