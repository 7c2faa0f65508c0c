"""Where the shapes of the charts lie: pure geometry, drawn by the macros of ``templates/charts.html.j2``.

Lengths are user units of an SVG with ``viewBox="0 0 WIDTH height"``; everything is rounded, so that the same value
gives the same bytes.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

import attrs

from trialflow.adapters.renderers.document import Bars, Flow, Stream

__all__ = ["WIDTH", "Column", "Columns", "Node", "Ribbon", "Ribbons", "bar_shapes", "flow_shapes", "shorten"]

WIDTH = 440
_LEFT, _RIGHT = 150, 284
_SLOT = 19
_LINE = 14
_WORDS = 21
"""How many characters of a label fit beside the flow."""
_TALL = 300
_PLOT = 128
_TOP = 18
_LABELS = 9


@attrs.frozen
class Node:
    """A status at one side of the flow: a bar from ``top`` of ``height``, its label in ``lines`` around ``middle``.

    There are always two lines, the second often empty, so that the page has one structure whatever the words are.
    """

    label: str
    lines: tuple[str, str]
    count: int
    top: float
    height: float
    middle: float

    def baseline(self, line: int) -> float:
        """Where a line of the label stands, counted from 0, so that all of them together are centred."""
        return round(self.middle + 4 + _LINE * (line - bool(self.lines[1]) / 2), 1)


@attrs.frozen
class Ribbon:
    """One stream between two nodes, as an SVG path."""

    path: str
    title: str
    back: bool


@attrs.frozen
class Ribbons:
    """The whole flow."""

    height: float
    left_x: int
    right_x: int
    left: tuple[Node, ...]
    right: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]


@attrs.frozen
class Column:
    """One upright bar; ``parts`` are (kind number, top, height) from the bottom up."""

    label: str
    x: float
    width: float
    middle: float
    top: float
    total: int
    parts: tuple[tuple[int, float, float], ...]


@attrs.frozen
class Columns:
    """All upright bars, over a base line at ``base``; ``names`` are the kinds of parts in order."""

    height: int
    base: int
    names: tuple[str, ...]
    columns: tuple[Column, ...]


def shorten(text: str, length: int) -> str:
    """``text`` with at most ``length`` characters; what is cut leaves an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def flow_shapes(flow: Flow) -> Ribbons:
    """Two columns of statuses, from and to, with a ribbon per kind of move, as thick as its count."""
    streams = [stream for stream in flow.streams if stream.count > 0]
    total = sum(stream.count for stream in streams) or 1
    scale = min(_TALL / total, 12.0)
    left = _nodes(flow.order, [(s.origin, s.count) for s in streams], scale)
    right = _nodes(flow.order, [(s.target, s.count) for s in streams], scale)
    height = max([_bottom(left), _bottom(right), 40.0])
    ribbons = _ribbons(flow.order, streams, scale, left, right)
    return Ribbons(round(height + 4, 1), _LEFT, _RIGHT, tuple(left.values()), tuple(right.values()), ribbons)


def _nodes(order: Sequence[str], counts: Iterable[tuple[str, int]], scale: float) -> dict[str, Node]:
    sums: dict[str, int] = {}
    for label, count in counts:
        sums[label] = sums.get(label, 0) + count
    nodes: dict[str, Node] = {}
    y = 22.0
    for label in sorted(sums, key=lambda name: (_place(order, name), name)):
        thick = max(sums[label] * scale, 1.5)
        lines = _lines(label)
        slot = max(thick + 5, _SLOT + _LINE * bool(lines[1]))
        top = y + (slot - thick) / 2
        middle = round(y + slot / 2, 1)
        nodes[label] = Node(label, lines, sums[label], round(top, 1), round(thick, 1), middle)
        y += slot
    return nodes


def _lines(label: str) -> tuple[str, str]:
    """A label in at most two lines. Two statuses often begin alike, so that cutting the end would make them one."""
    first, *rest = textwrap.wrap(label, _WORDS) or [""]
    return first, shorten(" ".join(rest), _WORDS)


def _bottom(nodes: dict[str, Node]) -> float:
    return max(
        (node.middle + max(node.height, _SLOT + _LINE * bool(node.lines[1])) / 2 for node in nodes.values()),
        default=0.0,
    )


def _place(order: Sequence[str], label: str) -> int:
    return order.index(label) if label in order else len(order)


def _ribbons(
    order: Sequence[str], streams: list[Stream], scale: float, left: dict[str, Node], right: dict[str, Node]
) -> tuple[Ribbon, ...]:
    streams = sorted(streams, key=lambda s: (_place(order, s.origin), s.origin, _place(order, s.target), s.target))
    tops = {s: left[s.origin].top for s in streams}
    ends: dict[Stream, float] = {}
    used_left: dict[str, float] = {}
    used_right: dict[str, float] = {}
    for stream in streams:
        tops[stream] = left[stream.origin].top + used_left.get(stream.origin, 0.0)
        ends[stream] = right[stream.target].top + used_right.get(stream.target, 0.0)
        used_left[stream.origin] = used_left.get(stream.origin, 0.0) + stream.count * scale
        used_right[stream.target] = used_right.get(stream.target, 0.0) + stream.count * scale
    return tuple(
        Ribbon(
            _ribbon_path(tops[s], ends[s], max(s.count * scale, 1.0)), f"{s.origin} to {s.target}: {s.count}", s.back
        )
        for s in streams
    )


def _ribbon_path(start: float, end: float, thick: float) -> str:
    x0, x1 = _LEFT + 6, _RIGHT
    bend = (x0 + x1) / 2
    y0, y1, z0, z1 = (round(value, 1) for value in (start, end, start + thick, end + thick))
    return f"M{x0} {y0}C{bend:g} {y0} {bend:g} {y1} {x1} {y1}V{z1}C{bend:g} {z1} {bend:g} {z0} {x0} {z0}Z"


def bar_shapes(bars: Bars) -> Columns:
    """Upright bars of stacked parts, evenly spread; the highest takes the whole height of the plot."""
    names: dict[str, int] = {}
    for bar in bars.bars:
        for name, _ in bar.parts:
            names.setdefault(name, len(names))
    # Where the labels would touch, every second one is left out, counted from the latest.
    every = 1 if len(bars.bars) <= _LABELS else 2
    last = len(bars.bars) - 1
    highest = max((bar.total for bar in bars.bars), default=0) or 1
    step = WIDTH / max(len(bars.bars), 1)
    thick = min(step * 0.62, 44.0)
    base = _TOP + _PLOT
    columns = []
    for index, bar in enumerate(bars.bars):
        middle = step * (index + 0.5)
        parts, y = [], float(base)
        for name, count in bar.parts:
            tall = count * _PLOT / highest
            y -= tall
            if count:
                parts.append((names[name], round(y, 1), round(tall, 1)))
        x = round(middle - thick / 2, 1)
        label = shorten(bar.label, 12) if (last - index) % every == 0 else ""
        columns.append(Column(label, x, round(thick, 1), round(middle, 1), round(y, 1), bar.total, tuple(parts)))
    return Columns(base + 24, base, tuple(names), tuple(columns))
