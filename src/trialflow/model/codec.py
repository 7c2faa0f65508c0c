"""Events as JSON, strictly: no coercion, no unknown key, no naive datetime.

The envelope is ``{"kind", "v", "at", "by", ...}``; defaults are left out, keys are sorted, so one event has one
spelling. Old payload versions are lifted by :data:`trialflow.model.upcasts.UPCASTS`. Unknown kinds pass through.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, get_args

import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from trialflow.model import events, site_events
from trialflow.model.canonical import canonical, dump_known
from trialflow.model.errors import DecodeError, Problem
from trialflow.model.events import Event, Unknown
from trialflow.model.moments import iso, parse_iso
from trialflow.model.parties import Actor, ActorKind
from trialflow.model.upcasts import upcast

__all__ = ["KINDS", "converter", "decode", "dumps", "encode", "loads", "strict"]


def _concrete(module: Any) -> list[type[Event]]:
    found = (getattr(module, name) for name in module.__all__)
    return [cls for cls in found if isinstance(cls, type) and issubclass(cls, Event) and cls.kind]


KINDS: Mapping[str, type[Event]] = {cls.kind: cls for m in (events, site_events) for cls in _concrete(m)}
"""Every event kind this version knows, by its stable name."""


def _exactly(expected: type) -> Any:
    def check(value: Any, _type: Any = None) -> Any:
        if type(value) is not expected:
            raise TypeError(f"expected {expected.__name__}, found {type(value).__name__}")
        return value

    return check


def _structure_text(value: Any, _type: Any) -> str:
    if type(value) is not str:
        raise TypeError(f"expected str, found {type(value).__name__}")
    if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("the text is not valid Unicode")  # half a character: no store could write it back
    return value


def _structure_datetime(value: Any, _type: Any) -> datetime:
    if type(value) is not str:
        raise TypeError(f"expected an ISO 8601 text, found {type(value).__name__}")
    try:
        return parse_iso(value)
    except ValueError:
        raise ValueError("expected an ISO 8601 instant with its offset from UTC") from None


def _structure_literal(value: Any, literal: Any) -> Any:
    if type(value) is str and value in get_args(literal):
        return value
    raise ValueError(f"expected one of {', '.join(map(str, get_args(literal)))}")


def _structure_strings(value: Any, _type: Any) -> tuple[str, ...]:
    if type(value) is not list or any(type(v) is not str for v in value):
        raise TypeError("expected a list of texts")
    return tuple(value)


def strict(*, detailed: bool = True) -> cattrs.Converter:
    """A fresh strict converter: exact primitives, aware datetimes as ISO text, extra keys refused."""
    made = cattrs.Converter(detailed_validation=detailed, forbid_extra_keys=True, omit_if_default=True)
    made.register_structure_hook(str, _structure_text)
    for primitive in (int, bool, float):
        made.register_structure_hook(primitive, _exactly(primitive))
    made.register_structure_hook(datetime, _structure_datetime)
    made.register_unstructure_hook(datetime, iso)
    made.register_structure_hook_func(_is_literal, _structure_literal)
    made.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _structure_strings)
    return made


def converter(*, detailed: bool = True) -> cattrs.Converter:
    """A fresh strict converter that knows every event kind."""
    made = strict(detailed=detailed)
    for cls in KINDS.values():
        made.register_structure_hook(
            cls,
            make_dict_structure_fn(cls, made, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=detailed),
        )
        made.register_unstructure_hook(cls, make_dict_unstructure_fn(cls, made, _cattrs_omit_if_default=True))
    return made


def _is_literal(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is not None and "Literal" in str(kind.__origin__)


@functools.cache
def _fast() -> cattrs.Converter:
    return converter(detailed=False)


@functools.cache
def _careful() -> cattrs.Converter:
    return converter(detailed=True)


def encode(event: Event) -> dict[str, Any]:
    """The wire form of ``event``; an :class:`~trialflow.model.events.Unknown` as it came."""
    if isinstance(event, Unknown):
        return dict(event.payload)
    wire: dict[str, Any] = _fast().unstructure(event)
    wire["kind"] = event.kind
    wire["v"] = event.v
    return wire


def decode(wire: Mapping[str, Any]) -> Event:
    """The event of a wire form. Raises :class:`DecodeError` naming every field that does not fit."""
    kind, version = wire.get("kind"), wire.get("v", 1)
    if type(kind) is not str or not kind or type(version) is not int or version < 1:
        message = "an event needs a text `kind` and a whole number `v` from 1"
        raise DecodeError((Problem("kind", "bad_envelope", message),))
    cls = KINDS.get(kind)
    if cls is None or version > cls.v:
        return _unknown(wire, kind, version)
    body = upcast(kind, version, {k: v for k, v in wire.items() if k not in ("kind", "v")})
    try:
        return _fast().structure(body, cls)
    except Exception:
        return _explained(body, cls)


def _explained(body: dict[str, Any], cls: type[Event]) -> Event:
    try:
        return _careful().structure(body, cls)
    except Exception as error:
        lines = cattrs.transform_error(error, format_exception=_describe)
        problems = [line.rpartition(" @ $") for line in lines]
        raise DecodeError(
            tuple(Problem(f"{cls.kind}{where}", "bad_value", what) for what, _, where in problems)
        ) from None


def _describe(error: BaseException, _type: Any) -> str:
    if isinstance(error, KeyError):
        return "a required field is missing"
    if isinstance(error, cattrs.errors.ForbiddenExtraKeysError):
        return f"unknown field(s): {', '.join(sorted(error.extra_fields))}"
    return str(error) if isinstance(error, TypeError | ValueError) else "the value does not fit"


def _unknown(wire: Mapping[str, Any], kind: str, version: int) -> Unknown:
    """What a newer version wrote: kept whole. Only the envelope is read, and only what this version knows of it."""
    problems, at, by = [], None, wire.get("by")
    try:
        at = _structure_datetime(wire.get("at"), datetime)
    except (TypeError, ValueError) as error:
        problems.append(Problem("at", "bad_envelope", str(error)))
    if not isinstance(by, Mapping) or type(by.get("id")) is not str or not by["id"]:
        problems.append(Problem("by", "bad_envelope", "an event needs `by` with the `id` of who did it"))
    if problems or at is None or not isinstance(by, Mapping):
        raise DecodeError(tuple(problems))
    said = by.get("kind", "person")
    kinds: tuple[ActorKind, ...] = get_args(ActorKind)
    actor = Actor(id=by["id"], kind=next((known for known in kinds if known == said), "system"))
    return Unknown(at=at, by=actor, unknown_kind=kind, unknown_v=version, payload=dict(wire))


def dumps(event: Event) -> str:
    """The canonical JSON text of ``event``: sorted keys, no blanks. What the hash chain seals."""
    return canonical(encode(event)) if isinstance(event, Unknown) else dump_known(event)


def loads(text: str) -> Event:
    """The event of a JSON text. Raises :class:`DecodeError`."""
    try:
        wire = _read(text)
    except (ValueError, RecursionError) as error:
        raise DecodeError((Problem("", "not_json", f"not JSON: {type(error).__name__}"),)) from None
    if not isinstance(wire, dict):
        raise DecodeError((Problem("", "not_json", "an event is a JSON object"),))
    return decode(wire)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number that is none")
    return value


# NaN, Infinity and 1e999 are no JSON: what could not be written back is refused when it is read.
_read: Callable[[str], Any] = json.JSONDecoder(parse_float=_finite, parse_constant=_finite).decode
