"""Small trackers for tests: a row is a dict of headings to texts."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from trialflow.model.events import Event
from trialflow.model.lead import Lead
from trialflow.tracker import Tracker

HEADINGS = (
    "Lead ID",
    "Date Received",
    "Source",
    "Name",
    "Phone",
    "Email",
    "Status",
    "Owner",
    "Last Contact",
    "Attempts",
    "Prescreen",
    "Records",
    "Visit Date",
    "Reason Closed",
    "Notes",
)


def lead(lead_id: str = "L-1", status: str = "New", **cells: str) -> dict[str, str]:
    """A row; keyword names are headings with ``_`` for blanks."""
    row = {
        "Lead ID": lead_id,
        "Date Received": "2026-02-20",
        "Source": "Radio",
        "Name": f"Avery Sample {lead_id}",
        "Phone": "",
        "Email": f"{lead_id.lower() or 'nobody'}@example.org",
        "Status": status,
        "Owner": "Dana Sample",
    }
    return row | {heading.replace("_", " "): text for heading, text in cells.items()}


def copy(folder: Path, day: date | str, *rows: dict[str, str], headings: tuple[str, ...] = HEADINGS) -> Path:
    """A CSV copy whose name holds its date."""
    path = folder / f"tracker-{day}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headings, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def events(tracker: Tracker, lead_id: str) -> list[Event]:
    return [record.event for record in tracker.history(lead_id)]


def by_own_id(tracker: Tracker) -> dict[str, Lead]:
    """The leads by the id that the sheet gives them."""
    return {tracker.identity(lead.id).get("external_id", ""): lead for lead in tracker.leads()}


def ledger(tracker: Tracker) -> list[str]:
    """The hashes of everything recorded."""
    return [record.hash for record in tracker.storage.scan()]
