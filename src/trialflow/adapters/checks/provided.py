"""Setups for what a plugin provides: by the name of a provider, with options as the command line writes them.

Every storage and every vault that the checks ask for is a new one. In an option, ``{fresh}`` stands for a word that is
new at each of them; a path that is ``{fresh}`` and nothing else is a file of its own in ``folder``, and so is a
required path that is not given.
"""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from trialflow.adapters.checks.guards import GuardSetup
from trialflow.adapters.checks.renderer_setup import RendererSetup
from trialflow.adapters.checks.source_setup import SourceSetup
from trialflow.adapters.checks.storage_setup import Opener, StorageSetup, takes_clock
from trialflow.adapters.checks.vault_setup import VaultSetup
from trialflow.adapters.checks.workflows import WorkflowSetup
from trialflow.adapters.plugins import Plugins
from trialflow.adapters.plugins_making import made, make
from trialflow.adapters.plugins_options import Choice, Values, values
from trialflow.adapters.plugins_problem import BUILT_IN
from trialflow.adapters.plugins_providers import Offer, ProviderKind
from trialflow.model.errors import PluginError, Problem

__all__ = ["FRESH", "open_provided", "provided_setup"]

FRESH = "{fresh}"
Setup = StorageSetup | VaultSetup | SourceSetup | RendererSetup | GuardSetup | WorkflowSetup


def provided_setup(plugins: Plugins, kind: ProviderKind, choice: Choice, folder: Path) -> Setup:
    """What the checks of ``choice`` are run on. Files of the stores go into ``folder``.

    Raises ``PluginError`` with every problem of the choice.
    """
    offer = plugins.offer(kind, choice.name)
    if offer is None:
        raise PluginError((Problem("", "provider_unknown", f"nothing of the kind {kind} is called {choice.name!r}"),))
    maker = _Maker(offer, choice, folder)
    maker.values()  # what is wrong with the options is said before anything is run
    if kind == "storages":
        return maker.storage_setup()
    if kind == "vaults":
        return VaultSetup(make=maker.make, reopen=maker.again if maker.lasts else None)
    if kind == "renderers":
        return RendererSetup(make=maker.make, opener=maker.opener(maker.choice.options))
    if kind == "workflows":
        return WorkflowSetup(make=maker.make, guards=plugins.working_guards())
    return SourceSetup(make=maker.make) if kind == "lead_sources" else GuardSetup(make=maker.make)


def open_provided(address: str) -> Any:
    """Make in another process what the setup of something provided gives the address of."""
    told = json.loads(address)
    plugins = Plugins().discover(allow=told["allow"])
    return make(plugins, told["kind"], Choice(told["name"], told["options"]))


@attrs.define(eq=False)
class _Maker:
    """Makes one thing after the other, and knows with which options each was made."""

    offer: Offer
    choice: Choice
    folder: Path
    written: list[tuple[Any, dict[str, Any]]] = attrs.field(factory=list)
    _names: Any = attrs.field(factory=lambda: (f"{secrets.token_hex(4)}_{n}" for n in itertools.count()))

    @property
    def lasts(self) -> bool:
        """Whether a second one with the same options is another handle on the first: its options say where it lies."""
        return any(isinstance(value, str) and FRESH in value for value in self._template().values())

    def _template(self) -> dict[str, Any]:
        stores = self.offer.kind in ("storages", "vaults")
        paths = [option.name for option in self.offer.provider.options if option.required and option.kind == "path"]
        return {**(dict.fromkeys(paths, FRESH) if stores else {}), **self.choice.options}

    def options(self) -> dict[str, Any]:
        """The options of the next one."""
        paths = {option.name for option in self.offer.provider.options if option.kind == "path"}
        name = next(self._names)
        file = str(self.folder / f"{name}.db")
        return {
            key: file if key in paths and value == FRESH else _replaced(value, name)
            for key, value in self._template().items()
        }

    def values(self, options: Mapping[str, Any] | None = None) -> Values:
        """Checked values. Raises ``PluginError`` with every problem."""
        found = values(self.offer.provider.options, self.options() if options is None else options)
        if isinstance(found, list):
            raise PluginError(tuple(found))
        return found

    def make(self, **more: Any) -> Any:
        """A new one."""
        options = self.options()
        given = self.values(options)
        thing = made(self.offer, Values({**given.given, **more}, given.secrets))
        self.written.append((thing, options))
        return thing

    def again(self, thing: Any) -> Any:
        """Another handle on one that was made."""
        return made(self.offer, self.values(self._options_of(thing)))

    def _options_of(self, thing: Any) -> dict[str, Any]:
        return next(options for known, options in self.written if known is thing)

    def storage_setup(self) -> StorageSetup:
        """A storage that may take a clock, be reopened, and be opened by other processes."""

        def without_clock() -> Any:
            return self.make()

        lasts = self.lasts
        return StorageSetup(
            make=self.make if self._takes_clock() else without_clock,
            reopen=self.again if lasts else None,
            opener=(lambda store: self.opener(self._options_of(store))) if lasts else None,
        )

    def _takes_clock(self) -> bool:
        """Whether the provider hands a clock on: one that takes any option may take it, or refuse it."""
        if not takes_clock(self.offer.provider.make):
            return False
        try:
            thing = self.make(clock=lambda: datetime.now(UTC))
        except Exception:
            return False
        getattr(thing, "close", lambda: None)()
        return True

    def opener(self, options: Mapping[str, Any]) -> Opener:
        """How another process makes one with these options: it lets in the same distribution, and no other."""
        distribution = self.offer.origin.distribution
        allow = [] if distribution == BUILT_IN else [distribution]
        address = {"kind": self.offer.kind, "name": self.choice.name, "options": dict(options), "allow": allow}
        return Opener(f"{__name__}:open_provided", json.dumps(address))


def _replaced(value: Any, name: str) -> Any:
    return value.replace(FRESH, name) if isinstance(value, str) else value
