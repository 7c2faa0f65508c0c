"""Three weekly copies of one sheet, as untidy as real ones: the same bytes each time they are made.

The sheet is kept by hand: dates in two ways, blanks around words, other spellings of a source, a row typed twice, a
totals line, a cell that cannot be true, and two rows with a status that only this site's people understand.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from trialflow.cli.demo.course import Course, State
from trialflow.cli.demo.people import COORDINATORS, SOURCES, person

__all__ = ["COPY_DAYS", "MAPPING", "sheet_id", "simulate", "write_copies", "write_mapping_file"]

COPY_DAYS = (date(2026, 5, 4), date(2026, 5, 11), date(2026, 5, 18))
"""Three Mondays. A copy of a Monday morning holds what had happened by Sunday."""

_FIRST_DAY = date(2026, 1, 26)
_LEADS = 404
_SEED = 2_026

_HEADER = (
    "Lead ID", "Date Received", "Source", "First Name", "Last Name", "Phone", "Email", "Status", "Coordinator",
    "Last Contact", "# Attempts", "Prescreen", "Records", "Screening Visit", "Reason Closed", "Notes",
)  # fmt: skip
_STATUS = {
    "new": ("New", "New lead"),
    "contacting": ("LVM", "Left VM", "No answer", "Attempting contact"),
    "contacted": ("Contacted", "Spoke with pt"),
    "awaiting_prescreen": ("Awaiting prescreen", "Prescreen pending"),
    "in_review": ("In review", "PI review"),
    "scheduled": ("Scheduled", "Sched"),
    "attended": ("Attended", "Seen"),
    "in_screening": ("In screening",),
    "enrolled": ("Enrolled",),
    "screen_failed": ("Screen fail",),
    "closed": ("Closed",),
}
_RECORDS = {"needed": "Needed", "requested": "Requested", "received": "Rec'd", "reviewed": "Reviewed"}
_PRESCREEN = {"started": "Started", "completed": "Done"}
_REASONS = {
    "no_answer": "Unable to reach",
    "no_reply": "No response",
    "no_interest": "Not interested",
    "too_far": "Too far",
    "schedule": "Schedule conflict",
    "do_not_contact": "DNC",
    "prescreen": "Prescreen fail",
    "records": "Records unobtainable",
    "study_team": "Screen fail",
}
_OWN_WORD = "Hold for cohort 2"
"""A status word that no list of synonyms knows: it stays visible until somebody says what it means."""

MAPPING = """\
# What this site's tracker means. `trialflow mapping FILE` writes the beginning of such a file.
[source]
"Insta" = "Instagram"
"IG ad" = "Instagram"
"FB" = "Facebook"
"Dr referral" = "Physician referral"

[owner]
"A. Mockridge" = "Ana Mockridge"
"""


def sheet_id(number: int) -> str:
    """How the sheet calls lead ``number``."""
    return f"LF-{number:04d}"


def simulate() -> list[Course]:
    """All leads with everything that happened to them."""
    rng = random.Random(_SEED)
    days = (COPY_DAYS[-1] - _FIRST_DAY).days
    # More inquiries as the campaign grows: the later half of the days gets most of them.
    arrivals = sorted(int(days * rng.random() ** 0.8) for _ in range(_LEADS))
    courses = []
    for number, arrival in enumerate(arrivals, start=1):
        own = random.Random(_SEED * 10_000 + number)
        course = Course(
            number=number,
            person=person(own, number),
            source=own.choices(SOURCES, [source.share for source in SOURCES])[0],
            received=_FIRST_DAY + timedelta(days=arrival),
            coordinator=own.choices(COORDINATORS, [one.share for one in COORDINATORS])[0],
            rng=own,
        )
        course.live()
        courses.append(course)
    return courses


def write_copies(courses: Sequence[Course], out: Path) -> list[Path]:
    """Write the three copies, each named with its date; the oldest first."""
    paths = []
    for week, day in enumerate(COPY_DAYS):
        path = out / f"tracker-{day.isoformat()}.csv"
        # A byte order mark on one of them: that week it was saved by another program.
        path.write_bytes((b"\xef\xbb\xbf" if week == 1 else b"") + _sheet(courses, day, week).encode())
        paths.append(path)
    return paths


def write_mapping_file(out: Path) -> Path:
    """Write what the site's own spellings mean."""
    path = out / "mapping.toml"
    path.write_text(MAPPING, "utf-8")
    return path


def _sheet(courses: Sequence[Course], day: date, week: int) -> str:
    rows = [_row(course, state, day) for course in courses if (state := course.on(day)) is not None]
    rows.insert(len(rows) // 2, list(rows[len(rows) // 3]))  # typed twice
    if week == 2:
        rows.insert(60, list(_HEADER))  # pasted in with the header
    rows.append(["Total", str(len(rows)), *[""] * 14])
    file = io.StringIO(newline="")
    csv.writer(file).writerows([_HEADER, *rows])
    return file.getvalue()


def _row(course: Course, state: State, day: date) -> list[str]:
    # What is untidy about a row stays so from week to week, with one or two cells retyped.
    hand = random.Random(course.number * 31)
    typed = random.Random(course.number * 31 + day.toordinal())
    us_dates = hand.random() < 0.88
    cells = [
        sheet_id(course.number),
        _day(course.received, us_dates),
        _source(course, hand),
        course.person.first,
        course.person.last,
        course.person.phone,
        course.person.email,
        _status(course, state),
        _owner(course, state, day, hand),
        _day(state.last_contact, us_dates),
        str(state.attempts or ""),
        _PRESCREEN.get(state.prescreen, ""),
        _RECORDS.get(state.records, ""),
        _day(state.visit, us_dates),
        _REASONS.get(state.reason, ""),
        state.note,
    ]
    if course.number == 77:
        cells[9] = "2/30/2026"  # no such day
    for place in typed.sample((2, 3, 4, 7, 8), 2):
        cells[place] = _untidy(cells[place], typed)
    return cells


def _day(day: date | None, us: bool) -> str:
    if day is None:
        return ""
    return f"{day.month}/{day.day}/{day.year}" if us else day.isoformat()


def _source(course: Course, hand: random.Random) -> str:
    known = course.source.spellings
    return hand.choice(known) if known and hand.random() < 0.06 else course.source.name


def _status(course: Course, state: State) -> str:
    if course.number in (398, 401):
        return _OWN_WORD
    if state.status == "preparing":
        return "Ready to schedule" if state.records == "reviewed" else "Records pending"
    words = _STATUS[state.status]
    return words[course.number % len(words)]


def _owner(course: Course, state: State, day: date, hand: random.Random) -> str:
    covered = day == COPY_DAYS[-1] and state.owner == "Eva Notreal" and state.status != "closed"
    if covered and course.number % 5 == 0:
        return "Cleo Draftman"  # somebody took a few of the absent colleague's leads, and wrote no reason down
    if state.owner == "Ana Mockridge" and hand.random() < 0.05:
        return "A. Mockridge"
    return state.owner


def _untidy(text: str, typed: random.Random) -> str:
    roll = typed.random()
    if roll < 0.12:
        return f"{text} "
    if roll < 0.18:
        return f" {text}"
    if roll < 0.24:
        return text.upper()
    return text.lower() if roll < 0.28 else text
