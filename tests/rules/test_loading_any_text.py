"""Loading never fails in another way than with problems, whatever the text; a hostile text takes little time."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests_sizes import size
from trialflow import Workflow, WorkflowError, default_workflow, loads
from trialflow.rules.checking import CODES
from trialflow.rules.loading import problems
from trialflow.rules.structure import structure
from trialflow.rules.vocabulary import Speller

DEFAULT = files("trialflow.rules").joinpath("default.toml").read_text("utf-8")
LINES = DEFAULT.splitlines()
TOKEN = re.compile(r'"[^"\n]*"|\w+|[\[\]{}=,]')


def outcome(text: str) -> Workflow | None:
    """The workflow, or None where it has problems, each of which is well told."""
    try:
        return loads(text)
    except WorkflowError as error:
        found = error.problems
    assert found
    assert len(set(found)) == len(found)
    for problem in found:
        assert problem.code in CODES
        assert problem.message
    return None


@given(st.text(max_size=200))
@example("\ud800")
@example("a = 9999-99-99")
def test_any_text_is_a_workflow_or_has_problems(text: str) -> None:
    assert outcome(text) is None


WORDS = st.sampled_from(
    ['""', '"x"', "0", "-1", "1.5", "true", "[]", "{}", "2026-01-01", '"2 days"', '"new"', '["new"]']
)


@settings(max_examples=size(ci=80, long=5_000))
@given(st.data())
def test_any_change_of_one_word_is_a_workflow_or_has_problems(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(LINES) - 1))
    tokens = list(TOKEN.finditer(LINES[number])) or list(TOKEN.finditer(LINES[1]))
    found = data.draw(st.sampled_from(tokens))
    number = number if TOKEN.search(LINES[number]) else 1
    line = LINES[number][: found.start()] + data.draw(WORDS) + LINES[number][found.end() :]
    outcome("\n".join([*LINES[:number], line, *LINES[number + 1 :]]))


@settings(max_examples=size(ci=40, long=2_000))
@given(st.sets(st.integers(0, len(LINES) - 1), min_size=1, max_size=4))
def test_any_lines_left_out_leave_a_workflow_or_problems(gone: set[int]) -> None:
    outcome("\n".join(line for number, line in enumerate(LINES) if number not in gone))


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PATHS = [
    ("statuses", "new", "label"), ("statuses", "new", "stale_after"), ("statuses", "new"), ("moves", "close", "from"),
    ("moves", "close"), ("buckets",), ("actions",), ("shown",), ("shown", "buckets"), ("site", "holidays"), ("site",),
    ("contact",), ("slas", "scheduling", "stops"), ("roles",), ("renamed",), ("wording",), ("name",), ("version",),
    ("staleness", "movement"), ("staleness",), ("items",), ("blockers", "availability", "item"),
]  # fmt: skip


@settings(max_examples=size(ci=80, long=5_000))
@given(st.sampled_from(PATHS), VALUES)
def test_any_value_at_any_place_is_taken_or_told(path: tuple[str, ...], value: Any) -> None:
    document = tomllib.loads(DEFAULT)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    workflow, misfits = structure(document)
    for problem in problems(workflow, known=misfits):
        assert problem.code in CODES


def test_only_so_many_words_are_compared() -> None:
    speller = Speller(comparisons=10)
    assert speller.meant("reveiw", ("review", "records")) == "review"
    assert speller.meant("reveiw", ("review", "records")) == "review"  # remembered
    assert speller.hint("recrods", [f"w{n}" for n in range(9)]).startswith("; use one of: w0, w1")
    assert speller.meant("recrods", ("records",)) == "records"


def test_a_hint_lists_twelve_words_at_most() -> None:
    words = [f"w{n}" for n in range(13)]
    assert Speller().hint("xyz", words[:12]) == "; use one of: " + ", ".join(words[:12])
    assert Speller().hint("xyz", words) == "; use one of: " + ", ".join(words[:12]) + " ..."
    assert "w0" not in Speller().hint("xyz", [])
    assert "use one of" not in Speller().hint("xyz", [])


def test_a_word_is_compared_while_comparisons_are_left_and_it_is_no_longer_than_a_code() -> None:
    assert Speller(comparisons=2).meant("reveiw", ("review", "records")) == "review"
    assert Speller(comparisons=1).meant("reveiw", ("review", "records")) == "reveiw"
    once = Speller(comparisons=3)
    assert [once.meant(word, ("review", "records")) for word in ("reveiw", "reveiv")] == ["review", "reveiv"]
    long = "a" * 60
    assert Speller().meant(f"{long[1:]}b", (long,)) == long
    assert Speller().meant(f"{long}b", (long,)) == f"{long}b"
    assert Speller().meant("xyz", ("review",)) == "xyz"


def test_thousands_of_unknown_words_are_all_reported() -> None:
    names = [f"s{n}" for n in range(1_500)]
    extra = "".join(f'{name} = {{ label = "{name}" }}\n' for name in names)
    moves = "".join(f'm{n} = {{ from = ["x{n}"], to = "y{n}" }}\n' for n in range(1_500))
    text = DEFAULT.replace("[moves]\n", f"{extra}\n[moves]\n{moves}")
    try:
        loads(text)
    except WorkflowError as error:
        unknown = [problem for problem in error.problems if problem.code == "unknown_status"]
    assert len(unknown) == 3_000


def test_the_shipped_workflow_survives_its_own_document() -> None:
    workflow, misfits = structure(tomllib.loads(DEFAULT))
    assert misfits == []
    assert workflow.statuses == default_workflow().statuses
