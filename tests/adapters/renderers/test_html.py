"""Documents as pages: what is allowed, what the policy says, what a host can replace."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
from jinja2 import DictLoader
from pages import elements, whole

from trialflow.adapters.renderers import document as d
from trialflow.adapters.renderers.html import HtmlRenderer, document_html
from trialflow.model.errors import Unsupported

OWN = '{% extends "shell.html.j2" %}{% block footer %}<p>Ours</p>{% endblock %}'


def policies(page: str) -> dict[str, str]:
    """The rules of a page's policy, by name."""
    (found,) = [a["content"] for _, a, _ in elements(page) if a.get("http-equiv") == "Content-Security-Policy"]
    return dict(rule.split(" ", 1) for rule in found.split("; "))


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_links_lead_only_into_the_page() -> None:
    targets = {found["href"] for tag, found, _ in elements(document_html(whole("javascript:x"))) if "href" in found}
    assert all(target.startswith("#") or target == "data:," for target in targets)


def test_the_policy_names_the_hashes_of_what_is_in_the_page() -> None:
    page = document_html(whole("x"))
    (style,) = [text for tag, _, text in elements(page) if tag == "style"]
    (script,) = [text for tag, _, text in elements(page) if tag == "script"]
    assert policies(page) == {
        "default-src": "'none'", "style-src": digest(style), "script-src": digest(script), "img-src": "data:",
        "base-uri": "'none'", "form-action": "'none'",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "room"), [("RV-0001", ["steps"]), ("Wren Blankenship", ["steps", "long-names"])])
def test_names_of_people_get_more_room_than_ids(name: str, room: list[str]) -> None:
    (found,) = [names["class"] for tag, names, _ in elements(document_html(whole(name))) if tag == "ol"]
    assert found.split() == room


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


def test_a_host_replaces_one_block_by_a_file_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "page.html.j2").write_text(OWN)
    page = document_html(whole("Zq7"), tmp_path)
    assert "<p>Ours</p>" in page
    assert page.count("Zq7") > 20
    assert "Ours" not in document_html(whole("x"))


def test_a_host_replaces_one_block_by_a_loader() -> None:
    assert "<p>Ours</p>" in document_html(whole("x"), DictLoader({"page.html.j2": OWN}))


def test_a_host_adds_to_the_style_sheet_and_the_policy_knows_it(tmp_path: Path) -> None:
    (tmp_path / "own.css").write_bytes(b"h1 { color: teal; }\r\n")
    page = document_html(whole("x"), tmp_path)
    (style,) = [text for tag, _, text in elements(page) if tag == "style"]
    assert style.endswith("h1 { color: teal; }\n")
    assert policies(page)["style-src"] == digest(style)


def test_values_are_escaped_in_the_blocks_of_a_host() -> None:
    block = '{% extends "shell.html.j2" %}{% block footer %}{{ document.title }}{% endblock %}'
    page = document_html(whole("<b>x</b>"), DictLoader({"page.html.j2": block}))
    assert "b" not in {tag for tag, _, _ in elements(page)}


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(Unsupported, match=re.escape("pip install trialflow[html]")):
        document_html(whole("x"), DictLoader({}))


def test_a_value_that_is_no_report_is_refused() -> None:
    value: Any = object()
    with pytest.raises(Unsupported, match="object"):
        HtmlRenderer().render(value)
