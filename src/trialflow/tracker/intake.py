"""How leads come in: one inquiry, or a copy of the site's tracker."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path

import attrs

from trialflow.adapters.import_report import ImportReport
from trialflow.adapters.ports import Entry
from trialflow.adapters.sources.importer import Importer
from trialflow.adapters.sources.mapping import Mapping as SheetMapping
from trialflow.adapters.sources.reconcile import Copy
from trialflow.adapters.sources.row_memory import RowMemory
from trialflow.adapters.sources.sheet import Sheet, date_in_name, open_sheet
from trialflow.model.errors import Conflict, ImportRejected, Problem
from trialflow.model.events import Received
from trialflow.model.evolve import fold
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED, Actor, Source
from trialflow.model.site_events import CopyImported
from trialflow.tracker.base import Base

__all__ = ["Intake", "Receipt"]

_SHEET = Actor(id="tracker", kind="source", role="source")


@attrs.frozen
class Receipt:
    """A received lead, and whether it is new; the same inquiry sent twice gives the same lead, not a second one."""

    lead: Lead
    created: bool


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

        Idempotent: the lead id derives from source and external id.
        """
        origin = Source(id=source) if isinstance(source, str) else source
        lead_id = str(uuid.uuid5(self.namespace(), f"{origin.id}|{external_id}"))
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
        if person or external_id:
            identity = json.dumps({"external_id": external_id, **(person or {})}, ensure_ascii=False)
            if self.vault.get("tombstone", lead_id) is None:
                self.vault.put([Entry("identity", lead_id, lead_id, identity)])
        try:
            self.storage.append(f"lead:{lead_id}", [event], expected_version=0)
        except Conflict:
            known = fold(self.storage.read(f"lead:{lead_id}"))
            if known is None:
                raise
            return Receipt(known, created=False)
        return Receipt(self._read(lead_id), created=True)

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
        several. Raises :class:`ImportRejected` with every problem of the file; then nothing was recorded. A copy
        older than the newest one is refused unless ``allow_older``.
        """
        path = Path(path)
        when, origin = self._copy_date(path, as_of)
        digest = _digest(path)
        copies = [c for c in self.site_state().copies if c.sheet == sheet]
        newest = max((c.as_of for c in copies), default=None)
        known = any(c.digest == digest for c in copies)
        if newest is not None and when < newest and not allow_older:
            raise ImportRejected((_older(path, known),))
        memory = RowMemory(self.vault, sheet)
        opened = open_sheet(
            path, mapping=mapping, known_sources=self._spellings("source"), known_owners=self._spellings("owner")
        )
        report = ImportReport(
            file=path.name,
            as_of=when,
            as_of_from=origin,
            file_problems=tuple(opened.problems),
            columns=dict(opened.columns),
            ignored_columns=tuple(opened.ignored),
            repeated=known,
        )
        copy = Copy(
            as_of=when,
            after=newest if newest is not None and newest < when else None,
            by=by,
            workflow=self.workflow,
            namespace=self.namespace(),
            decider=decided_by,
            authority_ref=authority_ref,
            site=self.site,
        )
        if not (known and newest is not None and when < newest):
            self._reconcile(copy, opened, memory, report, progress)
            self._remember(opened)
        if not known:
            self._append_site(_imported(report, by, sheet, digest))
        return report

    def _reconcile(
        self,
        copy: Copy,
        opened: Sheet,
        memory: RowMemory,
        report: ImportReport,
        progress: Callable[[int], None] | None,
    ) -> None:
        layout = json.dumps([dict(opened.columns), opened.date_order], sort_keys=True, default=str)
        seed = hashlib.blake2b(layout.encode(), digest_size=32).digest()
        Importer(self.storage, self.vault, copy, opened, memory, report, seed).run(progress)

    def _copy_date(self, path: Path, as_of: datetime | date | None) -> tuple[datetime, str]:
        if as_of is not None:
            return self.instant(as_of), "given"
        named = date_in_name(path.name)
        if named is not None:
            return self.instant(named), "file name"
        return self.now(), "today"

    def _spellings(self, kind: str) -> dict[str, str]:
        return {ref: text for ref, _, text in self.vault.items(f"spelling-{kind}")}

    def _remember(self, opened: Sheet) -> None:
        entries = [
            Entry(f"spelling-{kind}", spelling.casefold(), "", spelling)
            for kind, spellings in (("source", opened.sources), ("owner", opened.owners))
            for spelling in spellings
        ]
        self.vault.put(entries)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        problem = Problem(path.name, "file_unreadable", f"the file cannot be read: {error.strerror}")
        raise ImportRejected((problem,)) from None


def _older(path: Path, known: bool) -> Problem:
    already = "it was imported before and changes nothing; " if known else ""
    message = f"{already}a newer copy was imported already; say --allow-older to import it all the same"
    return Problem(path.name, "older_copy", message)


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
