"""Retries: a command given again under the same key is carried out once.

A host that got ``StorageError`` with the outcome "unknown", or whose own request was sent twice, gives the command
again with the same ``key``. The key never reaches the ledger: it is hashed under the vault's secret, together with
what was asked, so that a key used for something else is noticed.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import attrs

from trialflow.model.errors import KeyReused
from trialflow.model.events import Event
from trialflow.model.lead import Lead
from trialflow.model.moments import iso
from trialflow.model.parties import Actor, Source
from trialflow.model.recorded import Recorded

__all__ = ["RetryKey"]


@attrs.frozen
class RetryKey:
    """A host's key for one command on one stream, as the ledger may hold it."""

    stream: str
    name: str
    said: str

    @classmethod
    def of(cls, key: str, stream: str, namespace: uuid.UUID, command: partial[Any], at: datetime | None) -> RetryKey:
        """``command`` is the bound command, ``at`` the moment the caller named (None: now, which differs each time)."""
        words = [command.func.__name__, at and iso(at), _plain(command.keywords)]
        said = _digest(namespace, json.dumps(words, sort_keys=True, default=repr), 6)
        return cls(stream, _digest(namespace, f"{stream}|{key}", 12), said)

    def stamped(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """``events``, each with a key of its own."""
        return tuple(attrs.evolve(e, idempotency_key=f"{self._start}.{n}") for n, e in enumerate(events, start=1))

    def stored(self, records: Iterable[Recorded]) -> bool:
        """Whether the command was carried out. Raises :class:`KeyReused` when the key stood for another one."""
        keys = {r.event.idempotency_key for r in records if r.event.idempotency_key.startswith(f"{self.name}.")}
        if keys and not any(key.startswith(f"{self._start}.") for key in keys):
            raise KeyReused(self.stream, self.name)
        return bool(keys)

    @property
    def _start(self) -> str:
        return f"{self.name}.{self.said}"


def _digest(namespace: uuid.UUID, text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size, key=namespace.bytes).hexdigest()


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a person asked for, as JSON; what the tracker adds of its own (guards, history) is left out."""
    return {name: _text(value) for name, value in values.items() if name not in ("guards", "history")}


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Lead):
        return value.id
    return attrs.asdict(value) if isinstance(value, Actor | Source) else value
