"""No text of a report changes the structure of a page, whichever field it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import pytest
import samples
from naughty import NAUGHTY, mutants
from pages import ATTRIBUTES, TAGS, elements, skeleton, whole

from tests_sizes import size
from trialflow.adapters.renderers.formats import FORMATS, render
from trialflow.adapters.renderers.html import document_html

PLAIN = skeleton(document_html(whole("plain")))
REPORTS = {
    "board": samples.site_report, "worklist": samples.worklist_report, "sponsor": samples.sponsor_report,
    "sources": samples.quality_report, "diagnosis": samples.diagnosis_report,
}  # fmt: skip
# What decides which text is shown, and the zone that dates are said in: no text from outside comes here.
CODES = {"zone", "due", "bucket", "action", "stale"}


@pytest.mark.parametrize("text", NAUGHTY)
def test_naughty_text_stays_text_everywhere(text: str) -> None:
    page = document_html(whole(text))
    found = elements(page)
    assert {tag for tag, _, _ in found} <= TAGS
    assert {name for _, names, _ in found for name in names} <= ATTRIBUTES
    assert skeleton(page) == PLAIN, "the text changed the structure of the page"


def test_mutated_text_stays_text_everywhere() -> None:
    for text in mutants(size(ci=300, long=20_000)):
        assert skeleton(document_html(whole(text))) == PLAIN, repr(text)


def test_the_check_finds_text_that_is_not_escaped() -> None:
    page = document_html(whole("Zq7")).replace('<h2 id="part-title">Zq7', '<h2 id="part-title"><b onclick=1>')
    assert skeleton(page) != PLAIN


def test_every_place_shows_its_text() -> None:
    inside = sum(text.count("Zq7") for _, _, text in elements(document_html(whole("Zq7"))))
    assert inside >= 30


def poisoned(value: Any, text: str, name: str = "") -> Any:
    """``value`` with ``text`` in every field that holds text."""
    if attrs.has(type(value)):
        fields = {f.name: poisoned(getattr(value, f.name), text, f.name) for f in attrs.fields(type(value))}
        return attrs.evolve(value, **fields)
    if isinstance(value, str):
        return value if name in CODES else text
    if isinstance(value, Mapping):
        return {f"{text} -> {text}" if " -> " in key else text: poisoned(v, text) for key, v in value.items()}
    if isinstance(value, tuple):
        return tuple(poisoned(each, text, name) for each in value)
    return value


@pytest.mark.parametrize("kind", REPORTS)
@pytest.mark.parametrize(
    "text", [NAUGHTY[2], NAUGHTY[3], NAUGHTY[5], "</title><script>1</script>", "\x00\ud800<b>&amp;"]
)
def test_no_field_of_a_report_gets_out_of_its_text(kind: str, text: str) -> None:
    report = REPORTS[kind]()
    page = render(poisoned(report, text), "html", labels={}).decode()
    found = elements(page)
    assert {tag for tag, _, _ in found} <= TAGS
    assert {attribute for _, names, _ in found for attribute in names} <= ATTRIBUTES
    assert skeleton(page) == skeleton(render(poisoned(report, "plain"), "html", labels={}).decode())


@pytest.mark.parametrize("kind", REPORTS)
@pytest.mark.parametrize("format", sorted(FORMATS))
def test_no_format_lets_a_control_character_through(kind: str, format: str) -> None:
    data = render(poisoned(REPORTS[kind](), "a\x1b]0;x\x07\x9b2J\u202eb\ud800"), format)
    text = data.decode("utf-8-sig")
    if format == "json":
        assert "\x1b" not in text
        assert "\x07" not in text
    elif format != "csv":  # CSV gives every value back, as it was
        assert not [c for c in text if ord(c) < 32 and c not in "\n\r"]
        assert "\u202e" not in text
        assert "\x9b" not in text
