"""What every event has, and the event of a kind this version does not know.

``at`` is when it happened (UTC, may be backdated), ``by`` who did it, ``reason`` a code where a rule asks one, and
``idempotency_key``: an append repeated with the same key is stored once. ``kind`` and ``v`` are the stable names and
numbers of the wire format; renaming a class changes nothing stored.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import attrs

from trialflow.model.moments import validate_utc
from trialflow.model.parties import Actor

__all__ = ["Event", "Unknown", "fill_event"]


@attrs.frozen(kw_only=True, slots=False)
class Event:
    """What all events share. Raises ``ValueError`` when ``at`` is naive or not in UTC."""

    kind: ClassVar[str] = ""
    v: ClassVar[int] = 1

    at: datetime = attrs.field(validator=validate_utc)
    by: Actor
    reason: str = ""
    idempotency_key: str = ""


fill_event = Event.__dict__["__dict__"].__set__
"""Gives a new event its fields, which were checked before: what ``object.__setattr__`` does with ``__dict__``, without
looking it up."""


@attrs.frozen(kw_only=True, slots=False)
class Unknown(Event):
    """An event of a kind this version does not know: kept verbatim, written back, ignored by the fold."""

    unknown_kind: str
    unknown_v: int = 1
    payload: dict[str, Any] = attrs.field(factory=dict)
