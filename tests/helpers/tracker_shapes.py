"""Ways in which sites write the same tracker down: files, headings, words, dates, names, clutter."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import attrs
import openpyxl

from small_site import CHANGING, Said

US_HEADINGS = {
    "id": "Lead ID",
    "received": "Date Received",
    "source": "Source",
    "name": "Patient Name",
    "phone": "Phone",
    "email": "Email",
    "status": "Status",
    "owner": "Coordinator",
    "last_contact": "Last Contact",
    "attempts": "# Attempts",
    "prescreen": "Prescreen",
    "records": "Records",
    "visit": "Screening Visit",
    "reason": "Reason Closed",
    "note": "Notes",
}
WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "status": {
        "new": ("New",),
        "contacting": ("Left VM",),
        "contacted": ("Contacted",),
        "awaiting_prescreen": ("Awaiting prescreen",),
        "in_review": ("In review",),
        "preparing": ("Records pending",),
        "scheduled": ("Scheduled",),
        "attended": ("Attended",),
        "closed": ("Closed",),
    },
    "prescreen": {"started": ("Started",), "completed": ("Done",)},
    "records": {
        "needed": ("Needed",),
        "requested": ("Requested",),
        "received": ("Received",),
        "reviewed": ("Reviewed",),
    },
    "reason": {
        "declined": ("Not interested",),
        "no_response": ("No response",),
        "not_a_fit_prescreen": ("DNQ",),
        "logistics": ("Too far",),
        "duplicate": ("Duplicate",),
        "do_not_contact": ("Do not contact",),
    },
}


def us(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def same(value: Any) -> Any:
    return value


Line = list[Any]
Clutter = Callable[[list[Line], int], list[Line]]


@attrs.frozen(kw_only=True)
class Shape:
    """One site's way. ``cells`` makes further columns (heading to a function of the row) that replace or add to the
    usual ones; ``clutter`` puts lines in; ``refused`` is how many of them count as refused rows."""

    name: str
    kind: str = "csv"
    delimiter: str = ","
    encoding: str = "utf-8"
    headings: dict[str, str] = attrs.field(factory=lambda: dict(US_HEADINGS))
    words: dict[str, dict[str, tuple[str, ...]]] = attrs.field(factory=lambda: WORDS)
    dates: dict[str, Callable[[date], Any]] = attrs.field(factory=dict)
    date: Callable[[date], Any] = us
    name_of: Callable[[Said], str] = lambda said: f"{said.first} {said.last}"
    phone_of: Callable[[Said], Any] = lambda said: f"({said.phone[:3]}) {said.phone[3:6]}-{said.phone[6:]}"
    email_of: Callable[[Said], str] = lambda said: said.email
    id_of: Callable[[Said], Any] = lambda said: f"LD-{said.number:04d}"
    owner_of: Callable[[str], str] = same
    blank: tuple[str, ...] = ("",)
    status_of: Callable[[str, Said, random.Random], str] = lambda word, _said, _chance: word
    cells: dict[str, Callable[[Said], Any]] = attrs.field(factory=dict)
    messy: bool = False
    order: Callable[[list[str]], list[str]] = same
    clutter: Clutter = lambda lines, _copy: lines
    refused: int = 0
    book: Callable[[openpyxl.Workbook, list[Line]], None] | None = None
    owners: dict[str, str] = attrs.field(factory=dict)
    """How an owner is shown when not by name."""
    hidden: tuple[str, ...] = ()
    """Fields of CHANGING that this sheet cannot tell."""
    codes: tuple[str, ...] = ()
    """Problem codes of lines that are expected besides those of the clutter."""

    @property
    def fields(self) -> frozenset[str]:
        """Which changes this sheet can tell."""
        return frozenset(CHANGING) - set(self.hidden)


def write(shape: Shape, folder: Path, day: date, copy: int, rows: list[Said]) -> Path:
    """One copy as a file."""
    chance = random.Random(f"{shape.name}{copy}")
    lines = shape.clutter(table(shape, rows, chance), copy)
    path = folder / f"site-{day.isoformat()}.{shape.kind}"
    if shape.kind == "csv":
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=shape.delimiter)
        writer.writerows([_text(cell) for cell in line] for line in lines)
        path.write_bytes(text.getvalue().encode(shape.encoding))
        return path
    book = openpyxl.Workbook()
    if shape.book is not None:
        shape.book(book, lines)
    else:
        fill(sheet_of(book), lines)
    book.save(path)
    return path


def sheet_of(book: openpyxl.Workbook) -> Any:
    """The first sheet of a new workbook."""
    return book.active


def fill(sheet: Any, lines: list[Line]) -> None:
    for line in lines:
        sheet.append(line)


def table(shape: Shape, rows: list[Said], chance: random.Random) -> list[Line]:
    """The header and the rows, in the shape's order of columns."""
    fields = shape.order([*shape.headings, *shape.cells])
    lines: list[Line] = [[shape.headings.get(f, f) for f in fields]]
    for said in rows:
        cells = {f: _cell(shape, f, said, chance) for f in shape.headings}
        cells |= {heading: make(said) for heading, make in shape.cells.items()}
        lines.append([cells[f] for f in fields])
    return lines


def _cell(shape: Shape, field: str, said: Said, chance: random.Random) -> Any:
    whole: dict[str, Callable[[], Any]] = {
        "id": lambda: shape.id_of(said),
        "name": lambda: shape.name_of(said),
        "first": lambda: said.first,
        "last": lambda: said.last,
        "phone": lambda: shape.phone_of(said),
        "email": lambda: shape.email_of(said),
        "born": lambda: shape.dates.get("born", shape.date)(said.born),
    }
    if field in whole:
        return whole[field]()
    value = getattr(said, field)
    if value in ("", None):
        return chance.choice(shape.blank)
    if isinstance(value, date):
        return shape.dates.get(field, shape.date)(value)
    if field in shape.words:
        word = chance.choice(shape.words[field][value])
        word = shape.status_of(word, said, chance) if field == "status" else word
        return _mess(word, chance) if shape.messy else word
    if field == "owner":
        return shape.owner_of(value)
    return value


def _mess(word: str, chance: random.Random) -> str:
    spell = chance.choice(
        (str, str.upper, str.lower, lambda t: f" {t} ", lambda t: f"{t}\u00a0", lambda t: f"\u200b{t}")
    )
    return spell(word)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return "" if value is None else str(value)


def at_midnight(day: date) -> datetime:
    return datetime.combine(day, time())
