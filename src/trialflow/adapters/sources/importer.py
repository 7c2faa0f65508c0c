"""One copy of a tracker into the ledger: streamed, in batches, every row accounted for.

Order of writes per batch: identities and notes (vault), events (ledger), row memory (vault). A crash in between makes
the next run repeat a comparison; it never loses a row and never stores an event twice.
"""

from __future__ import annotations

import gc
import hashlib
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs

from trialflow.adapters.import_report import ImportReport, LineProblem
from trialflow.adapters.ports import Append, Entry, Storage, SupportsBatch, Vault
from trialflow.adapters.sources.reconcile import Copy, changes, first_events
from trialflow.adapters.sources.row_memory import RowMemory, Values, content_of, fingerprint, values_of
from trialflow.adapters.sources.sheet import RawRow, Row, Sheet
from trialflow.model.errors import Conflict
from trialflow.model.events import Assigned, Event, Moved
from trialflow.model.evolve import fold

__all__ = ["Importer"]

_BATCH = 10_000


@attrs.define
class Importer:
    """Reconciles one copy. Make one per copy; :meth:`run` may be called once."""

    storage: Storage
    vault: Vault
    copy: Copy
    sheet: Sheet
    memory: RowMemory
    report: ImportReport
    seed: bytes
    _seen: dict[str, tuple[int, str]] = attrs.field(factory=dict)
    _erased: frozenset[str] = attrs.field(init=False)
    _appends: list[Append] = attrs.field(factory=list)
    _private: list[Entry] = attrs.field(factory=list)
    _labels: dict[str, str] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._erased = frozenset(ref for ref, _, _ in self.vault.items("tombstone"))

    def run(self, progress: Callable[[int], None] | None = None) -> ImportReport:
        """Read every row, record the differences, and fill the report."""
        outcomes = self.report.outcomes
        with _no_collection():
            for raw in self.sheet.raw_rows(progress):
                self.report.rows += 1
                outcomes[self._take(raw)] += 1
                if len(self._appends) >= _BATCH:
                    self._flush()
            self._flush()
        missing = [lead_id for lead_id in self.memory if lead_id not in self._seen]
        self.report.absent, self.report.absent_leads = len(missing), tuple(missing)
        self.report.leads_known = len(self.memory)
        return self.report

    def _take(self, raw: RawRow) -> str:
        print_ = fingerprint(self.seed, raw.cells)
        known = self.memory.unchanged(print_)
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
            self._list(row.line, problem.path, problem.code, problem.message)
        if row.kind != "lead":
            message = "the header stands here again" if row.kind == "repeated_header" else "this is a totals line"
            return self._reject(row, row.kind, f"{message}; remove it from the sheet")
        lead_id, refusal = self._identify(row)
        if refusal:
            return self._reject(row, *refusal)
        values = values_of(row)
        content = content_of(row, values)
        twice = self._twice(row, lead_id, print_, content)
        if twice is not None:
            return twice
        self._seen[lead_id] = (row.line, print_)
        self._count_word(row)
        if lead_id in self._erased:
            return self._reject(row, "erased", "this person was erased and is not imported again")
        if lead_id in self.memory:
            return self._compare(row, lead_id, print_, content, values)
        return self._create(row, lead_id, print_, content, values)

    def _twice(self, row: Row, lead_id: str, print_: str, content: str) -> str | None:
        earlier = self._seen.get(lead_id)
        if earlier is None:
            return None
        line, first_print = earlier
        remembered = self.memory.get(lead_id)
        if first_print == print_ or (remembered is not None and remembered.content == content):
            return "duplicate"
        message = f"line {line} has the same identity but other content; the first stands, correct one of the two"
        return self._reject(row, "conflicting_row", message)

    def _identify(self, row: Row) -> tuple[str, tuple[str, str] | None]:
        if "lead_id" in self.sheet.columns:
            if not row.lead_id:
                return "", ("no_identity", "the id is blank; fill it in")
            return self._uuid(f"id:{row.lead_id.casefold()}"), None
        keys = [f"phone:{row.phone}"] if row.phone else []
        keys += [f"email:{row.email}"] if row.email else []
        if not keys and row.name and row.birth_date is not None:
            keys = [f"person:{row.name}|{row.birth_date.isoformat()}"]
        if not keys:
            return "", ("no_identity", "no id, phone, e-mail, or name with birth date; fill one in")
        known = {found for key in keys if (found := self._known(key, row)) is not None}
        if len(known) > 1:
            return "", ("identity_conflict", "phone and e-mail belong to two different leads; correct one of them")
        if known:
            return known.pop(), None
        return self._uuid(keys[-1] if self._shared(keys[0]) else keys[0]), None

    def _known(self, key: str, row: Row) -> str | None:
        """The lead under ``key``; a phone that two people share (other e-mail and other name) is not one identity."""
        if key.startswith("person:"):
            lead_id = self._uuid(key)
            return lead_id if lead_id in self.memory else None
        found = self.memory.by_key(key)
        if found is None or key.startswith("email:") or not row.email:
            return found
        other = self.memory.get(found)
        differs = other is not None and other.email and other.email != row.email and other.name != row.name
        return None if differs else found

    def _shared(self, key: str) -> bool:
        return self.memory.by_key(key) is not None

    def _uuid(self, name: str) -> str:
        return uuid5_text(self.copy.namespace, f"{self.memory.sheet}|{name}")

    def _create(self, row: Row, lead_id: str, print_: str, content: str, values: Values) -> str:
        note_ref = self._note(lead_id, values.note)
        received = row.received.isoformat() if row.received is not None else ""
        if received and self.copy.past(received) is None:
            self._list(row.line, "received", "date_in_future", "the date lies after the copy; the copy's date is used")
        events = first_events(
            self.copy, values, source=row.source or "Unknown source", received=received, note_ref=note_ref
        )
        self._label(values)
        self._private.append(Entry("identity", lead_id, lead_id, _identity(row)))
        self._append(lead_id, events, 0)
        self.memory.remember(lead_id, print_, content, row, values)
        return "created"

    def _compare(self, row: Row, lead_id: str, print_: str, content: str, values: Values) -> str:
        remembered = self.memory.get(lead_id)
        before = remembered.values if remembered is not None else values
        values = _keep_unread(before, values, {p.path for p in row.problems})
        events: list[Event] = []
        if tuple(v.casefold() for v in before) != tuple(v.casefold() for v in values):
            lead = fold(self.storage.read(f"lead:{lead_id}"))
            if lead is not None:
                note_ref = self._note(lead_id, values.note) if values.note != before.note else ""
                events = changes(self.copy, before, values, lead, note_ref=note_ref)
                self._label(values)
                self._count(events)
                self._append(lead_id, events, lead.version)
        self.memory.remember(lead_id, print_, content, row, values)
        return "updated" if events else "unchanged"

    def _append(self, lead_id: str, events: list[Event], version: int) -> None:
        if events:
            self.report.events += len(events)
            self._appends.append(Append(f"lead:{lead_id}", tuple(events), version))

    def _count(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Moved) and event.from_status != event.to_status:
                self.report.moves[f"{self._shown(event.from_status)} -> {self._shown(event.to_status)}"] += 1
                self.report.irregular += event.irregular
            elif isinstance(event, Assigned):
                self.report.owner_changes[f"{self._shown(event.from_owner)} -> {self._shown(event.to_owner)}"] += 1

    def _shown(self, code: str) -> str:
        if code.startswith(("own-", "word-")):
            return self._labels.get(code) or self.vault.get("label", code) or code
        return code

    def _label(self, values: Values) -> None:
        if values.owner:
            self._name(self.copy.owner(values.owner), values.owner)
        if values.status:
            code = self.copy.status(values.status)
            if code.startswith("word-"):
                self._name(code, values.status.removeprefix("?"))

    def _name(self, code: str, spelling: str) -> None:
        if self._labels.get(code) != spelling:
            self._labels[code] = spelling
            self._private.append(Entry("label", code, "", spelling))

    def _note(self, lead_id: str, note: str) -> str:
        if not note:
            return ""
        ref = self.copy.opaque("note", f"{lead_id}:{note}")
        self._private.append(Entry("note", ref, lead_id, note))
        return ref

    def _count_word(self, row: Row) -> None:
        word = row.unknown_status
        if not word and row.status and self.copy.status(row.status).startswith("word-"):
            word = row.status
            self._list(
                row.line,
                "status",
                "study_team_status",
                "only a study team enters this status; name who recorded it with --decided-by and --authority",
            )
        if word:
            self.report.unmapped[word] += 1

    def _list(self, line: int, column: str, code: str, message: str) -> None:
        self.report.problems.append(LineProblem(line=line, column=column, code=code, message=message))

    def _reject(self, row: Row, code: str, message: str) -> str:
        self._list(row.line, "", code, message)
        return "rejected"

    def _flush(self) -> None:
        if self._private:
            self.vault.put(self._private)
            self._private = []
        if self._appends:
            _store(self.storage, self._appends)
            self._appends = []
        self.memory.flush()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Pause the cycle collector: a bulk import makes no cycles, and rescanning its objects costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def uuid5_text(namespace: uuid.UUID, name: str) -> str:
    """``str(uuid.uuid5(namespace, name))``, at half the cost."""
    digest = bytearray(hashlib.sha1(namespace.bytes + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _store(storage: Storage, parts: list[Append]) -> None:
    if isinstance(storage, SupportsBatch):
        try:
            storage.append_batch(parts)
            return
        except Conflict:
            pass  # a run before this one was cut off, or another importer is at work: settle it part by part
    for part in parts:
        try:
            storage.append(part.stream, part.events, expected_version=part.expected_version)
        except Conflict:
            stored = tuple(r.event for r in storage.read(part.stream)[part.expected_version :])
            if stored[: len(part.events)] != part.events:
                raise


def _identity(row: Row) -> str:
    fields = {
        "external_id": row.lead_id,
        "name": row.full_name,
        "phone": row.phone,
        "email": row.email,
        "birth_date": row.birth_date.isoformat() if row.birth_date is not None else "",
    }
    return json.dumps({key: value for key, value in fields.items() if value}, ensure_ascii=False)


def _keep_unread(before: Values, values: Values, columns: set[str]) -> Values:
    """A cell that could not be read says nothing: what the sheet said last stays."""
    unread = {field: getattr(before, field) for field in Values._fields if field in columns}
    cleared = {f: getattr(before, f) for f in ("attempts", "last_contact") if not getattr(values, f)}
    return values._replace(**(cleared | unread)) if unread or cleared else values
