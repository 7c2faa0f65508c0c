"""Comparing what a store keeps of its leads with what their events say: for every store the same, SQL apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from trialflow.adapters.storages.lead_changes import HandoffRow, LeadChanges, LeadRow
from trialflow.adapters.storages.lead_state import made
from trialflow.adapters.storages.lead_words import LeadWords
from trialflow.model.evolve import fold
from trialflow.model.lead import Lead
from trialflow.model.recorded import Recorded
from trialflow.reports.columns import Words

__all__ = ["LeadCheck", "Sums"]

Sums = Mapping[tuple[str, str], tuple[int, int, int]]
"""Leads, attempts, handoffs by what is counted and the text of its key."""


class LeadCheck:
    """Lead by lead what its row should be, and at the end what the counts should be."""

    def __init__(self, words: LeadWords) -> None:
        self._words, self._known = words, len(words)
        self._changes = LeadChanges(words, lambda _stream, _version: ())

    def lead(
        self, stream: str, records: Sequence[Recorded], row: LeadRow | None, handoffs: HandoffRow | None
    ) -> Iterator[str]:
        """What is wrong with the row of one lead, and with that of its handoffs."""
        if row is None:
            yield f"{stream}: it is missing"
            return
        wrong = [] if row.version == len(records) else ["version"]
        filled = records[: row.filled]
        changes, self._changes.rows, self._changes.handoffs = self._changes, {}, {}
        if filled:
            changes.put(stream, made(filled, self._words))
        expected, spells = changes.rows.get(stream), changes.handoffs.get(stream)
        if expected is not None:
            wrong += [name for name in _COMPARED if getattr(row, name) != getattr(expected, name)]
        wrong += self._outline(row, fold(records))
        if (spells or _NOTHING) != (handoffs or _NOTHING):
            wrong.append("handoffs")
        if wrong:
            yield f"{stream}: {', '.join(wrong)} not as its events say"

    def _outline(self, row: LeadRow, lead: Lead | None) -> list[str]:
        """What is wrong with that part of a row which is written with every append."""
        words = self._words.columns
        said = {"status": lead.status if lead else None, "owner": lead.owner if lead else None}
        found = {"status": _word(words.statuses, row.status), "owner": _word(words.owners, row.owner)}
        if row.filled == row.version:
            said["acting"] = lead.action.owner or None if lead and lead.action else None
            found["acting"] = _word(words.owners, row.acting)
        return [name for name, word in said.items() if found[name] != word]

    def counts(self, found: Sums) -> Iterator[str]:
        """What is wrong with the counts, after every lead was looked at."""
        if len(self._words) != self._known:
            yield "words: not all that the events have"
        expected = {(what, key): sums for what, key, *sums in self._changes.changed_counts()}
        for at in sorted({*expected, *found}):
            should, there = tuple(expected.get(at, (0, 0, 0))), tuple(found.get(at, (0, 0, 0)))
            if should != there:
                yield f"counts of {at[0]} {at[1]}: {there}, and should be {should}"


def _word(words: Words[str], number: int | None) -> str | None:
    """The word of a number; a text that no word is for a number without one."""
    if number is None:
        return None
    return words.words[number] if 0 <= number < len(words) else f"{number} of {len(words)}"


_COMPARED = ("plain", "latest", "merged", "lead", "rows", "withdrawn")
"""What a row holds as of the version up to which it was filled."""
_NOTHING = HandoffRow(None, 0, b"")
