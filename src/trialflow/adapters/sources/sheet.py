"""A tracker, opened: header found, columns matched, dates proven, rows read as typed values.

Two passes over the file: the first gathers evidence (date orders, the usual spelling of sources and owners), the
second gives rows. Both stream; memory does not grow with the rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingType
from datetime import date
from pathlib import Path
from typing import NamedTuple

import attrs

from trialflow.adapters.sources.cells import Reader
from trialflow.adapters.sources.dates import DateOrder, Evidence, Unreadable, fields_of_dates, prove_orders, read_date
from trialflow.adapters.sources.header import HeaderMatch, find_header, match_header
from trialflow.adapters.sources.mapping import Mapping
from trialflow.adapters.sources.spelling import match_key, tidy
from trialflow.adapters.sources.table import Lines, open_lines
from trialflow.model.errors import ImportRejected, Problem

__all__ = ["RawRow", "Row", "Sheet", "date_in_name", "open_sheet"]

_MOST_SPELLINGS = 20_000


class RawRow(NamedTuple):
    """A line with something in it: its number and its cells as texts."""

    line: int
    cells: list[str]


class Row(NamedTuple):
    """A row as typed values; blank is an empty text or None. ``problems`` name the field whose cell says nothing."""

    line: int
    kind: str
    lead_id: str
    full_name: str
    name: str
    phone: str
    email: str
    birth_date: date | None
    received: date | None
    source: str
    owner: str
    status: str
    unknown_status: str
    attempts: int | None
    last_contact: date | None
    prescreen: str
    records: str
    visit: date | None
    reason: str
    note: str
    problems: tuple[Problem, ...]


@attrs.define(kw_only=True)
class Sheet:
    """An opened tracker. ``columns`` maps fields to headings, ``ignored`` lists headings nobody knows."""

    path: Path
    lines: Lines
    header_line: int
    match: HeaderMatch
    date_order: dict[str, DateOrder]
    problems: tuple[Problem, ...]
    sources: tuple[str, ...]
    owners: tuple[str, ...]
    row_count: int
    reader: Reader

    @property
    def columns(self) -> dict[str, str]:
        """Fields to the headings they were found under."""
        return {field: self.match.headings[index] for field, index in self.match.columns.items()}

    @property
    def ignored(self) -> tuple[str, ...]:
        """Headings that were not used."""
        return self.match.ignored

    def raw_rows(self, progress: Callable[[int], None] | None = None) -> Iterator[RawRow]:
        """Every line below the header that is not blank."""
        header = self.header_line
        for line, cells in self.lines.read(progress):
            if line > header and "".join(cells).strip():
                yield RawRow(line, cells)

    def read(self, raw: RawRow) -> Row:
        """The typed values of one line."""
        return Row(raw.line, *self.reader.read(raw.cells))

    def rows(self, progress: Callable[[int], None] | None = None) -> Iterator[Row]:
        """Every row, typed."""
        return map(self.read, self.raw_rows(progress))

    def unknown_words(self) -> dict[str, set[str]]:
        """Words met so far that have no meaning yet, per field."""
        return self.reader.unknown


def open_sheet(
    path: str | Path,
    *,
    mapping: Mapping | None = None,
    known_sources: MappingType[str, str] | None = None,
    known_owners: MappingType[str, str] | None = None,
) -> Sheet:
    """Open a tracker (CSV or workbook). Raises :class:`ImportRejected` with every problem that stops it.

    ``known_sources`` and ``known_owners`` map lower-case spellings to the ones in use already.
    """
    path, said = Path(path), mapping or Mapping()
    lines = open_lines(path, encoding=said.encoding, delimiter=said.delimiter, sheet=said.sheet)
    header_line, match = _header(path, lines, said)
    evidence, spellings, count = _gather(lines, header_line, match)
    orders, problems = prove_orders(evidence, said.dates)
    if not count:
        problems += (Problem(path.name, "no_rows", "the header has no rows below it; is this the right sheet?"),)
    if problems:
        raise ImportRejected(problems)
    sources = _usual(spellings.get("source", Counter()), known_sources or {}, said.aliases("source"))
    owners = _usual(spellings.get("owner", Counter()), known_owners or {}, said.aliases("owner"))
    reader = Reader(match=match, orders=orders, mapping=said, sources=sources, owners=owners)
    return Sheet(
        path=path,
        lines=lines,
        header_line=header_line,
        match=match,
        date_order=orders,
        problems=match.problems,
        sources=tuple(sorted(set(sources.values()))),
        owners=tuple(sorted(set(owners.values()))),
        row_count=count,
        reader=reader,
    )


def _header(path: Path, lines: Lines, said: Mapping) -> tuple[int, HeaderMatch]:
    head = lines.head()
    if said.header_line:
        chosen = next(((n, c) for n, c in head if n == said.header_line), None)
    else:
        declared = {match_key(h) for h in said.columns}
        index = find_header([cells for _, cells in head])
        if declared:
            scores = [sum(match_key(c) in declared for c in cells) for _, cells in head]
            index = scores.index(max(scores)) if any(scores) else index
        chosen = head[index] if index is not None else None
    if chosen is None:
        message = "no header line was found; name the headings in a mapping file (trialflow mapping writes one)"
        raise ImportRejected((Problem(path.name, "no_header", message),))
    number, cells = chosen
    match = match_header(cells, said.columns)
    fields = match.columns
    person = {"lead_id", "phone", "email", "name", "last_name"} & set(fields)
    problems = []
    if not person:
        message = "no column says who a row is about: an id, phone, e-mail or name is needed; map one in a mapping file"
        problems.append(Problem(f"line {number}", "no_identity_column", message))
    if "status" not in fields:
        message = "no column holds the status; map one in a mapping file (status)"
        problems.append(Problem(f"line {number}", "no_status_column", message))
    if problems:
        raise ImportRejected(tuple(problems))
    return number, match


def _gather(
    lines: Lines, header_line: int, match: HeaderMatch
) -> tuple[dict[str, Evidence], dict[str, Counter[str]], int]:
    columns = match.columns
    evidence = {f: Evidence(heading=match.headings[columns[f]]) for f in fields_of_dates(columns)}
    looked = [(columns[f], evidence[f].take, set[str]()) for f in evidence]
    counted = {f: (columns[f], Counter[str]()) for f in ("source", "owner") if f in columns}
    count, width = 0, max(columns.values()) + 1
    for line, cells in lines.read(None):
        if line <= header_line or not "".join(cells).strip():
            continue
        count += 1
        if len(cells) < width:
            cells = cells + [""] * (width - len(cells))
        for index, take, seen in looked:
            cell = cells[index]
            if cell and cell not in seen:
                if len(seen) < _MOST_SPELLINGS:
                    seen.add(cell)
                take(cell)
        for index, counter in counted.values():
            counter[cells[index]] += 1
    for _, counter in counted.values():
        for cell in [c for c in counter if match_key(c) in ("", *map(match_key, ("total", "totals")))]:
            del counter[cell]
    headings = set(match.headings)
    return (
        evidence,
        {f: Counter({c: n for c, n in k.items() if c not in headings}) for f, (_, k) in counted.items()},
        count,
    )


def _usual(counted: Counter[str], known: MappingType[str, str], aliases: MappingType[str, str]) -> dict[str, str]:
    """Each spelling's display form: declared, in use already, else the most frequent spelling of the same word."""
    declared = {match_key(word): name for word, name in aliases.items()}
    groups: dict[str, Counter[str]] = {}
    for cell, n in counted.items():
        groups.setdefault(match_key(cell), Counter())[tidy(cell)] += n
    in_use = {match_key(spelling): shown for spelling, shown in known.items()}
    chosen = {}
    for key, spellings in groups.items():
        most = max(spellings.items(), key=lambda item: (item[1], item[0]))[0]
        chosen[key] = declared.get(key) or in_use.get(key) or most
    return chosen


_ORDERS: tuple[DateOrder, ...] = ("DMY", "MDY")
_IN_NAME = re.compile(
    r"\d{4}[-_.]\d{1,2}[-_.]\d{1,2}|\d{8}|\d{1,2}[-_.]\d{1,2}[-_.]\d{4}"
    r"|\d{1,2}[-_ .]?[A-Za-z]{3,9}[-_ .]?\d{4}|[A-Za-z]{3,9}[-_ .]\d{1,2}[-_ .,]+\d{4}"
)


def date_in_name(name: str) -> date | None:
    """The date in a file's name, if exactly one day can be read from it: tracker-2026-03-02.csv."""
    found: set[date] = set()
    for text in _IN_NAME.findall(Path(name).stem):
        spaced = text.replace("_", "-")
        readings = set()
        for order in _ORDERS:
            try:
                readings.add(read_date(spaced, order))
            except Unreadable:
                continue
        if len(readings) > 1:
            return None
        found |= {day for day in readings if 1990 <= day.year <= 2100}
    return found.pop() if len(found) == 1 else None
