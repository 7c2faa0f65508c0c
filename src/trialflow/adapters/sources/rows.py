"""The rows of a tracker: as they stand, and as typed values."""

from __future__ import annotations

from typing import NamedTuple

from trialflow.model.errors import Problem

__all__ = ["NOBODY", "NOTHING", "Facts", "RawRow", "Row", "Values"]


class RawRow(NamedTuple):
    """A line with something in it: its number and its cells as texts."""

    line: int
    cells: list[str]


class Values(NamedTuple):
    """The values whose change makes a lead *updated*, as texts; blank is an empty text, days are ISO. A status word
    that nobody knows is marked with ``?``."""

    status: str
    owner: str
    attempts: str
    last_contact: str
    prescreen: str
    records: str
    visit: str
    reason: str
    note: str


class Facts(NamedTuple):
    """What else a row says: the person and the arrival. Changes of these are no progress of the lead."""

    phone: str
    email: str
    name: str
    source: str
    received: str
    birth_date: str


NOTHING = Values(*[""] * len(Values._fields))
"""What a sheet said of a lead it never had."""
NOBODY = Facts(*[""] * len(Facts._fields))
"""What a line says that is about nobody."""


class Row(NamedTuple):
    """A row as typed values. ``problems`` name the field whose cell says nothing.

    ``lead_id`` is the sheet's own id as it stands there, ``own_id`` the same for comparing.
    ``kind``: lead, totals, repeated_header, units, or only_an_id. ``status`` is the workflow's, ``stated`` the word
    behind it, ``unknown_status`` a word as the sheet has it.
    """

    line: int
    kind: str
    lead_id: str
    own_id: str
    full_name: str
    facts: Facts
    values: Values
    status: str
    stated: str
    unknown_status: str
    problems: tuple[Problem, ...]
