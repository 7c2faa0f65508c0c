"""docs/hooks.md and the specifications say the same, name for name and parameter for parameter; every example works."""

from __future__ import annotations

import inspect
import re
import sys
import types
from typing import Any

import pytest
from scripts.hook_reference import BEGIN, END, PAGE, examples, reference, signatures

from trialflow import Plugins
from trialflow.adapters.hooks import TrialflowHooks
from trialflow.adapters.plugins_options import Values, values
from trialflow.adapters.plugins_registry import HOOKS


def test_the_reference_is_what_the_specifications_say() -> None:
    text = PAGE.read_text("utf-8")
    written = text.partition(BEGIN)[2].partition(END)[0].strip()
    assert written == reference().strip(), "run `make reference`"


def test_every_hook_is_on_the_page_with_its_exact_signature() -> None:
    text = PAGE.read_text("utf-8")
    named = re.findall(r"^`(trialflow_\w+)\((.*)\) -> (.+)`$", text, re.MULTILINE)
    assert {name for name, _, _ in named} == set(HOOKS)
    for name, given, answer in named:
        spec = inspect.getfullargspec(getattr(TrialflowHooks, name))
        assert re.findall(r"(\w+):", given) == spec.args[1:]
        assert spec.annotations["return"] == answer


def test_a_new_parameter_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    before = reference()

    def trialflow_vaults(self: object, site: str) -> None:
        """Something else.

        Example::

            pass
        """

    monkeypatch.setattr(TrialflowHooks, "trialflow_vaults", trialflow_vaults)
    assert reference() != before
    assert dict(signatures())["trialflow_vaults"] == "trialflow_vaults(site: str) -> None"


@pytest.mark.parametrize(("name", "example"), list(examples()), ids=[name for name, _ in examples()])
def test_every_example_is_a_plugin_that_works(name: str, example: str, tmp_path: Any) -> None:
    module = types.ModuleType("example_plugin")
    exec(example, module.__dict__)
    plugin = module if name in vars(module) else module.Screen()
    plugins = Plugins(plugin)
    assert plugins.problems == ()
    if name == "trialflow_recorded":
        assert plugins.listening
        return
    (offer,) = [offer for offer in plugins.offers() if offer.origin.distribution == ""]
    assert f"trialflow_{offer.kind}" == name
    given = values(offer.provider.options, {o.name: str(tmp_path / "x") for o in offer.provider.options})
    assert isinstance(given, Values)
    from trialflow.adapters.plugins_making import made

    thing = made(offer, given)
    getattr(thing, "close", lambda: None)()
    assert "example_plugin" not in sys.modules
