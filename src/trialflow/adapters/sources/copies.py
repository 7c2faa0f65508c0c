"""One copy of a tracker on its way in: its dates, who brings it, who may quote decisions, opaque ids for its words."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, date, datetime
from typing import Literal

import attrs

from trialflow.model.parties import UNASSIGNED, Actor
from trialflow.rules.calendar import SiteCalendar
from trialflow.rules.workflow import Workflow

__all__ = ["Copy"]


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
    _pasts: dict[str, datetime | None] = attrs.field(factory=dict)
    _owners: dict[str, str] = attrs.field(factory=dict)
    _calendar: SiteCalendar = attrs.field(init=False)
    _decided: frozenset[str] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._calendar = SiteCalendar(self.workflow.site)
        self._decided = frozenset(s.code for s in self.workflow.statuses if s.decides == "study_team")

    def day(self, text: str) -> datetime | None:
        """The start of an ISO day in the site's zone, UTC."""
        if not text:
            return None
        found = self._days.get(text)
        if found is None:
            found = self._days[text] = self._calendar.day_start(date.fromisoformat(text)).astimezone(UTC)
        return found

    def past(self, text: str) -> datetime | None:
        """A day that may date an event: not after the copy itself."""
        try:
            return self._pasts[text]
        except KeyError:
            day = self.day(text)
            found = self._pasts[text] = day if day is not None and day <= self.as_of else None
            return found

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

    def owner(self, spelling: str) -> str:
        """The owner's opaque id, or UNASSIGNED."""
        found = self._owners.get(spelling)
        if found is None:
            found = self._owners[spelling] = self.opaque("own", spelling) if spelling else UNASSIGNED
        return found

    def may_state(self, status: str) -> bool:
        """Whether the sheet may enter ``status``: what a study team decides needs a named decider."""
        return self.decider is not None or status not in self._decided

    def status(self, stated: str) -> str:
        """The status a row states; for an unknown word (marked ``?``) an opaque code, which shows up in *unmapped*."""
        return self.opaque("word", stated[1:]) if stated.startswith("?") else stated

    def actor_for(self, status: str) -> Actor:
        """Who enters ``status``: the decider where the study team decides, else the sheet."""
        known = self.workflow.status(status)
        decided = known is not None and known.decides == "study_team" and self.decider is not None
        return self.decider if decided and self.decider is not None else self.by
