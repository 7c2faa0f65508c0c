"""The sites: forty ways to write one tracker. Each is a shape; none of the words is taken from the importer's lists."""

from __future__ import annotations

import calendar
import random
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl

from small_site import Said
from tracker_shapes import US_HEADINGS, WORDS, Line, Shape, at_midnight, fill, sheet_of

_MONTH = [name for name in calendar.month_abbr if name]
_LONG_MONTH = [name for name in calendar.month_name if name]


def iso(day: date) -> str:
    return day.isoformat()


def us_zero(day: date) -> str:
    return f"{day.month:02d}/{day.day:02d}/{day.year}"


def dmy(mark: str) -> Callable[[date], str]:
    return lambda day: f"{day.day:02d}{mark}{day.month:02d}{mark}{day.year}"


def serial(day: date) -> int:
    return (day - date(1899, 12, 30)).days


def mixed(day: date) -> str:
    return iso(day) if day.day % 2 else f"{day.month}/{day.day}/{day.year}"


def renamed(**headings: str) -> dict[str, str]:
    return {**US_HEADINGS, **headings}


def without(*fields: str, **headings: str) -> dict[str, str]:
    return {f: h for f, h in renamed(**headings).items() if f not in fields}


def words(**lists: dict[str, tuple[str, ...]]) -> dict[str, dict[str, tuple[str, ...]]]:
    return {field: {**WORDS[field], **lists.get(field, {})} for field in WORDS}


def titled(*titles: str, blank: int = 1) -> Callable[[list[Line], int], list[Line]]:
    return lambda lines, _copy: [*([t] for t in titles), *([""] for _ in range(blank)), *lines]


def below(*rows: Line) -> Callable[[list[Line], int], list[Line]]:
    return lambda lines, _copy: [*lines, [], *rows]


def under_header(*rows: Line) -> Callable[[list[Line], int], list[Line]]:
    return lambda lines, _copy: [lines[0], *rows, *lines[1:]]


def header_again(lines: list[Line], _copy: int) -> list[Line]:
    return [*lines[:9], lines[0], *lines[9:18], lines[0], *lines[18:]]


def blanks(lines: list[Line], _copy: int) -> list[Line]:
    return [cells for line in lines for cells in (line, ["", "  ", "\u00a0"], [])]


def shuffled(fields: list[str]) -> list[str]:
    return random.Random(3).sample(fields, len(fields))


def reason_inside(word: str, said: Said, chance: random.Random) -> str:
    if said.status != "closed":
        return word
    spoken = {
        "declined": ("Closed - not interested", "Declined", "Lost - declined"),
        "no_response": ("Lost - no response", "LTFU", "Closed: unable to reach"),
        "not_a_fit_prescreen": ("DNQ: BMI", "DNQ", "Closed (prescreen fail)", "Prescreen fail - age"),
        "logistics": ("Closed - too far", "Out / schedule conflict"),
        "duplicate": ("Duplicate", "Closed – duplicate"),
        "do_not_contact": ("DNC", "Opted out"),
    }
    return chance.choice(spoken[said.reason])


def counted(word: str, said: Said, chance: random.Random) -> str:
    if said.status == "contacting":
        many = said.attempts or 1
        return chance.choice((f"LVM x{many}", f"Called {many}x no answer", "2nd attempt", f"VM {many}", "Left VM 3/4"))
    if said.status == "scheduled":
        return chance.choice(("Scheduled 3/12", "Sched for 3/12 @ 10am", "Scheduled - 12 Mar"))
    return word


def on_second_sheet(book: openpyxl.Workbook, lines: list[Line]) -> None:
    sheet_of(book).title = "Lists"
    fill(sheet_of(book), [["Status"], ["New"], ["Left VM"], ["Source"], ["Radio spot"]])
    fill(book.create_sheet("Log"), lines)
    fill(book.create_sheet("How to"), [["Please fill in every day"], ["Name, phone, status"]])


def beside_a_hidden_copy(book: openpyxl.Workbook, lines: list[Line]) -> None:
    sheet_of(book).title = "Old"
    fill(sheet_of(book), [[*lines[0], "Old column"], *lines[1:5]])
    sheet_of(book).sheet_state = "hidden"
    fill(book.create_sheet("Current"), lines)


def formatted(book: openpyxl.Workbook, lines: list[Line]) -> None:
    """A title over merged cells, an empty column on the left, formats far below the last row, a formula."""
    sheet = sheet_of(book)
    sheet["B2"] = "Recruitment log"
    sheet.merge_cells("B2:H2")
    for row, line in enumerate(lines, start=4):
        for column, cell in enumerate(line, start=2):
            sheet.cell(row, column, cell)
    sheet.cell(len(lines) + 5, 2, "Total")
    sheet.cell(len(lines) + 5, 4, f"=COUNTA(D5:D{len(lines) + 3})")
    for row in (3000, 20000):
        sheet.cell(row, 40).number_format = "mm/dd/yyyy"


_SHORT = renamed(
    id="Ref #",
    received="Ref. date",
    source="Where heard",
    name="Pt Name",
    phone="Cell",
    email="E-mail",
    status="Dispo",
    owner="CRC",
    last_contact="Last called",
    attempts="# calls",
    prescreen="PS done?",
    records="Recs",
    visit="Next appt",
    reason="Why closed",
    note="Comments",
)
_LOCAL = words(
    status={
        "new": ("Not contacted", "New inquiry", "To call"),
        "contacting": ("LVM", "No answer", "Attempted", "Texted", "Trying to reach"),
        "contacted": ("Spoke w/ pt", "Reached", "Talked to pt"),
        "awaiting_prescreen": ("Needs phone screen", "PS pending", "Prescreen scheduled"),
        "in_review": ("With PI", "Chart review", "Pending review"),
        "preparing": ("Waiting on records", "Ready to book", "Needs appt"),
        "scheduled": ("Booked", "Appt set", "V1 scheduled"),
        "attended": ("Showed", "Visit complete", "Seen"),
        "closed": ("Out", "Inactive", "Not proceeding"),
    },
    prescreen={"started": ("Partial", "In progress"), "completed": ("Y", "Yes", "Complete")},
    records={
        "needed": ("missing", "need"),
        "requested": ("req'd", "ROI sent"),
        "received": ("Rec'd", "in", "on file"),
        "reviewed": ("checked", "Reviewed by PI"),
    },
    reason={
        "declined": ("Refused", "no interest"),
        "no_response": ("UTR", "Lost to follow-up", "wrong number"),
        "not_a_fit_prescreen": ("Ineligible", "BMI", "Failed prescreen"),
        "logistics": ("Distance", "Transportation", "work schedule"),
        "duplicate": ("Dup", "already in system"),
        "do_not_contact": ("DNC", "opted out"),
    },
)
_MISSPELT = words(
    status={
        "contacting": ("Atempting contact",),
        "awaiting_prescreen": ("Awaiting precsreen",),
        "in_review": ("Coordinator reveiw",),
        "scheduled": ("Schedueld",),
        "attended": ("Atended",),
    },
    reason={"declined": ("Not intrested",), "no_response": ("Unable to raech",)},
)
_TICKS = words(prescreen={"completed": ("✓", "x", "✔")}, records={"received": ("✓", "Yes", "x")})
_MIXED_OWNER = {
    "Dana Sample": "dana.sample@example.org",
    "Robin Testa": "Testa, Robin",
    "Alex Mockford": "ALEX MOCKFORD",
}


def no_id(**change: Any) -> Shape:
    return Shape(headings=without("id", **change.pop("renamed", {})), **change)


SHAPES: tuple[Shape, ...] = (
    Shape(name="plain"),
    Shape(name="semicolons", delimiter=";", date=dmy(".")),
    Shape(name="tabs", delimiter="\t"),
    Shape(name="pipes", delimiter="|", date=iso),
    Shape(name="utf-8 with a mark", encoding="utf-8-sig"),
    Shape(name="utf-16 with a mark", encoding="utf-16", delimiter="\t"),
    Shape(name="utf-16 le without a mark", encoding="utf-16-le"),
    Shape(name="utf-16 be without a mark", encoding="utf-16-be", delimiter="\t"),
    Shape(name="windows-1252", encoding="cp1252", delimiter=";"),
    Shape(name="titles", clutter=titled("Example study 12: recruitment log", "Status of the week, by Dana", blank=2)),
    Shape(name="blank lines", clutter=blanks),
    Shape(name="group headings", clutter=lambda lines, _c: [["", "Patient", "", "Contact", "", "Follow up"], *lines]),
    Shape(name="units", clutter=under_header(["(text)", "mm/dd/yyyy", "(list)", "(free text)"]), refused=1),
    Shape(
        name="notes below",
        clutter=below(["Updated by Dana on Monday"], ["LVM = left voicemail; PS = phone screen"]),
        refused=2,
        codes=("only_an_id",),
    ),
    Shape(name="totals", clutter=below(["Total: 34"], ["", "", "Grand total", "", "34"]), refused=2, codes=("totals",)),
    Shape(name="subtotals", clutter=below(["", "TOTAL LEADS", "34"], ["Subtotal"]), refused=2, codes=("totals",)),
    Shape(name="header again", clutter=header_again, refused=2, codes=("repeated_header",)),
    Shape(name="other order", order=shuffled),
    Shape(name="short words", headings=_SHORT, words=_LOCAL, messy=True),
    Shape(
        name="long headings",
        headings=renamed(received="Date of Referral (MM/DD/YYYY)", status="Status *"),
        date=us_zero,
    ),
    Shape(
        name="more columns",
        cells={"Age": lambda _: 40, "Insurance": lambda _: "yes", "Z": lambda _: ""},
        order=shuffled,
    ),
    Shape(
        name="first and last",
        headings={"first": "First Name", "last": "Surname", **without("name")},
        date=lambda day: f"{day.day}-{_MONTH[day.month - 1]}-{day.year}",
    ),
    no_id(
        name="last, first",
        name_of=lambda s: f"{s.last}, {s.first}",
        date=lambda d: f"{_MONTH[d.month - 1]} {d.day}, {d.year}",
    ),
    no_id(name="phone only", renamed={"phone": "Best phone"}, cells={}, email_of=lambda _: ""),
    no_id(name="e-mail only", phone_of=lambda _: "n/a", email_of=lambda s: f"mailto:{s.email.upper()}", codes=()),
    Shape(
        name="name and birth date",
        headings={"name": "Name", "born": "DOB", **without("id", "phone", "email", "name")},
        date=lambda day: f"{day.day} {_LONG_MONTH[day.month - 1]} {day.year}",
    ),
    Shape(name="numeric ids", id_of=lambda s: f"{1000 + s.number}.0", date=mixed),
    Shape(name="phones as numbers", kind="xlsx", phone_of=lambda s: int(s.phone), id_of=lambda s: 1000 + s.number),
    no_id(
        name="phones with codes",
        email_of=lambda _: "",
        phone_of=lambda s: f"+1 {s.phone[:3]}.{s.phone[3:6]}.{s.phone[6:]}",
    ),
    no_id(name="phones with extensions", email_of=lambda _: "", phone_of=lambda s: f"{s.phone} ext. {s.number}"),
    Shape(name="dots, day first", date=dmy(".")),
    Shape(name="slashes, day first", date=dmy("/"), blank=("", "-", "n/a", "?", "TBD")),
    Shape(name="instants", date=lambda day: f"{day.isoformat()}T18:30:00-06:00"),
    Shape(name="day numbers", date=serial),
    Shape(name="excel", kind="xlsx", date=at_midnight),
    Shape(
        name="excel, dates of all kinds", kind="xlsx", date=lambda d: (at_midnight(d), us_zero(d), iso(d))[d.day % 3]
    ),
    Shape(
        name="one column day first, another month first",
        dates={"received": dmy("/"), "last_contact": us_zero},
        date=iso,
    ),
    Shape(name="reason inside the status", headings=without("reason"), status_of=reason_inside, hidden=()),
    Shape(name="counts and dates inside the status", status_of=counted, messy=True),
    Shape(name="misspelt", words=_MISSPELT, codes=("word_misspelt",)),
    Shape(name="ticks", words=_TICKS, headings=renamed(records="Records received?", prescreen="Prescreen done (Y/N)")),
    Shape(name="owners in several spellings", owner_of=lambda name: _MIXED_OWNER[name], owners=_MIXED_OWNER),
    Shape(name="log on the second sheet", kind="xlsx", book=on_second_sheet, date=at_midnight),
    Shape(name="a hidden sheet with more columns", kind="xlsx", book=beside_a_hidden_copy, date=at_midnight),
    Shape(
        name="formats, merged cells, a formula",
        kind="xlsx",
        book=formatted,
        date=at_midnight,
        refused=1,
        codes=("totals",),
    ),
    Shape(name="macros", kind="xlsm", date=at_midnight, messy=True, words=_LOCAL, headings=_SHORT),
)
