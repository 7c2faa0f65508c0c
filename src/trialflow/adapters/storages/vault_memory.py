"""Private values in memory."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Iterator

from trialflow.adapters.ports import Entry

__all__ = ["MemoryVault"]

_FIXED = uuid.UUID("6f1d2c1e-0d5b-5c3a-9c66-7d1f0a6b2a10")
"""Ids made in memory are the same in every run, so that a report can be repeated; a vault on disk draws its own."""


class MemoryVault:
    """A vault that lives as long as its process. Safe for threads."""

    def __init__(self, namespace: uuid.UUID = _FIXED) -> None:
        self._lock = threading.RLock()
        self._kinds: dict[str, dict[str, Entry]] = {}
        self._namespace = namespace

    def namespace(self) -> uuid.UUID:
        """The secret under which ids are made."""
        return self._namespace

    def put(self, entries: Iterable[Entry]) -> None:
        """Store or replace, all or none."""
        taken = list(entries)
        with self._lock:
            for entry in taken:
                self._kinds.setdefault(entry.kind, {})[entry.ref] = entry

    def get(self, kind: str, ref: str) -> str | None:
        """One text, or None."""
        with self._lock:
            entry = self._kinds.get(kind, {}).get(ref)
        return entry.text if entry is not None else None

    def items(self, kind: str) -> Iterator[tuple[str, str, str]]:
        """(ref, subject, text) of one kind in the order of refs."""
        with self._lock:
            rows = [entry for _, entry in sorted(self._kinds.get(kind, {}).items())]
        return ((e.ref, e.subject, e.text) for e in rows)

    def forget(self, subject: str) -> int:
        """Erase every entry of ``subject`` but its tombstone; how many there were."""
        with self._lock:
            gone = [
                (kind, ref)
                for kind, entries in self._kinds.items()
                if kind != "tombstone"
                for ref, entry in entries.items()
                if subject and entry.subject == subject
            ]
            for kind, ref in gone:
                del self._kinds[kind][ref]
            return len(gone)
