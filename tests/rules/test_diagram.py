"""Diagrams: the same edges in both notations, and any label and any code stays text."""

from __future__ import annotations

import re
import shutil
import subprocess

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from other_workflows import CALL_LIST, TWO_VISITS
from trialflow import Workflow, default_workflow, loads
from trialflow.rules.diagram import to_dot, to_mermaid

WORKFLOWS = [default_workflow(), loads(CALL_LIST), TWO_VISITS]

# What Mermaid's state diagrams take: names without hyphens, a description without `;` `:` `#` but for number entities.
STATE = r"[^\W\d]\w*|\d\w*"
WORDS = r"(?:[^;:#<>{}\"\n]|#\d+;)+"
LINE = re.compile(
    rf"    (?:(?:{STATE}) : {WORDS}|(?:{STATE}|\[\*\]) --> (?:{STATE}|\[\*\])(?: : {WORDS})?"
    rf"|classDef study_team stroke-dasharray: 4 3|class (?:{STATE})(?:,(?:{STATE}))* study_team)"
)


def check_mermaid(workflow: Workflow) -> list[str]:
    head, *lines = to_mermaid(workflow).splitlines()
    assert head == "stateDiagram-v2"
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    return lines


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.name)
def test_mermaid_has_every_status_and_every_pair_of_statuses_with_a_move(workflow: Workflow) -> None:
    lines = check_mermaid(workflow)
    names = {s.code: s.code.replace("-", "_") for s in workflow.statuses}
    pairs = {(names[s.code], names[m.to]) for s in workflow.statuses for m in workflow.moves_from(s.code)}
    drawn = [re.fullmatch(r"    (\w+) --> (\w+) : .*", line) for line in lines]
    assert {found.groups() for found in drawn if found} == pairs
    assert [line for line in lines if line.startswith("    [*] --> ")] == [f"    [*] --> {names[workflow.initial]}"]
    ends = {line.split()[0] for line in lines if line.endswith("--> [*]")}
    assert ends == {names[s.code] for s in workflow.statuses if s.final}


def test_study_team_statuses_and_special_moves_are_told_apart() -> None:
    text = to_mermaid(default_workflow())
    assert "    class in_screening,enrolled,screen_failed study_team\n" in text
    assert "reopen (back to where it was)" in text
    assert "rescreen (next episode)" in text
    assert 'style="rounded,dashed", peripheries=2' in to_dot(default_workflow())


def test_a_small_workflow_is_drawn_whole() -> None:
    base = loads(CALL_LIST)
    drop = attrs.evolve(base.moves[1], name="drop", from_=("open",))
    workflow = attrs.evolve(base, moves=(*base.moves, drop))
    assert (
        to_mermaid(workflow)
        == """stateDiagram-v2
    open : To call
    booked : Visit booked
    done : Done
    [*] --> open
    open --> booked : book
    open --> done : finish, drop
    booked --> done : finish
    done --> open : take_up_again (back to where it was)
    done --> [*]
"""
    )
    assert (
        to_dot(workflow)
        == """digraph workflow {
    rankdir=LR;
    node [shape=box, style=rounded, fontname="sans-serif"];
    "open" [label="To call", penwidth=2];
    "booked" [label="Visit booked"];
    "done" [label="Done", peripheries=2];
    "open" -> "booked" [label="book"];
    "open" -> "done" [label="finish, drop"];
    "booked" -> "done" [label="finish"];
    "done" -> "open" [label="take_up_again (back to where it was)"];
}
"""
    )


def relabelled(labels: list[str], codes: list[str] | None = None) -> Workflow:
    base = loads(CALL_LIST)
    new = dict(zip([s.code for s in base.statuses], codes or [s.code for s in base.statuses], strict=True))
    return attrs.evolve(
        base,
        statuses=tuple(
            attrs.evolve(s, label=label, code=new[s.code]) for s, label in zip(base.statuses, labels, strict=True)
        ),
        moves=tuple(attrs.evolve(m, to=new[m.to], from_=tuple(new.get(f, f) for f in m.from_)) for m in base.moves),
    )


def test_words_that_mean_something_to_mermaid_are_no_names_of_states() -> None:
    workflow = relabelled(["a", "b", "c"], ["end", "state", "in-review"])
    lines = check_mermaid(workflow)
    assert lines[:3] == ["    end_ : a", "    state_ : b", "    in_review : c"]
    twins = relabelled(["a", "b", "c"], ["in-review", "in_review", "x"])
    assert check_mermaid(twins)[:2] == ["    in_review : a", "    in_review_ : b"]


NASTY = ['"; drop', "a: b; c", "#35; <b>x</b>", "{x} --> [*]", "line\nbreak\\", "%% no comment", "é ü ß 日本", " "]


@pytest.mark.parametrize("label", NASTY)
def test_any_label_stays_one_label(label: str) -> None:
    lines = check_mermaid(relabelled([label] * 3))
    assert len(lines) == len(check_mermaid(relabelled(["x"] * 3)))


def test_signs_that_mean_something_are_written_so_that_they_are_shown() -> None:
    workflow = relabelled(["a: b; c", 'say "no"\\', "  \n"])
    assert check_mermaid(workflow)[:3] == [
        "    open : a#58; b#59; c",
        "    booked : say #34;no#34;#92;",
        "    done : #32;",
    ]
    quoted = [line.partition("[label=")[2].partition(", ")[0] for line in to_dot(workflow).splitlines()[3:6]]
    assert quoted == ['"a: b; c"', r'"say \"no\"\\"];', '"   "']


def dot(workflow: Workflow) -> str:
    """What Graphviz understood, in its plain format."""
    binary = shutil.which("dot")
    if binary is None:
        pytest.skip("Graphviz is not installed")
    done = subprocess.run([binary, "-Tplain"], input=to_dot(workflow), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.name)
def test_graphviz_draws_every_status_and_every_edge(workflow: Workflow) -> None:
    lines = dot(workflow).splitlines()
    pairs = {(s.code, m.to) for s in workflow.statuses for m in workflow.moves_from(s.code)}
    assert sum(line.startswith("node ") for line in lines) == len(workflow.statuses)
    assert sum(line.startswith("edge ") for line in lines) == len(pairs)


def test_graphviz_takes_every_nasty_label() -> None:
    for label in NASTY:
        assert dot(relabelled([label] * 3)).count("\nnode ") == 3


def test_the_check_would_notice_text_that_graphviz_does_not_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trialflow.rules.diagram._quoted", lambda text: f'"{text}"')
    with pytest.raises(AssertionError):
        dot(relabelled(['"]; x [', "b", "c"]))


@settings(max_examples=150)
@given(st.lists(st.text(max_size=12), min_size=3, max_size=3))
def test_no_text_breaks_out_of_either_notation(labels: list[str]) -> None:
    workflow = relabelled(labels)
    check_mermaid(workflow)
    for line in to_dot(workflow).splitlines()[3:6]:
        assert re.fullmatch(r'    "\w+" \[label="(?:[^"\\]|\\.)*"(?:, \w+=\S+)*\];', line), line
