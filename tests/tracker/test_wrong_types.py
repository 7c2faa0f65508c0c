"""A value of a wrong type is refused before it is stored: a record that cannot be read would stay for good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from trialflow import Actor, Refused, Tracker
from trialflow.model.errors import DecodeError

ANA: Any = Actor(id="ana", role="coordinator")
MONDAY = datetime(2026, 5, 18, 14, tzinfo=UTC)
LATER = MONDAY + timedelta(days=9)
NONE: Any = None
TEXT: Any = "ana"


def lead_of(tracker: Tracker) -> str:
    return tracker.receive("Radio", "1", by=ANA, at=MONDAY, owner="ana").lead.id


WRONG: dict[str, Callable[[Tracker, str], object]] = {
    "an owner that is None": lambda t, lead: t.set_item(lead, "records", "requested", owner=NONE, by=ANA, at=MONDAY),
    "an owner of a plan": lambda t, lead: t.set_action(lead, "call", LATER, owner=NONE, by=ANA, at=MONDAY),
    "a name for an actor": lambda t, lead: t.contact(lead, "reached", by=TEXT, at=MONDAY),
    "a name for who receives": lambda t, _: t.receive("Radio", "2", by=TEXT, at=MONDAY),
    "a number for a study": lambda t, _: t.receive("Radio", "2", by=ANA, at=MONDAY, study=NONE),
    "a name for who records an absence": lambda t, _: t.absence("ana", MONDAY, by=TEXT),
    "a name for who releases": lambda t, _: t.sponsor_update(as_of=MONDAY, release="r-1", by=TEXT),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_type_leaves_the_store_as_it_was(case: str, tmp_path: Path) -> None:
    with Tracker.open(tmp_path / "site.db") as tracker:
        lead = lead_of(tracker)
        with pytest.raises((TypeError, DecodeError)):
            WRONG[case](tracker, lead)
    with Tracker.open(tmp_path / "site.db") as again:
        assert len(list(again.storage.scan())) == 1
        assert again.dashboard(as_of=MONDAY).leads == 1


def test_the_message_says_what_belongs_there() -> None:
    tracker = Tracker()
    lead = lead_of(tracker)
    with pytest.raises(TypeError, match=r"Actor\(id=\.\.\., role=\.\.\.\); this is a str"):
        tracker.contact(lead, "reached", by=TEXT)
    with pytest.raises(TypeError, match="a datetime with its zone, or a date; this is a str"):
        tracker.dashboard(as_of=TEXT)
    with pytest.raises(DecodeError, match=r"item_set\.owner"):
        tracker.set_item(lead, "records", "requested", owner=NONE, by=ANA)


@pytest.mark.parametrize("blank", ["", "  "])
def test_an_inquiry_without_its_id_is_refused(blank: str) -> None:
    tracker = Tracker()
    with pytest.raises(Refused) as refused:
        tracker.receive("Radio", blank, by=ANA)
    assert [refusal.code for refusal in refused.value.refusals] == ["external_id_blank"]
    assert tracker.leads() == ()
    with pytest.raises(Refused):
        tracker.receive(" ", "1", by=ANA)
