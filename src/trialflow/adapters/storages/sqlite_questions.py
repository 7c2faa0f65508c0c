"""The statements of questions to the tables of leads in SQLite.

``single`` is a lead whose row cannot be used as it is: it is behind its events, or has a record dated after the instant
asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trialflow.adapters.queries import LeadQuery
from trialflow.adapters.storages.lead_words import LeadWords, query_statuses

__all__ = ["Questions"]

Statement = tuple[str, tuple[object, ...]]

_MARKS = 500
"""Values in one statement: below the limit of every SQLite."""

_SINGLE = "(l.filled < l.version OR l.latest > ?)"
_USED = "l.filled = l.version AND l.latest <= ?"


class Questions:
    """The statements, for tables whose names begin with ``prefix``."""

    def __init__(self, prefix: str) -> None:
        state, name = f"{prefix}lead_state l", f"(SELECT name FROM {prefix}streams WHERE id = l.stream)"
        self._streams = f"{prefix}streams"
        self._lead = f"SELECT CASE WHEN {_SINGLE} THEN {name} END, l.lead FROM {state}"
        behind, late = (
            f"SELECT {name} FROM {state} WHERE l.filled < l.version",
            f"SELECT {name} FROM {state} WHERE l.filled = l.version AND l.latest > ?",
        )
        self.singles = f"{behind} UNION ALL {late}"
        filled = f"SELECT l.filled, l.latest, l.plain, l.lead, l.rows, l.withdrawn FROM {state}"
        self.counted_singles = (
            f"{filled} WHERE l.filled < l.version AND l.filled > 0 "
            f"UNION ALL {filled} WHERE l.filled = l.version AND l.latest > ?"
        )
        self.columns = f"SELECT substr({name}, 6), l.rows, l.withdrawn FROM {state} WHERE {_USED}"
        self._opened = f"SELECT l.lead, l.rows FROM {state} WHERE {_USED} AND NOT l.merged AND l.status IN"
        streams = f"SELECT stream FROM {prefix}lead_state"
        known = f"stream NOT IN ({streams} WHERE filled < version)"
        self._recent = (
            f"SELECT l.latest, l.rows FROM {state} WHERE l.latest <= ? AND l.latest > ? AND NOT l.merged "
            f"AND l.{known} AND l.stream NOT IN ({streams} WHERE status IN"
        )
        self._order = f"SELECT substr({name}, 6), l.rows FROM {state} WHERE {_USED} AND NOT l.merged AND l.status IN"
        self._spells = f"SELECT spells FROM {prefix}lead_handoffs WHERE latest <= ? AND {known} AND status IN"

    def opened(self, statuses: Sequence[int], at: int) -> Statement:
        """Text and rows of the leads in these statuses."""
        return _within(self._opened, (at,), statuses)

    def recent(self, statuses: Sequence[int], start: int, at: int) -> Statement:
        """Latest date and rows of the leads in none of these statuses with a record after ``start``: from one index
        alone, which is why the status is looked up on the side."""
        statement, values = _within(self._recent, (at, start), statuses)
        return f"{statement})", values

    def order(self, statuses: Sequence[int], at: int) -> Statement:
        """Id and rows of the leads in these statuses."""
        return _within(self._order, (at,), statuses)

    def spells(self, statuses: Sequence[int], at: int) -> Statement:
        """Spells of the handoffs of leads in these statuses."""
        return _within(self._spells, (at,), statuses)

    def find(self, query: LeadQuery, words: LeadWords, at: int) -> Iterator[Statement]:
        """The leads that may be meant, each at least once: (name of the stream of a single one, text)."""
        statuses = query_statuses(query, words)
        if query.ids is not None:
            names = sorted(f"lead:{name}" for name in query.ids)
            for start in range(0, len(names), _MARKS):
                part = names[start : start + _MARKS]
                streams = f"SELECT id FROM {self._streams} WHERE name IN ({_marks(part)})"
                yield f"{self._lead} WHERE l.stream IN ({streams})", (at, *part)
        elif query.owners is not None:
            owners = words.codes("owners", query.owners)
            within = f"WHERE l.status IN ({_marks(statuses)}) AND l.owner IN ({_marks(owners)})"
            yield f"{self._lead} {within}", (at, *statuses, *owners)
            yield f"{self._lead} WHERE l.acting IN ({_marks(owners)})", (at, *owners)
        elif query.statuses is None and query.without is None:
            yield self._lead, (at,)
        else:
            yield f"{self._lead} WHERE l.status IN ({_marks(statuses)})", (at, *statuses)


def _within(statement: str, values: tuple[object, ...], found: Sequence[object]) -> Statement:
    return f"{statement} ({_marks(found)})", (*values, *found)


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
