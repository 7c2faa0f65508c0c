"""How the rows of one copy ended. Accepted + refused = received: the outcomes always sum to the rows."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import attrs

from trialflow.model.errors import Problem
from trialflow.model.moments import iso

__all__ = ["ImportReport", "LineProblem"]

_MOST_LINES = 200
_MOST_OF_A_KIND = 2000


@attrs.frozen(kw_only=True)
class LineProblem:
    """Something about one line: which, in which column, a stable code, and what to do. Never the value of a person."""

    line: int
    column: str
    code: str
    message: str


@attrs.define(kw_only=True)
class ImportReport:
    """The outcome of importing one copy.

    ``outcomes``: created, updated, unchanged, duplicate, rejected; they sum to ``rows``. ``absent`` counts leads known
    from this sheet that this copy lacks. ``moves`` and ``owner_changes`` count differences to the copy before;
    ``irregular`` the moves the workflow does not have. ``unmapped`` counts rows per unknown status word.
    ``problems`` lists lines, of each kind the first 2,000; ``problem_counts`` counts all, by column and code.
    ``repeated``: this copy was imported before. ``older``: a newer one was, so that only leads new to it came in.
    """

    file: str
    as_of: datetime
    as_of_from: str = "given"
    rows: int = 0
    outcomes: Counter[str] = attrs.field(
        factory=lambda: Counter(created=0, updated=0, unchanged=0, duplicate=0, rejected=0)
    )
    absent: int = 0
    absent_leads: tuple[str, ...] = ()
    leads_known: int = 0
    moves: Counter[str] = attrs.field(factory=Counter)
    irregular: int = 0
    owner_changes: Counter[str] = attrs.field(factory=Counter)
    source_changes: int = 0
    unmapped: Counter[str] = attrs.field(factory=Counter)
    problems: list[LineProblem] = attrs.field(factory=list)
    problem_counts: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    file_problems: tuple[Problem, ...] = ()
    sheet: str = ""
    header_line: int = 0
    ignored_columns: tuple[str, ...] = ()
    columns: dict[str, str] = attrs.field(factory=dict)
    date_orders: dict[str, str] = attrs.field(factory=dict)
    events: int = 0
    repeated: bool = False
    older: bool = False

    def note(self, line: int, column: str, code: str, message: str) -> None:
        """Note something about a line."""
        self.problem_counts[column, code] += 1
        if self.problem_counts[column, code] <= _MOST_OF_A_KIND:
            self.problems.append(LineProblem(line=line, column=column, code=code, message=message))

    def to_json(self) -> dict[str, Any]:
        """The document of ``import --json``, format ``trialflow.import/1``."""
        return {
            "format": "trialflow.import/1",
            "file": self.file,
            "sheet": self.sheet,
            "header_line": self.header_line,
            "as_of": iso(self.as_of),
            "as_of_from": self.as_of_from,
            "rows": self.rows,
            "outcomes": dict(self.outcomes),
            "absent": self.absent,
            "absent_leads": list(self.absent_leads[:_MOST_LINES]),
            "leads_known": self.leads_known,
            "moves": dict(sorted(self.moves.items())),
            "irregular": self.irregular,
            "owner_changes": dict(sorted(self.owner_changes.items())),
            "source_changes": self.source_changes,
            "unmapped": dict(sorted(self.unmapped.items())),
            "problems": [attrs.asdict(p) for p in self.problems],
            "problem_counts": [
                {"column": column, "code": code, "lines": n}
                for (column, code), n in sorted(self.problem_counts.items())
            ],
            "file_problems": [attrs.asdict(p) for p in self.file_problems],
            "columns": dict(self.columns),
            "ignored_columns": [*self.ignored_columns],
            "date_orders": dict(self.date_orders),
            "events": self.events,
            "repeated": self.repeated,
            "older": self.older,
        }
