"""Hypothesis strategies for the model: every kind of event, with any values its fields can hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args, get_origin, get_type_hints

import attrs
from hypothesis import strategies as st

from trialflow.model.codec import KINDS
from trialflow.model.events import Event, Unknown
from trialflow.model.moments import from_micros, iso
from trialflow.model.parties import Actor, ActorKind, Source

__all__ = ["actors", "codes", "events", "events_of", "moments", "sources", "texts", "unknown_events"]

_seconds = st.integers(946_684_800, 4_102_444_799).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
moments = _seconds | st.integers(0, 10**15).map(from_micros)
codes = st.from_regex(r"[a-z][a-z0-9_]{0,11}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
"""Any valid Unicode: quotes, control characters and all."""
sources = st.builds(Source, id=codes, category=codes | st.just(""), channel=codes | st.just(""))
actors = st.builds(
    Actor, id=codes, kind=st.sampled_from(get_args(ActorKind)), role=codes | st.just(""), on_behalf_of=texts
)


def _values(kind: Any) -> st.SearchStrategy[Any]:
    simple: dict[Any, st.SearchStrategy[Any]] = {
        datetime: moments,
        str: codes | texts,
        int: st.integers(-(2**53), 2**53),
        bool: st.booleans(),
        Actor: actors,
        Source: sources,
    }
    if kind in simple:
        return simple[kind]
    if get_origin(kind) is tuple:
        return st.lists(codes, max_size=3).map(tuple)
    if get_origin(kind) is Mapping:
        return st.dictionaries(codes, st.integers(0, 10**6), max_size=3)
    options = get_args(kind)
    if type(None) in options:
        return st.none() | _values(next(option for option in options if option is not type(None)))
    return st.sampled_from(options)


def events_of(cls: type[Event]) -> st.SearchStrategy[Event]:
    """Events of one kind: fields with a default are sometimes left at it."""
    hints = get_type_hints(cls)
    return st.builds(cls, **{field.name: _values(hints[field.name]) for field in attrs.fields(cls)})


@st.composite
def unknown_events(draw: st.DrawFn) -> Unknown:
    """Events of kinds that this version does not know, with any JSON in them."""
    scalars = (
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    )
    anything = st.recursive(
        scalars | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=6,
    )
    at, by = draw(moments), draw(codes)
    kind = draw(codes.filter(lambda code: code not in KINDS))
    version = draw(st.integers(1, 9))
    payload = {**draw(st.dictionaries(codes, anything, max_size=4)), "kind": kind, "v": version, "at": iso(at)}
    payload["by"] = {"id": by}
    return Unknown(at=at, by=Actor(id=by), unknown_kind=kind, unknown_v=version, payload=payload)


events = st.one_of([*(events_of(cls) for _, cls in sorted(KINDS.items())), unknown_events()])
"""Any event of any kind."""
