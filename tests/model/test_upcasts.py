"""Old payloads are lifted; every step has a stored example that no later change may break."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trialflow.model import codec
from trialflow.model.errors import DecodeError
from trialflow.model.upcasts import UPCASTS

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.mark.parametrize(("kind", "version"), sorted(UPCASTS))
def test_a_stored_old_event_reads_as_todays(kind: str, version: int) -> None:
    stored = json.loads((FIXTURES / f"{kind}_{version}.json").read_text("utf-8"))
    assert json.loads(stored["old"])["v"] == version
    assert codec.dumps(codec.loads(stored["old"])) == stored["now"]


def test_no_version_of_a_kind_is_without_a_way_to_todays() -> None:
    earlier = {(kind, v) for kind, cls in codec.KINDS.items() for v in range(1, cls.v)}
    assert earlier == set(UPCASTS)


def test_an_old_event_that_lacks_a_field_says_so() -> None:
    with pytest.raises(DecodeError) as caught:
        codec.decode({"kind": "received", "v": 1, "at": "2026-03-02T09:00:00Z", "by": {"id": "web"}})
    assert [(p.path, p.message) for p in caught.value.problems] == [("received.source", "a required field is missing")]
