"""Every kind of event of a lead has its sentence; what is not known is named and left at that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from trialflow.adapters.renderers.history_words import Words
from trialflow.adapters.renderers.phrases import Calendar
from trialflow.model import events as e
from trialflow.model.parties import Actor, Source
from trialflow.rules.loading import default_workflow

AT = datetime(2026, 5, 18, 14, tzinfo=UTC)
LATER = datetime(2026, 5, 25, 14, tzinfo=UTC)
BY = Actor(id="own-1", role="coordinator")
ALL: dict[str, Any] = {"at": AT, "by": BY}
NAMES = {"own-1": "Ana Mockridge", "lead-2": "LF-0002", "word-1": "On hold"}
WORDS = Words(default_workflow(), NAMES, Calendar("America/Chicago", AT))

SAID: tuple[tuple[e.Event, str], ...] = (
    (e.Received(**ALL, source=Source(id="Radio")), "arrived from Radio; owner nobody"),
    (
        e.Received(**ALL, source=Source(id="Radio"), status="preparing", owner="own-1"),
        "arrived from Radio, first seen as Preparing the visit; owner Ana Mockridge",
    ),
    (e.Acknowledged(**ALL), "the referrer was told that it is here"),
    (
        e.Moved(**ALL, from_status="new", to_status="closed", reason="no_response"),
        "moved from New inquiry to Closed (no response)",
    ),
    (
        e.Moved(**ALL, from_status="new", to_status="word-1", irregular=True),
        "moved from New inquiry to On hold, a move the workflow does not have",
    ),
    (
        e.Assigned(**ALL, from_owner="UNASSIGNED", to_owner="own-1", reason="absence"),
        "handed over from nobody to Ana Mockridge (absence)",
    ),
    (e.HandoffAccepted(**ALL, owner="own-1"), "taken over by Ana Mockridge"),
    (e.ContactAttempted(**ALL, outcome="no_answer", before=1, after=2), "contact attempt no. 2: no answer"),
    (e.ContactAttempted(**ALL, before=0, after=3), "3 contact attempts, 3 in all"),
    (e.Prescreened(**ALL, to_state="completed"), "prescreen completed"),
    (e.ItemSet(**ALL, item="records", to_state="not_needed"), "Medical records: not needed"),
    (e.ItemSet(**ALL, item="own_item", to_state="needed"), "Own item: needed"),
    (e.Blocked(**ALL, blocker="visit_capacity", due_at=LATER), "blocked: No visit slot is free, due Mon 25 May"),
    (e.Unblocked(**ALL, blocker="own_kind"), "no longer blocked: Own kind"),
    (e.ActionSet(**ALL, action="call_again", due_at=LATER), "planned: call again for Mon 25 May"),
    (e.ActionDone(**ALL, action="call_again"), "done: call again"),
    (e.VisitSet(**ALL, to_state="scheduled", visit_at=LATER), "visit scheduled for Mon 25 May"),
    (
        e.VisitSet(**ALL, to_state="rescheduled", visit_at=LATER, from_visit_at=AT),
        "visit rescheduled for Mon 25 May, before Mon 18 May",
    ),
    (e.VisitSet(**ALL, to_state="missed", visit_at=AT), "visit missed, Mon 18 May"),
    (
        e.DecisionRequested(**ALL, decision="medication_allowed", due_at=LATER),
        "question to the study team: medication allowed, due Mon 25 May",
    ),
    (
        e.DecisionRecorded(**ALL, decision="medication_allowed", outcome="pause", authority_ref="log-1"),
        "the study team recorded on medication allowed: pause; authority log-1",
    ),
    (e.PermissionSet(**ALL, allowed=False), "contact by every channel forbidden"),
    (e.PermissionSet(**ALL, channel="text", allowed=True), "contact by text allowed"),
    (
        e.SourceSet(**ALL, from_source=Source(id="Radio"), to_source=Source(id="Walk-in")),
        "source corrected from Radio to Walk-in",
    ),
    (e.Merged(**ALL, into="lead-2"), "counted under LF-0002 from here on"),
    (e.Unmerged(**ALL, into="lead-2"), "counted for itself again"),
    (e.Corrected(**ALL, position=7, reason="typing_error"), "event 7 voided (typing error)"),
    (e.Noted(**ALL, ref="note-1"), "note written"),
    (e.Erased(**ALL, reason="asked"), "identity and notes erased (asked)"),
    (e.Proposed(**ALL, proposal="p", command="move", target="closed"), "proposed: move to Closed"),
    (e.Proposed(**ALL, proposal="p", command="action"), "proposed: action"),
    (e.ProposalClosed(**ALL, proposal="p", outcome="declined"), "proposal p declined"),
    (e.Unknown(**ALL, unknown_kind="lab_result_in"), "lab result in: kept as it came"),
)


@pytest.mark.parametrize(("event", "text"), SAID, ids=lambda value: value.kind if isinstance(value, e.Event) else "")
def test_an_event_in_words(event: e.Event, text: str) -> None:
    assert WORDS.say(event) == text


def test_no_kind_is_without_words() -> None:
    kinds = {getattr(e, name) for name in e.__all__} - {e.Event}
    assert {type(event) for event, _ in SAID} == kinds
