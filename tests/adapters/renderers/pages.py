"""A document of every block there is, and what a page of it may contain: for the tests of the renderers."""

from __future__ import annotations

import html5lib

from trialflow.adapters.renderers import document as d

TAGS = {
    "html", "head", "meta", "title", "link", "style", "body", "a", "header", "h1", "h2", "h3", "ul", "ol", "li", "p",
    "nav", "main", "section", "footer", "span", "strong", "div", "table", "caption", "thead", "tbody", "tr", "th", "td",
    "form", "label", "input", "select", "option", "button", "figure", "figcaption", "details", "summary", "script",
    "svg", "g", "path", "rect", "text", "tspan", "line", "circle", "desc",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "rel", "href", "class", "id", "tabindex", "role", "scope",
    "for", "type", "value", "hidden", "autocomplete", "data-pick", "data-live", "data-label", "data-order",
    "data-filters", "data-count", "data-bucket", "data-owner", "data-due", "data-source", "data-action", "aria-label",
    "aria-labelledby", "aria-hidden", "viewBox", "width", "height", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r",
    "d", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "text-anchor",
    "font-size", "font-weight",
}  # fmt: skip


def whole(text: str) -> d.Document:
    """A document of every block there is, with ``text`` in every place that takes text."""
    pick = (("owner", text), ("bucket", text))
    cells = (
        d.Cell(text, note=text, mark="overdue", order=text, pick=pick),
        d.Cell(text, note=text, span=(0.1, 0.2, 0.3)),
    )
    columns = (d.Column("a", text), d.Column("b", text, numeric=True))
    facets = (("bucket", text), ("owner", text), ("due", text), ("due", text))
    table = d.Table(
        key="live", caption=text, columns=columns, rows=(d.Row(cells, facets),), empty=text, more=text, named=True,
        filter="queue",
    )  # fmt: skip
    none = d.Table(key="none", caption=text, columns=columns, rows=(), empty=text)
    card = d.Card(code="c", label=text, count=1, overdue=1, due_today=1, later=1, pick=pick)
    one = d.StepLead(lead=text, why=text, due=text, mark="overdue", owner=text)
    step = d.Step(
        action=text, size=text, mark="overdue", why=text, leads=(one,), rest=3, owners=((text, 2, pick),), pick=pick
    )
    flow = d.Flow(
        key="flow", title=text, summary=text, order=(text,), streams=(d.Stream(text, text, 3, back=True),), table=none
    )
    bars = d.Bars(
        key="bars", title=text, summary=text, axis=text, bars=(d.Bar(text, ((text, 1), ("b", 2))),), table=table
    )
    search = d.Filter(
        key="queue", label=text, fields=(d.Field(facet="owner", label=text, choices=(text,)),), columns=columns
    )
    blocks = (
        d.Sentence(text, strong=True), d.Cards(cards=(card,), table=none),
        d.Steps(steps=(step,), empty=text, more=text), d.Steps(steps=(), empty=text), flow, bars, none, search, table,
    )  # fmt: skip
    section = d.Section(key="part", title=text, blocks=blocks, short=text, lead=text)
    return d.Document(kind="k", title=text, eyebrow=text, facts=(text,), sections=(section,), footer=(text,))


def elements(page: str) -> list[tuple[str, dict[str, str], str]]:
    """Every element of a page as a browser reads it: (tag, attributes, text)."""
    root = html5lib.parse(page, treebuilder="etree", namespaceHTMLElements=False)
    return [
        (str(node.tag).rsplit("}", 1)[-1], {k.rsplit("}", 1)[-1]: v for k, v in node.attrib.items()}, node.text or "")
        for node in root.iter()
        if isinstance(node.tag, str)
    ]


def skeleton(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """The tags and attribute names of a page, without any value."""
    return [(tag, tuple(sorted(found))) for tag, found, _ in elements(page)]
