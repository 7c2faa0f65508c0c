"""One line of an inbox of JSON lines, read strictly: an inquiry, or what is wrong with it.

    {"external_id": "81", "at": "2026-03-02T09:00:00-06:00", "source": "Radio",
     "person": {"name": "Ann Example", "phone": "555-0101"}, "study": "S1", "owner": "u7"}

``source`` is its id, or an object with id, category, channel and campaign. ``person``, ``study``, ``owner`` and
``person_ref`` may be left out, ``source`` too where the inbox has one of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import attrs

from trialflow.adapters.lead_source import Inquiry
from trialflow.adapters.sources.inquiries import inquiry_refusals
from trialflow.model.errors import Problem
from trialflow.model.moments import parse_iso
from trialflow.model.parties import Source
from trialflow.rules.refusals import shown

__all__ = ["json_object", "read_inquiry"]

_FIELDS = tuple(field.name for field in attrs.fields(Inquiry) if field.name != "where")
_SOURCE = tuple(field.name for field in attrs.fields(Source))
_INSTANT = "`at` is when the person asked, with its offset, such as 2026-03-02T09:00:00-06:00"


def json_object(raw: bytes) -> dict[str, Any] | None:
    """The JSON object that ``raw`` is, strictly: None for all else, for a key that stands twice and for NaN."""
    try:
        found = json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):  # a text that is no UTF-8 is a ValueError too
        return None
    return found if isinstance(found, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def read_inquiry(line: dict[str, Any], where: str, source: str = "") -> Inquiry | Problem:
    """The inquiry of a line, or one problem that names all that is wrong. ``source`` is whose inquiries these are
    where a line names none."""
    wrong = list(_misfits(line, source))
    if wrong:
        return Problem(where, "bad_value", "; ".join(wrong))
    given = {name: value for name, value in line.items() if name not in ("at", "source")}
    inquiry = Inquiry(at=parse_iso(line["at"]), source=_source(line.get("source", source)), where=where, **given)
    refusals = inquiry_refusals(inquiry)
    if refusals:
        return Problem(where, refusals[0].code, "; ".join(f"{r.message} - {r.fix}" for r in refusals))
    return inquiry


def _misfits(line: dict[str, Any], source: str) -> Iterator[str]:
    if unknown := sorted(line.keys() - set(_FIELDS)):
        yield f"unknown key(s) {', '.join(map(shown, unknown))}: contact data belongs into `person`"
    if "external_id" not in line:
        yield "`external_id` is missing: the id that the inquiry has at its source"
    if _instant(line.get("at")) is None:
        yield _INSTANT
    named = line.get("source", source)
    if isinstance(named, dict):
        if named.keys() - set(_SOURCE) or "id" not in named:
            yield f"`source` is an object with {', '.join(_SOURCE)}, the id at least"
    elif not isinstance(named, str) or not named:
        yield "`source` is missing: name it in the line, or for the whole inbox"


def _instant(value: Any) -> datetime | None:
    try:
        return parse_iso(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _source(named: str | dict[str, str]) -> Source:
    return Source(id=named) if isinstance(named, str) else Source(**named)
