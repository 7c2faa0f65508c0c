"""A site's tracker as a CSV file of any length: seeded, so that every contender reads the same bytes."""

from __future__ import annotations

import csv
import random
import tempfile
from datetime import date, timedelta
from pathlib import Path

__all__ = ["HEADINGS", "tracker_file"]

HEADINGS = (
    "Lead ID",
    "Date Received",
    "Source",
    "First Name",
    "Last Name",
    "Phone",
    "Email",
    "Status",
    "Coordinator",
    "Last Contact",
    "# Attempts",
    "Prescreen",
    "Records",
    "Screening Visit",
    "Reason Closed",
    "Notes",
)

_SOURCES = ("Facebook", "Google Ads", "Radio", "Physician referral", "Website form", "Flyer", "Registry", "Friend")
_OWNERS = ("Dana Sample", "Robin Testa", "Alex Mockford", "Jo Placeholder", "")
_FIRST = ("Avery", "Blake", "Casey", "Devon", "Ellis", "Finley", "Gray", "Harper")
_LAST = ("Specimen", "Mockford", "Testwell", "Invento", "Madeup", "Draftman")
_STATUSES = (
    ("New", 10),
    ("Left VM", 20),
    ("Spoke with pt", 14),
    ("Prescreen pending", 10),
    ("In review", 8),
    ("Records pending", 8),
    ("Scheduled", 6),
    ("Attended", 4),
    ("Closed", 20),
)
_REASONS = ("No response", "Not interested", "Too far", "Prescreen fail", "Duplicate", "Do not contact")
_FIRST_DAY = date(2025, 1, 6)
_VERSION = 2
"""Part of the file's name: a changed generator writes a new file."""


def tracker_file(rows: int, *, copies_of_each: int = 1, folder: Path | None = None) -> Path:
    """The path of a tracker with ``rows`` rows, written once per size; each lead stands there ``copies_of_each``
    times, so that a third of the rows can be leads."""
    path = (folder or Path(tempfile.gettempdir())) / f"trialflow-tracker-{_VERSION}-{rows}-{copies_of_each}.csv"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        with unfinished.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(HEADINGS)
            leads = rows // copies_of_each
            for turn in range(copies_of_each):
                chance = random.Random(7)
                writer.writerows(
                    _row(number, chance) for number in range(leads if turn else rows - leads * (copies_of_each - 1))
                )
        unfinished.replace(path)
    return path


def _row(number: int, chance: random.Random) -> list[str]:
    received = _FIRST_DAY + timedelta(days=int(chance.random() * 400))
    status = chance.choices([s for s, _ in _STATUSES], [w for _, w in _STATUSES])[0]
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    tried = status != "New"
    touched = received + timedelta(days=chance.randrange(1, 20))
    prescreened = status in ("In review", "Records pending", "Scheduled", "Attended")
    return [
        f"BM-{number:07d}",
        _us(received),
        chance.choice(_SOURCES),
        first,
        last,
        f"({201 + number % 700}) 555-01{number // 700 % 100:02d}",
        f"{first}.{last}{number}@example.org".lower(),
        status,
        chance.choice(_OWNERS),
        _us(touched) if tried else "",
        str(chance.randrange(1, 5)) if tried else "",
        "Done" if prescreened else "",
        chance.choice(("Requested", "Received")) if status in ("Records pending", "Scheduled", "Attended") else "",
        _us(touched + timedelta(days=14)) if status in ("Scheduled", "Attended") else "",
        chance.choice(_REASONS) if status == "Closed" else "",
        f"Prefers mornings, call {number % 7}" if number % 5 == 0 else "",
    ]


def _us(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"
