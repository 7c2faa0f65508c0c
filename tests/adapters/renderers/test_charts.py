"""The geometry of the charts."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialflow.adapters.renderers.charts import WIDTH, bar_shapes, flow_shapes, shorten
from trialflow.adapters.renderers.document import Bar, Bars, Column, Flow, Stream, Table

TABLE = Table(key="t", caption="", columns=(Column("a", "A"),), rows=())


def flow(streams: list[Stream]) -> Flow:
    return Flow(
        key="f", title="t", summary="s", order=("New", "Reached", "Closed"), streams=tuple(streams), table=TABLE
    )


def bars(*found: Bar) -> Bars:
    return Bars(key="b", title="t", summary="s", axis="leads", bars=found, table=TABLE)


def test_statuses_stand_in_the_order_of_the_work_and_unknown_ones_last() -> None:
    shapes = flow_shapes(
        flow([Stream("Odd", "Closed", 1), Stream("Reached", "Closed", 2), Stream("New", "Reached", 3)])
    )
    assert [node.label for node in shapes.left] == ["New", "Reached", "Odd"]
    assert [(node.label, node.count) for node in shapes.right] == [("Reached", 3), ("Closed", 3)]


def test_a_long_label_takes_two_lines_and_is_not_cut() -> None:
    begin_alike = ["Study team: screening visit recorded", "Study team: screening ended"]
    shapes = flow_shapes(flow([Stream("New", target, 1) for target in begin_alike]))
    assert sorted(" ".join(node.lines) for node in shapes.right) == sorted(begin_alike)
    assert all(len(line) <= 21 for node in shapes.right for line in node.lines)


def test_a_ribbon_says_what_it_is() -> None:
    (ribbon,) = flow_shapes(flow([Stream("Reached", "New", 4, back=True)])).ribbons
    assert (ribbon.title, ribbon.back) == ("Reached to New: 4", True)


def test_streams_without_leads_are_not_drawn() -> None:
    assert flow_shapes(flow([Stream("New", "Reached", 0)])).ribbons == ()


labels = st.sampled_from(["New", "Reached", "Closed", "Other", "A status with quite a long name"])
streams = st.lists(
    st.builds(Stream, labels, labels, st.integers(1, 5000)), max_size=14, unique_by=lambda s: (s.origin, s.target)
)


@given(streams)
def test_nodes_never_overlap_and_stay_inside(found: list[Stream]) -> None:
    shapes = flow_shapes(flow(found))
    for side in (shapes.left, shapes.right):
        for upper, lower in itertools.pairwise(side):
            assert upper.top + upper.height <= lower.top
            assert lower.middle - upper.middle >= 18 + 7 * (bool(upper.lines[1]) + bool(lower.lines[1]))  # their text
        assert all(node.top >= 0 and node.top + node.height <= shapes.height for node in side)
    for ribbon in shapes.ribbons:
        assert all(0 <= float(number) <= max(WIDTH, shapes.height) for number in re.findall(r"[\d.]+", ribbon.path))


@given(st.lists(st.lists(st.integers(0, 10_000), min_size=1, max_size=3), max_size=20))
def test_bars_stand_on_the_base_and_inside_the_plot(counts: list[list[int]]) -> None:
    found = [Bar(str(n), tuple((f"p{i}", c) for i, c in enumerate(row))) for n, row in enumerate(counts)]
    shapes = bar_shapes(bars(*found))
    for column, row in zip(shapes.columns, counts, strict=True):
        assert column.total == sum(row)
        assert column.x >= 0
        assert column.x + column.width <= WIDTH
        assert all(top >= 10 and top + height <= shapes.base + 0.2 for _, top, height in column.parts)


def test_the_highest_bar_is_twice_the_one_of_half_its_count() -> None:
    half, whole = bar_shapes(bars(Bar("a", (("x", 5),)), Bar("b", (("x", 10),)))).columns
    assert whole.parts[0][2] == pytest.approx(2 * half.parts[0][2], abs=0.1)


def test_a_long_label_is_shortened_with_an_ellipsis() -> None:
    assert shorten("Awaiting prescreen", 10) == "Awaiting…"
    assert shorten("New", 10) == "New"
