"""The sponsor update, and the chain of its releases."""

from __future__ import annotations

from datetime import date, datetime

from trialflow.model.errors import Refusal, Refused
from trialflow.model.parties import Actor
from trialflow.model.site_events import ReleaseRecorded
from trialflow.reports.sponsor import SponsorUpdate, sponsor_update
from trialflow.tracker.base import check_actor, readable
from trialflow.tracker.book import replay
from trialflow.tracker.reading import Reading
from trialflow.tracker.view import View

__all__ = ["Releases"]


class Releases(Reading):
    """What goes out. Each audience has a chain of its own: every release starts exactly where the one before ended."""

    def sponsor_update(
        self,
        *,
        as_of: datetime | date | None = None,
        release: str = "",
        by: Actor | None = None,
        audience: str = "sponsor",
    ) -> SponsorUpdate:
        """The update since the last release. With ``release`` (its name) and ``by`` it is recorded as released.

        Under a name that went out already it is that update again, byte for byte, and nothing is recorded: a retry is
        safe. Raises ``Refused`` where a later release, or one recorded meanwhile, stands in the way, and ``ValueError``
        for a new release that nobody gives out.
        """
        past = next((r for r in self._chain(audience) if release and r.release == release), None)
        if past is not None:
            return self._again(past)
        view = self._view(as_of, history=True)
        last = self._last(view, audience)
        if release:
            if by is None:
                raise ValueError("a release is recorded under the name of who gave it out: say by")
            check_actor(by)
            self._release(release, audience, by, last, view)
        return self._update(view, last)

    def _update(self, view: View, last: ReleaseRecorded | None) -> SponsorUpdate:
        return sponsor_update(
            view.leads,
            self.workflow,
            view.as_of,
            history=view.rows,
            last_release=last,
            position=view.position,
            roster=self._roster(view),
        )

    def _again(self, past: ReleaseRecorded) -> SponsorUpdate:
        """An update as it went out: from what was recorded by then, whatever came late since."""
        known = (r for r in self.storage.scan() if r.position <= past.position)
        view = replay(known, self.storage, self.workflow, past.until, self._site_stream, history=True)
        return self._update(view, self._last(view, past.audience))

    def _release(self, name: str, audience: str, by: Actor, last: ReleaseRecorded | None, view: View) -> None:
        state = self.site_state()
        standing = [r for r in state.releases if r.audience == audience]
        if standing[-1:] != ([last] if last is not None else []):
            fix = "release for a moment after it"
            refusal = Refusal("release_overtaken", "another update went out, for this moment or a later one", fix)
            raise Refused("release", "released", (refusal,))
        event = ReleaseRecorded(
            at=view.as_of,
            by=by,
            release=name,
            audience=audience,
            after_position=last.position if last is not None else 0,
            position=view.position,
            since=last.until if last is not None else None,
            until=view.as_of,
        )
        readable((event,))
        # At the version looked at: of two that release at once, one gets Conflict.
        self._ledger.append(self._site_stream, [event], expected_version=state.version)

    def _chain(self, audience: str) -> list[ReleaseRecorded]:
        return [r for r in self.site_state().releases if r.audience == audience]

    def _last(self, view: View, audience: str) -> ReleaseRecorded | None:
        releases = [r for r in view.site.releases if r.audience == audience]
        return releases[-1] if releases else None
