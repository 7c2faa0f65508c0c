"""Which copies of a tracker were imported before, and what a copy that comes late may still change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import attrs

from trialflow.model.errors import ImportRejected, Problem
from trialflow.model.site_events import CopyImported

__all__ = ["CopyHistory", "Late"]


@attrs.frozen
class Late:
    """How a copy stands to the earlier ones: ``repeated``: it was imported before; ``older``: a newer one was."""

    digest: str
    repeated: bool
    older: bool


@attrs.frozen
class CopyHistory:
    """The imported copies of one tracker, oldest date first."""

    copies: tuple[CopyImported, ...]

    @classmethod
    def of(cls, copies: Iterable[CopyImported], sheet: str) -> CopyHistory:
        """The history of ``sheet`` among all copies of a site."""
        return cls(tuple(sorted((c for c in copies if c.sheet == sheet), key=lambda c: c.as_of)))

    def late(self, path: Path, when: datetime, origin: str, *, allow_older: bool) -> Late:
        """Compare the copy in ``path`` with the earlier ones. Raises :class:`ImportRejected` for a new copy that is
        older than the newest unless ``allow_older``, and when the file cannot be read."""
        digest = _digest(path)
        same = [c for c in self.copies if c.digest == digest]
        older = bool(self.copies) and when < self.copies[-1].as_of
        if older and not same and not allow_older:
            newest = self.copies[-1].as_of.date().isoformat()
            message = (
                f"a newer copy (of {newest}, UTC) was imported already; say --allow-older to take from this one what "
                "the newer copies do not tell"
            )
            raise ImportRejected((Problem(path.name, "older_copy", message),))
        # A copy without a date of its own gets a new one each time it is imported: its content alone tells it.
        repeated = bool(same) and (older or origin == "today" or any(c.as_of == when for c in same))
        return Late(digest, repeated, older)

    def before(self, when: datetime) -> datetime | None:
        """The date of the latest copy before ``when``."""
        return max((c.as_of for c in self.copies if c.as_of < when), default=None)

    def settled(self, when: datetime, leads: Iterable[str]) -> frozenset[str]:
        """Of ``leads``, those that a copy newer than ``when`` had in it."""
        newer = [set(c.absent) for c in self.copies if c.as_of > when]
        missing = set.intersection(*newer) if newer else set()
        return frozenset(lead for lead in leads if lead not in missing)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        problem = Problem(path.name, "file_unreadable", f"the file cannot be read: {error.strerror}")
        raise ImportRejected((problem,)) from None
