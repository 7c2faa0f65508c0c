"""docs/events.md lists every kind with every field, its default, and an example that is one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import attrs
import pytest

from trialflow.model.codec import KINDS, dumps, loads
from trialflow.model.events import Event

PAGE = (Path(__file__).parents[1] / "docs" / "events.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE))
COMMON = [field.name for field in attrs.fields(Event)]


def rows(text: str) -> dict[str, str]:
    """Field to default, of the table in a section."""
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \| .+ \|$", text, re.MULTILINE))


def default_of(field: attrs.Attribute[object]) -> str:
    """How the page writes a default."""
    if field.default is attrs.NOTHING:
        return "required"
    return "none" if field.default in (None, "", ()) else f"`{json.dumps(field.default)}`"


def test_every_kind_has_its_section_and_no_other() -> None:
    assert set(SECTIONS) == set(KINDS)


def test_the_common_fields_are_those_of_the_envelope() -> None:
    assert list(rows(PAGE.partition("## Events of a lead")[0])) == ["kind", "v", *COMMON]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_fields_and_defaults_are_those_of_the_code(kind: str) -> None:
    own = {f.name: default_of(f) for f in attrs.fields(KINDS[kind]) if f.name not in COMMON}
    assert rows(SECTIONS[kind]) == own


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_example_is_an_event_of_its_kind(kind: str) -> None:
    (example,) = re.findall(r"```json\n(.*?)\n```", SECTIONS[kind], re.DOTALL)
    event = loads(example)
    assert type(event) is KINDS[kind]
    assert json.loads(dumps(event)) == json.loads(example)
