"""Which lead a row is about: by the sheet's own id, else by phone or e-mail, else by name with birth date.

A row whose id is blank is looked for by phone and e-mail. A lead that came without an id gets its id later without
becoming a second lead, when phone or e-mail and the name agree.
"""

from __future__ import annotations

import uuid
from hashlib import sha1

import attrs

from trialflow.adapters.sources.row_memory import RowMemory
from trialflow.adapters.sources.rows import Row

__all__ = ["Identities", "Refusal", "uuid5_text"]

_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}

Refusal = tuple[str, str]
"""A code and what to do."""

_NONE: Refusal = ("no_identity", "no id, phone, e-mail, or name with birth date; fill one in")
_TWO: Refusal = ("identity_conflict", "phone and e-mail belong to two different leads; correct one of them")


@attrs.define
class Identities:
    """Finds or makes lead ids. ``namespace`` is the site's secret: nobody else can compute an id from a person."""

    namespace: uuid.UUID
    memory: RowMemory
    _start: bytes = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._start = self.namespace.bytes + f"{self.memory.sheet}|".encode(errors="replace")

    def of(self, row: Row) -> tuple[str, Refusal | None]:
        """The lead's id, or why there is none."""
        if row.lead_id:
            return self._by_own_id(row), None
        keys = _keys(row)
        if not keys:
            return "", _NONE
        known = {found for key in keys if (found := self._known(key, row)) is not None}
        if len(known) > 1:
            return "", _TWO
        return (known.pop() if known else self._made(keys[0])), None

    def _by_own_id(self, row: Row) -> str:
        own_id = row.own_id
        lead_id = self._made(f"id:{own_id}")
        if not self.memory.without_id or lead_id in self.memory:
            return lead_id
        earlier = {found for key in _keys(row) if (found := self.memory.by_key(key)) is not None}
        if len(earlier) == 1:
            found = earlier.pop()
            before = self.memory.get(found)
            if before is not None and before.own_id in ("", own_id) and before.facts.name == row.facts.name:
                return found
        return lead_id

    def _known(self, key: str, row: Row) -> str | None:
        """The lead under ``key``; a phone that two people share (other e-mail and other name) is not one identity."""
        if key.startswith("person:"):
            lead_id = self._made(key)
            return lead_id if lead_id in self.memory else None
        found = self.memory.by_key(key)
        if found is None or key.startswith("email:") or not row.facts.email:
            return found
        other = self.memory.get(found)
        if other is None or other.facts.email in ("", row.facts.email) or other.facts.name == row.facts.name:
            return found
        return None

    def _made(self, key: str) -> str:
        return uuid5_text(self._start + key.encode(errors="replace"))


def _keys(row: Row) -> list[str]:
    """Identity keys, the one that makes the id first: an address is one person's more often than a phone."""
    phone, email, name, _, _, born = row.facts
    keys = [f"email:{email}"] if email else []
    keys += [f"phone:{phone}"] if phone else []
    if not keys and name and born:
        keys = [f"person:{name}|{born}"]
    return keys


def uuid5_text(named: bytes) -> str:
    """``str(uuid.uuid5(namespace, name))`` cheaper; ``named`` is the namespace's bytes and the name's."""
    digest = sha1(named, usedforsecurity=False).hexdigest()
    # Version 5, and the variant's two bits at the head of the fourth group.
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{_VARIANT[digest[16]]}{digest[17:20]}-{digest[20:32]}"
