"""What belongs to no lead: spend, capacity, targets, absences, decisions of the study, releases, imported copies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

import attrs

from trialflow.model.events import Event
from trialflow.model.moments import validate_utc

__all__ = ["AbsenceSet", "CapacitySet", "CopyImported", "ReleaseRecorded", "SpendRecorded", "TargetSet"]


@attrs.frozen(kw_only=True, slots=False)
class SpendRecorded(Event):
    """Money spent on a source in [since, until), in minor units of ``currency`` (cents)."""

    kind: ClassVar[str] = "spend_recorded"

    source: str
    amount_minor: int
    currency: str
    since: datetime = attrs.field(validator=validate_utc)
    until: datetime = attrs.field(validator=validate_utc)


@attrs.frozen(kw_only=True, slots=False)
class CapacitySet(Event):
    """How many visit slots the site has in [since, until)."""

    kind: ClassVar[str] = "capacity_set"

    slots: int
    since: datetime = attrs.field(validator=validate_utc)
    until: datetime = attrs.field(validator=validate_utc)


@attrs.frozen(kw_only=True, slots=False)
class TargetSet(Event):
    """The accrual target of the study, until a date."""

    kind: ClassVar[str] = "target_set"

    milestone: str
    count: int
    until: datetime = attrs.field(validator=validate_utc)


@attrs.frozen(kw_only=True, slots=False)
class AbsenceSet(Event):
    """An owner is away in [since, until); ``until`` None: until further notice (inactive)."""

    kind: ClassVar[str] = "absence_set"

    owner: str
    since: datetime = attrs.field(validator=validate_utc)
    until: datetime | None = attrs.field(default=None, validator=validate_utc)


@attrs.frozen(kw_only=True, slots=False)
class ReleaseRecorded(Event):
    """A sponsor update went out: it covered recorded positions (after_position, position]; the next starts there."""

    kind: ClassVar[str] = "release_recorded"

    release: str
    audience: str = "sponsor"
    after_position: int
    position: int
    since: datetime | None = attrs.field(default=None, validator=validate_utc)
    until: datetime = attrs.field(validator=validate_utc)


@attrs.frozen(kw_only=True, slots=False)
class CopyImported(Event):
    """A copy of a tracker was reconciled: its date, its digest, how its rows ended, who was missing from it."""

    kind: ClassVar[str] = "copy_imported"

    sheet: str
    as_of: datetime = attrs.field(validator=validate_utc)
    digest: str
    rows: int
    outcomes: Mapping[str, int]
    absent: tuple[str, ...] = ()
