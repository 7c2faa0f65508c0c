"""An inquiry comes in: the first identity stands, and words in place of a code are refused before anything is kept."""

from __future__ import annotations

import pytest

from ledger_samples import ANNA, Ticking
from trialflow import Refused, Tracker


def test_of_an_inquiry_that_comes_twice_the_first_identity_stands() -> None:
    tracker = Tracker(clock=Ticking())
    first = tracker.receive("Radio", "1", by=ANNA, person={"name": "Ann Example"})
    again = tracker.receive("Radio", "1", by=ANNA, person={"name": "Bob Example"})
    assert (first.created, again.created) == (True, False)
    assert tracker.identity(again.lead.id)["name"] == "Ann Example"


@pytest.mark.parametrize("field", ["owner", "person_ref", "study"])
def test_words_in_place_of_a_code_are_refused_and_nothing_is_kept(field: str) -> None:
    tracker = Tracker(clock=Ticking())
    with pytest.raises(Refused):
        tracker.receive("Radio", "1", by=ANNA, person={"name": "Ann Example"}, **{field: "call her in the evening"})  # type: ignore[arg-type]
    assert tracker.leads() == ()
    assert list(tracker.vault.items("identity")) == []
