"""One copy of a tracker into the ledger: streamed, in batches, every row accounted for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from json.encoder import encode_basestring

import attrs

from trialflow.adapters.collector import nothing_collected
from trialflow.adapters.import_report import ImportReport
from trialflow.adapters.ports import Entry
from trialflow.adapters.sources.arrivals import Arrivals
from trialflow.adapters.sources.copies import Copy
from trialflow.adapters.sources.identity import Identities
from trialflow.adapters.sources.labels import Labels
from trialflow.adapters.sources.reconcile import changes, source_change
from trialflow.adapters.sources.row_memory import Remembered, fingerprint
from trialflow.adapters.sources.rows import NOTHING, RawRow, Row, Values
from trialflow.adapters.sources.sheet import Sheet
from trialflow.adapters.sources.writing import Change, Writer
from trialflow.model.events import Assigned, Event, Moved
from trialflow.model.evolve import fold

__all__ = ["Importer"]

_tuple = tuple.__new__

_KINDS = {
    "totals": "a totals line, no lead; nothing to do",
    "repeated_header": "the header stands here again; nothing to do",
    "units": "a line of units or hints, no lead; nothing to do",
    "only_an_id": "only the id is filled in; nothing is known of this lead yet",
}
_IDENTITY = ('"external_id": ', '"name": ', '"phone": ', '"email": ', '"birth_date": ')
_WHO = 3
"""So many fields of the facts are about the person: phone, e-mail, name."""
_NO_CONTACT = "the date lies after the copy; it is kept, but counts as no contact yet"
_STUDY_TEAM = (
    "only a study team enters this status; to take it over, name who recorded it (--decided-by) and on which authority "
    "(--authority), else the lead stays in unmapped"
)


@attrs.define
class Importer:
    """Reconciles one copy. Make one per copy; :meth:`run` may be called once.

    ``settled``: of an older copy that comes late, the leads a newer one has spoken about: nothing changes about them.
    """

    writer: Writer
    copy: Copy
    sheet: Sheet
    report: ImportReport
    seed: bytes
    settled: frozenset[str] | None = None
    _seen: dict[str, tuple[int, str]] = attrs.field(factory=dict)
    _erased: frozenset[str] = attrs.field(init=False)
    _today: str = attrs.field(init=False)
    _arrivals: Arrivals = attrs.field(init=False)
    _labels: Labels = attrs.field(init=False)
    _identities: Identities = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._erased = frozenset(ref for ref, _, _ in self.writer.vault.items("tombstone"))
        # A day up to this one, an ISO text, is past in every zone.
        self._today = (self.copy.as_of.date() - timedelta(days=1)).isoformat()
        self._arrivals = Arrivals(self.copy)
        self._labels = Labels(self.writer, self.copy)
        self._identities = Identities(self.copy.namespace, self.writer.memory)

    def run(self, progress: Callable[[int], None] | None = None) -> None:
        """Read every row, record the differences, and fill the report."""
        outcomes = self.report.outcomes
        with nothing_collected():
            for raw in self.sheet.raw_rows(progress):
                self.report.rows += 1
                outcomes[self._take(raw)] += 1
                self.writer.flush_if_full()
            self.writer.flush()
        memory = self.writer.memory
        if self.settled is None:
            missing = [lead_id for lead_id in memory if lead_id not in self._seen]
            self.report.absent, self.report.absent_leads = len(missing), tuple(missing)
        self.report.leads_known = len(memory)

    def _take(self, raw: RawRow) -> str:
        print_ = fingerprint(self.seed, raw.cells)
        known = self.writer.memory.unchanged(print_)
        if known is not None:
            before = self._seen.get(known)
            if before is None:
                self._seen[known] = (raw.line, print_)
                return "unchanged"
            if before[1] == print_:
                return "duplicate"
        return self._look_closer(self.sheet.read(raw), print_)

    def _look_closer(self, row: Row, print_: str) -> str:
        for problem in row.problems:
            self.report.note(row.line, problem.path, problem.code, problem.message)
        if row.kind != "lead":
            return self._reject(row, row.kind, _KINDS[row.kind])
        lead_id, refusal = self._identities.of(row)
        if refusal is not None:
            return self._reject(row, *refusal)
        row = self._without_decision(row, lead_id) if row.status in self.copy.guarded else row
        values = row.values
        if lead_id in self._seen:
            return self._twice(row, lead_id, print_, values)
        self._seen[lead_id] = (row.line, print_)
        if row.unknown_status:
            self.report.unmapped[row.unknown_status] += 1
        if lead_id in self._erased:
            return self._reject(row, "erased", "this person was erased and is not imported again")
        if self.settled is not None and lead_id in self.settled:
            return "unchanged"
        remembered = self.writer.memory.get(lead_id)
        if remembered is None:
            self._create(row, lead_id, values)
            outcome = "created"
        else:
            values = _keep_unread(remembered.values, values, row)
            outcome = self._compare(row, lead_id, remembered, values)
        self.writer.memory.remember(lead_id, print_, row, values)
        return outcome

    def _without_decision(self, row: Row, lead_id: str) -> Row:
        """A study team's status stays a word of the sheet unless somebody quotes the decision, or has recorded it."""
        if self._is_recorded(row.status, lead_id):
            return row
        self.report.note(row.line, "status", "study_team_status", _STUDY_TEAM)
        values = row.values._replace(status=f"?{row.stated}")
        return row._replace(status="", unknown_status=row.stated, values=values)

    def _is_recorded(self, status: str, lead_id: str) -> bool:
        lead = fold(self.writer.storage.read(f"lead:{lead_id}"))
        return lead is not None and lead.status == status

    def _twice(self, row: Row, lead_id: str, print_: str, values: Values) -> str:
        line, first_print = self._seen[lead_id]
        remembered = self.writer.memory.get(lead_id)
        if first_print == print_ or (remembered is not None and _agree(remembered, row, values)):
            return "duplicate"
        message = f"line {line} has the same identity but other content; the first stands, correct one of the two"
        return self._reject(row, "conflicting_row", message)

    def _create(self, row: Row, lead_id: str, values: Values) -> None:
        note_ref = self._note(lead_id, values.note) if values.note else ""
        facts, today = row.facts, self._today
        if facts.received > today:
            self._late(row, "received", facts.received, "the date lies after the copy; the copy's date is used")
        if values.last_contact > today:
            self._late(row, "last_contact", values.last_contact, _NO_CONTACT)
        events = self._arrivals.events(values, source=facts.source, received=facts.received, note_ref=note_ref)
        self._labels.name(values)
        self.writer.keep(_tuple(Entry, ("identity", lead_id, lead_id, _identity(row))))
        self._record(_tuple(Change, (lead_id, tuple(events), 0, NOTHING, values, note_ref, "")))

    def _compare(self, row: Row, lead_id: str, before: Remembered, values: Values) -> str:
        if row.facts[:_WHO] != before.facts[:_WHO]:
            self.writer.keep(Entry("identity", lead_id, lead_id, _identity(row)))
        source = row.facts.source
        if source.casefold() == before.facts.source.casefold():
            source = ""
        if not source and tuple(map(str.casefold, before.values)) == tuple(map(str.casefold, values)):
            return "unchanged"
        if row.values.last_contact > self._today and values.last_contact != before.values.last_contact:
            self._late(row, "last_contact", row.values.last_contact, _NO_CONTACT)
        return self._change(lead_id, before.values, values, source)

    def _change(self, lead_id: str, before: Values, values: Values, source: str) -> str:
        lead = fold(self.writer.storage.read(f"lead:{lead_id}"))
        if lead is None:
            return "unchanged"
        note_ref = self._note(lead_id, values.note) if values.note not in ("", before.note) else ""
        events = changes(self.copy, before, values, lead, note_ref=note_ref)
        corrected = source_change(self.copy, source, lead)
        self.report.source_changes += len(corrected)
        self._labels.name(values)
        self._count(events)
        if events or corrected:
            self._record(Change(lead_id, (*events, *corrected), lead.version, before, values, note_ref, source))
        # A corrected source is recorded, but it is no progress of the lead: by itself it makes no lead updated.
        return "updated" if events else "unchanged"

    def _record(self, change: Change) -> None:
        self.report.events += len(change.events)
        self.writer.add(change)

    def _count(self, events: list[Event]) -> None:
        shown = self._labels.shown
        for event in events:
            if isinstance(event, Moved) and event.from_status != event.to_status:
                self.report.moves[f"{shown(event.from_status)} -> {shown(event.to_status)}"] += 1
                self.report.irregular += event.irregular
            elif isinstance(event, Assigned):
                self.report.owner_changes[f"{shown(event.from_owner)} -> {shown(event.to_owner)}"] += 1

    def _note(self, lead_id: str, note: str) -> str:
        ref = self.copy.note(lead_id, note)
        self.writer.keep(Entry("note", ref, lead_id, note))
        return ref

    def _late(self, row: Row, field: str, day: str, message: str) -> None:
        if self.copy.past(day) is None:
            self.report.note(row.line, field, "date_in_future", message)

    def _reject(self, row: Row, code: str, message: str) -> str:
        self.report.note(row.line, "", code, message)
        return "rejected"


def _identity(row: Row) -> str:
    """What the vault keeps of a person, as a JSON object; written out, since a first import makes one per row."""
    facts = row.facts
    said = zip(_IDENTITY, (row.lead_id, row.full_name, facts.phone, facts.email, facts.birth_date), strict=True)
    return "{" + ", ".join([key + encode_basestring(value) for key, value in said if value]) + "}"


def _agree(known: Remembered, row: Row, values: Values) -> bool:
    """Whether two rows of one lead say the same, apart from spelling."""
    said = (*row.facts, *_keep_unread(known.values, values, row))
    return "\x1f".join(said).casefold() == "\x1f".join((*known.facts, *known.values)).casefold()


def _keep_unread(before: Values, values: Values, row: Row) -> Values:
    """A cell that could not be read says nothing: what the sheet said last stays. Counts and dates of contacts that
    are blank now do not undo what happened."""
    columns = {p.path for p in row.problems if p.code != "word_misspelt"}
    unread = {
        field: getattr(before, field) for field in Values._fields if field in columns and not getattr(values, field)
    }
    cleared = {f: getattr(before, f) for f in ("attempts", "last_contact") if not getattr(values, f)}
    return values._replace(**(cleared | unread)) if unread or cleared else values
