"""One event, one spelling: JSON with sorted keys, no blanks, defaults left out.

:func:`canonical` defines it; :func:`dump_known` writes the same bytes from an event's fields at twice the speed, since
an import seals hundreds of thousands of them. A test holds the two equal for every kind.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from json.encoder import encode_basestring
from typing import Any

import attrs

from trialflow.model.events import Event
from trialflow.model.moments import iso
from trialflow.model.parties import Actor, Source

__all__ = ["canonical", "dump_known"]

_MOST_CACHED = 50_000

canonical: Callable[[Any], str] = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


def dump_known(event: Event) -> str:
    """The canonical text of an event of a known kind."""
    cls = type(event)
    plan = _plans.get(cls) or _plans.setdefault(cls, _plan(cls))
    state, parts = event.__dict__, []
    for key, name, default, required in plan:
        if not name:
            parts.append(key)
            continue
        value = state[name]
        # A default is mostly the very object; a required value is not compared at all, which for an actor is slow.
        if required or (value is not default and value != default):
            parts.append(key + (encode_basestring(value) if type(value) is str else _text(value)))
    return "{" + ",".join(parts) + "}"


_Plan = tuple[tuple[str, str, Any, bool], ...]
_plans: dict[type[Event], _Plan] = {}


def _plan(cls: type[Event]) -> _Plan:
    """(text, field, default, required) in the order of keys; the texts of ``kind`` and ``v`` are whole."""
    rows: list[tuple[str, str, str, Any, bool]] = [
        ("kind", f'"kind":{canonical(cls.kind)}', "", None, False),
        ("v", f'"v":{cls.v}', "", None, False),
    ]
    rows += [
        (field.name, f'"{field.name}":', field.name, _default(field), field.default is attrs.NOTHING)
        for field in attrs.fields(cls)
    ]
    return tuple(row[1:] for row in sorted(rows, key=lambda row: row[0]))


def _default(field: attrs.Attribute[Any]) -> Any:
    return getattr(field.default, "factory", lambda: field.default)()


_texts: dict[Any, str] = {}


def _text(value: Any) -> str:
    kind = type(value)
    if kind is datetime or kind is Actor or kind is Source:
        found = _texts.get(value)
        if found is None:
            if len(_texts) > _MOST_CACHED:
                _texts.clear()
            found = _texts[value] = _value(value)
        return found
    return str(value) if kind is int else _value(value)


def _value(value: Any) -> str:
    if isinstance(value, datetime):
        return f'"{iso(value)}"'
    if attrs.has(type(value)):
        defaults = {f.name: f.default for f in attrs.fields(type(value))}
        told = {k: v for k, v in attrs.asdict(value).items() if v != defaults[k]}
        return canonical(told)
    return canonical(dict(value) if hasattr(value, "keys") else value)
