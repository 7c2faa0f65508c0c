"""Checks of single values: choices, numbers, spans, times of day, the site's zone and week, labels and their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo, available_timezones

import attrs

from trialflow.model.errors import Problem
from trialflow.rules.parts import Span
from trialflow.rules.vocabulary import WEEKDAYS, Speller
from trialflow.rules.wording import as_problem, findings
from trialflow.rules.workflow import Workflow, keyed

__all__ = ["label_texts", "labels", "values", "walk"]

_LONGEST = 3660
"""Days: a longer span is a mistake, and calendars end."""


def walk(workflow: Workflow) -> Iterator[tuple[str, str, Any, Any]]:
    """(path, field, declared type, value) of every value in a workflow, in its order."""
    yield from _fields("", workflow)


@lru_cache(maxsize=64)
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)


def _fields(path: str, owner: Any) -> Iterator[tuple[str, str, Any, Any]]:
    hints = _hints(owner.__class__)
    for field in attrs.fields(type(owner)):
        value, name = getattr(owner, field.name), field.name.rstrip("_")
        here = f"{path}.{name}" if path else name
        yield here, field.name, hints[field.name], value
        if isinstance(value, tuple) and value and attrs.has(type(value[0])):
            for code, row in keyed(value).items():
                yield from _fields(f"{here}.{code}", row)
        elif attrs.has(type(value)) and not isinstance(value, Span):
            yield from _fields(here, value)


def values(workflow: Workflow, speller: Speller) -> Iterator[Problem]:
    """Every value that cannot be meant."""
    for path, name, kind, value in walk(workflow):
        choice = next((k for k in (kind, *get_args(kind)) if get_origin(k) is Literal), None)
        if choice is not None and value is not None and value not in get_args(choice):
            said = f"{value!r} is none of the choices{speller.hint(str(value), get_args(choice))}"
            yield Problem(path, "wrong_value", said)
        elif isinstance(value, Span):
            yield from _span(path, value, least=0 if name == "due" else 1)
        elif name in _LEAST and value is not None:
            yield from _number(path, value, _LEAST[name])
        elif name in ("opens", "closes", "quiet_from", "quiet_until") and _time(value) is None:
            yield Problem(path, "bad_time", f"{value!r} is no time of day; write it like '09:00'")
        elif name == "zone" and not _is_zone(value):
            said = f"there is no zone {value!r}{_zone_like(value, speller)}"
            yield Problem(path, "unknown_zone", said)
        elif name in ("from_", "stops", "movement", "channels") and not value:
            yield Problem(path, "empty_list", "the list is empty; name at least one")
    yield from _site(workflow)
    yield from _escalations(workflow)


_LEAST = {
    "version": 1,
    "expected_days": 1,
    "max_attempts": 1,
    "wait_days": 0,
    "window_days": 1,
    "per_window": 1,
    "min_gap_hours": 0,
    "at_risk_percent": 1,
}


def _number(path: str, value: int, least: int) -> Iterator[Problem]:
    if path.endswith("at_risk_percent"):
        if not 1 <= value <= 100:
            yield Problem(path, "bad_share", f"{value} is no share; give whole percent from 1 to 100")
    elif not least <= value <= 100_000:
        yield Problem(path, "bad_number", f"{value} cannot be meant; give a whole number from {least}")


def _span(path: str, span: Span, *, least: int) -> Iterator[Problem]:
    days = span.amount if span.unit == "days" else span.amount // 24
    if not (least <= span.amount and days <= _LONGEST):
        said = f"{span.amount} {span.unit} cannot be meant; give {least} to {_LONGEST} days"
        yield Problem(path, "bad_span", said)


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if len(text) == 5 else None
    except ValueError:
        return None


def _is_zone(name: str) -> bool:
    try:
        return bool(name) and ZoneInfo(name).key == name
    except (ValueError, OSError, KeyError):
        return False


def _zone_like(name: str, speller: Speller) -> str:
    close = speller.hint(name, sorted(available_timezones()))
    return close if "did you mean" in close else "; give an IANA name such as 'America/Chicago'"


def _site(workflow: Workflow) -> Iterator[Problem]:
    site, contact = workflow.site, workflow.contact
    if not set(site.working_days) & set(WEEKDAYS):
        said = "the site works on no day, so no deadline ever comes; name at least one of mon to sun"
        yield Problem("site.working_days", "no_working_day", said)
    for path, first, last in (
        ("site.closes", site.opens, site.closes),
        ("contact.quiet_from", contact.quiet_until, contact.quiet_from),
    ):
        start, end = _time(first), _time(last)
        if start is not None and end is not None and start >= end:
            yield Problem(path, "bad_time", f"{last} is not after {first}, so no time is left in between")


def _escalations(workflow: Workflow) -> Iterator[Problem]:
    for kind in workflow.blockers:
        if bool(kind.escalates_to) != (kind.escalate_after is not None):
            said = "escalates_to and escalate_after belong together; give both or neither"
            yield Problem(f"blockers.{kind.code}", "half_escalation", said)


def label_texts(workflow: Workflow) -> dict[str, str]:
    """Every text of the workflow that people read, by its path."""
    texts = ((path, value) for path, name, _, value in walk(workflow) if name in ("label", "sponsor_label"))
    return {_written_at(path, workflow): text for path, text in texts}


def _written_at(path: str, workflow: Workflow) -> str:
    """Where the words of a label stand: with the row, or among the overrides."""
    once = re.sub(r"#\d+", "", path)
    return f"wording.{once}" if once in workflow.wording else path


def labels(workflow: Workflow) -> Iterator[Problem]:
    """Labels: none blank, and no word in them that reads as a decision, a promise or a judgement."""
    texts = label_texts(workflow)
    for path, text in texts.items():
        if not text.strip():
            yield Problem(path, "blank_label", "there are no words here; say what people should read")
    for found in findings(texts):
        if found.level == "forbidden":
            yield as_problem(found)
