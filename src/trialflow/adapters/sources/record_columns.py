"""Columns about records: one with the state, or several that tick or date one step each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trialflow.adapters.sources.spelling import match_key

__all__ = ["furthest", "records_reader"]

_RANK = {"": 0, "not_needed": 1, "needed": 2, "requested": 3, "received": 4, "reviewed": 5}
_YES = {"y", "yes", "x", "✓", "✔", "☑", "✅", "true", "done", "1"}
_NO = {"n", "no", "false", "0", "✗", "✘", "not yet"}
_STEPS = (
    ("reviewed", ("reviewed", "checked")),
    ("received", ("received", "recd", "rec d", "rcvd", "obtained", "collected", "in")),
    ("requested", ("requested", "reqd", "ordered")),
    ("needed", ("needed", "required")),
)


def _step_of(heading: str) -> str:
    words = f" {match_key(heading)} "
    return next((step for step, marks in _STEPS if any(f" {mark} " in words for mark in marks)), "")


def records_reader(heading: str, plain: Callable[[str], Any], is_date: Callable[[str], bool]) -> Callable[[str], Any]:
    """How to read a records column under ``heading``. Where the heading names a step (``Records received?``), a yes,
    a tick or a date means that step; a no says that it is open. Words with a meaning of their own keep it."""
    step = _step_of(heading)
    if not step:
        return plain
    denied = "not_needed" if step == "needed" else "needed" if step in ("received", "requested") else ""

    def read(text: str) -> Any:
        key = match_key(text)
        if key in _YES or is_date(text):
            return plain(_WORD[step])
        if key in _NO:
            return plain(_WORD[denied]) if denied else plain("")
        return plain(text)

    return read


_WORD = {step: step.replace("_", " ") for step in _RANK}


def furthest(one: str | None, other: str | None) -> str:
    """The later of two states of one person's records."""
    return max(one or "", other or "", key=_RANK.__getitem__)
