"""How the values of a workflow are written in TOML: strict conversion, names of types, stand-ins for misfits."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, cast, get_origin

import cattrs

from trialflow.model.codec import strict
from trialflow.rules import parts

__all__ = ["KINDS", "SPAN", "BadSpan", "converter", "described", "inner_type", "kind_of", "stand_in"]

SPAN = re.compile(r"(\d{1,5}) (working )?(day|hour)s?")
"""How a span is written: ``2 working days``, ``4 hours``."""


class BadSpan(ValueError):
    """A text that is no span."""


KINDS: Mapping[Any, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    date: "a date such as 2026-12-25",
    parts.Span: "a span of time such as '2 working days'",
    parts.When: "a table of conditions",
    parts.ActionWhen: "a table of conditions",
}


def _is_choice(kind: Any) -> bool:
    origin: Any = get_origin(kind)
    return origin is Literal


def described(kind: Any) -> str:
    """What was expected, in words."""
    plain = inner_type(kind)
    if get_origin(plain) is tuple:
        return "a list of dates" if date in plain.__args__ else "a list of texts"
    return "a text" if _is_choice(plain) else KINDS[plain]


def kind_of(value: Any) -> str:
    """What was found, in words."""
    names = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return names.get(type(value), "a date or time")


def inner_type(kind: Any) -> Any:
    """``X`` of ``X | None``."""
    options = [each for each in getattr(kind, "__args__", ()) if each is not type(None)]
    return options[0] if len(options) == 1 and type(None) in kind.__args__ else kind


_STAND_INS: Mapping[Any, Any] = {str: "", int: 1, bool: False, parts.Span: "1 days"}


def stand_in(kind: Any) -> Any:
    """What stands in for a value of this type until it is mended, as TOML would give it."""
    if get_origin(kind) is tuple:
        return []
    if _is_choice(kind):
        return str(kind.__args__[0])
    return _STAND_INS.get(kind, {})


def _span(text: Any, _type: Any) -> parts.Span:
    if type(text) is not str:
        raise TypeError
    found = SPAN.fullmatch(text)
    if found is None:
        raise BadSpan(text)
    unit = cast(Literal["days", "hours"], f"{found[3]}s")
    return parts.Span(amount=int(found[1]), unit=unit, clock="working" if found[2] else "elapsed")


def _dates(value: Any, _type: Any) -> tuple[date, ...]:
    if type(value) is not list or any(type(each) is not date for each in value):
        raise TypeError
    return tuple(value)


def _text(value: Any, _type: Any) -> str:
    # Which words a choice knows is checked later, with a proposal; here only that it is a text.
    if type(value) is not str:
        raise TypeError
    return value


@functools.cache
def converter() -> cattrs.Converter:
    """The strict converter of workflow definitions: exact types, no unknown key, spans and dates as TOML has them."""
    made = strict()
    made.register_structure_hook(parts.Span, _span)
    made.register_structure_hook_func(lambda kind: kind == tuple[date, ...], _dates)
    made.register_structure_hook_func(_is_choice, _text)
    made.register_structure_hook(
        parts.Move,
        cattrs.gen.make_dict_structure_fn(
            parts.Move,
            made,
            _cattrs_forbid_extra_keys=True,
            _cattrs_detailed_validation=True,
            from_=cattrs.override(rename="from"),
        ),
    )
    return made
