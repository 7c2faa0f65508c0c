"""Queue rows to order, for the tests of the queue and of what comes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from trialflow.adapters.renderers.names import Names
from trialflow.adapters.renderers.phrases import Calendar
from trialflow.reports.queue_values import QueueRow
from trialflow.rules.reasons import Reason

AS_OF = datetime(2026, 3, 16, 14, tzinfo=UTC)
CALENDAR = Calendar("America/Chicago", AS_OF)
NAMES = Names(
    labels={"own-1": "Maya Osei", "own-2": "Tom Berg", "id-1": "RV-0001"},
    buckets={"stale": "Stale", "contacted": "Contacted", "closed": "Closed"},
    items={"availability": "Availability of the person"},
    blockers={"missing_records": "Records are missing", "availability": "No date suits the person yet"},
)


def row(number: int, **changes: Any) -> QueueRow:
    """One row of an overdue call, changed as asked."""
    reasons = changes.pop("reasons", ("bucket_contacted",))
    values: dict[str, Any] = {
        "rank": number, "lead_id": f"id-{number}", "source": "Radio", "status": "contacted", "status_label": "Reached",
        "owner": "own-1", "blockers": (), "prescreen": "none", "records": "", "action": "call",
        "action_label": "Call again", "role": "coordinator", "due_at": AS_OF - timedelta(days=2), "due": "overdue",
        "bucket": "contacted", "stale": "fresh", "flags": (), "since": AS_OF - timedelta(days=5),
        "last_movement": AS_OF - timedelta(days=3), "last_movement_kind": "contact_attempted",
        "reasons": tuple(Reason(code) for code in reasons),
    }  # fmt: skip
    return QueueRow(**values | changes)
