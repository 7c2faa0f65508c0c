"""The rows of a tracker: as they stand, and as typed values."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from trialflow.model.errors import Problem

__all__ = ["RawRow", "Row"]


class RawRow(NamedTuple):
    """A line with something in it: its number and its cells as texts."""

    line: int
    cells: list[str]


class Row(NamedTuple):
    """A row as typed values; blank is an empty text or None. ``problems`` name the field whose cell says nothing.

    ``kind``: lead, totals, repeated_header, units, or only_an_id. ``unknown_status`` is a status word as the sheet
    has it, ``stated`` the word behind ``status``.
    """

    line: int
    kind: str
    lead_id: str
    full_name: str
    name: str
    phone: str
    email: str
    birth_date: date | None
    received: date | None
    source: str
    owner: str
    status: str
    stated: str
    unknown_status: str
    attempts: int | None
    last_contact: date | None
    prescreen: str
    records: str
    visit: date | None
    reason: str
    note: str
    problems: tuple[Problem, ...]
