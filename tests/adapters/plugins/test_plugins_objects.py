"""What a host passes to ``Plugins``: hooks that are right are used, every fault is said, and nobody else is touched."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialflow import Plugins
from trialflow.adapters.hooks import hookimpl
from trialflow.adapters.plugins import PluginProblem
from trialflow.adapters.plugins_registry import HOOKS
from trialflow.adapters.provider import Option, Provider
from trialflow.adapters.storages.vault_memory import MemoryVault


class Vaults:
    """Gives the vaults it was made with."""

    def __init__(self, *providers: Provider[Any]) -> None:
        self.providers = providers
        self.asked = 0

    @hookimpl
    def trialflow_vaults(self) -> Iterable[Provider[Any]]:
        self.asked += 1
        return self.providers


def only(plugins: Plugins) -> PluginProblem:
    """The one problem."""
    (problem,) = plugins.problems
    return problem


def test_everything_built_in_comes_through_the_hooks() -> None:
    plugins = Plugins()
    assert plugins.problems == ()
    assert {"sqlite", "memory"} <= set(plugins.storages())
    assert {"sqlite", "memory"} <= set(plugins.vaults())
    assert set(plugins.renderers()) >= {"text", "markdown", "json", "csv", "html"}
    assert "jsonl" in plugins.lead_sources()
    assert set(plugins.workflows()) == {"default"}
    assert {offer.origin.distribution for offer in plugins.offers()} == {"trialflow"}


def test_built_in_renderers_and_guards_are_those_of_the_library() -> None:
    from trialflow.adapters.renderers.formats import FORMATS
    from trialflow.rules.guards import GUARDS

    plugins = Plugins()
    assert {name: type(p.make()) for name, p in plugins.renderers().items()} == {n: type(r) for n, r in FORMATS.items()}
    assert {name: p.make() for name, p in plugins.guards().items()} == dict(GUARDS)


def test_a_class_is_named_by_its_own_name() -> None:
    problem = only(Plugins(Vaults))
    assert (problem.plugin, problem.code) == ("Vaults", "class_given")


def test_a_plugin_is_asked_once_and_only_when_somebody_wants_to_know() -> None:
    vaults = Vaults(Provider("mine", "my vault", MemoryVault))
    plugins = Plugins(vaults)
    assert vaults.asked == 0
    assert isinstance(plugins.vaults()["mine"].make(), MemoryVault)
    assert plugins.problems == ()
    assert vaults.asked == 1


def test_plugins_are_separate_objects() -> None:
    Plugins(Vaults(Provider("mine", "my vault", MemoryVault)))
    assert "mine" not in Plugins().vaults()


def test_a_module_is_a_plugin_and_lends_it_its_name() -> None:
    module = types.ModuleType("acme_plugin")
    exec(
        "from trialflow.adapters.hooks import hookimpl\n"
        "from trialflow.adapters.provider import Provider\n"
        "@hookimpl\ndef trialflow_vaults(): yield Provider('acme', 'x', dict)",
        module.__dict__,
    )
    plugins = Plugins(module)
    offer = plugins.offer("vaults", "acme")
    assert offer is not None
    assert str(offer.origin) == "acme_plugin (passed by the host)"


def test_what_is_passed_comes_before_what_is_discovered_and_after_what_is_built_in() -> None:
    mine, theirs = Provider("mine", "x", MemoryVault), Provider("mine", "y", MemoryVault)
    builtin = Provider("sqlite", "x", MemoryVault)
    plugins = Plugins(Vaults(mine, builtin), Vaults(theirs))
    assert plugins.vaults()["mine"] is mine
    assert plugins.vaults()["sqlite"] is not builtin
    assert [problem.code for problem in plugins.problems] == ["name_taken", "name_taken"]
    assert "trialflow itself has it already" in plugins.problems[0].message


def test_a_misspelt_hook_is_said_with_the_right_spelling_whatever_else_is_wrong() -> None:
    class Plugin:
        @hookimpl
        def trialflow_vault(self) -> None: ...
        @hookimpl
        def trialflow_recorded(self, recs: Any) -> None: ...

    codes = [problem.code for problem in Plugins(Plugin()).problems]
    assert codes == ["hook_unknown", "hook_invalid"]
    assert "did you mean trialflow_vaults?" in Plugins(Plugin()).problems[0].message


def test_nothing_of_a_plugin_with_a_fault_is_used() -> None:
    class Plugin(Vaults):
        @hookimpl
        def trialflow_storage(self) -> None: ...

    plugins = Plugins(Plugin(Provider("mine", "x", MemoryVault)))
    assert "mine" not in plugins.vaults()
    assert only(plugins).stage == "register"


@pytest.mark.parametrize("equal", [True, False])
def test_a_plugin_that_compares_strangely_is_a_plugin_like_any_other(equal: bool) -> None:
    class Odd(Vaults):
        def __eq__(self, other: object) -> bool:
            return equal

        def __hash__(self) -> int:
            return 1

    plugins = Plugins(Odd(Provider("one", "x", MemoryVault)), Odd(Provider("two", "x", MemoryVault)))
    assert {"one", "two"} <= set(plugins.vaults())
    assert plugins.problems == ()


def test_a_plugin_that_cannot_be_compared_is_said() -> None:
    class Odd(Vaults):
        def __eq__(self, other: object) -> bool:
            raise RuntimeError

        __hash__ = None  # type: ignore[assignment]

    plugins = Plugins(Odd(), Vaults(Provider("mine", "x", MemoryVault)))
    assert "mine" in plugins.vaults()
    assert [problem.plugin for problem in plugins.problems] in ([], ["Odd"])


def test_an_optional_hook_of_another_version_is_no_fault() -> None:
    class Plugin(Vaults):
        @hookimpl(optionalhook=True)
        def trialflow_tomorrow(self) -> None: ...

    plugins = Plugins(Plugin(Provider("mine", "x", MemoryVault)))
    assert plugins.problems == ()
    assert "mine" in plugins.vaults()


def test_what_a_generator_gave_before_it_failed_counts() -> None:
    class Plugin:
        @hookimpl
        def trialflow_vaults(self) -> Iterator[Provider[Any]]:
            yield Provider("first", "x", MemoryVault)
            raise OSError("disk")

    plugins = Plugins(Plugin())
    assert "first" in plugins.vaults()
    assert "OSError: disk" in only(plugins).message


def test_a_hook_that_hangs_is_left_behind_with_what_it_gave() -> None:
    import threading

    released = threading.Event()

    class Plugin:
        @hookimpl
        def trialflow_vaults(self) -> Iterator[Provider[Any]]:
            yield Provider("first", "x", MemoryVault)
            released.wait(60)

    plugins = Plugins(Plugin(), patience=0.05)
    assert "first" in plugins.vaults()
    assert only(plugins).code == "hook_slow"
    released.set()


def test_a_guard_needs_a_prefix_and_gets_along_with_one() -> None:
    class Plugin:
        @hookimpl
        def trialflow_guards(self) -> Iterator[Provider[Any]]:
            yield Provider("plain", "x", lambda: None)
            yield Provider("acme:plain", "x", lambda: None)

    plugins = Plugins(Plugin())
    assert "acme:plain" in plugins.guards()
    assert "plain" not in plugins.guards()
    assert "acme:plain" in only(plugins).message


def test_a_user_who_stops_the_program_stops_it() -> None:
    """Only what a plugin raises is its own affair."""

    class Vault:
        @hookimpl
        def trialflow_vaults(self) -> Iterator[Provider[Any]]:
            yield Provider("mine", "x", self.make)

        def make(self) -> None:
            raise KeyboardInterrupt

    from trialflow.adapters.plugins_making import made

    offer = Plugins(Vault()).offer("vaults", "mine")
    assert offer is not None
    with pytest.raises(KeyboardInterrupt):
        made(offer)


@given(st.text(max_size=90))
def test_names_are_what_the_pattern_says(name: str) -> None:
    import re

    usable = re.fullmatch(r"[a-z][a-z0-9_:-]{0,79}", name) is not None
    assert (list(Provider(name, "x", dict).faults()) == []) == usable
    option = re.fullmatch(r"[a-z][a-z0-9_]*", name) is not None
    assert (list(Option(name, "x").faults()) == []) == option


def test_every_hook_is_known_by_name() -> None:
    kinds = ("storages", "vaults", "lead_sources", "renderers", "guards", "workflows", "recorded")
    assert set(HOOKS) == {f"trialflow_{kind}" for kind in kinds}
