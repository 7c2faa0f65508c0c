"""What each row of a tracker said last time, so that the next copy is compared value by value.

Lives in the vault (it holds phone numbers and notes): kind ``row``, one entry per lead of a sheet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import attrs

from trialflow.adapters.ports import Entry, Vault
from trialflow.adapters.sources.rows import Facts, Row, Values

__all__ = ["Remembered", "RowMemory", "fingerprint"]

_tuple = tuple.__new__
_UNIT = "\x1f"
_PRINT = 24
_NEVER = "-" * _PRINT


def fingerprint(seed: bytes, cells: list[str]) -> str:
    """A digest of the raw cells under the sheet's layout and words: equal means nothing at all was retyped."""
    return hashlib.blake2b(_UNIT.join(cells).encode(errors="replace"), digest_size=_PRINT // 2, key=seed).hexdigest()


@attrs.frozen
class Remembered:
    """The last known row of one lead."""

    own_id: str
    facts: Facts
    values: Values


class RowMemory:
    """The remembered rows of one sheet: loaded once, looked up per row, written back in batches."""

    def __init__(self, vault: Vault, sheet: str) -> None:
        self.sheet = sheet
        self._vault = vault
        self._prefix = f"{sheet}/"
        self._leads: dict[str, str] = {}
        self._by_print: dict[str, str] = {}
        self._by_key: dict[str, str] | None = None
        self._pending: list[Entry] = []
        self.without_id = 0
        """How many leads came without an id of their own."""
        for ref, subject, text in vault.items("row"):
            if ref.startswith(self._prefix):
                self._leads[subject] = text
                self._by_print[text[:_PRINT]] = subject
                self.without_id += _own_id(text) == ""

    def __len__(self) -> int:
        return len(self._leads)

    def __contains__(self, lead_id: str) -> bool:
        return lead_id in self._leads

    def __iter__(self) -> Iterator[str]:
        return iter(self._leads)

    def unchanged(self, print_: str) -> str | None:
        """The lead whose row had exactly these cells last time."""
        return self._by_print.get(print_)

    def get(self, lead_id: str) -> Remembered | None:
        """The last known row of a lead."""
        text = self._leads.get(lead_id)
        if text is None:
            return None
        _, own_id, *rest = text.split(_UNIT)
        return Remembered(own_id, Facts(*rest[: len(Facts._fields)]), Values(*rest[len(Facts._fields) :]))

    def by_key(self, key: str) -> str | None:
        """The lead known under an identity key (``phone:...``, ``email:...``)."""
        if self._by_key is None:
            self._by_key = {}
            for lead_id, text in self._leads.items():
                _, _, phone, email, _ = text.split(_UNIT, 4)
                self._index(lead_id, phone, email)
        return self._by_key.get(key)

    def _index(self, lead_id: str, phone: str, email: str) -> None:
        keys: dict[str, str] = {} if self._by_key is None else self._by_key
        if phone:
            keys.setdefault(f"phone:{phone}", lead_id)
        if email:
            keys.setdefault(f"email:{email}", lead_id)

    def remember(self, lead_id: str, print_: str, row: Row, values: Values) -> None:
        """Keep this row as what the sheet says now; written by :meth:`flush`."""
        # A row with something to list is looked at each time, so that it is listed each time.
        clean = not row.problems and not row.unknown_status
        own_id = row.own_id
        # No field holds the separator: tidy() and the normal forms leave no control character in.
        text = _UNIT.join((print_ if clean else _NEVER, own_id, *row.facts, *values))
        old = self._leads.get(lead_id)
        if old is not None:
            self._by_print.pop(old[:_PRINT], None)
            self.without_id -= _own_id(old) == ""
        self.without_id += own_id == ""
        self._leads[lead_id] = text
        if clean:
            self._by_print[print_] = lead_id
        if self._by_key is not None:
            self._index(lead_id, row.facts.phone, row.facts.email)
        self._pending.append(_tuple(Entry, ("row", self._prefix + lead_id, lead_id, text)))

    def flush(self) -> None:
        """Write what was remembered. Called after the ledger has the events: a crash between repeats, never loses."""
        if self._pending:
            self._vault.put(self._pending)
            self._pending = []


def _own_id(text: str) -> str:
    return text.split(_UNIT, 2)[1]
