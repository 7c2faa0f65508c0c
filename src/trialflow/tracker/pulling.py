"""Pulling: what a lead source has becomes leads, each inquiry once, and the next pull goes on behind it.

The cursor lies in the vault, beside the identities it led to, and is kept after the inquiries of its batch are: whoever
stops in between gets that batch again, where every inquiry is recognised. Nothing is ever skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import PurePath
from typing import Any

import attrs

from trialflow.adapters.ports import Append, Batch, Entry, Inquiry, LeadSource, SupportsBatch
from trialflow.adapters.sources.inquiries import inquiry_refusals
from trialflow.model.errors import Conflict, Problem, SourceError
from trialflow.model.moments import DAY, micros
from trialflow.model.parties import Actor
from trialflow.rules.refusals import code_refusals
from trialflow.tracker.intake import Arrival, Intake

__all__ = ["PullReport", "Pulling"]

_CURSOR = "cursor"
"""The kind of a vault's entries that hold how far a source was pulled."""
_AT_ONCE = 500
"""Inquiries that are recorded together: one write to the disk for all."""
_AHEAD = DAY
"""How far ahead of our clock an inquiry may lie: beyond a day no clock runs fast, a date was misread."""


@attrs.define(kw_only=True)
class PullReport:
    """What one pull brought: ``created + duplicate + refused == received``.

    ``problems`` are all reasons of all refused inquiries; an inquiry may have several, and each names its place at the
    source, else its number in this pull. ``more``: the source has further inquiries, ``limit`` was reached.
    """

    source: str
    received: int = 0
    created: int = 0
    duplicate: int = 0
    refused: int = 0
    problems: list[Problem] = attrs.field(factory=list)
    more: bool = False

    def refuse(self, problems: list[Problem]) -> None:
        """Count one inquiry as refused, for these reasons."""
        self.refused += 1
        self.problems += problems

    def to_json(self) -> dict[str, Any]:
        """The document of ``pull --json``, format ``trialflow.pull/1``."""
        return {"format": "trialflow.pull/1", **attrs.asdict(self)}


class Pulling(Intake):
    """Receiving what a lead source has."""

    def pull(
        self,
        source: LeadSource,
        *,
        name: str,
        by: Actor | None = None,
        limit: int | None = None,
        restart: bool = False,
    ) -> PullReport:
        """Receive what ``source`` has since the last pull under ``name``, a code of the site for this source.

        An inquiry that came before is a duplicate; one that cannot be a lead is refused, with every reason in the
        report, and stops no other. ``by`` is who receives (default: the source itself). ``limit`` ends the pull with
        the batch that reaches so many inquiries. ``restart`` begins with the oldest again, as after a source was mended
        of which inquiries had been refused: the known ones are duplicates.

        Raises ``SourceError``, its ``report`` saying what came before, when the source fails or breaks its contract,
        and ``StorageError``. What was received stays recorded, and the next pull goes on behind it.
        """
        if not name or code_refusals(name=name):
            raise ValueError("`name` is the code under which this source is remembered, without blanks")
        if limit is not None and limit < 1:
            raise ValueError("`limit` is a number of inquiries from 1")
        who = by if by is not None else Actor(id=name, kind="source", role="source")
        report = PullReport(source=name)
        cursor = None if restart else self.vault.get(_CURSOR, name)
        seen = {cursor}
        while True:
            batch = _fetched(source, cursor, report)
            self._take(batch, report, who)
            if batch.cursor is not None and batch.cursor != cursor:
                self.vault.put([Entry(_CURSOR, name, "", batch.cursor)])
            if not batch.more:
                return report
            if batch.cursor in seen:
                raise SourceError(name, "it says that there is more, but its cursor stands still; mend it", report)
            if limit is not None and report.received >= limit:
                report.more = True
                return report
            cursor = batch.cursor
            seen.add(cursor)

    def _take(self, batch: Batch, report: PullReport, who: Actor) -> None:
        for problem in batch.problems:
            report.received += 1
            report.refuse([problem])
        for start in range(0, len(batch.inquiries), _AT_ONCE):
            arrivals = []
            for inquiry in batch.inquiries[start : start + _AT_ONCE]:
                report.received += 1
                found = self._looked_at(inquiry, _place_of(inquiry, report.received), who)
                if isinstance(found, Arrival):
                    arrivals.append(found)
                else:
                    report.refuse(found)
            created = self._record(arrivals)
            report.created += created
            report.duplicate += len(arrivals) - created

    def _looked_at(self, inquiry: Inquiry, where: str, who: Actor) -> Arrival | list[Problem]:
        found = [Problem(where, r.code, f"{r.message}; {r.fix}") for r in inquiry_refusals(inquiry)]
        if not found and micros(inquiry.at) > micros(self.now()) + _AHEAD:
            found.append(Problem(where, "at_in_future", "the person asks in the future; the source misreads a date"))
        if found:
            return found
        one = inquiry
        return self._arrival(one.source, one.external_id, who, one.at, one.person, one.person_ref, one.study, one.owner)

    def _record(self, arrivals: Sequence[Arrival]) -> int:
        """Record those that are new, at once where the store can; how many they were."""
        fresh: dict[str, Arrival] = {}
        for one in arrivals:
            if one.stream not in fresh and not self.storage.read(one.stream):
                fresh[one.stream] = one
        if not fresh:
            return 0
        self._keep_identities(fresh.values())
        parts = [Append(one.stream, (one.event,), 0) for one in fresh.values()]
        ledger = self._ledger
        if isinstance(ledger, SupportsBatch):
            with suppress(Conflict):  # somebody else receives one of them at this moment
                ledger.append_batch(parts)
                return len(parts)
        return sum(map(self._recorded, parts))

    def _recorded(self, part: Append) -> bool:
        try:
            self._ledger.append(part.stream, part.events, expected_version=0)
        except Conflict:
            return False
        return True


def _place_of(inquiry: Any, number: int) -> str:
    place = getattr(inquiry, "where", None)
    return place if isinstance(place, str) and place else f"inquiry {number} of this pull"


def _fetched(source: LeadSource, cursor: str | None, report: PullReport) -> Batch:
    """One batch. Raises ``SourceError``: of a foreign error only the kind and the place are told, as its text may hold
    what a person wrote."""
    try:
        batch = source.fetch(cursor)
    except SourceError as error:
        raise SourceError(report.source, error.detail, report) from error
    except (Exception, SystemExit) as error:
        raise SourceError(report.source, f"{type(error).__name__} at {_origin(error)}", report) from None
    if wrong := _not_a_batch(batch):
        raise SourceError(report.source, f"what it gave {wrong}; mend it", report)
    return batch


def _not_a_batch(batch: Any) -> str:
    if not isinstance(batch, Batch):
        return f"is {type(batch).__name__}, no Batch"
    if not isinstance(batch.cursor, str | None):
        return f"has {type(batch.cursor).__name__} for a cursor, no text"
    if not isinstance(batch.inquiries, tuple | list) or not isinstance(batch.problems, tuple | list):
        return "has no tuple of inquiries, or of problems"
    if not all(isinstance(problem, Problem) for problem in batch.problems):
        return "has problems that are no Problem"
    return ""


def _origin(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno}"
