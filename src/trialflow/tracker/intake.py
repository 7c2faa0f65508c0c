"""How leads come in: one inquiry, or a copy of the site's tracker."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs

from trialflow.adapters.import_report import ImportReport
from trialflow.adapters.ports import Entry
from trialflow.adapters.sources.copies import Copy
from trialflow.adapters.sources.copy_date import date_in_name
from trialflow.adapters.sources.copy_history import CopyHistory
from trialflow.adapters.sources.importer import Importer
from trialflow.adapters.sources.inquiries import arrival_refusals
from trialflow.adapters.sources.mapping import Mapping as SheetMapping
from trialflow.adapters.sources.row_memory import RowMemory
from trialflow.adapters.sources.sheet import Sheet, open_sheet
from trialflow.adapters.sources.sheet_book import SheetBook, layout_digest
from trialflow.adapters.sources.writing import Writer
from trialflow.model.errors import Conflict, Refused
from trialflow.model.events import Received
from trialflow.model.evolve import fold
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED, Actor, Source
from trialflow.model.site_events import CopyImported
from trialflow.rules.authority import decision_refusals
from trialflow.tracker.base import Base, check_actor, readable

__all__ = ["Arrival", "Intake", "Receipt"]

_SHEET = Actor(id="tracker", kind="source", role="source")


@attrs.frozen
class Receipt:
    """A received lead, and whether it is new; the same inquiry sent twice gives the same lead, not a second one."""

    lead: Lead
    created: bool


@attrs.frozen
class Arrival:
    """An inquiry as it will be recorded: the lead's id, its first event, and what goes to the vault."""

    lead_id: str
    event: Received
    identity: Mapping[str, str] = attrs.field(repr=False)

    @property
    def stream(self) -> str:
        """The stream of the lead."""
        return f"lead:{self.lead_id}"


class Intake(Base):
    """Receiving leads."""

    def receive(
        self,
        source: Source | str,
        external_id: str,
        *,
        by: Actor,
        at: datetime | None = None,
        person: Mapping[str, str] | None = None,
        person_ref: str = "",
        study: str = "",
        owner: str = UNASSIGNED,
    ) -> Receipt:
        """Record an inquiry. ``person`` (name, phone, e-mail ...) goes to the vault; the ledger gets opaque ids.

        Idempotent: the lead id derives from source and external id, so that a retry needs no key. Of an inquiry that
        comes twice the first identity stands. Raises ``Refused`` where words stand in place of an id or a code, and
        for a blank external id.
        """
        arrival = self._arrival(source, external_id, by, at, person, person_ref, study, owner)
        self._keep_identities([arrival])
        try:
            self._ledger.append(arrival.stream, [arrival.event], expected_version=0)
        except Conflict:
            known = fold(self.storage.read(arrival.stream))
            if known is None:
                raise
            return Receipt(known, created=False)
        return Receipt(self._read(arrival.lead_id), created=True)

    def _arrival(
        self,
        source: Source | str,
        external_id: str,
        by: Actor,
        at: datetime | None,
        person: Mapping[str, str] | None,
        person_ref: str,
        study: str,
        owner: str,
    ) -> Arrival:
        """An inquiry, looked at and not yet recorded. Raises ``Refused``."""
        check_actor(by)
        origin = Source(id=source) if isinstance(source, str) else source
        words = arrival_refusals(origin, str(external_id), owner=owner, person_ref=person_ref, study=study)
        if words:
            raise Refused("receive", self.workflow.initial, tuple(words))
        event = Received(
            at=self.instant(at),
            by=by,
            source=origin,
            person_ref=person_ref,
            study=study,
            site=self.site,
            status=self.workflow.initial,
            owner=owner,
            workflow=self.workflow.id,
        )
        readable((event,))
        lead_id = str(uuid.uuid5(self.namespace(), f"{origin.id}|{external_id}"))
        return Arrival(lead_id, event, {"external_id": external_id, **(person or {})})

    def _keep_identities(self, arrivals: Iterable[Arrival]) -> None:
        """The first identity of a lead stands, and what was erased stays so."""
        self.vault.put(
            [
                Entry("identity", one.lead_id, one.lead_id, json.dumps(one.identity, ensure_ascii=False))
                for one in arrivals
                if all(self.vault.get(kind, one.lead_id) is None for kind in ("tombstone", "identity"))
            ]
        )

    def ingest(
        self,
        path: str | Path,
        *,
        as_of: datetime | date | None = None,
        mapping: SheetMapping | None = None,
        sheet: str = "tracker",
        by: Actor = _SHEET,
        allow_older: bool = False,
        decided_by: Actor | None = None,
        authority_ref: str = "",
        progress: Callable[[int], None] | None = None,
    ) -> ImportReport:
        """Import one copy of a tracker (CSV or XLSX) as of its date and record only what changed since the last one.

        The date is ``as_of``, else a date in the file's name, else now. ``sheet`` names the tracker when a store has
        several. A copy imported before changes nothing. A new copy older than the newest one is refused unless
        ``allow_older``; then only leads come in, or change, of which no newer copy has spoken.

        Statuses that a study team decides are taken over only when ``decided_by``, a person in a deciding role, has
        recorded them on ``authority_ref``; else such a lead stays in *unmapped*. Raises :class:`ImportRejected` with
        every problem of the file, ``Unsupported`` without the extra for workbooks, ``Refused`` for a decider who may
        not; then nothing was recorded.
        """
        if decided_by is not None and (refusals := decision_refusals(self.workflow, decided_by, authority_ref)):
            raise Refused("import", "a study team's status", tuple(refusals))
        path = Path(path)
        books = SheetBook(self.vault, sheet)
        opened = open_sheet(path, mapping=mapping, known=books.known(), zone=ZoneInfo(self.workflow.site.zone))
        when, origin = self._copy_date(path, as_of, opened)
        history = CopyHistory.of(self.site_state().copies, sheet)
        late = history.late(path, when, origin, allow_older=allow_older)
        report = _report(path, opened, when, origin)
        report.repeated, report.older = late.repeated, late.older
        copy = Copy(
            as_of=when,
            after=None if late.older else history.before(when),
            by=by,
            workflow=self.workflow,
            namespace=self.namespace(),
            decider=decided_by,
            authority_ref=authority_ref,
            site=self.site,
        )
        memory = RowMemory(self.vault, sheet)
        settled = history.settled(when, memory) if late.older else None
        seed = layout_digest(opened, mapping, self.workflow.id, authority_ref)
        Importer(Writer(self._ledger, self.vault, memory, copy), copy, opened, report, seed, settled).run(progress)
        books.keep(opened)
        if not late.repeated:
            self._append_copy(_imported(report, by, sheet, late.digest))
        return report

    def _append_copy(self, event: CopyImported) -> None:
        """Record the copy once, whoever else records another meanwhile."""
        while True:
            state = self.site_state()
            if any((c.sheet, c.digest, c.as_of) == (event.sheet, event.digest, event.as_of) for c in state.copies):
                return
            try:
                self._ledger.append(self._site_stream, [event], expected_version=state.version)
            except Conflict:
                continue
            return

    def _copy_date(self, path: Path, as_of: datetime | date | None, opened: Sheet) -> tuple[datetime, str]:
        if as_of is not None:
            return self.instant(as_of), "given"
        named = date_in_name(path.name, opened.date_order.values())
        if named is not None:
            return self.instant(named), "file name"
        return self.now(), "today"


def _report(path: Path, opened: Sheet, when: datetime, origin: str) -> ImportReport:
    return ImportReport(
        file=path.name,
        as_of=when,
        as_of_from=origin,
        sheet=opened.lines.sheet,
        header_line=opened.header_line,
        file_problems=tuple(opened.problems),
        columns=dict(opened.columns),
        ignored_columns=tuple(opened.ignored),
        date_orders=dict(opened.date_order),
    )


def _imported(report: ImportReport, by: Actor, sheet: str, digest: str) -> CopyImported:
    return CopyImported(
        at=report.as_of,
        by=by,
        sheet=sheet,
        as_of=report.as_of,
        digest=digest,
        rows=report.rows,
        outcomes=dict(report.outcomes),
        absent=report.absent_leads,
    )
