"""A tracker, opened: header found, columns matched, dates proven, rows read as typed values.

Two passes over the file: the first gathers evidence (:mod:`trialflow.adapters.sources.survey`), the second gives
rows. Both stream; memory does not grow with the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs

from trialflow.adapters.sources.cells import Reader
from trialflow.adapters.sources.date_orders import prove_orders
from trialflow.adapters.sources.dates import DateOrder
from trialflow.adapters.sources.header import HeaderMatch, find_header, match_header
from trialflow.adapters.sources.mapping import Mapping as SheetMapping
from trialflow.adapters.sources.rows import RawRow, Row
from trialflow.adapters.sources.spelling import match_key
from trialflow.adapters.sources.survey import Survey, survey, usual_spellings
from trialflow.adapters.sources.table import Lines, is_blank, open_lines
from trialflow.model.errors import ImportRejected, Problem

__all__ = ["Known", "Sheet", "open_sheet"]

_tuple = tuple.__new__


@attrs.frozen(kw_only=True)
class Known:
    """What earlier copies of this tracker told: spellings in use (lower case to shown), date orders by field, and
    whether its id column only counts rows (None: never looked)."""

    sources: Mapping[str, str] = attrs.field(factory=dict)
    owners: Mapping[str, str] = attrs.field(factory=dict)
    orders: Mapping[str, DateOrder] = attrs.field(factory=dict)
    counts_rows: bool | None = None


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
    counts_rows: bool
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
            if line > header and not is_blank(cells):
                yield _tuple(RawRow, (line, cells))

    def read(self, raw: RawRow) -> Row:
        """The typed values of one line."""
        return self.reader.read(raw.line, raw.cells)

    def rows(self, progress: Callable[[int], None] | None = None) -> Iterator[Row]:
        """Every row, typed."""
        return map(self.read, self.raw_rows(progress))

    def unknown_words(self) -> dict[str, set[str]]:
        """Words met so far that have no meaning yet, per field."""
        return self.reader.words.unknown


def open_sheet(
    path: str | Path,
    *,
    mapping: SheetMapping | None = None,
    known: Known | None = None,
    zone: ZoneInfo | None = None,
) -> Sheet:
    """Open a tracker (CSV or workbook). Raises :class:`ImportRejected` with every problem that stops it.

    ``zone`` is the site's: an instant with an offset counts for the day it is there.
    """
    path, said, known = Path(path), mapping or SheetMapping(), known or Known()
    lines = open_lines(path, encoding=said.encoding, delimiter=said.delimiter, sheet=said.sheet)
    header_line, match, problems = _header(path, lines, said)
    found = survey(lines, header_line, match)
    orders, unproven = prove_orders(found.evidence, said.dates, known.orders)
    problems += unproven
    if not found.rows:
        problems += (Problem(path.name, "no_rows", "the header has no rows below it; is this the right sheet?"),)
    if problems:
        raise ImportRejected(problems)
    counts_rows = found.counts_rows if known.counts_rows is None else known.counts_rows
    if counts_rows and match_key(match.headings[match.columns.get("lead_id", 0)]) not in map(match_key, said.columns):
        match, found.kinds = _without_row_numbers(match), None
    sources, owners = _spellings(found, said, known)
    return Sheet(
        path=path,
        lines=lines,
        header_line=header_line,
        match=match,
        date_order=orders,
        problems=match.problems,
        sources=tuple(sorted(set(sources.values()))),
        owners=tuple(sorted(set(owners.values()))),
        counts_rows=counts_rows,
        reader=Reader(
            match=match, orders=orders, mapping=said, sources=sources, owners=owners, zone=zone, kinds=found.kinds
        ),
    )


def _spellings(found: Survey, said: SheetMapping, known: Known) -> tuple[dict[str, str], dict[str, str]]:
    empty: Counter[str] = Counter()
    return (
        usual_spellings(found.spellings.get("source", empty), known.sources, said.aliases("source"), owners=False),
        usual_spellings(found.spellings.get("owner", empty), known.owners, said.aliases("owner"), owners=True),
    )


def _without_row_numbers(match: HeaderMatch) -> HeaderMatch:
    heading = match.headings[match.columns["lead_id"]]
    message = (
        f"{heading!r} counts the rows 1, 2, 3 ...; rows move, so phone, e-mail, or name with birth date tell the leads "
        "apart instead: if it is each lead's own id, say so in the mapping file"
    )
    return attrs.evolve(
        match,
        columns={f: i for f, i in match.columns.items() if f != "lead_id"},
        ignored=(heading, *match.ignored),
        problems=(*match.problems, Problem(heading, "row_numbers", message)),
    )


def _header(path: Path, lines: Lines, said: SheetMapping) -> tuple[int, HeaderMatch, tuple[Problem, ...]]:
    head = lines.head()
    chosen = _chosen_line(head, said)
    if chosen is None:
        where = f"the sheet {lines.sheet!r}" if lines.sheet else "the file"
        message = (
            f"no header line was found in {where}; name the headings in a mapping file (trialflow mapping writes one)"
        )
        raise ImportRejected((Problem(path.name, "no_header", message),))
    number, cells = chosen
    match = match_header(cells, said.columns)
    return (
        number,
        attrs.evolve(match, problems=(*match.problems, *_absent(match, said))),
        tuple(_missing(number, match)),
    )


def _chosen_line(head: list[tuple[int, list[str]]], said: SheetMapping) -> tuple[int, list[str]] | None:
    if said.header_line:
        return next(((n, c) for n, c in head if n == said.header_line), None)
    index = find_header([cells for _, cells in head])
    declared = {match_key(h) for h in said.columns}
    if declared:
        scores = [sum(match_key(c) in declared for c in cells) for _, cells in head]
        index = scores.index(max(scores)) if any(scores) else index
    return head[index] if index is not None else None


def _missing(number: int, match: HeaderMatch) -> Iterator[Problem]:
    place, fields = f"line {number}", set(match.columns)
    if not {"lead_id", "phone", "email", "name", "last_name"} & fields:
        message = "no column says who a row is about: an id, phone, e-mail or name is needed; map one in a mapping file"
        yield Problem(place, "no_identity_column", message)
    if "status" not in fields:
        yield Problem(place, "no_status_column", "no column holds the status; map one in a mapping file (status)")


def _absent(match: HeaderMatch, said: SheetMapping) -> Iterator[Problem]:
    shown = {match_key(h) for h in match.headings}
    for heading, field in said.columns.items():
        if match_key(heading) not in shown and field != "ignore" and field not in match.columns:
            message = f"the mapping file says this heading holds {field}, but it is not in the header"
            yield Problem(f"columns.{heading}", "mapping_no_such_heading", message)
