"""The leads and the site as the ledger tells them, kept up to date by reading only what is new.

What "as of" means, here and everywhere: of the records dated (``at``) up to that instant, in the order of recording,
the fold. A record that came late with an earlier date is in, one dated later is not; a correction counts from its own
date on. :meth:`Tracker.lead`, the views below and the columns of the reports all use these records and this order.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import attrs

from trialflow.adapters.collector import nothing_collected
from trialflow.adapters.ports import Storage
from trialflow.model.events import Corrected
from trialflow.model.evolve import evolve, fold
from trialflow.model.lead import Lead
from trialflow.model.recorded import Recorded
from trialflow.model.site import SiteState, fold_site
from trialflow.reports.column_rows import ColumnsBuilder, lead_of
from trialflow.reports.columns import Columns
from trialflow.reports.figures import Figures
from trialflow.reports.live import LiveFigures
from trialflow.rules.ownership import Roster
from trialflow.rules.workflow import Workflow
from trialflow.tracker.tip import Rewritten, Tip
from trialflow.tracker.view import KeepsViews, View, kept_view

__all__ = ["Book", "replay"]

_NEVER = datetime.min.replace(tzinfo=UTC)


class _Fold:
    """Leads and sites folded from records in recording order, of those dated up to ``until`` (None: all)."""

    def __init__(self, until: datetime | None = None) -> None:
        self.leads: dict[str, Lead] = {}
        self._sites: dict[str, list[Recorded]] = {}
        self._states: dict[str, SiteState] = {}
        self.position = 0
        self._until = until
        self._corrected: set[str] = set()
        self._early = Counter[str]()
        """Records of leads that have not arrived: they count in the version, as they do in a fold."""

    def counts(self, record: Recorded) -> bool:
        """Whether a record is dated up to the instant asked for."""
        return self._until is None or record.event.at <= self._until

    def add(self, record: Recorded) -> None:
        """Fold one record."""
        name = lead_of(record.stream)
        if name is None:
            self._sites.setdefault(record.stream, []).append(record)
            self._states.pop(record.stream, None)
        else:
            self._add_to_lead(name, record)
        self.position = record.position

    def _add_to_lead(self, name: str, record: Recorded) -> None:
        before = self.leads.get(name)
        lead = evolve(before, record.event, record.position, lead_id=name)
        if lead is None:
            self._early[name] += 1
        elif before is None and self._early[name]:
            self.leads[name] = attrs.evolve(lead, version=lead.version + self._early.pop(name))
        else:
            self.leads[name] = lead
        if isinstance(record.event, Corrected):
            self._corrected.add(name)

    def settle(self, storage: Storage) -> None:
        """Fold anew the leads whose earlier events were corrected."""
        for name in sorted(self._corrected):
            stream = storage.read(f"lead:{name}")
            records = [r for r in stream if r.position <= self.position and self.counts(r)]
            lead = fold(records)
            if lead is not None:
                self.leads[name] = lead
            else:  # even its arrival was voided
                self.leads.pop(name, None)
                self._early[name] = len(records)
            self._corrected.discard(name)

    def site(self, stream: str) -> SiteState:
        """The state of one site stream."""
        if stream not in self._states:
            self._states[stream] = fold_site(self._sites.get(stream, ()))
        return self._states[stream]

    def view(self, as_of: datetime, site: str, history: Columns | None) -> View:
        """What is folded so far."""
        return View(
            as_of=as_of,
            everyone=tuple(lead for _, lead in sorted(self.leads.items())),
            site=self.site(site),
            position=self.position,
            history=history,
        )


class Book:
    """The present, kept; the past, replayed when asked for. Safe for threads.

    A store that keeps its leads is asked the first time, and of every past instant: who asks once has no need of a
    book, which takes a reading of the whole ledger to begin.
    """

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow
        self._lock = threading.RLock()
        self._asked_before = False
        self._forget()

    def _forget(self) -> None:
        self._tip = Tip()
        self._fold = _Fold()
        self._latest = _NEVER
        self._live: LiveFigures | None = None
        self._asked: tuple[datetime | None, Roster] | None = None

    def view(self, storage: Storage, as_of: datetime, site: str, *, history: bool = False) -> View:
        """What was known at ``as_of``; ``site`` is the site's stream. The present reads only what is new since the last
        call."""
        with self._lock:
            if not self._first(storage):
                if history:
                    self._begin(storage, as_of)
                self._refresh(storage)
                if as_of >= self._latest:
                    columns = self._figures(storage, as_of).columns() if history else None
                    return self._fold.view(as_of, site, columns)
        with nothing_collected():
            if isinstance(storage, KeepsViews):
                kept = kept_view(storage, self._workflow, as_of, site, history=history)
                if kept is not None:
                    return kept
            return replay(storage.scan(), storage, self._workflow, as_of, site, history=history)

    def _first(self, storage: Storage) -> bool:
        """Whether nothing was read yet, nor asked, of a store that can answer by itself."""
        first, self._asked_before = not self._asked_before and not self._fold.position, True
        return first and isinstance(storage, KeepsViews)

    def figures(
        self, storage: Storage, now: datetime, since: datetime | None, site: str, at_most: timedelta
    ) -> Figures:
        """The figures of everything recorded: cheap after every record, folded anew only when the moment, the start
        or the roster moves on; the moment does so after ``at_most``."""
        with self._lock:
            self._begin(storage, now)
            self._refresh(storage)
            live = self._figures(storage, now)
            asked = since, Roster.of(self._fold.site(site))
            if self._asked != asked or not live.as_of <= now < live.as_of + at_most:
                live.advance(now, since=since, roster=asked[1])
                self._asked = asked
            return live.figures()

    def _begin(self, storage: Storage, as_of: datetime) -> None:
        """Leads and figures from one reading, where nothing was read yet."""
        if self._live is None and not self._fold.position:
            with nothing_collected():
                self._live = LiveFigures(self._workflow, as_of, records=self._first_read(storage))

    def _figures(self, storage: Storage, as_of: datetime) -> LiveFigures:
        if self._live is None:
            taken = (r for r in storage.scan() if r.position <= self._fold.position)
            self._live = LiveFigures(self._workflow, as_of, records=taken)
        return self._live

    def _refresh(self, storage: Storage) -> None:
        try:
            self._read_on(storage)
        except Rewritten:
            self._forget()
            self._read_on(storage)
        self._fold.settle(storage)

    def _read_on(self, storage: Storage) -> None:
        with nullcontext() if self._tip.position else nothing_collected():
            self._take_new(storage)

    def _take_new(self, storage: Storage) -> None:
        for record in self._tip.read_on(storage):
            if self._live is not None:
                self._live.add(record)
            self._take(record)

    def _first_read(self, storage: Storage) -> Iterator[Recorded]:
        """Everything recorded, folded on its way to the figures: a ledger is decoded once for both."""
        for record in self._tip.read_on(storage):
            self._take(record)
            yield record

    def _take(self, record: Recorded) -> None:
        self._fold.add(record)
        self._latest = max(self._latest, record.event.at)


def replay(
    records: Iterable[Recorded],
    storage: Storage,
    workflow: Workflow,
    as_of: datetime,
    site: str,
    *,
    history: bool = False,
) -> View:
    """The view at a past instant, from the records themselves; ``site`` is the site's stream."""
    found, builder = _Fold(as_of), ColumnsBuilder(workflow)
    for record in records:
        if found.counts(record):
            found.add(record)
            if history:
                builder.add(record)
    found.settle(storage)
    return found.view(as_of, site, builder.columns() if history else None)
