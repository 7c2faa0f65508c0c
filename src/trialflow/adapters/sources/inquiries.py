"""What an inquiry must be to become a lead; of one that is not, everything that is wrong is said at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from trialflow.adapters.lead_source import Inquiry
from trialflow.model.errors import Refusal
from trialflow.model.parties import Source
from trialflow.rules.refusals import code_refusals, source_refusals

__all__ = ["arrival_refusals", "inquiry_refusals"]

_FORM = "an inquiry is made of texts"
_TEXTS = ("external_id", "study", "owner", "person_ref", "where")


def arrival_refusals(origin: Source, external_id: str, *, owner: str, person_ref: str, study: str) -> list[Refusal]:
    """What stands against recording an inquiry: words in place of codes, a source or an id that is none."""
    found = code_refusals(owner=owner, person_ref=person_ref, study=study) + source_refusals(origin)
    if not external_id.strip():
        why = "the id that the inquiry has at its source is blank; every blank one would be the same lead"
        found.append(Refusal("external_id_blank", why, "give the id it has there, or one of your own"))
    return found


def inquiry_refusals(inquiry: Any) -> list[Refusal]:
    """Everything that keeps ``inquiry`` from becoming a lead; empty when nothing does. Never a value of a person."""
    if not isinstance(inquiry, Inquiry):
        return [Refusal("inquiry_malformed", f"this is a {type(inquiry).__name__}", "let the source give Inquiry")]
    found = [*_malformed(inquiry), *_moment(inquiry.at)]
    if any(refusal.code == "inquiry_malformed" for refusal in found):
        return found
    codes = {"owner": inquiry.owner, "person_ref": inquiry.person_ref, "study": inquiry.study}
    return found + arrival_refusals(inquiry.source, inquiry.external_id, **codes)


def _malformed(inquiry: Inquiry) -> Iterator[Refusal]:
    for name in _TEXTS:
        yield from _no_text(name, getattr(inquiry, name))
    if not isinstance(inquiry.source, Source):
        yield Refusal("inquiry_malformed", "source is no Source", "give Source(id=...)")
    else:
        for name, value in attrs.asdict(inquiry.source).items():
            yield from _no_text(f"source.{name}", value)
    if not isinstance(inquiry.person, Mapping):
        yield Refusal("inquiry_malformed", "person is no mapping", "give a mapping of texts")
    elif bad := sum(_unwritable(text) for pair in inquiry.person.items() for text in pair):
        yield Refusal("inquiry_malformed", f"{bad} key(s) or value(s) of person are no text", _FORM)


def _no_text(name: str, value: Any) -> Iterator[Refusal]:
    if _unwritable(value):
        yield Refusal("inquiry_malformed", f"{name} is no text", _FORM)


def _unwritable(value: Any) -> bool:
    """Whether ``value`` is no text, or one with half a character, which no store could write."""
    return type(value) is not str or (not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value))


def _moment(at: Any) -> Iterator[Refusal]:
    if not isinstance(at, datetime):
        yield Refusal("inquiry_malformed", "at is no datetime", "give when the person asked, with its zone")
    elif at.utcoffset() is None:
        yield Refusal("at_naive", "when the person asked has no zone", "attach the zone of the source")
