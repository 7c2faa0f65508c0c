"""The port by which private values are kept: identities, notes, labels. Part of :mod:`trialflow.adapters.ports`.

Clauses of the vault contract, quoted by the checks:

V1  ``put`` stores all of its entries or none, also when what gives them breaks in the middle.
V2  An entry is replaced by (kind, ref): text and subject are then the later ones. The same ref in another kind is
    another entry; of two for one place in one ``put`` the later stands.
V3  ``get`` gives the text of one entry, None where there is none or no longer one.
V4  ``items`` gives (ref, subject, text) of every entry of one kind and of no other, in the order of refs (by code
    point).
V5  Texts, refs and subjects come back as they were given: none is trimmed, folded, cut or taken for another.
V6  ``forget`` erases every entry of the subject, of whatever kind, and gives how many there were. Other subjects'
    entries stay, and the subject "" is nobody's: nothing of it is erased.
V7  An entry of kind ``tombstone`` stays: it says that somebody was erased, so that they do not come in again.
V8  ``namespace`` is the same at every call, on every handle and after everything that is put or forgotten. A vault that
    outlives its process draws its own, at random: nobody who knows a person can compute an id.
V9  Every handle on one vault, in whatever thread, reads at once what another put and forgets what another put.
V10 On a host's connection a vault joins the host's transaction: what was put or forgotten stays when the host commits
    and is undone when it rolls back, and nothing of the host's own is.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

__all__ = ["Entry", "Vault"]


class Entry(NamedTuple):
    """One private value: ``kind`` (identity, note, row, label, key ...), ``ref`` unique in its kind, the ``subject``
    (lead id, or "" for what belongs to no lead) by which it is erased, and a text."""

    kind: str
    ref: str
    subject: str
    text: str


class Vault(Protocol):
    """Identities, notes and what only the site may see; apart from the ledger, erasable. The clauses V1 to V9 above are
    its contract."""

    def namespace(self) -> uuid.UUID:
        """The secret under which this vault's ids are made: without it, nobody can compute an id from a person."""
        ...

    def put(self, entries: Iterable[Entry]) -> None:
        """Store or replace entries by (kind, ref), all or none."""
        ...

    def get(self, kind: str, ref: str) -> str | None:
        """The text of one entry, or None."""
        ...

    def items(self, kind: str) -> Iterator[tuple[str, str, str]]:
        """(ref, subject, text) of every entry of one kind."""
        ...

    def forget(self, subject: str) -> int:
        """Erase every entry of ``subject`` beyond recovery; how many there were. Kind ``tombstone`` stays."""
        ...
