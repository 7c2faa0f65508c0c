"""Documents as pages: what is escaped, what is allowed, what the policy says."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from typing import Any

import attrs
import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader

from trialflow.adapters.renderers import document as d
from trialflow.adapters.renderers.html import HtmlRenderer, document_html
from trialflow.model.errors import Unsupported

TAGS = {
    "html", "head", "meta", "title", "link", "style", "body", "a", "header", "h1", "h2", "ul", "ol", "li", "p", "nav",
    "main", "section", "footer", "span", "strong", "table", "caption", "thead", "tbody", "tr", "th", "td", "form",
    "label", "input", "select", "option", "button", "figure", "figcaption", "details", "summary", "script", "svg",
    "g", "path", "rect", "text", "tspan", "line", "circle", "desc",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "rel", "href", "class", "id", "tabindex", "role", "scope", "for",
    "type", "value", "hidden", "autocomplete", "data-facet", "data-value", "data-live", "data-label", "data-order",
    "data-more", "data-filters", "data-count", "data-bucket", "data-owner", "data-due", "data-source", "aria-label",
    "aria-labelledby", "aria-hidden", "viewBox", "width", "height", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r",
    "d", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "text-anchor",
    "font-size", "font-weight",
}  # fmt: skip

NAUGHTY = [
    "<script>window.ran=1</script>", "</script><script>window.ran=1</script>", "<img src=x onerror=window.ran=1>",
    '"><svg onload=window.ran=1>', "' onmouseover='window.ran=1", '" onfocus="window.ran=1" autofocus="',
    "javascript:window.ran=1", "</style><style>*{display:none}</style>", "<!--", "--><b>", "]]>", "&lt;script&gt;",
    "{{ 7*7 }}", "{% raw %}", "<a href='//evil.example'>x</a>", "<base href=//evil.example>", "<meta http-equiv=refresh>",
    "</title><script>window.ran=1</script>", "</option></select><script>window.ran=1</script>", "\x00<b>", "\u2028<b>",
    "<iframe src=//evil.example>", "</caption></table><form action=//evil.example>", "`onerror=1`", "<x onclick=1>",
    "\ud800<b>", "＜script＞", "<ScRiPt>window.ran=1</sCrIpT>", "</desc></svg><script>window.ran=1</script>",
]  # fmt: skip


def whole(text: str) -> d.Document:
    """A document of every block there is, with ``text`` in every place that takes text."""
    cells = (d.Cell(text, note=text, mark="overdue", order=text), d.Cell(text, span=(0.1, 0.2, 0.3)))
    table = d.Table(
        key="queue",
        caption=text,
        columns=(d.Column("a", text), d.Column("b", text, numeric=True)),
        rows=(d.Row(cells, (("bucket", text), ("owner", text))),),
        empty=text,
        more=text,
        filters=(("bucket", text), ("owner", text)),
    )
    none = attrs.evolve(table, key="none", rows=())
    card = d.Card(code="c", label=text, count=1, overdue=1, due_today=0, later=0)
    step = d.Step(lead=text, action=text, why=text, due=text, mark="overdue", owner=text)
    flow = d.Flow(
        key="flow", title=text, summary=text, order=(text,), streams=(d.Stream(text, text, 3, back=True),), table=none
    )
    bars = d.Bars(
        key="bars",
        title=text,
        summary=text,
        axis=text,
        bars=(
            d.Bar(
                text,
                ((text, 1), ("b", 2)),
            ),
        ),
        table=none,
    )
    blocks = (
        d.Sentence(text, strong=True), d.Cards(cards=(card,), table=none), d.Steps(steps=(step,), empty=text),
        d.Steps(steps=(), empty=text), flow, bars, none, table,
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


PLAIN = skeleton(document_html(whole("plain")))


@pytest.mark.parametrize("text", NAUGHTY)
def test_naughty_text_stays_text_everywhere(text: str) -> None:
    page = document_html(whole(text))
    found = elements(page)
    assert {tag for tag, _, _ in found} <= TAGS
    assert {name for _, names, _ in found for name in names} <= ATTRIBUTES
    assert skeleton(page) == PLAIN, "the text changed the structure of the page"


@given(st.text(alphabet=st.sampled_from("<>\"'&/=!-{}%#`x \n\u202e\ud800"), min_size=1, max_size=24))
def test_no_text_changes_the_structure(text: str) -> None:
    assume_visible = re.sub(r"[\s\u202e]", "", text)
    if assume_visible:
        assert skeleton(document_html(whole(text))) == PLAIN


def test_every_place_shows_its_text() -> None:
    page = document_html(whole("Zq7"))
    inside = sum(text.count("Zq7") for _, _, text in elements(page))
    assert inside >= 25


def test_links_lead_only_into_the_page() -> None:
    targets = {found["href"] for tag, found, _ in elements(document_html(whole("javascript:x"))) if "href" in found}
    assert all(target.startswith("#") or target == "data:," for target in targets)


def test_the_policy_names_the_hashes_of_what_is_in_the_page() -> None:
    found = elements(document_html(whole("x")))
    policy = next(names["content"] for tag, names, _ in found if names.get("http-equiv") == "Content-Security-Policy")
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        (text,) = [text for name, _, text in found if name == tag]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert {"base-uri 'none'", "form-action 'none'", "img-src data:"} <= set(policy.split("; "))
    assert "unsafe" not in policy


def test_a_page_without_a_queue_has_no_script() -> None:
    page = attrs.evolve(whole("x"), sections=(d.Section(key="s", title="x", blocks=(d.Sentence("x"),)),))
    assert "<script" not in document_html(page)
    assert "script-src" not in document_html(page)


def test_nothing_is_styled_or_run_in_place() -> None:
    names = {name for _, found, _ in elements(document_html(whole("x"))) for name in found}
    assert "style" not in names
    assert not [name for name in names if name.startswith("on")]


def test_no_address_of_another_place_is_in_the_page() -> None:
    assert re.findall(r"(?:https?:)?//[a-z]", document_html(whole("x"))) == []


def test_the_same_document_gives_the_same_bytes() -> None:
    assert document_html(whole("x")) == document_html(whole("x"))


def test_a_host_can_replace_one_block() -> None:
    loader = DictLoader({"page.html.j2": '{% extends "shell.html.j2" %}{% block footer %}<p>Ours</p>{% endblock %}'})
    page = document_html(whole("x"), loader)
    assert "<p>Ours</p>" in page
    assert "Ours" not in document_html(whole("x"))


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(Unsupported, match=re.escape("pip install trialflow[html]")):
        document_html(whole("x"), DictLoader({}))


def test_a_value_that_is_no_report_is_refused() -> None:
    value: Any = object()
    with pytest.raises(Unsupported, match="object"):
        HtmlRenderer().render(value)
