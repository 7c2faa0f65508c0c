"""A small invented site: leads that move over three weekly copies, and what importing the copies must give.

The truth is simulated first; how it is written down (``tracker_shapes``) comes after and knows nothing of the importer.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import attrs

COPIES = (date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16))
SOURCES = ("Radio spot", "Clinic list", "Friend of a patient", "Web form")
OWNERS = ("Dana Sample", "Robin Testa", "Alex Mockford")
REASONS = ("declined", "no_response", "not_a_fit_prescreen", "logistics", "duplicate", "do_not_contact")
PATH = ("new", "contacting", "contacted", "awaiting_prescreen", "in_review", "preparing", "scheduled", "attended")
_FIRST = ("Avery", "Blake", "Casey", "Devon", "Ellis", "Finley", "Gray", "Harper", "Zoë", "Núria")
_LAST = ("Specimen", "Mockford", "Testwell", "Invento", "O'Fiction", "Placeholder", "Pretend-Hill")
_NOTES = (
    "prefers mornings",
    "call after 5, not at work",
    'said "maybe"',
    "speaks Spanish; ask sister",
    "voicemail is full",
)


@attrs.frozen(kw_only=True)
class Said:
    """What one copy says of one lead. Blank is an empty text or None."""

    number: int
    first: str
    last: str
    phone: str
    email: str
    born: date
    received: date
    source: str
    owner: str = ""
    status: str = "new"
    attempts: int | None = None
    last_contact: date | None = None
    prescreen: str = ""
    records: str = ""
    visit: date | None = None
    reason: str = ""
    note: str = ""


@attrs.frozen(kw_only=True)
class Expected:
    """What importing one copy must give."""

    rows: int
    outcomes: dict[str, int]
    absent: int
    leads_known: int
    moves: dict[str, int]
    owner_changes: dict[str, int]
    statuses: dict[str, int]
    unowned_open: int
    by_source: dict[str, int]
    close_reasons: dict[str, int]


CHANGING = ("status", "owner", "attempts", "last_contact", "prescreen", "records", "visit", "reason", "note")
"""What makes a lead updated."""


def simulate(seed: int, *, leads: int = 30) -> list[list[Said]]:
    """Three copies, each a list of rows in the order of the sheet."""
    chance = random.Random(seed)
    known = {n: _settle(_arrival(n, COPIES[0], chance), COPIES[0], chance) for n in range(1, leads + 1)}
    copies = [list(known.values())]
    for day in COPIES[1:]:
        known = {n: _week(said, day, chance) for n, said in known.items()}
        known |= {n: _arrival(n, day, chance) for n in range(len(known) + 1, len(known) + 7)}
        # Who is missing from a copy is not worked on meanwhile, and back in the next one.
        first = {said.number: said for said in copies[0]}
        missing = chance.sample(sorted(first), 3) if day == COPIES[1] else []
        rows = [said for n, said in known.items() if n not in missing]
        known |= {n: first[n] for n in missing}
        copies.append(rows)
    return copies


def _arrival(number: int, copy: date, chance: random.Random) -> Said:
    first, last = _FIRST[number % len(_FIRST)], _LAST[number % len(_LAST)]
    return Said(
        number=number,
        first=first,
        last=last,
        phone=f"555555{number:04d}",
        email=f"{first}.{last.replace(chr(39), '')}{number}@example.org".encode("ascii", "ignore").decode(),
        born=date(1950 + number % 40, 1 + number % 12, 1 + number % 28),
        received=copy - timedelta(days=chance.randrange(1, 40 if copy == COPIES[0] else 7)),
        source=chance.choice(SOURCES),
        owner=chance.choice((*OWNERS, "")),
    )


def _settle(said: Said, copy: date, chance: random.Random) -> Said:
    for _ in range(chance.randrange(len(PATH) + 1)):
        said = _step(said, copy, chance)
    return said


def _week(said: Said, copy: date, chance: random.Random) -> Said:
    said = _step(said, copy, chance) if chance.random() < 0.5 else said
    if said.status in ("contacting", "contacted") and chance.random() < 0.3:
        touched = copy - timedelta(days=chance.randrange(1, 6))
        said = attrs.evolve(said, attempts=(said.attempts or 0) + 1, last_contact=touched)
    if chance.random() < 0.12:
        said = attrs.evolve(said, owner=chance.choice((*OWNERS, "")))
    return attrs.evolve(said, note=chance.choice(_NOTES)) if chance.random() < 0.12 else said


def _step(said: Said, copy: date, chance: random.Random) -> Said:
    if said.status == "closed" or said.status == PATH[-1]:
        return said
    if chance.random() < 0.18 and said.status != "new":
        return attrs.evolve(said, status="closed", reason=chance.choice(REASONS))
    status = PATH[PATH.index(said.status) + 1]
    touched = copy - timedelta(days=chance.randrange(1, 6))
    change: dict[str, Any] = {"status": status}
    if status in ("contacting", "contacted"):
        change |= {"attempts": (said.attempts or 0) + 1, "last_contact": max(touched, said.last_contact or touched)}
    if status == "awaiting_prescreen":
        change["prescreen"] = chance.choice(("", "started"))
    if status == "in_review":
        change["prescreen"] = "completed"
    if status == "preparing":
        change["records"] = chance.choice(("needed", "requested", "received", "reviewed"))
    if status == "scheduled":
        change |= {"records": "reviewed", "visit": copy + timedelta(days=chance.randrange(3, 20))}
    if status == "attended":
        change["visit"] = copy - timedelta(days=chance.randrange(1, 5))
    return attrs.evolve(said, **change)


def expect(copies: list[list[Said]], fields: frozenset[str]) -> list[Expected]:
    """What importing the copies must give when the sheet has columns for ``fields`` of :data:`CHANGING`."""
    known: dict[int, Said] = {}
    told = []
    for rows in copies:
        outcomes: Counter[str] = Counter(created=0, updated=0, unchanged=0, duplicate=0, rejected=0)
        moves: Counter[str] = Counter()
        owners: Counter[str] = Counter()
        for said in rows:
            before = known.get(said.number)
            if before is None:
                outcomes["created"] += 1
            else:
                differs = any(getattr(before, f) != getattr(said, f) for f in CHANGING if f in fields)
                outcomes["updated" if differs else "unchanged"] += 1
                if before.status != said.status:
                    moves[f"{before.status} -> {said.status}"] += 1
                if before.owner != said.owner and "owner" in fields:
                    owners[f"{before.owner or 'UNASSIGNED'} -> {said.owner or 'UNASSIGNED'}"] += 1
        absent = len(known.keys() - {said.number for said in rows})
        known |= {said.number: said for said in rows}
        told.append(_expected(rows, known, outcomes, absent, moves, owners))
    return told


def _expected(
    rows: list[Said],
    known: dict[int, Said],
    outcomes: Counter[str],
    absent: int,
    moves: Counter[str],
    owners: Counter[str],
) -> Expected:
    leads = known.values()
    return Expected(
        rows=len(rows),
        outcomes=dict(outcomes),
        absent=absent,
        leads_known=len(known),
        moves=dict(moves),
        owner_changes=dict(owners),
        statuses=dict(Counter(said.status for said in leads)),
        unowned_open=sum(said.owner == "" and said.status != "closed" for said in leads),
        by_source=dict(Counter(said.source for said in leads)),
        close_reasons=dict(Counter(said.reason for said in leads if said.status == "closed")),
    )
