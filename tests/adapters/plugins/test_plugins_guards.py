"""Guards and renderers of plugins at work: in a workflow file, in a move, on a report."""

from __future__ import annotations

import gc
import types
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from canaries import CANARIES
from trialflow import Actor, PluginError, Plugins, Refusal, Refused, Tracker, WorkflowError, default_workflow, loads
from trialflow.adapters.hooks import hookimpl
from trialflow.adapters.plugins_using import rendered
from trialflow.adapters.provider import Provider
from trialflow.rules.guards import Attempt

BY = Actor(id="u1", role="coordinator")


class Guards:
    """One guard, ``acme:study``."""

    def __init__(self, guard: Callable[[Attempt], Any]) -> None:
        self.guard = guard

    @hookimpl
    def trialflow_guards(self) -> Any:
        yield Provider("acme:study", "the lead names its study", lambda: self.guard)


def needs_study(attempt: Attempt) -> Refusal | None:
    """A guard as somebody would write it."""
    return None if attempt.lead.study else Refusal("study_missing", "the lead names no study", "say which")


def workflow_text(guard: str) -> str:
    """The shipped workflow, its first contact guarded by ``guard`` as well."""
    from importlib.resources import files

    text = files("trialflow.rules").joinpath("default.toml").read_text("utf-8")
    before, found, after = text.partition('requires = ["owner"')
    assert found
    return f'{before}requires = ["{guard}", "owner"{after}'


def test_a_workflow_may_require_a_plugins_guard_by_name() -> None:
    with pytest.raises(WorkflowError, match="acme:study"):
        loads(workflow_text("acme:study"))
    plugins = Plugins(Guards(needs_study))
    workflow = loads(workflow_text("acme:study"), guards=plugins.working_guards())
    tracker = Tracker(workflow=workflow, plugins=plugins)
    lead = tracker.receive("Radio", "1", by=BY, owner="u1").lead
    move = next(m for m in workflow.moves if "acme:study" in m.requires)
    with pytest.raises(Refused) as refused:
        tracker.move(lead.id, move.to, by=BY)
    assert [refusal.code for refusal in refused.value.refusals] == ["study_missing"]
    withstudy = tracker.receive("Radio", "2", by=BY, owner="u1", study="S-1").lead
    assert tracker.move(withstudy.id, move.to, by=BY).status == move.to
    assert plugins.problems == ()


async def _later(_attempt: Attempt) -> None: ...


def _raises(_attempt: Attempt) -> None:
    raise KeyError("Ann Example")


@pytest.mark.parametrize("guard", [_raises, lambda _a: True, lambda _a: "no", _later, 42, lambda a: _later(a)])
def test_a_guard_that_fails_refuses_and_is_reported_once(guard: Any) -> None:
    plugins = Plugins(Guards(guard))
    workflow = loads(workflow_text("acme:study"), guards=plugins.working_guards())
    tracker = Tracker(workflow=workflow, plugins=plugins)
    lead = tracker.receive("Radio", "1", by=BY, owner="u1").lead
    move = next(m for m in workflow.moves if "acme:study" in m.requires)
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            tracker.move(lead.id, move.to, by=BY)
        assert [refusal.code for refusal in refused.value.refusals] == ["guard_failed"]
    told = [problem for problem in plugins.problems if problem.stage == "use"]
    assert len(told) == 1
    assert told[0].code == "guard_failed"


def test_guards_that_a_host_passes_come_before_those_of_plugins() -> None:
    mine: Mapping[str, Any] = {"acme:study": lambda _attempt: None}
    tracker = Tracker(plugins=Plugins(Guards(needs_study)), guards=mine)
    assert tracker.guards["acme:study"] is mine["acme:study"]
    assert "owner" in tracker.guards


class Renderers:
    """One renderer, ``acme``."""

    def __init__(self, render: Callable[..., Any]) -> None:
        self.render_it = render

    @hookimpl
    def trialflow_renderers(self) -> Any:
        made = types.SimpleNamespace(media_type="text/plain", render=self.render_it)
        yield Provider("acme", "a format", lambda: made)


def reachable(*start: object) -> set[str]:
    """Every text that can be reached from ``start`` by attributes, items, closures; modules and types are left out."""
    seen: set[int] = set()
    texts: set[str] = set()
    waiting: list[object] = list(start)
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, types.ModuleType | type | types.FunctionType | types.BuiltinFunctionType):
            continue
        seen.add(id(one))
        if isinstance(one, str):
            texts.add(one)
        waiting.extend(gc.get_referents(one))
    return texts


def tracker_with_canaries() -> Tracker:
    """A tracker that knows names and telephone numbers."""
    tracker = Tracker()
    for number, canary in enumerate(sorted(CANARIES.values())):
        tracker.receive("Radio", f"{number}", by=BY, person={"name": canary}, owner="u1")
    lead = next(iter(tracker.leads()))
    tracker.note(lead.id, sorted(CANARIES.values())[0], by=BY)
    return tracker


@pytest.mark.parametrize("report", ["dashboard", "sponsor_update", "diagnose", "source_quality"])
def test_what_a_renderer_is_given_leads_to_no_identity(report: str) -> None:
    tracker, given = tracker_with_canaries(), list[Any]()

    def render(value: Any, *, labels: Any) -> bytes:
        given.extend((value, labels))
        return b"done"

    offer = Plugins(Renderers(render)).offer("renderers", "acme")
    assert offer is not None
    assert rendered(offer, getattr(tracker, report)(), {"own-1": "Ann Example"}) == b"done"
    texts = reachable(*given)
    assert texts
    assert not any(canary in text for text in texts for canary in CANARIES.values())
    assert ("Ann Example" in texts) == (report != "sponsor_update")
    assert type(given[1]) is dict


def test_the_search_for_identities_finds_them_where_they_can_be_reached() -> None:
    texts = reachable(tracker_with_canaries())
    assert any(canary in text for text in texts for canary in CANARIES.values())


def test_a_renderer_cannot_change_the_labels_of_the_next() -> None:
    def render(_value: Any, *, labels: dict[str, str]) -> bytes:
        labels.clear()
        return b""

    offer = Plugins(Renderers(render)).offer("renderers", "acme")
    assert offer is not None
    labels = {"own-1": "Ann Example"}
    rendered(offer, Tracker().dashboard(), labels)
    assert labels == {"own-1": "Ann Example"}


@pytest.mark.parametrize("answer", ["text", None, bytearray(b"x"), 3])
def test_a_renderer_gives_bytes(answer: Any) -> None:
    offer = Plugins(Renderers(lambda _value, **_labels: answer)).offer("renderers", "acme")
    assert offer is not None
    with pytest.raises(PluginError, match="a renderer gives bytes"):
        rendered(offer, Tracker().dashboard(), {})


def test_what_a_failing_renderer_says_is_not_repeated() -> None:
    def render(_value: Any, *, labels: dict[str, str]) -> bytes:
        raise ValueError(labels["own-1"])

    offer = Plugins(Renderers(render)).offer("renderers", "acme")
    assert offer is not None
    with pytest.raises(PluginError) as caught:
        rendered(offer, Tracker().dashboard(), {"own-1": "Ann Example"})
    assert "Ann Example" not in str(caught.value)
    assert "it failed with ValueError" in str(caught.value)


def test_the_shipped_workflow_needs_no_plugin() -> None:
    assert loads(workflow_text("owner"), guards=Plugins().working_guards()).id == default_workflow().id
