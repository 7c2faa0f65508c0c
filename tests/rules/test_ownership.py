"""Who can act on a lead: absences and inactive owners, at exactly which moments."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leads import AT, COORDINATOR, lead
from trialflow.model.parties import UNASSIGNED, Owner
from trialflow.model.site import SiteState
from trialflow.model.site_events import AbsenceSet
from trialflow.rules.buckets import flags
from trialflow.rules.loading import default_workflow
from trialflow.rules.ownership import Roster, effective_owner, unowned

W = default_workflow()
DAY = timedelta(days=1)
AWAY = AbsenceSet(at=AT, by=COORDINATOR, owner="u1", since=AT + DAY, until=AT + 3 * DAY)
ROSTER = Roster.of(SiteState(absences=(AWAY,)), [Owner(id="u1"), Owner(id="u2", active=False)])


def test_a_roster_tells_absences_and_who_is_inactive() -> None:
    assert ROSTER.absences == (AWAY,)
    assert ROSTER.away("u2", AT)
    assert not ROSTER.away("u3", AT)  # nobody has said anything about u3


@pytest.mark.parametrize(("days", "owner"), [(0, "u1"), (1, UNASSIGNED), (2.9, UNASSIGNED), (3, "u1"), (4, "u1")])
def test_an_absence_is_half_open(days: float, owner: str) -> None:
    as_of = AT + timedelta(days=days)
    assert effective_owner(lead(), ROSTER, as_of) == owner
    assert bool(unowned([lead()], ROSTER, as_of)) == (owner == UNASSIGNED)
    assert ("unowned" in flags(lead(), W, as_of, ROSTER)) == (owner == UNASSIGNED)


def test_what_nobody_owns_comes_by_the_time_it_waits_without_what_was_merged() -> None:
    waiting = [
        lead(id="L1", owner=UNASSIGNED, owner_since=AT + DAY),
        lead(id="L2", owner=UNASSIGNED, owner_since=AT),
        lead(id="L3", owner=UNASSIGNED, merged_into="L1"),
        lead(id="L4"),
        lead(id="L5", owner=UNASSIGNED, received_at=AT - DAY),
    ]
    assert [one.id for one in unowned(waiting, None, AT + DAY)] == ["L5", "L2", "L1"]
