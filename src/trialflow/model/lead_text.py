"""A lead as a compact text and back, exactly: what a store keeps beside the events to answer without folding them.

A JSON list of the fields in their order, facts as lists of theirs, instants in ISO 8601, which is read five times as
fast as a number of microseconds. It is no format for hosts: it changes with the fields of
:class:`~trialflow.model.lead.Lead`, and :data:`FORMAT` with it, so that a store knows which of its texts to make anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, TypeVar

import attrs

from trialflow.model import facts as f
from trialflow.model.lead import Lead, fill_lead
from trialflow.model.moments import iso
from trialflow.model.parties import Source

__all__ = ["FORMAT", "lead_text", "parse_lead"]

FORMAT = 2
"""Of the texts that :func:`lead_text` writes."""

_Fact = TypeVar("_Fact")
_FACTS = (
    Source,
    f.ReadinessItem,
    f.Blocker,
    f.Visit,
    f.ContactAttempt,
    f.Permission,
    f.Handoff,
    f.PlannedAction,
    f.OpenDecision,
    f.Decision,
    f.Episode,
    f.Proposal,
)
_LEAD = tuple(field.name for field in attrs.fields(Lead))
_NAMES: dict[type, tuple[str, ...]] = {cls: tuple(field.name for field in attrs.fields(cls)) for cls in _FACTS}
_VALUES: dict[type, Callable[[Any], Any]] = {
    **{cls: attrgetter(*names) for cls, names in _NAMES.items()},
    datetime: iso,
    MappingProxyType: dict,
}
_values = attrgetter(*_LEAD)
_moment = datetime.fromisoformat
_tuple, _new = tuple.__new__, object.__new__


def lead_text(lead: Lead) -> str:
    """The text of ``lead``. Raises ``TypeError`` for a value that no event can put there."""
    return _write(_values(lead))


def parse_lead(text: str) -> Lead:
    """The lead of a text that :func:`lead_text` wrote; equal to the one it was written from.

    Raises ``ValueError``, ``TypeError`` or ``KeyError`` for any other text.
    """
    values = _read(text)
    for i, read in _READS:
        value = values[i]
        if value:
            values[i] = read(value)
        elif value == []:
            values[i] = ()
    for i in _TIMES:
        if values[i] is not None:
            values[i] = _moment(values[i])
    found = dict(zip(_LEAD, values, strict=True))
    lead = _new(Lead)
    fill_lead(lead, found)
    return lead


def _plain(value: Any) -> Any:
    """What the encoder does not know: instants, facts, mappings that cannot be written to."""
    return _VALUES[type(value)](value)


_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode


def _times(cls: type) -> tuple[int, ...]:
    return tuple(i for i, field in enumerate(attrs.fields(cls)) if "datetime" in str(field.type))


def _reader(cls: type[_Fact]) -> Callable[[list[Any]], _Fact]:
    """Makes a fact of its values. They were checked when the fact was made first: its slots are filled as they are,
    which takes half of the time of its constructor."""
    puts, times = [cls.__dict__[name].__set__ for name in _NAMES[cls]], _times(cls)

    def read(values: list[Any]) -> _Fact:
        for i in times:
            if values[i] is not None:
                values[i] = _moment(values[i])
        fact = _new(cls)
        for put, value in zip(puts, values, strict=True):
            put(fact, value)
        return fact

    return read


def _several(cls: type[_Fact]) -> Callable[[list[list[Any]]], tuple[_Fact, ...]]:
    read = _reader(cls)
    return lambda rows: tuple(map(read, rows))


@lru_cache(maxsize=1024)
def _source(source_id: str, category: str, channel: str, campaign: str) -> Source:
    return Source(id=source_id, category=category, channel=channel, campaign=campaign)


def _stays(rows: Iterable[list[Any]]) -> tuple[f.Stay, ...]:
    stay = f.Stay
    return tuple([_tuple(stay, (status, _moment(since), at, why)) for status, since, at, why in rows])


def _marks(found: dict[str, list[Any]]) -> dict[str, f.Mark]:
    mark = f.Mark
    return {name: _tuple(mark, (_moment(at), position)) for name, (at, position) in found.items()}


def _items(found: dict[str, list[Any]]) -> dict[str, f.ReadinessItem]:
    read = _reader_of_items
    return {name: read(values) for name, values in found.items()}


_reader_of_items = _reader(f.ReadinessItem)
_TIMES = _times(Lead)
_READ: dict[str, Callable[[Any], Any]] = {
    "source": lambda values: _source(*values),
    "handoffs": _several(f.Handoff),
    "contacts": _several(f.ContactAttempt),
    "items": _items,
    "blockers": _several(f.Blocker),
    "action": _reader(f.PlannedAction),
    "visit": _reader(f.Visit),
    "open_decisions": _several(f.OpenDecision),
    "decisions": _several(f.Decision),
    "permissions": _several(f.Permission),
    "proposals": _several(f.Proposal),
    "past_proposals": _several(f.Proposal),
    "notes": tuple,
    "trail": _stays,
    "episodes": _several(f.Episode),
    "seen": _marks,
    "firsts": _marks,
}
"""How each field that holds more than a plain value is read."""

_READS = tuple((_LEAD.index(name), read) for name, read in _READ.items())
_read: Callable[[str], list[Any]] = json.JSONDecoder().decode
