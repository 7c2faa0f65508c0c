"""Check a ledger: every link of the hash chain, every position and version, the head, and the store's own guards.

What it can tell: a record changed, removed, inserted, moved, renumbered or taken from another lead is found at the
first position that does not fit. What it cannot tell without an anchor: a tail cut off, or a suffix sealed anew, by
somebody who also rewrote the stored head. With a head noted outside the store both are found; the anchor then says
"at or before this position", since the forger's chain is consistent in itself. Note a head often, in several places.
"""

from __future__ import annotations

import attrs

from trialflow.adapters.ports import RawRecord, Storage, SupportsHead, SupportsSelfCheck
from trialflow.adapters.storages.raw_records import raw_records
from trialflow.model.canonical import canonical
from trialflow.model.codec import loads
from trialflow.model.errors import DecodeError, StorageError
from trialflow.model.recorded import GENESIS, next_head, seal

__all__ = ["Verification", "verify"]


@attrs.frozen(kw_only=True)
class Verification:
    """What was found. ``first_bad_position`` is the first record that does not fit, None when the records are whole;
    ``code`` says how. ``records`` and ``streams`` count what was read, ``head`` is the chain up to there.

    ``clock_steps_back`` counts records stamped earlier than the one before them: the store's clock was set back. That
    is no fault of the ledger, whose order is the position; it says which stamps to doubt.
    """

    ok: bool
    records: int
    streams: int
    head: str
    first_bad_position: int | None = None
    code: str = "intact"
    message: str = "every link holds"
    clock_steps_back: int = 0


_Fault = tuple[str, str]


@attrs.define
class _Chain:
    """The chain as recomputed so far."""

    tails: dict[str, tuple[int, str]] = attrs.field(factory=dict)
    head: str = GENESIS
    count: int = 0
    stamp: int = 0
    steps_back: int = 0

    def take(self, row: RawRecord) -> _Fault | None:
        """What is wrong with the next record, or None; then it counts as read."""
        fault = _misplaced(row, self.count + 1, *self.tails.get(row.stream, (0, GENESIS)))
        if fault is None and row.hash != seal(
            row.prev_hash, row.stream, row.version, row.position, row.recorded_us, row.payload
        ):
            fault = ("record_changed", "this record is not what was sealed")
        if fault is None and not _same_key(row):
            fault = ("key_changed", "its idempotency key is not the one that was sealed")
        if fault is not None:
            return fault
        self.tails[row.stream] = (row.version, row.hash)
        self.head = next_head(self.head, row.hash)
        self.count += 1
        self.steps_back += row.recorded_us < self.stamp
        self.stamp = row.recorded_us
        return None

    def verdict(self, position: int | None, code: str, message: str) -> Verification:
        """A failed verification."""
        place = f"position {position}: " if position is not None else ""
        return attrs.evolve(
            self.passed(), ok=False, first_bad_position=position, code=code, message=f"{place}{message}"
        )

    def passed(self) -> Verification:
        """A verification without a fault."""
        return Verification(
            ok=True,
            records=self.count,
            streams=len(self.tails),
            head=self.head,
            clock_steps_back=self.steps_back,
        )


def verify(storage: Storage, *, expected_head: tuple[int, str] | None = None) -> Verification:
    """Recompute the whole chain. ``expected_head`` is (position, head) noted earlier, outside the store."""
    chain, anchor = _Chain(), expected_head or (0, GENESIS)
    try:
        stored = storage.head() if isinstance(storage, SupportsHead) else None
        for row in raw_records(storage):
            if stored is not None and chain.count >= stored[0]:
                break  # appended while we read, or forged behind the head: told apart below
            fault = chain.take(row)
            if fault is not None:
                return chain.verdict(chain.count + 1, *fault)
            if chain.count == anchor[0] and chain.head != anchor[1]:
                return chain.verdict(
                    chain.count, "anchor_mismatch", "up to here the ledger differs from the noted head"
                )
        return _ending(storage, chain, anchor, stored)
    except StorageError as error:
        return chain.verdict(chain.count + 1, "unreadable", f"it cannot be read: {error.detail}")


def _ending(storage: Storage, chain: _Chain, anchor: tuple[int, str], stored: tuple[int, str] | None) -> Verification:
    after = chain.count + 1
    if chain.count < anchor[0]:
        return chain.verdict(after, "tail_cut", "records up to the noted head are missing")
    if stored is not None and stored != (chain.count, chain.head):
        return chain.verdict(after, "head_mismatch", "the stored head does not fit the records")
    if isinstance(storage, SupportsHead) and storage.head() == stored and any(raw_records(storage, after=chain.count)):
        return chain.verdict(after, "head_mismatch", "there are records behind the stored head")
    faults = storage.faults() if isinstance(storage, SupportsSelfCheck) else ()
    if faults:
        return chain.verdict(None, "guard_missing", f"the records are whole, but the store was altered: {faults[0]}")
    return chain.passed()


def _misplaced(row: RawRecord, position: int, last: int, link: str) -> _Fault | None:
    if row.position != position:
        return "position_gap", f"the record at position {position} is missing"
    if row.version != last + 1:
        return "version_gap", f"version {last + 1} of its stream is missing"
    if row.prev_hash != link:
        return "link_broken", "it does not follow the record before it"
    return None


def _same_key(row: RawRecord) -> bool:
    """Whether the store's copy of the idempotency key is the sealed one; without it a retry would be stored twice."""
    if row.key:
        return f'"idempotency_key":{canonical(row.key)}' in row.payload
    if '"idempotency_key"' not in row.payload:
        return True
    try:
        return not loads(row.payload).idempotency_key
    except DecodeError:
        return True
