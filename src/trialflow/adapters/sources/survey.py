"""The first pass over a sheet: what its columns prove, before any row is read as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import attrs

from trialflow.adapters.sources.cells import owner_key
from trialflow.adapters.sources.date_orders import Evidence, dates_among
from trialflow.adapters.sources.header import HeaderMatch, row_number_heading
from trialflow.adapters.sources.line_kinds import LineKinds
from trialflow.adapters.sources.spelling import match_key, normal_id, tidy
from trialflow.adapters.sources.table import Lines, is_blank
from trialflow.adapters.sources.words import SOURCE

__all__ = ["Survey", "source_key", "survey", "usual_spellings"]

_MOST_SPELLINGS = 20_000


@attrs.define
class Survey:
    """Rows that are not blank, evidence per date column, spellings of sources and owners with how often each stands
    there, and whether the id column only counts the rows."""

    rows: int = 0
    evidence: dict[str, Evidence] = attrs.field(factory=dict)
    spellings: dict[str, Counter[str]] = attrs.field(factory=dict)
    counts_rows: bool = False
    kinds: dict[int, str] | None = attrs.field(factory=dict)
    """Lines that are neither blank nor leads, by number; None when they are too many to note."""

    def note(self, line: int, kind: str) -> None:
        """Keep what a line is that is no lead."""
        if self.kinds is not None:
            self.kinds[line] = kind
            if len(self.kinds) > _MOST_SPELLINGS:
                self.kinds = None


def survey(lines: Lines, header_line: int, match: HeaderMatch) -> Survey:
    """Read the whole sheet once. Memory grows with distinct spellings, up to a limit, not with rows."""
    columns = match.columns
    found = Survey(
        evidence={
            f: Evidence(heading=match.headings[columns[f]], private=f == "birth_date") for f in dates_among(columns)
        },
        spellings={f: Counter() for f in ("source", "owner") if f in columns},
    )
    looked = [(columns[f], e.take, set[str]()) for f, e in found.evidence.items()]
    counted = [(columns[f], counter) for f, counter in found.spellings.items()]
    kinds, numbers = LineKinds(match), _row_numbers(match)
    for line, cells in lines.read(None):
        if line <= header_line or is_blank(cells):
            continue
        found.rows += 1
        kind = kinds.of(cells)
        if kind != "lead":
            found.note(line, kind)
            continue
        width = len(cells)
        for index, take, seen in looked:
            if index < width and (cell := cells[index]) and cell not in seen:
                if len(seen) < _MOST_SPELLINGS:
                    seen.add(cell)
                take(cell, line)
        for index, counter in counted:
            if index < width and (len(counter) < _MOST_SPELLINGS or cells[index] in counter):
                counter[cells[index]] += 1
        if numbers is not None:
            numbers.take(cells)
    found.counts_rows = numbers is not None and numbers.sequential
    return found


@attrs.define
class _RowNumbers:
    """Whether a column counts 1, 2, 3 ... down the sheet."""

    index: int
    expected: int = 1
    sequential: bool = True

    def take(self, cells: list[str]) -> None:
        text = cells[self.index] if self.index < len(cells) else ""
        self.sequential = self.sequential and normal_id(text) == str(self.expected)
        self.expected += 1


def _row_numbers(match: HeaderMatch) -> _RowNumbers | None:
    index = match.columns.get("lead_id")
    if index is None or not _identified(set(match.columns)) or not row_number_heading(match.headings[index]):
        return None
    return _RowNumbers(index)


def _identified(fields: set[str]) -> bool:
    """Whether columns tell who a row is about without an id."""
    return bool({"phone", "email"} & fields) or ("birth_date" in fields and bool({"name", "last_name"} & fields))


def source_key(text: str) -> str:
    """What two spellings of one source share; a known abbreviation counts as what it stands for."""
    key = match_key(text)
    return match_key(SOURCE.get(key, key))


def usual_spellings(
    counted: Counter[str], known: Mapping[str, str], aliases: Mapping[str, str], *, owners: bool
) -> dict[str, str]:
    """How each spelling is shown, by its matching key: as declared, as in use already, else as most rows have it."""
    key_of: Callable[[str], str] = owner_key if owners else source_key
    plain: Callable[[str], str] = owner_key if owners else match_key
    declared = {plain(word): name for word, name in aliases.items()}
    in_use = {key_of(spelling): shown for spelling, shown in known.items()}
    groups: dict[str, Counter[str]] = {}
    for cell, n in counted.items():
        if match_key(cell):
            groups.setdefault(key_of(cell), Counter())[tidy(cell)] += n
    chosen: dict[str, str] = {}
    for key, spellings in groups.items():
        usual = in_use.get(key) or max(spellings.items(), key=_preference)[0]
        for spelling in spellings:
            chosen[plain(spelling)] = declared.get(plain(spelling)) or usual
    return chosen


def _preference(item: tuple[str, int]) -> tuple[int, bool, str]:
    """The most frequent spelling; at the same count a name before an address, mixed case before upper or lower."""
    spelling, count = item
    mixed = not spelling.isupper() and not spelling.islower() and "@" not in spelling
    return count, mixed, spelling
