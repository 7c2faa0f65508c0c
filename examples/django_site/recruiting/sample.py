"""An invented tracker in two weekly copies, dated so that the board has something to say today. Nobody in it exists."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

__all__ = ["copy_of"]

_HEADER = [
    "Lead ID", "Date Received", "Source", "First Name", "Last Name", "Phone", "Email", "Status", "Coordinator",
    "Last Contact", "# Attempts", "Prescreen", "Reason Closed",
]  # fmt: skip
_FIRST = ("Ann", "Ben", "Cleo", "Dev", "Eve", "Finn", "Gus", "Hana", "Ida", "Jon", "Kit", "Lou")
_SOURCES = ("Radio", "Website", "Physician referral", "Website", "Poster")
# Days since arrival, then status, attempts and prescreen a week ago and today.
_COURSES = (
    (1, None, ("New", 0, "")),
    (2, None, ("New", 0, "")),
    (4, None, ("Left VM", 1, "")),
    (9, ("New", 0, ""), ("Left VM", 2, "")),
    (12, ("Left VM", 1, ""), ("Contacted", 2, "")),
    (15, ("Contacted", 1, ""), ("Awaiting prescreen", 1, "")),
    (18, ("Awaiting prescreen", 1, ""), ("In review", 2, "Done")),
    (22, ("In review", 2, "Done"), ("In review", 2, "Done")),
    (25, ("Left VM", 3, ""), ("Closed", 4, "")),
)
_LEADS = 27


def copy_of(day: date, *, before: bool) -> str:
    """The tracker as CSV on ``day``; ``before``: as it stood a week earlier."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(_HEADER)
    for number in range(_LEADS):
        age, then, now = _COURSES[number % len(_COURSES)]
        state = then if before else now
        if state is not None:
            rows.writerow(_row(number, day - timedelta(days=age + number // 9), *state, today=day))
    return text.getvalue()


def _row(number: int, arrived: date, status: str, attempts: int, prescreen: str, *, today: date) -> list[object]:
    first = _FIRST[number % len(_FIRST)]
    owner = "" if status == "New" and number % 2 else ("Anna Example", "Lee Sample")[number % 2]
    contact = min(arrived + timedelta(days=3), today).isoformat() if attempts else ""
    return [
        f"CL-{number + 1:03d}", arrived.isoformat(), _SOURCES[number % len(_SOURCES)], first, "Example",
        f"+1 212 555 01{number:02d}", f"{first.lower()}{number}@example.org", status, owner, contact, attempts or "",
        prescreen, "No response" if status == "Closed" else "",
    ]  # fmt: skip
