"""Clause S7, once for every store: an append that is stored already is recognised, not stored again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trialflow.adapters.ports import Append
from trialflow.model.errors import KeyReused
from trialflow.model.recorded import Recorded

__all__ = ["refuse_twins", "repeated"]


def repeated(
    part: Append,
    find: Callable[[str], tuple[str, int] | None],
    read: Callable[[str], Sequence[Recorded]],
) -> tuple[Recorded, ...] | None:
    """The records of ``part`` when it was stored before, None when it is new.

    ``find`` gives (stream, version) of a stored key. Raises :class:`KeyReused` when a key stands for something else.
    """
    for index, event in enumerate(part.events):
        place = find(event.idempotency_key) if event.idempotency_key else None
        if place is None:
            continue
        stream, version = place
        start = version - 1 - index
        stored = tuple(read(stream)[max(start, 0) : start + len(part.events)])
        if stream == part.stream and tuple(r.event for r in stored) == part.events:
            return stored
        raise KeyReused(part.stream, event.idempotency_key)
    return None


def refuse_twins(parts: Sequence[Append]) -> bool:
    """Whether any event has a key. Raises :class:`KeyReused` when one key stands twice in what is to be stored."""
    keys = [(part.stream, key) for part in parts for event in part.events if (key := event.idempotency_key)]
    seen: set[str] = set()
    for stream, key in keys:
        if key in seen:
            raise KeyReused(stream, key)
        seen.add(key)
    return bool(keys)
