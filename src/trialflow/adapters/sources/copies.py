"""One copy of a tracker on its way in: its dates, who brings it, who may quote decisions, opaque ids for its words."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Literal, TypeVar

import attrs

from trialflow.model.parties import UNASSIGNED, Actor
from trialflow.rules.calendar import SiteCalendar
from trialflow.rules.workflow import Workflow

__all__ = ["Copy"]


_Value = TypeVar("_Value")


class _Filled(dict[str, _Value]):
    """A dictionary that makes what it lacks."""

    def __init__(self, make: Callable[[str], _Value]) -> None:
        self._make = make

    def __missing__(self, key: str) -> _Value:
        found = self[key] = self._make(key)
        return found


@attrs.define
class Copy:
    """One copy of a tracker on its way in: its date, the previous one's, who brings it, who may quote decisions."""

    as_of: datetime
    after: datetime | None
    by: Actor
    workflow: Workflow
    namespace: uuid.UUID
    decider: Actor | None = None
    authority_ref: str = ""
    site: str = ""
    study: str = ""
    _days: dict[str, datetime] = attrs.field(factory=dict)
    past: Callable[[str], datetime | None] = attrs.field(init=False)
    """A day that may date an event, as :meth:`day`: not after the copy itself."""
    owner: Callable[[str], str] = attrs.field(init=False)
    """An owner's opaque id by its spelling; UNASSIGNED for a blank one."""
    _calendar: SiteCalendar = attrs.field(init=False)
    guarded: frozenset[str] = attrs.field(init=False)
    """The statuses that the sheet may not enter: what a study team decides needs a named decider."""

    def __attrs_post_init__(self) -> None:
        # Dictionaries that fill themselves: several are asked per row.
        self.past, self.owner = _Filled(self._past).__getitem__, _Filled(self._owner).__getitem__
        self._calendar = SiteCalendar(self.workflow.site)
        decided = (s.code for s in self.workflow.statuses if s.decides == "study_team")
        self.guarded = frozenset(decided if self.decider is None else ())

    def day(self, text: str) -> datetime | None:
        """The start of an ISO day in the site's zone, UTC."""
        if not text:
            return None
        found = self._days.get(text)
        if found is None:
            found = self._days[text] = self._calendar.day_start(date.fromisoformat(text)).astimezone(UTC)
        return found

    def _past(self, text: str) -> datetime | None:
        day = self.day(text)
        return day if day is not None and day <= self.as_of else None

    def proven(self, text: str) -> tuple[datetime, datetime | None]:
        """When a change happened: the row's own date if it lies between the copies, else observed at this copy."""
        day = self.past(text)
        if day is not None and (self.after is None or day > self.after):
            return day, None
        return self.as_of, self.after

    def opaque(self, kind: Literal["own", "word"], text: str) -> str:
        """A stable opaque id for a spelling: the ledger never holds the spelling itself."""
        key = f"{kind}:{text.casefold()}"
        return f"{kind}-{uuid.uuid5(self.namespace, key).hex[:10]}"

    def note(self, lead_id: str, text: str) -> str:
        """The opaque id of a note."""
        said = f"{lead_id}:{text.casefold()}".encode(errors="replace")
        return f"note-{hashlib.blake2b(said, digest_size=10, key=self.namespace.bytes).hexdigest()}"

    def _owner(self, spelling: str) -> str:
        return self.opaque("own", spelling) if spelling else UNASSIGNED

    def status(self, stated: str) -> str:
        """The status a row states; for an unknown word (marked ``?``) an opaque code, which shows up in *unmapped*."""
        return self.opaque("word", stated[1:]) if stated.startswith("?") else stated

    def actor_for(self, status: str) -> Actor:
        """Who enters ``status``: the decider where the study team decides, else the sheet."""
        known = self.workflow.status(status)
        decided = known is not None and known.decides == "study_team" and self.decider is not None
        return self.decider if decided and self.decider is not None else self.by
