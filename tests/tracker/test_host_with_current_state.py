"""A host that keeps rows of the present only builds leads and calls the rules; what only history knows is not known."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from trialflow import (
    UNASSIGNED,
    Actor,
    Blocker,
    Handoff,
    Lead,
    PlannedAction,
    ReadinessItem,
    Source,
    Visit,
    bucket,
    dashboard,
    default_workflow,
    may_contact,
    next_action,
    options,
    readiness,
    stale_level,
    worklist,
)
from trialflow.adapters.renderers.formats import render
from trialflow.rules.slas import sla_status

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
WORKFLOW = default_workflow()
ANNA = Actor(id="anna", role="coordinator")


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


ROWS: list[dict[str, Any]] = [
    {"id": 1, "src": "Radio", "in": ago(1), "status": "new", "since": ago(1), "owner": None},
    {"id": 2, "src": "Web", "in": ago(9), "status": "contacting", "since": ago(2), "owner": "anna", "called": ago(2)},
    {
        "id": 3,
        "src": "Web",
        "in": ago(30),
        "status": "preparing",
        "since": ago(2),
        "owner": "anna",
        "records": "requested",
    },
    {
        "id": 4,
        "src": "Web",
        "in": ago(30),
        "status": "preparing",
        "since": ago(2),
        "owner": "ben",
        "hold": "availability",
    },
    {"id": 5, "src": "Web", "in": ago(30), "status": "scheduled", "since": ago(2), "owner": "ben", "visit": ago(-3)},
    {"id": 6, "src": "Radio", "in": ago(90), "status": "contacted", "since": ago(60), "owner": "anna"},
    {"id": 7, "src": "Radio", "in": ago(90), "status": "closed", "since": ago(60), "owner": "anna", "why": "declined"},
    {"id": 8, "src": "Radio", "in": ago(5), "status": "on hold?", "since": ago(1), "owner": "anna"},
]


def lead_of(row: dict[str, Any]) -> Lead:
    """What a host writes once: its row as a lead."""
    since = row["since"]
    return Lead(
        id=str(row["id"]),
        source=Source(id=row["src"]),
        received_at=row["in"],
        status=row["status"],
        status_since=since,
        owner=row["owner"] or UNASSIGNED,
        last_contact_at=row.get("called"),
        attempts=int("called" in row),
        close_reason=row.get("why", ""),
        items={"records": ReadinessItem(item="records", state=row["records"], since=since)} if "records" in row else {},
        blockers=(Blocker(kind=row["hold"], since=since),) if "hold" in row else (),
        visit=Visit(at=row["visit"], state="scheduled", since=since) if "visit" in row else None,
    )


LEADS = [lead_of(row) for row in ROWS]


def test_every_question_about_the_present_has_an_answer() -> None:
    assert [bucket(lead, WORKFLOW, NOW) for lead in LEADS] == [
        "new_inquiries",
        "contacted",
        "records_needed",
        "coordinator_review",
        "scheduled",
        "stale",
        "closed",
        "unmapped",
    ]
    assert [readiness(lead, WORKFLOW).ready for lead in LEADS[2:4]] == [False, False]
    assert stale_level(LEADS[5], WORKFLOW, NOW).level == "stale"
    assert stale_level(LEADS[1], WORKFLOW, NOW).level in ("fresh", "at_risk")
    assert next_action(LEADS[0], WORKFLOW, NOW).kind == "assign_owner"
    assert may_contact(LEADS[1], WORKFLOW, "phone", NOW + timedelta(days=1), zone="America/Chicago").allowed
    assert {o.to for o in options(LEADS[1], WORKFLOW, NOW, ANNA) if o.allowed} >= {"contacted"}
    refused = next(o for o in options(LEADS[2], WORKFLOW, NOW, ANNA) if o.to == "scheduled")
    assert "not_ready" in {r.code for r in refused.refusals}
    queue = worklist(LEADS, WORKFLOW, NOW)
    assert {item.lead.id for item in queue} == {str(n) for n in range(1, 9)}
    assert [item.rank for item in queue] == list(range(1, 9))
    assert {item.lead.owner for item in worklist(LEADS, WORKFLOW, NOW, owner="ben")} == {"ben"}


def test_a_planned_action_pauses_staleness_here_too() -> None:
    snoozed = attrs.evolve(LEADS[5], action=PlannedAction(action="call_back", due_at=ago(-2), set_at=ago(1)))
    assert bucket(snoozed, WORKFLOW, NOW) == "contacted"


def test_what_only_history_knows_is_not_known_and_never_zero() -> None:
    board = dashboard(LEADS, WORKFLOW, NOW)
    assert (board.leads, board.open, board.unowned) == (8, 7, 1)
    assert {row.bucket: row.count for row in board.buckets if row.count}["stale"] == 1
    document = json.loads(render(board, "json"))
    assert document["movement"] is None
    assert document["weeks"] is None
    assert dashboard((), WORKFLOW, NOW).movement is None, "not even where there is nothing at all"
    assert set(document["handoffs"].values()) == {None}
    assert {row["handoffs_waiting"] for row in document["owners"]} == {None}


def test_handoffs_that_a_host_gives_are_counted() -> None:
    given = Handoff(from_owner="anna", to_owner="ben", at=ago(3), reason="absence")
    board = dashboard([*LEADS, attrs.evolve(LEADS[3], id="9", handoffs=(given,))], WORKFLOW, NOW)
    assert (board.handoffs.total, board.handoffs.waiting, board.handoffs.without_context) == (1, 1, 0)
    assert {row.owner: row.handoffs_waiting for row in board.owners} == {"anna": 0, "ben": 1, UNASSIGNED: 0}


@pytest.mark.parametrize("format_", ["text", "markdown", "html"])
def test_every_renderer_says_not_known(format_: str) -> None:
    printed = render(dashboard(LEADS, WORKFLOW, NOW), format_).decode()
    assert "not known" in printed
    assert "0 handoffs" not in printed


def test_service_levels_do_not_guess() -> None:
    results = {s.code: s.result for lead in LEADS for s in sla_status(lead, WORKFLOW, NOW)}
    assert "met" not in results.values()
    assert "breached" not in set(results.values()) - {results.get("stale_escalation")}


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_a_blank_owner_is_nobody(blank: Any) -> None:
    """A lead that nobody owns is never taken for an owned one, whatever a host's column holds."""
    lead = attrs.evolve(LEADS[1], owner=blank)
    assert lead.owner == UNASSIGNED
    assert next_action(lead, WORKFLOW, NOW).kind == "assign_owner"
    assert dashboard([lead], WORKFLOW, NOW).unowned == 1
