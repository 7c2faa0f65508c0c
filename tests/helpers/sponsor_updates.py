"""Sponsor updates as a tracker would make them, from records alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from brute_force import streams
from trialflow.model import events as e
from trialflow.model.evolve import fold
from trialflow.model.lead import Lead
from trialflow.model.parties import Source
from trialflow.model.recorded import Recorded
from trialflow.model.site_events import ReleaseRecorded
from trialflow.reports.column_rows import columns_of
from trialflow.reports.sponsor import sponsor_update
from trialflow.reports.sponsor_values import SponsorUpdate
from trialflow.rules.loading import default_workflow
from wild_histories import BY

__all__ = ["DAY", "MONDAY", "RADIO", "WORKFLOW", "arrived", "leads_of", "moved", "release_of", "update_of"]

WORKFLOW = default_workflow()
DAY = timedelta(days=1)
RADIO = Source(id="Radio")
MONDAY = datetime.fromisoformat("2026-03-02T15:00:00+00:00")


def leads_of(records: Sequence[Recorded]) -> list[Lead]:
    found = (fold(stream) for stream in streams(records).values())
    return [lead for lead in found if lead is not None]


def update_of(
    records: Sequence[Recorded], as_of: datetime, last: ReleaseRecorded | None = None, position: int | None = None
) -> SponsorUpdate:
    """The update that a tracker would make: of what was recorded by ``position`` and had happened by ``as_of``."""
    covered = len(records) if position is None else position
    known = [r for r in records if r.position <= covered and r.event.at <= as_of]
    return sponsor_update(
        leads_of(known),
        WORKFLOW,
        as_of,
        history=columns_of(known, WORKFLOW),
        last_release=last,
        position=covered,
    )


def release_of(update: SponsorUpdate) -> ReleaseRecorded:
    return ReleaseRecorded(
        at=update.as_of,
        by=BY,
        release=f"R{update.position}",
        after_position=update.after_position,
        position=update.position,
        since=update.since,
        until=update.as_of,
    )


def arrived(at: datetime, position: int, lead: str = "L1", source: Source = RADIO) -> Recorded:
    event = e.Received(at=at, by=BY, source=source)
    return Recorded(position, f"lead:{lead}", 1, at, event, "", "")


def moved(at: datetime, position: int, before: str, after: str, *, recorded: datetime, reason: str = "") -> Recorded:
    event = e.Moved(at=at, by=BY, from_status=before, to_status=after, reason=reason)
    return Recorded(position, "lead:L1", 2, recorded, event, "", "")
