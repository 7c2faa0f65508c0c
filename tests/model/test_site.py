"""A site's stream: what stands, oldest first; the later of two absences; questions and their answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from histories import PEOPLE, START
from strategies import events
from trialflow.model import events as e
from trialflow.model import site_events as s
from trialflow.model.recorded import Recorded
from trialflow.model.site import SiteState, evolve_site, fold_site

COMMON: dict[str, Any] = {"at": START, "by": PEOPLE[3]}


def told(*happened: e.Event) -> SiteState:
    """The state that these events tell."""
    return fold_site([Recorded(n, "site:main", n, START, x, "", "") for n, x in enumerate(happened, start=1)])


@given(st.lists(events, max_size=6))
def test_no_event_raises_and_each_is_counted(happened: list[e.Event]) -> None:
    state = SiteState()
    for event in happened:
        state = evolve_site(state, event)
    assert state.version == told(*happened).version == len(happened)


def test_an_absence_until_further_notice_can_end() -> None:
    away = s.AbsenceSet(**COMMON, owner="u1", since=START)
    back = s.AbsenceSet(**COMMON, owner="u1", since=START, until=START + timedelta(days=3))
    other = s.AbsenceSet(**COMMON, owner="u2", since=START)
    assert told(away, other, back).absences == (other, back)


def test_questions_of_a_study_stand_until_they_are_answered() -> None:
    asked = e.DecisionRequested(**COMMON, decision="widen_window", role="investigator")
    told_so = e.DecisionRecorded(**COMMON, decision="widen_window", outcome="yes", authority_ref="log-4")
    assert [d.decision for d in told(asked).open_decisions] == ["widen_window"]
    state = told(asked, told_so)
    assert state.open_decisions == ()
    assert [(d.outcome, d.position) for d in state.decisions] == [("yes", 2)]


def test_what_was_recorded_by_mistake_is_left_out() -> None:
    spent = s.SpendRecorded(
        **COMMON, source="Radio", amount_minor=100, currency="USD", since=START, until=START + timedelta(days=1)
    )
    assert told(spent).spend == (spent,)
    assert told(spent, e.Corrected(**COMMON, position=1, reason="mistake")).spend == ()
