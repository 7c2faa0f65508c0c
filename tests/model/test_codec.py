"""Events as JSON, strictly: what goes out comes back; what does not fit is refused, every place at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from strategies import events, events_of, unknown_events
from trialflow.model import codec
from trialflow.model.canonical import canonical, dump_known
from trialflow.model.errors import DecodeError
from trialflow.model.events import Event, Unknown

MOVED: dict[str, Any] = {
    "kind": "moved",
    "v": 1,
    "at": "2026-03-02T09:00:00Z",
    "by": {"id": "u1", "role": "coordinator"},
    "from_status": "new",
    "to_status": "contacting",
}


def problems(wire: dict[str, Any], code: str = "bad_value") -> dict[str, str]:
    """Path to message of everything that is wrong with ``wire``; all of it has this code."""
    with pytest.raises(DecodeError) as caught:
        codec.decode(wire)
    assert {problem.code for problem in caught.value.problems} == {code}
    return {problem.path: problem.message for problem in caught.value.problems}


@pytest.mark.parametrize("kind", sorted(codec.KINDS))
def test_every_kind_comes_back_as_it_went_and_has_one_spelling(kind: str) -> None:
    @given(events_of(codec.KINDS[kind]))
    def law(event: Event) -> None:
        text = codec.dumps(event)
        assert codec.loads(text) == event
        assert text == dump_known(event) == canonical(codec.encode(event))
        assert codec.dumps(codec.loads(text)) == text

    law()


@given(events)
def test_the_envelope_is_complete(event: Event) -> None:
    wire = json.loads(codec.dumps(event))
    assert wire["v"] >= 1
    assert wire["kind"]
    assert wire["at"].endswith("Z")
    assert wire["by"]["id"]


@given(unknown_events())
def test_unknown_kinds_are_kept_and_written_back_byte_for_byte(event: Unknown) -> None:
    text = canonical(event.payload)
    read = codec.loads(text)
    assert isinstance(read, Unknown)
    assert (read.unknown_kind, read.unknown_v) == (event.unknown_kind, event.unknown_v)
    assert codec.dumps(read) == text


def test_a_newer_version_of_a_known_kind_is_kept_as_it_is() -> None:
    wire = {**MOVED, "v": 7, "speed": {"of": [1, 2.5, None]}}
    read = codec.decode(wire)
    assert isinstance(read, Unknown)
    assert codec.dumps(read) == canonical(wire)
    assert read.by.id == "u1"


def test_who_acted_in_an_unknown_event_is_never_taken_for_a_person_without_proof() -> None:
    wire = {**MOVED, "v": 7, "by": {"id": "x", "kind": "oracle"}}
    assert codec.decode(wire).by.kind == "system"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"at": "2026-03-02T09:00:00"}, "moved.at"),
        ({"at": 5}, "moved.at"),
        ({"at": "yesterday"}, "moved.at"),
        ({"from_status": 5}, "moved.from_status"),
        ({"irregular": "no"}, "moved.irregular"),
        ({"irregular": 1}, "moved.irregular"),
        ({"episode": True}, "moved.episode"),
        ({"episode": "1"}, "moved.episode"),
        ({"episode": 1.0}, "moved.episode"),
        ({"to_status": None}, "moved.to_status"),
        ({"to_status": "half \ud83d"}, "moved.to_status"),
        ({"by": {"id": "u1", "kind": "robot"}}, "moved.by.kind"),
        ({"by": {"id": ""}}, "moved.by"),
        ({"by": "u1"}, "moved.by"),
    ],
)
def test_nothing_is_coerced(change: dict[str, Any], path: str) -> None:
    assert set(problems({**MOVED, **change})) == {path}


def test_every_place_is_named_at_once() -> None:
    wire = {**MOVED, "at": "2026-03-02T09:00:00", "irregular": "no", "colour": "red", "by": {"kind": "robot"}}
    del wire["to_status"]
    found = problems(wire)
    assert set(found) == {"moved", "moved.at", "moved.irregular", "moved.to_status", "moved.by.id", "moved.by.kind"}
    assert "colour" in found["moved"]
    assert found["moved.to_status"] == found["moved.by.id"] == "a required field is missing"


def test_a_message_repeats_no_stored_value() -> None:
    secrets = {"at": "Jane Doe", "by": {"id": "u1", "kind": "Jane Doe"}}
    assert "Jane" not in str(problems({**MOVED, **secrets}))


@pytest.mark.parametrize(
    "wire",
    [
        {},
        {**MOVED, "kind": 5},
        {**MOVED, "kind": ""},
        {**MOVED, "v": "1"},
        {**MOVED, "v": True},
        {**MOVED, "v": 0},
        {**MOVED, "v": -1},
    ],
)
def test_an_envelope_says_what_it_holds(wire: dict[str, Any]) -> None:
    assert list(problems(wire, "bad_envelope")) == ["kind"]


def test_an_unknown_event_has_an_envelope_too() -> None:
    assert set(problems({"kind": "weather", "at": "2026-03-02", "by": {}}, "bad_envelope")) == {"at", "by"}
    assert set(problems({"kind": "weather", "by": {"id": "u1"}}, "bad_envelope")) == {"at"}


@pytest.mark.parametrize("kind", ["NaN", "-Infinity", "1e999", "[1,", '"text"', "[]", "", "[" * 100_000, "9" * 5_000])
def test_what_is_no_json_object_is_refused(kind: str) -> None:
    text = kind if kind[:1] in '["' or not kind else f'{{"kind":"weather","x":{kind}}}'
    with pytest.raises(DecodeError) as caught:
        codec.loads(text)
    assert [problem.code for problem in caught.value.problems] == ["not_json"]


def test_every_kind_has_a_distinct_stable_name() -> None:
    assert len(codec.KINDS) == 30
    assert all(cls.kind == kind and cls.v >= 1 for kind, cls in codec.KINDS.items())
