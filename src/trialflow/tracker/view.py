"""What was known of the leads and the site at one instant, and how a store that keeps its leads gives it."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Protocol, runtime_checkable

import attrs

from trialflow.adapters.ports import Storage, SupportsHead
from trialflow.adapters.queries import LeadQuery, SupportsColumns, SupportsLeads
from trialflow.model.lead import Lead
from trialflow.model.site import SiteState, fold_site
from trialflow.reports.columns import Columns
from trialflow.rules.workflow import Workflow

__all__ = ["KeepsViews", "View", "kept_view", "site_at"]

_TRIES = 3
_TAIL = 10
"""Records that are looked at first."""


@attrs.frozen(kw_only=True)
class View:
    """What was known at ``as_of``: the leads by id without those merged away (``everyone``: with them), one site, the
    last position taken in.

    ``history`` is None where it was not asked for.
    """

    as_of: datetime
    everyone: tuple[Lead, ...]
    leads: tuple[Lead, ...] = attrs.field(init=False)
    site: SiteState
    position: int
    history: Columns | None = None

    @leads.default
    def _standing(self) -> tuple[Lead, ...]:
        return tuple(lead for lead in self.everyone if not lead.merged_into)

    @property
    def rows(self) -> Columns:
        """The history. Raises ``RuntimeError`` where it was not asked for."""
        if self.history is None:
            raise RuntimeError("this view was made without its history")
        return self.history


@runtime_checkable
class KeepsViews(Storage, SupportsLeads, SupportsColumns, SupportsHead, Protocol):
    """A store that can tell a view by itself."""


def kept_view(storage: KeepsViews, workflow: Workflow, as_of: datetime, site: str, *, history: bool) -> View | None:
    """The view as of one moment of the store, without a replay; ``site`` is the site's stream. None where somebody
    appends each time it is asked."""
    for _ in range(_TRIES):
        head = storage.head()
        found = View(
            as_of=as_of,
            everyone=tuple(storage.find(LeadQuery(merged=True), as_of)),
            site=site_at(storage, site, as_of),
            position=_last(storage, head[0], as_of),
            history=storage.columns(workflow, as_of) if history else None,
        )
        if storage.head() == head:
            return found
    return None


def site_at(storage: Storage, site: str, as_of: datetime) -> SiteState:
    """What is recorded in the site's stream with a date up to ``as_of``."""
    return fold_site(record for record in storage.read(site) if record.event.at <= as_of)


def _last(storage: Storage, head: int, as_of: datetime) -> int:
    """The last position whose record is dated up to ``as_of``: mostly the head, so that it is looked for from there."""
    after, size = head, _TAIL
    while after:
        until, after = after, max(0, after - size)
        tail = itertools.islice(storage.scan(after=after), until - after)
        dated = [record.position for record in tail if record.event.at <= as_of]
        if dated:
            return dated[-1]
        size *= 8
    return 0
