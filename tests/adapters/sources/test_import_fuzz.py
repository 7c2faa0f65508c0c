"""Random bytes and damaged trackers: a report or a refusal, never another error, never a hang."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest

from sheets import copy, lead
from tests_sizes import size
from trialflow.adapters.sources.dates import DateOrder, Unreadable, read_date
from trialflow.adapters.sources.mapping import Mapping, read_mapping
from trialflow.adapters.sources.spelling import match_key, normal_email, normal_phone
from trialflow.adapters.sources.vocabulary import Vocabulary
from trialflow.model.errors import ImportRejected
from trialflow.tracker import Tracker

CASES = size(ci=150, long=20_000)
BOOKS = size(ci=40, long=5_000)
_SLOW = 20.0
"""Seconds after which a case counts as hanging, on the slowest machine."""
_PIECES = (
    b'"',
    b",",
    b";",
    b"\n",
    b"\r",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\x81",
    b"=1+1",
    b"Status",
    b"12/12/2026",
)


def tried(path: Path) -> str:
    tracker = Tracker()
    started = time.monotonic()
    try:
        report = tracker.ingest(path)
    except ImportRejected as refused:
        report, code = None, refused.problems[0].code
    assert time.monotonic() - started < _SLOW
    if report is None:
        assert not list(tracker.storage.scan())
        return code
    assert sum(report.outcomes.values()) == report.rows
    assert report.outcomes["created"] == report.leads_known == len(tracker.leads())
    return "report"


def mutated(data: bytes, chance: random.Random) -> bytes:
    made = bytearray(data)
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(made) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            made[at : at + chance.randrange(40)] = b""
        elif kind == 1:
            made[at:at] = chance.choice(_PIECES)
        elif kind == 2:
            made[at:at] = made[at : at + chance.randrange(200)]
        elif at < len(made):
            made[at] = chance.randrange(256)
    return bytes(made)


def test_random_bytes(tmp_path: Path) -> None:
    for seed in range(CASES):
        chance = random.Random(seed)
        path = tmp_path / f"tracker.{chance.choice(('csv', 'xlsx', 'xls'))}"
        start = chance.choice(
            (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"Lead ID,Status\n")
        )
        path.write_bytes(start + chance.randbytes(chance.randrange(2_000)))
        tried(path)


def test_damaged_tables(tmp_path: Path) -> None:
    rows = [lead(f"L-{n}", status="Left VM x2", Notes='says "maybe"', Last_Contact="2/25/2026") for n in range(30)]
    data = copy(tmp_path, "2026-03-02", *rows).read_bytes()
    path = tmp_path / "tracker-2026-03-09.csv"
    told = set()
    for seed in range(CASES):
        chance = random.Random(seed)
        whole = data.decode().encode(chance.choice(("utf-8", "utf-16", "cp1252")))
        path.write_bytes(mutated(whole, chance))
        told.add(tried(path))
    assert "report" in told
    assert len(told) > 2


def test_damaged_workbooks(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in (["Lead ID", "Name", "Status"], *([f"L-{n}", f"P {n}", "New"] for n in range(30))):
        sheet.append(line)
    path = tmp_path / "tracker.xlsx"
    book.save(path)
    data = path.read_bytes()
    for seed in range(BOOKS):
        path.write_bytes(mutated(data, random.Random(seed)))
        tried(path)


def test_random_mappings(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    text = b'[columns]\n"Name" = "name"\n[status]\n"x" = "new"\n[dates]\n"*" = "DMY"\n[file]\nheader_line = 1\n'
    for seed in range(CASES):
        path.write_bytes(mutated(text, random.Random(seed)))
        with suppress(ImportRejected):
            assert isinstance(read_mapping(path), Mapping)


@pytest.mark.parametrize(
    "text",
    [
        "1" * 100_000,
        "1/" * 50_000,
        " " * 100_000 + "x",
        "a" * 100_000 + "@",
        "x" * 50_000 + "9" * 50_000,
        "(" * 100_000,
        "January " * 12_000,
        "left vm " * 12_000,
        "- " * 50_000,
        "\u0301" * 100_000,
        "9-" * 50_000 + "x1",
        "<" * 100_000 + "@a.b",
    ],
    ids=range(12),
)
def test_no_pattern_chokes_on_a_long_text(text: str) -> None:
    started = time.monotonic()
    orders: tuple[DateOrder, ...] = ("DMY", "any")
    for order in orders:
        with suppress(Unreadable):
            read_date(text, order)
    normal_phone(text)
    normal_email(text)
    match_key(text)
    assert Vocabulary(Mapping()).status(text)[0] is None
    assert time.monotonic() - started < _SLOW
